//! Which errors are to be tried. Nothing is done about it here.

use cloud::FunctionError;
use serde_json::Value;

/// What the function takes, for errors.
const EXPECTED: &str = r#"{"cause":"daily"}, or {"cause":"person"} with or without "errors":["id",...] (none: all that are open)"#;

/// Enough of a wrong word to recognise it.
const SHOWN: usize = 40;

/// An event, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Every open error: the daily schedule, or a person.
    All,
    /// The open errors with these ids.
    Errors(Vec<String>),
}

impl Input {
    /// Reads an event.
    ///
    /// # Errors
    /// Says what is wrong and what would be right.
    pub fn read(event: &Value) -> Result<Self, FunctionError> {
        let wrong = |found: String| FunctionError::Event { found, expected: EXPECTED };
        match event.get("cause").and_then(Value::as_str) {
            Some("daily") => Ok(Self::All),
            Some("person") => match event.get("errors") {
                None | Some(Value::Null) => Ok(Self::All),
                Some(errors) => {
                    ids(errors).map(Self::Errors).ok_or_else(|| wrong("its errors are no list of ids".into()))
                }
            },
            Some(cause) => {
                Err(wrong(format!("its cause is `{}`", cause.chars().take(SHOWN).collect::<String>())))
            }
            None => Err(wrong("its cause is missing".into())),
        }
    }
}

fn ids(errors: &Value) -> Option<Vec<String>> {
    errors.as_array()?.iter().map(|id| id.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn events_are_read() {
        let check = |event: Value, input: Input| assert_eq!(Input::read(&event), Ok(input), "{event}");
        check(json!({"cause": "daily"}), Input::All);
        check(json!({"cause": "person", "action": "retry"}), Input::All);
        check(json!({"cause": "person", "errors": null}), Input::All);
        check(json!({"cause": "person", "errors": ["a", "b"]}), Input::Errors(vec!["a".into(), "b".into()]));
        check(json!({"cause": "person", "errors": []}), Input::Errors(vec![]));
    }

    #[test]
    fn an_unknown_event_is_told_what_was_expected() {
        let check = |event: Value, found: &str| {
            let error = Input::read(&event).expect_err("unknown").to_string();
            assert_eq!(error, format!("read the event: {found}; expected {EXPECTED}"));
        };
        check(json!([]), "its cause is missing");
        check(json!({"cause": "schedule"}), "its cause is `schedule`");
        check(json!({"cause": "person", "errors": "a"}), "its errors are no list of ids");
        check(json!({"cause": "person", "errors": [1]}), "its errors are no list of ids");
    }
}
