//! Formulas of flows as the formula language has them: `{!Name}` becomes a path.
//!
//! `$Record.Type` and a variable `Type` would both be the path `Type`, so resources and elements become paths behind
//! [`OWN`]. That takes as many bytes as `{!` and `}`: every span is the same in both texts.

use super::read::OWN;

/// The text with `{!Name}` as `$$.Name`, outside of strings and comments. Globals (`{!$Record.Type}`) stay.
pub(super) fn to_formula(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut at = 0;
    while let Some(first) = source[at..].chars().next() {
        let rest = &source[at..];
        let length = match first {
            '"' | '\'' => string_length(rest, first),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            '{' if rest.starts_with("{!") => {
                let Some(end) = rest.find('}') else {
                    out.push_str(rest);
                    break;
                };
                let inside = &rest[2..end];
                if inside.trim_start().starts_with('$') {
                    out.push_str(&rest[..=end]);
                } else {
                    let name = inside.trim();
                    out.push_str(OWN);
                    out.push_str(name);
                    out.extend(std::iter::repeat_n(' ', inside.len() - name.len()));
                }
                at += end + 1;
                continue;
            }
            other => other.len_utf8(),
        };
        out.push_str(&rest[..length]);
        at += length;
    }
    out
}

/// A string with its quotes; a backslash keeps the quote behind it from ending it.
fn string_length(text: &str, quote: char) -> usize {
    let mut letters = text.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        if letter == quote {
            return at + 1;
        }
        if letter == '\\' {
            letters.next();
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merge_fields_become_paths_of_the_same_length() {
        let check = |source: &str, expected: &str| {
            assert_eq!(to_formula(source), expected);
            assert_eq!(source.len(), expected.len());
        };
        check("{!Name} & {!$Record.Name}", "$$.Name & {!$Record.Name}");
        check("{! Get.Name }+1", "$$.Get.Name  +1");
        check("\"{!Name}\" & {!æ} & 'it\\'s {!x}'", "\"{!Name}\" & $$.æ & 'it\\'s {!x}'");
        check("/* {!a} */ {!b} \"open {!c}", "/* {!a} */ $$.b \"open {!c}");
        check("{!open", "{!open");
    }
}
