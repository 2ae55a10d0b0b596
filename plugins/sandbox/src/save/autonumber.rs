//! How an auto-number is written: `INV-{0000}`, `{YYYY}{MM}{DD}-{0}`.

use time::OffsetDateTime;

/// Writes a number in a display format. Without a place for the number it is appended.
pub fn format(format: &str, number: u64, now: OffsetDateTime) -> String {
    let mut text = String::new();
    let mut placed = false;
    let mut rest = format;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((token, after)) = after.split_once('}') else { break };
        text.push_str(before);
        match token {
            "YYYY" => text.push_str(&format!("{:04}", now.year())),
            "YY" => text.push_str(&format!("{:02}", now.year() % 100)),
            "MM" => text.push_str(&format!("{:02}", u8::from(now.month()))),
            "DD" => text.push_str(&format!("{:02}", now.day())),
            zeros => {
                placed = true;
                text.push_str(&format!("{number:0width$}", width = zeros.len()));
            }
        }
        rest = after;
    }
    text.push_str(rest);
    if !placed {
        text.push_str(&number.to_string());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn formats() {
        let check = |display: &str, number: u64, expected: &str| {
            assert_eq!(format(display, number, datetime!(2026-03-09 10:00 UTC)), expected, "{display}");
        };
        check("INV-{0000}", 7, "INV-0007");
        check("INV-{0000}", 12345, "INV-12345");
        check("{YYYY}{MM}{DD}/{0}", 3, "20260309/3");
        check("{0}-{YY}", 3, "3-26");
        check("", 3, "3");
        check("A-", 3, "A-3");
    }
}
