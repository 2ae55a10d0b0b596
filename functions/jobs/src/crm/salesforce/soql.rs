//! The text of the one query that a delete needs, and how its answer is told apart by external id. Pure.

use serde_json::Value;

/// The longest path and query of a request in bytes. Salesforce takes 16,384 for the URL and all headers together
/// (status 414 or 431 beyond it), and a token alone can have 2,000.
pub(super) const TARGET_BYTES_MAX: usize = 12_000;

/// How the field compares: text in quotes, or a number field, which refuses quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Literal {
    /// `'42'`
    Text,
    /// `42`
    Number,
}

/// A value as SOQL text.
pub(super) fn quoted(value: &str) -> String {
    let mut text = String::with_capacity(value.len() + 2);
    text.push('\'');
    for c in value.chars() {
        match c {
            '\\' => text.push_str("\\\\"),
            '\'' => text.push_str("\\'"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            other => text.push(other),
        }
    }
    text.push('\'');
    text
}

/// The queries that find the ids of these external ids, each short enough for a URL whose other parts have
/// `other_bytes`.
pub(super) fn id_queries(
    object: &str,
    field: &str,
    values: &[&str],
    literal: Literal,
    other_bytes: usize,
) -> Vec<String> {
    let head = format!("SELECT Id, {field} FROM {object} WHERE {field} IN (");
    let room = TARGET_BYTES_MAX.saturating_sub(other_bytes + encoded_bytes(&head) + encoded_bytes(")"));
    let mut queries = Vec::new();
    let mut list = String::new();
    let mut used = 0;
    for value in values {
        let item = match literal {
            // The CRM keeps texts without their outer blanks: with them the record would not be found, and a record
            // that is not found passes as deleted.
            Literal::Text => quoted(value.trim()),
            Literal::Number => value.trim().to_owned(),
        };
        let bytes = encoded_bytes(&item) + encoded_bytes(",");
        if !list.is_empty() && used + bytes > room {
            queries.push(format!("{head}{list})"));
            list.clear();
            used = 0;
        }
        if !list.is_empty() {
            list.push(',');
        }
        list.push_str(&item);
        used += bytes;
    }
    if !list.is_empty() {
        queries.push(format!("{head}{list})"));
    }
    queries
}

/// How many bytes a text takes in a URL's query.
fn encoded_bytes(text: &str) -> usize {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'*' | b'-' | b'.' | b'_' | b' ');
    text.bytes().map(|byte| if plain(byte) { 1 } else { 3 }).sum()
}

/// The keys under which an external id that was sent may be found: as text, and as a number if it reads as one (what
/// type the field has, only the answer tells).
pub(super) fn sent_keys(value: &str) -> impl Iterator<Item = String> {
    [Some(folded(value)), number_key(value.trim()).map(as_number)].into_iter().flatten()
}

/// The key of an external id that was found; `None` for null.
pub(super) fn found_key(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(folded(text)),
        Value::Number(number) => number_key(&number.to_string()).map(as_number),
        _ => None,
    }
}

/// No text folds to this: it would have lost its outer blank.
fn as_number(key: String) -> String {
    format!(" {key}")
}

/// External ids are compared without regard to case and outer blanks (reference §3.1, `Record::external_id.folded`).
fn folded(value: &str) -> String {
    value.trim().to_lowercase()
}

/// One form for `42`, `42.0` and `4.2E1`, exact whatever the length; `None` for what is no number.
pub(super) fn number_key(text: &str) -> Option<String> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(text) => ("-", text),
        None => ("", text),
    };
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (text, 0),
    };
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() || !whole.bytes().chain(part.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = format!("{whole}{part}");
    let significant = digits.trim_start_matches('0').trim_end_matches('0');
    if significant.is_empty() {
        return Some("0".to_owned());
    }
    let dropped = digits.len() - digits.trim_end_matches('0').len();
    let exponent = exponent.checked_add(i64::try_from(dropped).ok()? - i64::try_from(part.len()).ok()?)?;
    Some(format!("{sign}{significant}e{exponent}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::request::Request;
    use super::*;

    #[test]
    fn text_is_quoted() {
        let check = |value: &str, text: &str| assert_eq!(quoted(value), text, "{value:?}");
        check("a-1", "'a-1'");
        check("O'Hara", r"'O\'Hara'");
        check(r"a\' OR Name != '", r"'a\\\' OR Name != \''");
        check("a\nb\tc\r\u{8}\u{c}", r"'a\nb\tc\r\b\f'");
        check("ä\"%_", "'ä\"%_'");
    }

    #[test]
    fn queries_fit_a_url_and_leave_no_one_out() {
        let values: Vec<String> = (0..200).map(|n| format!("ä'{n}-{}", "x".repeat(60))).collect();
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        let other = Request::query("66.0", "").target.len();
        let queries = id_queries("A__c", "E__c", &values, Literal::Text, other);
        let mut found = Vec::new();
        for query in &queries {
            let bytes = Request::query("66.0", query).target.len();
            assert!(bytes <= TARGET_BYTES_MAX, "{bytes}");
            let list = query.strip_prefix("SELECT Id, E__c FROM A__c WHERE E__c IN (").expect("head");
            found.extend(list.trim_end_matches(')').split(',').map(str::to_owned));
        }
        assert_eq!(found, values.iter().map(|value| quoted(value)).collect::<Vec<_>>());
        assert_eq!(queries.len(), 2, "and no more of them than are needed");
        let long = "y".repeat(TARGET_BYTES_MAX);
        assert_eq!(id_queries("A", "E", &[&long, "1"], Literal::Text, 0).len(), 2, "one too long goes alone");
        assert_eq!(
            id_queries("A", "E", &["1", " 2 "], Literal::Number, 0),
            ["SELECT Id, E FROM A WHERE E IN (1,2)"]
        );
    }

    #[test]
    fn encoded_length_is_the_length_that_goes_out() {
        for text in ["", "a b", "%_*-.~!'()", "äöü€𝄞", "\u{1}\n", "a+b&c=d#?/\\\""] {
            let empty = Request::query("66.0", "").target.len();
            assert_eq!(encoded_bytes(text), Request::query("66.0", text).target.len() - empty, "{text:?}");
        }
    }

    #[test]
    fn the_same_external_id_has_the_same_key() {
        let check = |sent: &str, found: Value, same: bool| {
            let found_key = found_key(&found);
            assert_eq!(sent_keys(sent).any(|key| Some(key) == found_key), same, "{sent} {found}");
        };
        check("A-1", json!("a-1 "), true);
        check("ÄB", json!("äb"), true);
        check("42", json!("42"), true);
        check("42", json!("42.0"), false);
        check("42", json!(null), false);
        check("42", json!("42e0"), false);
        let number = |text: &str| serde_json::from_str::<Value>(text).expect("number");
        for same in ["42", "42.0", "4.2E1", "420e-1"] {
            check("42", number(same), true);
            check("-42", number(same), false);
        }
        check("007.50", number("7.5"), true);
        check("-0", number("0.0"), true);
        check("12345678901234567890", number("12345678901234567891"), false);
        for none in ["", "-", ".5", "1a", "1e", "1.2.3", "+1", "1,5"] {
            assert_eq!(number_key(none), None, "{none}");
        }
    }
}
