//! References between the parts of a composite request: `@{a1.id}`, `@{q.records[0].Id}`.
//!
//! A text that is one reference becomes the value itself; elsewhere the value's text is put in its place.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::error::ApiError;

/// Bodies of the answers so far, by `referenceId`.
pub type Answers = HashMap<String, Value>;

/// Replaces the references in a text.
pub fn in_text(text: &str, answers: &Answers) -> Result<Value, ApiError> {
    let whole = text.strip_prefix("@{").and_then(|rest| rest.strip_suffix('}'));
    if let Some(path) = whole.filter(|path| !path.contains("@{")) {
        return look_up(path, answers);
    }
    let mut replaced = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("@{") {
        let Some((path, after)) = after.split_once('}') else { break };
        replaced.push_str(before);
        match look_up(path, answers)? {
            Value::String(value) => replaced.push_str(&value),
            value => replaced.push_str(&value.to_string()),
        }
        rest = after;
    }
    replaced.push_str(rest);
    Ok(Value::String(replaced))
}

/// Replaces the references in a body.
pub fn in_value(value: &Value, answers: &Answers) -> Result<Value, ApiError> {
    Ok(match value {
        Value::String(text) if text.contains("@{") => in_text(text, answers)?,
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| in_value(item, answers)).collect::<Result<_, _>>()?)
        }
        Value::Object(members) => {
            let mut replaced = Map::with_capacity(members.len());
            for (name, member) in members {
                replaced.insert(name.clone(), in_value(member, answers)?);
            }
            Value::Object(replaced)
        }
        other => other.clone(),
    })
}

fn look_up(path: &str, answers: &Answers) -> Result<Value, ApiError> {
    let path = path.trim();
    let end = path.find(['.', '[']).unwrap_or(path.len());
    let (name, steps) = path.split_at(end);
    let missing = || {
        let message = format!(
            "Invalid reference specified. No value for {path} found in {name}. Provide a valid reference to an earlier \
             subrequest"
        );
        ApiError::new(400, "PROCESSING_HALTED", message)
    };
    let mut value = answers.get(name).ok_or_else(missing)?;
    for step in steps.split(['.', '[']).filter(|step| !step.is_empty()) {
        value = match step.strip_suffix(']') {
            Some(index) => index.trim().parse::<usize>().ok().and_then(|index| value.get(index)),
            None => member(value, step),
        }
        .ok_or_else(missing)?;
    }
    match value {
        Value::Object(_) | Value::Array(_) => Err(missing()),
        value => Ok(value.clone()),
    }
}

fn member<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    let members = value.as_object()?;
    let same = || members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    members.get(name).or_else(same)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn references_are_replaced() {
        let answers = Answers::from([
            ("a1".to_owned(), json!({"id": "001X", "success": true})),
            ("q".to_owned(), json!({"records": [{"Id": "003Y", "Score__c": 7.5}]})),
        ]);
        let check = |text: &str, expected: Option<Value>| {
            assert_eq!(in_text(text, &answers).ok(), expected, "{text}");
        };
        check("@{a1.id}", Some(json!("001X")));
        check("@{a1.Id}", Some(json!("001X")));
        check("@{q.records[0].Score__c}", Some(json!(7.5)));
        check("/x/@{a1.id}/@{q.records[0].Id}?y", Some(json!("/x/001X/003Y?y")));
        check("/x/@{a1.id}", Some(json!("/x/001X")));
        check("plain", Some(json!("plain")));
        check("open @{a1.id", Some(json!("open @{a1.id")));
        check("@{a1.name}", None);
        check("@{q.records[1].Id}", None);
        check("@{b2.id}", None);
        check("@{q.records}", None);
    }
}
