//! Ids that metadata does not tell and that must stay the same from one reading to the next: made from a name.
//!
//! Source of the form: 15 characters that tell upper from lower case, and three that let them be compared without case.

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SUFFIX: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
/// Stands behind the key prefix, as in all ids of the sandbox.
const POD: &str = "sb0";
/// Digits behind the pod.
const PLACES: usize = 9;

/// An id of 18 characters that depends on `key_prefix` and `name` alone, whatever the name's case.
pub(crate) fn of_name(key_prefix: &str, name: &str) -> String {
    let mut rest = hash(&name.to_ascii_lowercase());
    let mut id = format!("{key_prefix}{POD}");
    for _ in 0..PLACES {
        id.push(digit(rest));
        rest /= 62;
    }
    let suffix = suffix(&id);
    id + &suffix
}

/// Whether `given`, of 15 or 18 characters, is the id `whole` of 18.
pub(crate) fn same(whole: &str, given: &str) -> bool {
    match given.len() {
        15 => whole.get(..15) == Some(given),
        18 => whole.eq_ignore_ascii_case(given),
        _ => false,
    }
}

/// The digit to base 62 of the lowest place of `value`.
pub(crate) fn digit(value: u64) -> char {
    char::from(DIGITS[usize::try_from(value % 62).expect("less than 62")])
}

/// FNV-1a, 64 bits.
pub(crate) fn hash(text: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, step)
}

/// One character for every five: which of them are upper-case.
fn suffix(id: &str) -> String {
    let fives = id.as_bytes().chunks(5);
    let index = |five: &[u8]| {
        let upper = five.iter().enumerate().filter(|(_, byte)| byte.is_ascii_uppercase());
        upper.fold(0_usize, |sum, (place, _)| sum | 1 << place)
    };
    fives.map(|five| char::from(SUFFIX[index(five)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_from_the_name() {
        let id = of_name("012", "Account.Partner");
        assert_eq!(id, of_name("012", "account.PARTNER"));
        assert_ne!(id, of_name("012", "Account.Partners"));
        assert_eq!((id.len(), &id[..6]), (18, "012sb0"));
        assert_eq!(suffix("001D000000IRFma"), "IAH");
    }

    #[test]
    fn both_lengths_are_the_same_id() {
        let check = |given: &str, expected: bool| {
            assert_eq!(same("001D000000IRFmaIAH", given), expected, "{given}");
        };
        check("001D000000IRFma", true);
        check("001D000000IRFmaIAH", true);
        check("001d000000irfmaiah", true);
        check("001d000000irfma", false);
        check("001D000000IRFm", false);
        check("", false);
    }
}
