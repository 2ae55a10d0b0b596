//! Numbers, times and long lines as people read them.

use domain::Timestamp;

/// `1204` as `1,204`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 record`, `1,204 records`. For words whose plural ends in `s`.
pub(crate) fn counted(number: u64, word: &str) -> String {
    format!("{} {word}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// `2026-11-23 16:02 UTC`: to the minute, which is what a person compares.
pub(crate) fn minutes(at: Timestamp) -> String {
    let text = at.to_string();
    match (text.get(..10), text.get(11..16)) {
        (Some(day), Some(time)) => format!("{day} {time} UTC"),
        _ => text,
    }
}

/// Breaks text at blanks so that no line is wider than `width`, each line behind `indent`. Line ends in it are kept.
pub(crate) fn wrapped(text: &str, indent: &str, width: usize) -> String {
    let room = width.saturating_sub(indent.chars().count()).max(20);
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        let mut long = 0;
        for word in paragraph.split(' ') {
            let letters = word.chars().count();
            if long > 0 && long + 1 + letters > room {
                lines.push(std::mem::take(&mut line));
                long = 0;
            }
            if long > 0 {
                line.push(' ');
                long += 1;
            }
            line.push_str(word);
            long += letters;
        }
        lines.push(line);
    }
    lines.iter().map(|line| format!("{indent}{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        let check = |number, text| assert_eq!(grouped(number), text);
        check(0, "0");
        check(999, "999");
        check(1_000, "1,000");
        check(1_234_567, "1,234,567");
        assert_eq!(counted(1, "record"), "1 record");
        assert_eq!(counted(0, "record"), "0 records");
    }

    #[test]
    fn times_are_shown_to_the_minute() {
        assert_eq!(minutes(Timestamp::from_millis(1_795_449_600_123)), "2026-11-23 16:00 UTC");
    }

    #[test]
    fn lines_are_broken_at_blanks() {
        assert_eq!(wrapped("one two three four five", "  ", 22), "  one two three four\n  five\n");
        assert_eq!(wrapped("a\n\nb", "> ", 80), "> a\n> \n> b\n");
        let long = "x".repeat(50);
        assert_eq!(wrapped(&long, "", 30), format!("{long}\n"));
    }
}
