//! Boolean logic of filters, `1 AND (2 OR 3)`, with each number replaced by its condition.

/// Joins conditions as `logic` says; all must hold when there is none. `Err` says what is wrong, as the end of a
/// sentence.
pub(super) fn join(logic: Option<&str>, conditions: &[String]) -> Result<String, String> {
    let Some(logic) = logic.map(str::trim).filter(|logic| !logic.is_empty()) else {
        return Ok(conditions.join(" && "));
    };
    let mut out = String::new();
    for word in words(logic) {
        let text = match word.to_ascii_uppercase().as_str() {
            "AND" => " && ".to_owned(),
            "OR" => " || ".to_owned(),
            "NOT" => "!".to_owned(),
            "(" | ")" => word.to_owned(),
            _ => {
                let place = word.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
                let condition = place.and_then(|place| conditions.get(place));
                condition
                    .cloned()
                    .ok_or_else(|| format!("its logic {logic:?} names no condition {word:?}"))?
            }
        };
        out.push_str(&text);
    }
    Ok(out)
}

fn words(logic: &str) -> Vec<&str> {
    let spaced = logic.split_inclusive(['(', ')']).flat_map(|part| {
        let (before, mark) = match part.char_indices().next_back() {
            Some((at, '(' | ')')) => part.split_at(at),
            _ => (part, ""),
        };
        before.split_whitespace().chain((!mark.is_empty()).then_some(mark))
    });
    spaced.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(logic: Option<&str>, expected: Result<&str, &str>) {
        let conditions = ["(a)", "(b)", "(c)"].map(str::to_owned);
        let expected = expected.map(str::to_owned).map_err(str::to_owned);
        assert_eq!(join(logic, &conditions), expected, "{logic:?}");
    }

    #[test]
    fn numbers_become_conditions() {
        check(None, Ok("(a) && (b) && (c)"));
        check(Some(" "), Ok("(a) && (b) && (c)"));
        check(Some("1 AND (2 or 3)"), Ok("(a) && ((b) || (c))"));
        check(Some("(1 OR 2)AND NOT(3)"), Ok("((a) || (b)) && !((c))"));
        check(Some("1 AND 4"), Err("its logic \"1 AND 4\" names no condition \"4\""));
        check(Some("1 XOR 2"), Err("its logic \"1 XOR 2\" names no condition \"XOR\""));
    }
}
