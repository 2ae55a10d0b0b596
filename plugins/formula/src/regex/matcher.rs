//! Runs a translated pattern: linear time where the pattern allows it, bounded backtracking where it does not.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::translate::{Engine, translate};

/// Steps that a backtracking match may take; the engine allows as many accesses to characters (reference §5.6).
const STEPS_MAX: usize = 1_000_000;
/// Bytes that a compiled pattern may take: `(a{1000}){1000}` must not fill the memory.
const COMPILED_BYTES_MAX: usize = 2_000_000;

/// Why a match has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MatchError {
    /// The pattern is not valid.
    #[error("the regular expression is not valid: {0}")]
    Invalid(String),
    /// The match takes too many steps, or the pattern is too large.
    #[error("the regular expression is too complicated")]
    TooComplicated,
}

/// Compiled patterns that a thread keeps; rules use the same few over and over.
const KEPT_MAX: usize = 64;

thread_local! {
    static KEPT: RefCell<HashMap<String, Rc<Compiled>>> = RefCell::new(HashMap::new());
}

/// A compiled pattern, or why it cannot be one.
enum Compiled {
    Linear(regex::Regex),
    Backtracking(Box<fancy_regex::Regex>),
    Refused(MatchError),
}

/// Whether the whole of `text` matches a pattern of Java's dialect.
pub fn whole_match(pattern: &str, text: &str) -> Result<bool, MatchError> {
    match &*compiled(pattern) {
        Compiled::Linear(regex) => Ok(regex.is_match(text)),
        Compiled::Backtracking(regex) => regex.is_match(text).map_err(|_| MatchError::TooComplicated),
        Compiled::Refused(error) => Err(error.clone()),
    }
}

fn compiled(pattern: &str) -> Rc<Compiled> {
    KEPT.with_borrow_mut(|kept| {
        if let Some(known) = kept.get(pattern) {
            return Rc::clone(known);
        }
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        let compiled = Rc::new(compile(pattern).unwrap_or_else(Compiled::Refused));
        kept.insert(pattern.to_owned(), Rc::clone(&compiled));
        compiled
    })
}

fn compile(pattern: &str) -> Result<Compiled, MatchError> {
    let translated = translate(pattern).map_err(MatchError::Invalid)?;
    let anchored = format!(r"\A(?:{})\z", translated.pattern);
    match translated.engine {
        Engine::Linear => match regex::RegexBuilder::new(&anchored).size_limit(COMPILED_BYTES_MAX).build() {
            Ok(regex) => Ok(Compiled::Linear(regex)),
            Err(regex::Error::CompiledTooBig(_)) => Err(MatchError::TooComplicated),
            Err(error) => Err(MatchError::Invalid(last_line(&error.to_string()))),
        },
        Engine::Backtracking => {
            let mut builder = fancy_regex::RegexBuilder::new(&anchored);
            let built = builder.backtrack_limit(STEPS_MAX).delegate_size_limit(COMPILED_BYTES_MAX).build();
            match built {
                Ok(regex) => Ok(Compiled::Backtracking(Box::new(regex))),
                Err(error) => Err(MatchError::Invalid(last_line(&error.to_string()))),
            }
        }
    }
}

fn last_line(text: &str) -> String {
    text.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn java_patterns_match_whole_texts() {
        let check = |pattern: &str, text: &str, expected: bool| {
            assert_eq!(whole_match(pattern, text), Ok(expected), "{pattern:?} on {text:?}");
        };
        check("", "", true);
        check("ext", "Text", false);
        check("^Text$", "Text", true);
        check(r"\d{5}(-\d{4})?", "12345-6789", true);
        check(r"\d+", "٣", false);
        check(r"\w+", "é", false);
        check(r"\p{L}+", "é", true);
        check(r"\p{Alpha}+|\p{IsAlphabetic}+", "é", true);
        check(r"\p{Alpha}+", "é", false);
        check(r"[\p{Lower}\d]+", "a1", true);
        check(r"\Qa.b\E+", "a.bb", true);
        check(r"(?=.*\d)(?=.*[a-z]).{8,}", "passw0rd", true);
        check(r"(\w)\1", "aa", true);
        check("a*+a", "aaa", false);
        check("(?>a*)a", "aaa", false);
        check("a*a", "aaa", true);
        check("[a-z&&[^bc]]+", "adz", true);
        check("[a-z&&[^bc]]+", "abc", false);
        check("[^-~]", "x", true);
        check("[a--]", "-", true);
        check("[[a-c]x]+", "abx", true);
        check(r"\<b\>", "<b>", true);
        check(".", "\r", false);
        check("(?s).", "\r", true);
        check("(?i)ABC", "abc", true);
        check(r"a\hb\v", "a\tb\u{b}", true);
        check(r"\x41\u0042\0103", "ABC", true);
        check(
            r"([a-zA-Z0-9_\-\.]+)@((\[a-z]{1,3})|(([a-zA-Z0-9\-]+\.)+))([a-zA-Z]{2,4}|[0-9]{1,3})",
            "a.b@c.de",
            true,
        );
        check("[a-zA-Z]{5}[0-9]{4}[a-zA-Z]{1}", "ABCDE1234F", true);
        check(r"\{\}", "{}", true);
    }

    #[test]
    fn bad_and_catastrophic_patterns_are_refused() {
        for bad in ["((", "[", "*", r"\p{Nothing}", r"\", "a{2,1}", r"(?<n", "(?=.*"] {
            assert!(matches!(whole_match(bad, "x"), Err(MatchError::Invalid(_))), "{bad}");
        }
        let text = format!("{}!", "a".repeat(5000));
        assert_eq!(whole_match("(a*)+b", &text), Ok(false), "linear");
        assert_eq!(whole_match(r"(a|aa)+\1c", &text), Err(MatchError::TooComplicated));
        assert_eq!(whole_match("((a{100}){100}){100}", "a"), Err(MatchError::TooComplicated));
    }
}
