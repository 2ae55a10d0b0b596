//! Java's character classes, spelled out: they are ASCII unless they say otherwise.

/// A character as a literal of a pattern, inside a class or outside.
pub(super) fn escape(letter: char) -> String {
    if letter.is_ascii_punctuation() || letter.is_ascii_whitespace() {
        format!(r"\x{{{:x}}}", u32::from(letter))
    } else {
        letter.to_string()
    }
}

/// What stands between brackets for `\d` and its like.
pub(super) fn letter_class(letter: char) -> Option<&'static str> {
    Some(match letter {
        'd' => "0-9",
        'D' => "^0-9",
        'w' => "a-zA-Z_0-9",
        'W' => "^a-zA-Z_0-9",
        's' => r" \t\n\x0b\x0c\r",
        'S' => r"^ \t\n\x0b\x0c\r",
        'h' => r" \t\x{a0}\x{1680}\x{180e}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}",
        'H' => r"^ \t\x{a0}\x{1680}\x{180e}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}",
        'v' => r"\n\x0b\x0c\r\x{85}\x{2028}\x{2029}",
        'V' => r"^\n\x0b\x0c\r\x{85}\x{2028}\x{2029}",
        _ => return None,
    })
}

/// What stands between brackets for `\p{name}`.
pub(super) fn property(name: &str) -> Option<String> {
    let ascii = match name {
        "Lower" => "a-z",
        "Upper" => "A-Z",
        "ASCII" => r"\x00-\x7f",
        "Alpha" => "a-zA-Z",
        "Digit" => "0-9",
        "Alnum" => "a-zA-Z0-9",
        "Punct" => r"!-/:-@\[-`{-\x7e",
        "Graph" => r"!-\x7e",
        "Print" => r" -\x7e",
        "Blank" => r" \t",
        "Cntrl" => r"\x00-\x1f\x7f",
        "XDigit" => "0-9a-fA-F",
        "Space" => r" \t\n\x0b\x0c\r",
        "javaLowerCase" => r"\p{Lowercase}",
        "javaUpperCase" => r"\p{Uppercase}",
        "javaLetter" | "javaAlphabetic" => r"\p{Alphabetic}",
        "javaDigit" => r"\p{Nd}",
        "javaLetterOrDigit" => r"\p{L}\p{Nd}",
        "javaWhitespace" | "javaSpaceChar" => r"\p{White_Space}",
        _ => "",
    };
    if !ascii.is_empty() {
        return Some(ascii.to_owned());
    }
    let bare = name.strip_prefix("Is").or_else(|| name.strip_prefix("In")).unwrap_or(name);
    let known = regex::Regex::new(&format!(r"\p{{{bare}}}")).is_ok();
    known.then(|| format!(r"\p{{{bare}}}"))
}
