//! Apex triggers: what they do cannot be known from metadata, so each active one is reported, with its object.

use crate::error::OrgError;
use crate::folder::Source;
use crate::read::Findings;

/// Reports the trigger of a `.trigger-meta.xml`, or of a `.trigger` that no such file describes.
pub(super) fn read(source: &Source, findings: &mut Findings) -> Result<(), OrgError> {
    if !source.is_code() {
        let active = source
            .read(findings, |root, _| Ok(root.text("status").is_none_or(|status| status == "Active")))?;
        if active != Some(true) {
            return Ok(());
        }
    }
    let object = source.code().and_then(|code| object(&code));
    let reason = "what Apex does cannot be known from metadata";
    findings.unknown("Apex trigger", source.name.clone(), object.as_deref(), reason, &source.file);
    Ok(())
}

/// `Account` of `trigger Name on Account (before insert)`.
fn object(code: &str) -> Option<String> {
    let code = without_comments(code);
    let mut words = code.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty());
    words.find(|word| word.eq_ignore_ascii_case("trigger"))?;
    let (_name, on, object) = (words.next()?, words.next()?, words.next()?);
    on.eq_ignore_ascii_case("on").then(|| object.to_string())
}

fn without_comments(code: &str) -> String {
    let mut rest = code;
    let mut kept = String::with_capacity(code.len());
    let begin = |rest: &str| {
        rest.match_indices('/').map(|(at, _)| at).find(|at| rest[at + 1..].starts_with(['/', '*']))
    };
    while let Some(at) = begin(rest) {
        kept.push_str(&rest[..at]);
        kept.push(' ');
        let end = if rest[at..].starts_with("//") { "\n" } else { "*/" };
        rest = rest[at..].split_once(end).map_or("", |(_, after)| after);
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_object_stands_in_the_code() {
        let check = |code: &str, expected: Option<&str>| {
            assert_eq!(object(code).as_deref(), expected, "{code}");
        };
        check("trigger T on Account (before insert) {}", Some("Account"));
        check("TRIGGER T ON ns__A__c(after update){}", Some("ns__A__c"));
        check(
            "/* trigger X on B (a) */ // trigger Y on C\ntrigger T\n  on A__c(\n before insert) {}",
            Some("A__c"),
        );
        check("(hidden)", None);
        check("trigger T of A", None);
        check("/* open", None);
    }
}
