//! Record ids: formulas see them with 15 characters, the API with 18.

/// An id with 18 characters; the last three of 18 say which of the others are capitals.
pub(crate) fn case_safe(id: &str) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    if id.len() != 15 || !id.is_ascii() {
        return id.to_owned();
    }
    let suffix = id.as_bytes().chunks(5).map(|part| {
        let capitals = part.iter().enumerate().filter(|(_, letter)| letter.is_ascii_uppercase());
        char::from(LETTERS[capitals.fold(0, |bits, (at, _)| bits | 1 << at)])
    });
    id.chars().chain(suffix).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_get_their_last_three_characters() {
        assert_eq!(case_safe("001D000000IRFma"), "001D000000IRFmaIAH");
        assert_eq!(case_safe("001D000000IRFmaIAH"), "001D000000IRFmaIAH");
    }
}
