//! Takes the values out of a CRM's message, so that the same cause reads the same for every record.
//!
//! It knows a few shapes of Salesforce's messages whose value stands bare, and else masks what looks like a value: numbers,
//! ids, addresses, text in straight quotes. Names of fields, rules and flows (in “curly quotes”) stay: they are the cause.

/// What stands in place of a value.
const MASK: char = '…';

/// Where a bare value stands: behind the first text, up to the second (or to the end, when that is empty).
const BARE: [(&str, &str); 8] = [
    ("bad value for restricted picklist field: ", ""),
    ("data value too large: ", " (max length="),
    ("invalid email address: ", ""),
    ("External ID: ", " not found for field "),
    ("external ID: ", " not found for field "),
    ("id value of incorrect type: ", ""),
    ("malformed id ", ""),
    ("duplicates value on record with id: ", ""),
];

/// The message without its values.
pub(crate) fn masked(message: &str) -> String {
    for (before, after) in BARE {
        let Some((head, rest)) = message.split_once(before) else { continue };
        let tail = if after.is_empty() { Some("") } else { rest.rfind(after).map(|at| &rest[at..]) };
        if let Some(tail) = tail {
            return format!("{}{before}{MASK}{}", words(head), words(tail));
        }
    }
    words(message)
}

fn words(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    let mut before = ' ';
    while let Some(first) = rest.chars().next() {
        let taken = if let Some(length) = quoted(rest, before) {
            masked.extend([first, MASK, first]);
            length
        } else if first.is_alphanumeric() || first == '_' {
            let length = word(rest);
            masked.push_str(&shown(&rest[..length]));
            length
        } else {
            masked.push(first);
            first.len_utf8()
        };
        before = rest[..taken].chars().next_back().unwrap_or(' ');
        rest = &rest[taken..];
    }
    masked
}

/// How long the quotation is that begins here. An apostrophe inside a word begins none.
fn quoted(text: &str, before: char) -> Option<usize> {
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"') && !before.is_alphanumeric())?;
    let mut inside = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = inside.next() {
        let ends_word = inside.peek().is_none_or(|(_, next)| !next.is_alphanumeric());
        if c == quote && ends_word {
            return Some(at + c.len_utf8());
        }
    }
    None
}

/// How long the word is that begins here: letters and digits, and what joins them in numbers, dates, ids and addresses.
fn word(text: &str) -> usize {
    let mut end = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let joins = ".,:-+@/".contains(c) && chars.peek().is_some_and(|(_, next)| next.is_alphanumeric());
        if !(c.is_alphanumeric() || c == '_' || joins) {
            break;
        }
        end = at + c.len_utf8();
    }
    end
}

/// A word as it is shown: what begins with a digit, has one behind a sign, or is an address is a value. Field names such as
/// `Line2__c` are none.
fn shown(word: &str) -> String {
    let begins_with_digit = |part: &str| part.starts_with(|c: char| c.is_ascii_digit());
    let is_value = word.contains('@') || word.split(['.', ',', ':', '-', '+', '/']).any(begins_with_digit);
    if is_value { MASK.to_string() } else { word.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(message: &str, expected: &str) {
        assert_eq!(masked(message), expected);
        assert_eq!(masked(expected), expected, "masking twice changes nothing");
    }

    #[test]
    fn values_go_and_names_stay() {
        check("Required fields are missing: [LastName]", "Required fields are missing: [LastName]");
        check("Amount 1,234.50 is above 1000 for C-0805", "Amount … is above … for …");
        check("can't save: \"Anna O'Neil\" isn't 'VIP'.", "can't save: \"…\" isn't '…'.");
        check("mail anna.b+x@acme.example, Line2__c: 5", "mail …, Line2__c: …");
        check(
            "record because the “Sync tier” process failed. Error ID: 2118-8 (-1507)",
            "record because the “Sync tier” process failed. Error ID: … (-…)",
        );
        check("Größe ist zu groß: 7", "Größe ist zu groß: …");
        check("", "");
        check("it's 'open", "it's 'open");
    }

    #[test]
    fn bare_values_of_salesforce_go() {
        check(
            "Tier: bad value for restricted picklist field: Gold plus",
            "Tier: bad value for restricted picklist field: …",
        );
        check(
            "Name: data value too large: x (max length= y (max length=80)",
            "Name: data value too large: … (max length=…)",
        );
        check(
            "Foreign key external ID: a b c not found for field Ext__c in entity Account",
            "Foreign key external ID: … not found for field Ext__c in entity Account",
        );
        check(
            "duplicate value found: Ext__c duplicates value on record with id: 0038d00000AbCdE",
            "duplicate value found: Ext__c duplicates value on record with id: …",
        );
    }
}
