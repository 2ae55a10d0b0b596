//! JSONVALUE and JSONPATHVALUE. Paths of the usual kind are followed; filters and functions in a path are unknown.

use serde_json::Value as Json;

use super::row::{Call, Computed, Failure, Form, Function, formed, strict, text};
use super::text::limited;
use crate::outcome::ErrorKind;
use crate::types::{Kinds, Type};
use crate::value::Value;

/// A path with several `..` can find the same values over and over.
const FOUND_MAX: usize = 10_000;

/// The rows of this family.
pub const FUNCTIONS: &[Function] = &[
    strict("JSONVALUE", &[text("json"), formed("key", Kinds::TEXT, Form::Literal)], Type::Text, json_value)
        .doc(
            "The value of a key of a JSON object, as text; an error when the text is not JSON.",
            "JSONVALUE('{\\\"Temperature\\\": 50}', 'Temperature')",
            "50",
        ),
    strict(
        "JSONPATHVALUE",
        &[text("json"), formed("path", Kinds::TEXT, Form::Literal)],
        Type::Text,
        json_path_value,
    )
    .doc(
        "The value at a path of a JSON text, as text; null when there is none, or the text is not JSON.",
        "JSONPATHVALUE('{\\\"a\\\": [{\\\"b\\\": 1}, {\\\"b\\\": 2}]}', '$.a[1].b')",
        "2",
    ),
];

fn json_value(call: &Call<'_>) -> Computed {
    let text = call.text(0)?.unwrap_or_default();
    let key = call.text(1)?.unwrap_or_default();
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    let json: Json = match serde_json::from_str(text) {
        Ok(json) => json,
        Err(_) => return Err(Failure::error(ErrorKind::Json, "the text is not JSON")),
    };
    Ok(match json.get(key) {
        None | Some(Json::Array(_) | Json::Object(_)) => Value::Null,
        Some(Json::Null) => Value::Text("null".to_owned()),
        Some(leaf) => Value::text(shown(leaf)),
    })
}

fn json_path_value(call: &Call<'_>) -> Computed {
    let text = call.text(0)?.unwrap_or_default();
    let path = call.text(1)?.unwrap_or_default();
    let Ok(json) = serde_json::from_str::<Json>(text) else { return Ok(Value::Null) };
    let path = if path.starts_with('$') { path.to_owned() } else { format!("$.{path}") };
    let Some(steps) = steps(&path[1..]) else {
        return Err(Failure::Unknown("only plain JSON paths are followed locally".to_owned()));
    };
    let definite = steps.iter().all(|step| matches!(step, Step::Key(_) | Step::Index(_)));
    let mut found = vec![&json];
    for step in &steps {
        found = found.into_iter().flat_map(|json| follow(json, step)).take(FOUND_MAX + 1).collect();
        if found.len() > FOUND_MAX {
            return Err(Failure::error(
                ErrorKind::Limit,
                format!("the path finds more than {FOUND_MAX} values"),
            ));
        }
    }
    match (definite, found.first()) {
        (true, None | Some(Json::Null)) => Ok(Value::Null),
        (true, Some(leaf)) => limited(shown(leaf)),
        (false, _) => {
            limited(format!("[{}]", found.iter().map(|leaf| shown(leaf)).collect::<Vec<_>>().join(", ")))
        }
    }
}

/// As Java shows maps, lists and leaves.
fn shown(json: &Json) -> String {
    match json {
        Json::String(text) => text.clone(),
        Json::Array(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Json::Object(members) => {
            let members: Vec<String> =
                members.iter().map(|(key, value)| format!("{key}={}", shown(value))).collect();
            format!("{{{}}}", members.join(", "))
        }
        Json::Number(number) => shown_number(&number.to_string()),
        other => other.to_string(),
    }
}

/// Whole numbers as written; others as Java shows a `double`.
fn shown_number(text: &str) -> String {
    if !text.contains(['.', 'e', 'E']) {
        return text.to_owned();
    }
    let Ok(value) = text.parse::<f64>() else { return text.to_owned() };
    if value == 0.0 || (1e-3..1e7).contains(&value.abs()) {
        return format!("{value:?}");
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let point = if digits.contains('.') { "" } else { ".0" };
    format!("{digits}{point}E{exponent}")
}

enum Step {
    Key(String),
    Index(i64),
    All,
    Anywhere(Option<String>),
}

/// The steps of a path after its `$`; none when it has something else than keys, indices, `*` and `..`.
fn steps(mut path: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    while !path.is_empty() {
        let (step, rest) = if let Some(rest) = path.strip_prefix("..") {
            let (name, rest) = name(rest);
            match name {
                "*" => (Step::Anywhere(None), rest),
                "" => return None,
                name => (Step::Anywhere(Some(name.to_owned())), rest),
            }
        } else if let Some(rest) = path.strip_prefix('.') {
            let (name, rest) = name(rest);
            match name {
                "*" => (Step::All, rest),
                "" => return None,
                name => (Step::Key(name.to_owned()), rest),
            }
        } else {
            let (inside, rest) = path.strip_prefix('[')?.split_once(']')?;
            (bracket(inside.trim())?, rest)
        };
        steps.push(step);
        path = rest;
    }
    Some(steps)
}

fn name(path: &str) -> (&str, &str) {
    let end = path.find(['.', '[']).unwrap_or(path.len());
    let (name, rest) = path.split_at(end);
    if name.contains(['(', '?', '@']) { ("", rest) } else { (name, rest) }
}

fn bracket(inside: &str) -> Option<Step> {
    if inside == "*" {
        return Some(Step::All);
    }
    for quote in ['\'', '"'] {
        if let Some(key) = inside.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return (!key.contains(quote)).then(|| Step::Key(key.to_owned()));
        }
    }
    inside.parse().ok().map(Step::Index)
}

fn follow<'a>(json: &'a Json, step: &Step) -> Vec<&'a Json> {
    match step {
        Step::Key(key) => json.get(key.as_str()).into_iter().collect(),
        Step::Index(index) => {
            let items = json.as_array().map(Vec::as_slice).unwrap_or_default();
            let index = if *index < 0 { i64::try_from(items.len()).unwrap_or(0) + index } else { *index };
            usize::try_from(index).ok().and_then(|index| items.get(index)).into_iter().collect()
        }
        Step::All => children(json),
        Step::Anywhere(key) => {
            let mut found = Vec::new();
            let mut open = vec![json];
            while let Some(next) = open.pop() {
                match key {
                    Some(key) => found.extend(next.get(key.as_str())),
                    None => found.extend(children(next)),
                }
                open.extend(children(next).into_iter().rev());
            }
            found
        }
    }
}

fn children(json: &Json) -> Vec<&Json> {
    match json {
        Json::Array(items) => items.iter().collect(),
        Json::Object(members) => members.values().collect(),
        _ => Vec::new(),
    }
}
