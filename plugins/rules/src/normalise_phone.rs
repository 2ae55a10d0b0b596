//! Phone numbers are stored in one form, `+14155550100`. It stands in for an Apex trigger before insert and update.

use sdk::{Answer, Description, Record, Rule, Unknown};

/// Digits of a number with its country: E.164.
const DIGITS: std::ops::RangeInclusive<usize> = 8..=15;

/// Changes `Phone` before the save where it can be read without guessing the country.
#[derive(Debug)]
pub struct NormalisePhone;

impl Rule for NormalisePhone {
    fn describe() -> Description {
        let description =
            Description::new("normalise-phone").object("Lead").object("Contact").object("Account");
        description.fields(&["Phone"]).before_create().before_update()
    }

    fn judge(record: &Record<'_>) -> Result<Answer, Unknown> {
        let Some(phone) = record.text("Phone")? else { return Ok(Answer::Accept) };
        match normalised(phone) {
            Some(number) if number != phone => Ok(Answer::change("Phone", number)),
            _ => Ok(Answer::Accept),
        }
    }
}

/// None when it is no international number: it is left as it is.
fn normalised(phone: &str) -> Option<String> {
    let phone = phone.trim();
    let rest = phone.strip_prefix('+').or_else(|| phone.strip_prefix("00"))?;
    // `+44 (0)20 ...`: the zero is dialled only inside the country.
    let rest = rest.replace("(0)", "");
    let known = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '-' | '.' | '/' | '(' | ')');
    if !rest.chars().all(known) {
        return None;
    }
    let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
    (DIGITS.contains(&digits.len()) && !digits.starts_with('0')).then(|| format!("+{digits}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sdk::testing::Case;

    #[track_caller]
    fn check(phone: &str, expected: Option<&str>) {
        let answer = Case::create("Lead").text("Phone", phone).judge::<NormalisePhone>();
        assert_eq!(answer, expected.map_or(Answer::Accept, |number| Answer::change("Phone", number)));
    }

    #[test]
    fn international_numbers_get_one_form() {
        check("+1 (415) 555-0100", Some("+14155550100"));
        check("0049 30/123456", Some("+4930123456"));
        check("+44 (0)20 7946 0958", Some("+442079460958"));
        check("+14155550100", None);
    }

    #[test]
    fn what_would_be_a_guess_is_left() {
        for phone in
            ["(415) 555-0100", "+1 415 555 0100 ext. 3", "+12", "+0123456789", "+1234567890123456", "", "+"]
        {
            check(phone, None);
        }
        assert_eq!(Case::create("Lead").judge::<NormalisePhone>(), Answer::Accept);
        let unknown = Case::create("Lead").unknown("Phone").judge::<NormalisePhone>();
        assert_eq!(unknown, Answer::Unknown("Phone is not known".to_owned()));
    }
}
