//! Record ids: 15 characters that tell upper from lower case, and three more that let them be compared without case.
//!
//! An id says its object by the first three characters; it does not say whether the record exists.

use crate::error::RowError;

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SUFFIX: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

/// The id of the `number`th record of this program, 18 characters. Later numbers sort behind earlier ones.
pub fn make(key_prefix: &str, number: u64) -> String {
    let mut rest = [b'0'; 9];
    let mut left = number;
    for place in rest.iter_mut().rev() {
        *place = DIGITS[(left % 62) as usize];
        left /= 62;
    }
    let mut id = String::with_capacity(18);
    id.push_str(key_prefix);
    id.push_str("sb0");
    id.extend(rest.iter().map(|byte| char::from(*byte)));
    with_suffix(&id)
}

/// The 18-character form of a 15-character id.
fn with_suffix(id: &str) -> String {
    let mut whole = String::with_capacity(18);
    whole.push_str(id);
    for five in id.as_bytes().chunks(5) {
        let bits = five.iter().enumerate().filter(|(_, byte)| byte.is_ascii_uppercase());
        let index = bits.fold(0usize, |sum, (place, _)| sum | 1 << place);
        whole.push(char::from(SUFFIX[index]));
    }
    whole
}

/// The 18-character form of an id in either length; `None` when it is no id or its last three characters are wrong.
pub fn normalise(id: &str) -> Option<String> {
    if !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    match id.len() {
        15 => Some(with_suffix(id)),
        18 => {
            let whole = with_suffix(&id[..15]);
            whole[15..].eq_ignore_ascii_case(&id[15..]).then_some(whole)
        }
        _ => None,
    }
}

/// The error for a text that is no id, as Salesforce words it. `label` is the field's label (`Account ID`).
pub fn malformed(label: &str, field: &str, id: &str) -> RowError {
    RowError::on(field, "MALFORMED_ID", format!("{label}: id value of incorrect type: {id}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_lengths_are_the_same_id() {
        let check = |id: &str, expected: Option<&str>| assert_eq!(normalise(id).as_deref(), expected, "{id}");
        check("001D000000IRFma", Some("001D000000IRFmaIAH"));
        check("001D000000IRFmaIAH", Some("001D000000IRFmaIAH"));
        check("001D000000IRFmaiah", Some("001D000000IRFmaIAH"));
        check("001D000000IRFmaIAA", None);
        check("003BAD", None);
        check("001D000000IRFm-", None);
        check("", None);
    }

    #[test]
    fn ids_sort_in_the_order_of_creation() {
        let ids: Vec<_> = [1, 9, 10, 61, 62, 3844, 1_000_000].map(|number| make("a01", number)).into();
        let mut sorted = ids.clone();
        sorted.sort();
        assert_eq!(ids, sorted);
        assert_eq!(ids[0], "a01sb0000000001AAA");
        assert_eq!(normalise(&ids[3]).as_ref(), Some(&ids[3]));
    }
}
