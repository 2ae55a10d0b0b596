//! One condition of a filter as a formula, by the type of its field.
//!
//! Filters differ from formulas: texts are compared without regard to case, a comma means "any of", no value means
//! blank, and what is blank is never less, greater or like anything but does differ from every value.

use formula::{Date, Decimal, NumberStyle, Type};

/// A field with its type.
pub(super) struct Operand {
    /// Its path.
    pub path: String,
    /// Its type.
    pub given: Type,
}

impl Operand {
    /// The field as a text of small letters.
    fn folded(&self) -> String {
        match self.given {
            Type::Picklist => format!("LOWER(TEXT({}))", self.path),
            _ => format!("LOWER({})", self.path),
        }
    }

    fn is_blank(&self) -> String {
        match self.given {
            Type::Picklist => format!("ISPICKVAL({}, \"\")", self.path),
            Type::MultiPicklist => format!("PICKLISTCOUNT({}) = 0", self.path),
            _ => format!("ISBLANK({})", self.path),
        }
    }
}

/// A field compared with a value.
pub(super) fn of_value(operation: &str, left: &Operand, value: &str) -> Result<String, String> {
    let values = values(value);
    let any = |one: &dyn Fn(&str) -> Result<String, String>| -> Result<String, String> {
        let each = values.iter().map(|value| one(value)).collect::<Result<Vec<_>, _>>()?;
        Ok(if each.is_empty() { left.is_blank() } else { each.join(" || ") })
    };
    match operation {
        "equals" => any(&|value| equals(left, value)),
        "notEqual" => any(&|value| equals(left, value)).map(|text| not(&text)),
        "lessThan" => ordered(left, "<", value),
        "greaterThan" => ordered(left, ">", value),
        "lessOrEqual" => ordered(left, "<=", value),
        "greaterOrEqual" => ordered(left, ">=", value),
        "contains" => any(&|value| like(left, "CONTAINS", value)),
        "notContain" => any(&|value| like(left, "CONTAINS", value)).map(|text| not(&text)),
        "startsWith" => any(&|value| like(left, "BEGINS", value)),
        "includes" => any(&|value| includes(left, value)),
        "excludes" => any(&|value| includes(left, value)).map(|text| not(&text)),
        other => Err(format!("its operation {other} is not known")),
    }
}

/// A field compared with another.
pub(super) fn of_fields(operation: &str, left: &Operand, right: &Operand) -> Result<String, String> {
    let symbol = match operation {
        "equals" | "notEqual" => "=",
        "lessThan" => "<",
        "greaterThan" => ">",
        "lessOrEqual" => "<=",
        "greaterOrEqual" => ">=",
        other => return Err(format!("its operation {other} between two fields is not known")),
    };
    let sides = match (left.given, right.given) {
        (Type::Id, _) | (_, Type::Id) => (left.path.clone(), right.path.clone()),
        (Type::Text | Type::Picklist, Type::Text | Type::Picklist) => (left.folded(), right.folded()),
        (Type::MultiPicklist, _) | (_, Type::MultiPicklist) => {
            return Err(format!("how {} is compared with {} is not known", left.path, right.path));
        }
        _ => (left.path.clone(), right.path.clone()),
    };
    let text = format!("{} {symbol} {}", sides.0, sides.1);
    Ok(if operation == "notEqual" { not(&text) } else { text })
}

/// The opposite, where what is not true (a null among it) becomes true.
fn not(condition: &str) -> String {
    format!("IF({condition}, FALSE, TRUE)")
}

fn equals(left: &Operand, value: &str) -> Result<String, String> {
    let path = &left.path;
    match left.given {
        Type::Picklist => Ok(format!("ISPICKVAL({path}, {})", quoted(value))),
        Type::MultiPicklist => {
            let each: Vec<&str> = value.split(';').map(str::trim).collect();
            let count = format!("PICKLISTCOUNT({path}) = {}", each.len());
            let each = each.iter().map(|value| format!("INCLUDES({path}, {})", quoted(value)));
            Ok(format!("AND({count}, {})", each.collect::<Vec<_>>().join(", ")))
        }
        Type::Boolean if is_true(value)? => Ok(path.clone()),
        Type::Boolean => Ok(format!("NOT({path})")),
        Type::Id => Ok(format!("{path} = {}", quoted(value.get(..15).unwrap_or(value)))),
        Type::Text | Type::Any => Ok(format!("{} = {}", left.folded(), quoted(&value.to_lowercase()))),
        _ => ordered(left, "=", value),
    }
}

fn is_true(value: &str) -> Result<bool, String> {
    match value.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" => Ok(true),
        "false" | "0" | "no" => Ok(false),
        _ => Err(format!("its value {value:?} is no checkbox's")),
    }
}

fn ordered(left: &Operand, symbol: &str, value: &str) -> Result<String, String> {
    let path = &left.path;
    match left.given {
        Type::Number(style) => Ok(format!("{path} {symbol} {}", number(value, style)?)),
        Type::Date => Ok(format!("{path} {symbol} {}", date(value)?)),
        Type::DateTime => Ok(format!("DATEVALUE({path}) {symbol} {}", date(value)?)),
        Type::Text => Ok(format!("{} {symbol} {}", left.folded(), quoted(&value.to_lowercase()))),
        other => Err(format!("how {path}, a {other}, is compared with {value:?} is not known")),
    }
}

/// A percentage of a filter is as it is shown, in a formula it is a fraction.
fn number(value: &str, style: NumberStyle) -> Result<String, String> {
    let digits = value.trim().trim_end_matches('%');
    let refused = || format!("its value {value:?} is no number");
    let digits = digits.rsplit_once(' ').map_or(digits, |(_, digits)| digits).replace(',', "");
    let number: Decimal = digits.parse().map_err(|_| refused())?;
    let number = if style == NumberStyle::Percent { number.move_point_right(-2) } else { number };
    Ok(number.to_string())
}

