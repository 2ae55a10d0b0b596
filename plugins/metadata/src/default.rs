//! `<defaultValue>`: a formula in the metadata, but nearly always a literal. Literals are understood here, formulas are
//! kept as text.

use std::str::FromStr;

use rust_decimal::Decimal;
use serde_json::{Number, Value};

/// What a `<defaultValue>` comes to.
#[derive(Debug, PartialEq)]
pub(crate) enum DefaultValue {
    /// No default at all: `null`.
    Nothing,
    /// A value to take as it is.
    Literal(Value),
    /// To be evaluated on each create.
    Formula(String),
}

/// Reads the text of a `<defaultValue>`.
///
/// `percent`: the field is a percent, whose literals are fractions: the default `0.10` is stored as 10 (hint of the
/// field editor: "show percentages as decimals: 0.10").
pub(crate) fn parse(text: &str, percent: bool) -> DefaultValue {
    let lower = text.to_ascii_lowercase();
    if lower == "null" {
        return DefaultValue::Nothing;
    }
    if let Ok(flag) = bool::from_str(&lower) {
        return DefaultValue::Literal(Value::Bool(flag));
    }
    let literal = number(text, percent).or_else(|| quoted(text).map(Value::String));
    literal.map_or_else(|| DefaultValue::Formula(text.to_string()), DefaultValue::Literal)
}

fn number(text: &str, percent: bool) -> Option<Value> {
    let mut number = Decimal::from_str(text).ok()?;
    if percent {
        number = number.checked_mul(Decimal::ONE_HUNDRED)?.normalize();
    }
    Number::from_str(&number.to_string()).ok().map(Value::Number)
}

/// The text of a single string literal, in either kind of quotes; `None` when `text` is anything else.
fn quoted(text: &str) -> Option<String> {
    let mut characters = text.chars();
    let quote = characters.next().filter(|c| matches!(c, '"' | '\''))?;
    let mut value = String::new();
    loop {
        match characters.next()? {
            c if c == quote => return characters.next().is_none().then_some(value),
            '\\' => value.push(match characters.next()? {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                escaped => escaped,
            }),
            c => value.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(text: &str, percent: bool, expected: DefaultValue) {
        assert_eq!(parse(text, percent), expected, "{text}");
    }

    #[test]
    fn literals_and_formulas() {
        use DefaultValue::{Formula, Literal, Nothing};
        check("true", false, Literal(json!(true)));
        check("FALSE", false, Literal(json!(false)));
        check("null", false, Nothing);
        check("NULL", false, Nothing);
        check("25", false, Literal(json!(25)));
        check("-1.50", false, Literal(serde_json::from_str("-1.50").unwrap()));
        check("12345678901234567.89", false, Literal(serde_json::from_str("12345678901234567.89").unwrap()));
        check("0.10", true, Literal(json!(10)));
        check("0.125", true, Literal(serde_json::from_str("12.5").unwrap()));
        check("\"Ny\"", false, Literal(json!("Ny")));
        check("'a\\'b\\\\c'", false, Literal(json!("a'b\\c")));
        check("\"\"", false, Literal(json!("")));
        check("\"a\" & \"b\"", false, Formula("\"a\" & \"b\"".into()));
        check("\"open", false, Formula("\"open".into()));
        check("TODAY() + 7", false, Formula("TODAY() + 7".into()));
        check("New", false, Formula("New".into()));
    }
}
