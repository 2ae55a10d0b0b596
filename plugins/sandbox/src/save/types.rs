//! Before the first row is saved: JSON of a wrong type anywhere makes the whole request unreadable.
//!
//! So does Salesforce's parser, which knows the fields' types; a field that it does not know is the row's own error.

use metadata::org::{Field, FieldKind, Object};
use serde_json::Value;

use super::parents;
use super::row::Row;
use crate::error::ApiError;
use crate::values;
use crate::view::View;

/// Refuses the request when a value has a wrong JSON type. `body` is the request's text, for the position.
pub fn check_types(view: &View<'_>, rows: &[Row], body: Option<&str>) -> Result<(), ApiError> {
    for row in rows {
        let Some(object) = view.object(&row.object) else { continue };
        for (name, value) in &row.values {
            if let Err(message) = check(view, object, name, value) {
                let (line, column) = body.and_then(|body| position(body, name, value)).unwrap_or((1, 1));
                return Err(ApiError::unreadable(format!("{message} at [line:{line}, column:{column}]")));
            }
        }
    }
    Ok(())
}

fn check(view: &View<'_>, object: &Object, name: &str, value: &Value) -> Result<(), String> {
    match view.field(object, name) {
        // Any text will do: most values need no conversion to be known as good.
        Some(field) if value.is_string() && takes_any_text(&field.kind) => Ok(()),
        Some(field) if is_typed(field) => {
            values::from_json(field, value).map(drop).map_err(|mismatch| mismatch.message())
        }
        Some(_) => Ok(()),
        None => match parents::relationship(view, object, name) {
            Some((_, reference)) => parents::check_type(view, reference, value),
            None => Ok(()),
        },
    }
}

fn takes_any_text(kind: &FieldKind) -> bool {
    !matches!(
        kind,
        FieldKind::Checkbox
            | FieldKind::Number { .. }
            | FieldKind::Date
            | FieldKind::DateTime
            | FieldKind::Time
    )
}

/// Fields that cannot be written are refused by name, whatever is sent for them.
fn is_typed(field: &Field) -> bool {
    !field.read_only
        && !matches!(field.kind, FieldKind::Compound | FieldKind::Location { .. } | FieldKind::Formula { .. })
}

/// Where the value ends: line and column from 1. The first member of that name with that value, so it is a good guess
/// where the same pair stands several times.
fn position(body: &str, name: &str, value: &Value) -> Option<(usize, usize)> {
    let quoted = Value::from(name).to_string();
    let shown = match value {
        Value::Object(_) => "{".to_owned(),
        Value::Array(_) => "[".to_owned(),
        value => value.to_string(),
    };
    let end = body.match_indices(&quoted).find_map(|(at, _)| {
        let rest = body[at + quoted.len()..].trim_start().strip_prefix(':')?.trim_start();
        let after = rest.strip_prefix(&shown)?;
        Some(body.len() - after.len())
    })?;
    let before = &body[..end];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count();
    Some((line, column))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_position_is_where_the_value_ends() {
        let body = "{\"A\": 1,\n \"Score__c\" : \"abc\"}";
        assert_eq!(position(body, "Score__c", &json!("abc")), Some((2, 19)));
        assert_eq!(position(body, "Score__c", &json!("other")), None);
    }
}