fn date(value: &str) -> Result<String, String> {
    let today = match value.to_ascii_uppercase().as_str() {
        "TODAY" => Some("TODAY()"),
        "YESTERDAY" => Some("TODAY() - 1"),
        "TOMORROW" => Some("TODAY() + 1"),
        _ => None,
    };
    if let Some(today) = today {
        return Ok(today.to_owned());
    }
    let date = if value.contains('/') { american(value) } else { Date::read(value) };
    let (year, month, day) =
        date.ok_or_else(|| format!("the dates that its value {value:?} means are not known"))?.parts();
    Ok(format!("DATE({year}, {month}, {day})"))
}

/// `12/31/2024`, perhaps with a time behind it.
fn american(value: &str) -> Option<Date> {
    let date = value.split_whitespace().next()?;
    let mut parts = date.split('/').map(|part| part.parse::<i64>().ok());
    let (month, day, year) = (parts.next()??, parts.next()??, parts.next()??);
    Date::from_parts(year, month, day)
}

fn like(left: &Operand, function: &str, value: &str) -> Result<String, String> {
    match left.given {
        Type::Text | Type::Picklist | Type::Id | Type::Any => {
            Ok(format!("{function}({}, {})", left.folded(), quoted(&value.to_lowercase())))
        }
        Type::MultiPicklist => includes(left, value),
        other => Err(format!("what {}, a {other}, contains is not known", left.path)),
    }
}

fn includes(left: &Operand, value: &str) -> Result<String, String> {
    if left.given != Type::MultiPicklist {
        return Err(format!("{} holds no list of values", left.path));
    }
    let each = value.split(';').map(|value| format!("INCLUDES({}, {})", left.path, quoted(value.trim())));
    let each: Vec<String> = each.collect();
    Ok(if each.len() == 1 { each.concat() } else { format!("AND({})", each.join(", ")) })
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The values between commas; a value in quotes may hold commas.
fn values(text: &str) -> Vec<String> {
    let mut values = vec![String::new()];
    let mut open = false;
    for letter in text.chars() {
        match letter {
            '"' => open = !open,
            ',' if !open => values.push(String::new()),
            _ => values.last_mut().expect("there is always one").push(letter),
        }
    }
    values.into_iter().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(given: Type, operation: &str, value: &str, expected: &str) {
        let left = Operand { path: "X".to_owned(), given };
        let found = of_value(operation, &left, value).unwrap_or_else(|why| why);
        assert_eq!(found, expected, "{given} {operation} {value}");
    }

    #[test]
    fn equality_by_type() {
        check(Type::Picklist, "equals", "Hot,Warm", "ISPICKVAL(X, \"Hot\") || ISPICKVAL(X, \"Warm\")");
        check(Type::Picklist, "equals", "\"Closed, won\"", "ISPICKVAL(X, \"Closed, won\")");
        check(Type::Picklist, "notEqual", "", "IF(ISPICKVAL(X, \"\"), FALSE, TRUE)");
        check(Type::Text, "equals", "A\"b\\", "LOWER(X) = \"ab\\\\\"");
        check(Type::Text, "equals", "", "ISBLANK(X)");
        check(Type::Boolean, "equals", "True", "X");
        check(Type::Boolean, "notEqual", "1", "IF(X, FALSE, TRUE)");
        check(Type::Boolean, "equals", "maybe", "its value \"maybe\" is no checkbox's");
        check(Type::Number(NumberStyle::Percent), "equals", "50", "X = 0.5");
        check(Type::NUMBER, "notEqual", "0", "IF(X = 0, FALSE, TRUE)");
        check(
            Type::MultiPicklist,
            "equals",
            "a;b",
            "AND(PICKLISTCOUNT(X) = 2, INCLUDES(X, \"a\"), INCLUDES(X, \"b\"))",
        );
        check(Type::Id, "equals", "012000000000001AAA", "X = \"012000000000001\"");
    }

    #[test]
    fn orders_parts_and_lists() {
        check(Type::NUMBER, "greaterThan", "1,000.50", "X > 1000.5");
        check(Type::Number(NumberStyle::Currency), "lessOrEqual", "EUR 10", "X <= 10");
        check(Type::NUMBER, "lessThan", "ten", "its value \"ten\" is no number");
        check(Type::Date, "lessThan", "TODAY", "X < TODAY()");
        check(Type::Date, "equals", "12/31/2024", "X = DATE(2024, 12, 31)");
        check(Type::DateTime, "greaterOrEqual", "2024-01-02", "DATEVALUE(X) >= DATE(2024, 1, 2)");
        check(
            Type::Date,
            "equals",
            "THIS_WEEK",
            "the dates that its value \"THIS_WEEK\" means are not known",
        );
        check(Type::Text, "notContain", "Ab", "IF(CONTAINS(LOWER(X), \"ab\"), FALSE, TRUE)");
        check(Type::Picklist, "startsWith", "Ab", "BEGINS(LOWER(TEXT(X)), \"ab\")");
        check(Type::MultiPicklist, "includes", "a,b", "INCLUDES(X, \"a\") || INCLUDES(X, \"b\")");
        check(Type::MultiPicklist, "excludes", "a", "IF(INCLUDES(X, \"a\"), FALSE, TRUE)");
        check(Type::NUMBER, "contains", "1", "what X, a Number, contains is not known");
        check(Type::Text, "within", "1", "its operation within is not known");
    }
}
