//! Cuts a query into tokens.
//!
//! Texts stay as written (escapes unresolved), because `LIKE` resolves them differently from `=`.

use super::error::{QueryError, QueryErrorKind, place};

/// One token and where it begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Byte offset.
    pub at: usize,
}

/// Kinds of token.
#[derive(Debug, Clone, PartialEq)]
pub enum TokenKind {
    /// Name or keyword.
    Word(String),
    /// Text between quotes, as written.
    Text(String),
    /// Digits as written, with sign, point and exponent.
    Number(String),
    /// Date or date and time, as written.
    Moment(String),
    /// Punctuation or operator.
    Symbol(&'static str),
    /// After the last token.
    End,
}

impl TokenKind {
    /// As a message shows it.
    pub fn shown(&self) -> String {
        match self {
            Self::Word(text) | Self::Text(text) | Self::Number(text) | Self::Moment(text) => text.clone(),
            Self::Symbol(symbol) => (*symbol).to_owned(),
            Self::End => "<EOF>".to_owned(),
        }
    }
}

/// Longer symbols first, so that `<=` is not read as `<` and `=`.
const SYMBOLS: [&str; 12] = ["!=", "<>", "<=", ">=", "=", "<", ">", "(", ")", ",", ".", ":"];

/// The query's tokens; the last one is [`TokenKind::End`].
///
/// # Errors
/// A text without its closing quote, or a character that no token begins with.
pub fn tokens(soql: &str) -> Result<Vec<Token>, QueryError> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = soql[at..].chars().next() {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (kind, length) = token(soql, at, first)?;
        found.push(Token { kind, at });
        at += length;
    }
    // An error at the end is shown at the last character that is there.
    found.push(Token { kind: TokenKind::End, at: soql.trim_end().len() });
    Ok(found)
}

/// The token that begins here, and its length in bytes.
fn token(soql: &str, at: usize, first: char) -> Result<(TokenKind, usize), QueryError> {
    let rest = &soql[at..];
    if first == '\'' {
        return text(soql, at);
    }
    if first.is_ascii_alphabetic() || first == '_' {
        let length = run(rest, |character| character.is_ascii_alphanumeric() || character == '_');
        return Ok((TokenKind::Word(rest[..length].to_owned()), length));
    }
    let digit_follows =
        rest[first.len_utf8()..].starts_with(|next: char| next.is_ascii_digit() || next == '.');
    if first.is_ascii_digit() || (matches!(first, '-' | '+' | '.') && digit_follows) {
        return Ok(number_or_moment(rest));
    }
    match SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
        Some(symbol) => Ok((TokenKind::Symbol(symbol), symbol.len())),
        None => Err(QueryErrorKind::UnexpectedToken(first.to_string()).at(at)),
    }
}

/// Length in bytes of the run of characters that satisfy the condition.
fn run(text: &str, wanted: impl Fn(char) -> bool) -> usize {
    text.find(|character| !wanted(character)).unwrap_or(text.len())
}

/// A quoted text; a backslash protects the character after it.
fn text(soql: &str, at: usize) -> Result<(TokenKind, usize), QueryError> {
    let inside = &soql[at + 1..];
    let mut protected = false;
    for (index, character) in inside.char_indices() {
        match character {
            _ if protected => protected = false,
            '\\' => protected = true,
            '\'' => return Ok((TokenKind::Text(inside[..index].to_owned()), index + 2)),
            _ => {}
        }
    }
    let (row, column) = place(soql, soql.len());
    Err(QueryErrorKind::OpenText { row, column: column - 1 }.into())
}

/// `12`, `-1.5e3`, `2026-11-23`, `2026-11-23T10:00:00+01:00`.
fn number_or_moment(rest: &str) -> (TokenKind, usize) {
    let digits = run(rest, |character| character.is_ascii_digit());
    if digits == 4 && rest[digits..].starts_with('-') {
        let length = run(rest, |character| {
            character.is_ascii_alphanumeric() || matches!(character, '-' | ':' | '+' | '.')
        });
        return (TokenKind::Moment(rest[..length].to_owned()), length);
    }
    let mut length = 0;
    let mut previous = ' ';
    for (index, character) in rest.char_indices() {
        let sign = matches!(character, '-' | '+') && (index == 0 || matches!(previous, 'e' | 'E'));
        if !(character.is_ascii_alphanumeric() || character == '.' || sign) {
            break;
        }
        previous = character;
        length = index + 1;
    }
    (TokenKind::Number(rest[..length].to_owned()), length)
}

/// The text that a quoted text stands for. With `like`, a backslash stays before `%`, `_` and `\` that are meant
/// literally.
///
/// # Errors
/// A backslash before a character that has no escape; `at` is where the text begins.
pub fn unescape(raw: &str, like: bool, at: usize) -> Result<String, QueryError> {
    let mut text = String::with_capacity(raw.len());
    let mut characters = raw.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            text.push(character);
            continue;
        }
        let escaped = characters.next().unwrap_or('\\');
        match escaped {
            'n' | 'N' => text.push('\n'),
            'r' | 'R' => text.push('\r'),
            't' | 'T' => text.push('\t'),
            'b' | 'B' => text.push('\u{8}'),
            'f' | 'F' => text.push('\u{c}'),
            '\'' | '"' => text.push(escaped),
            '\\' if like => text.push_str("\\\\"),
            '\\' => text.push('\\'),
            '%' | '_' if like => text.extend(['\\', escaped]),
            'u' => {
                let digits: String = characters.by_ref().take(4).collect();
                let code = u32::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 4);
                match code.and_then(char::from_u32) {
                    Some(character) => text.push(character),
                    None => return Err(QueryErrorKind::BadEscape(format!("\\u{digits}")).at(at)),
                }
            }
            other => return Err(QueryErrorKind::BadEscape(format!("\\{other}")).at(at)),
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(soql: &str, expected: &[TokenKind]) {
        let kinds: Vec<TokenKind> =
            tokens(soql).expect("tokens").into_iter().map(|token| token.kind).collect();
        assert_eq!(kinds, [expected, &[TokenKind::End]].concat(), "{soql}");
    }

    #[test]
    fn tokens_of_every_kind() {
        let word = |text: &str| TokenKind::Word(text.into());
        check("", &[]);
        check(
            "a.B__c<=-1.5e+3",
            &[
                word("a"),
                TokenKind::Symbol("."),
                word("B__c"),
                TokenKind::Symbol("<="),
                TokenKind::Number("-1.5e+3".into()),
            ],
        );
        check("x<>'it\\'s'", &[word("x"), TokenKind::Symbol("<>"), TokenKind::Text("it\\'s".into())]);
        check(
            "2026-11-23T10:00:00.000+01:00)",
            &[TokenKind::Moment("2026-11-23T10:00:00.000+01:00".into()), TokenKind::Symbol(")")],
        );
        check("LAST_N_DAYS:3", &[word("LAST_N_DAYS"), TokenKind::Symbol(":"), TokenKind::Number("3".into())]);
        check(
            "'ü€'='x'",
            &[TokenKind::Text("ü€".into()), TokenKind::Symbol("="), TokenKind::Text("x".into())],
        );
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let open = tokens("SELECT Id FROM A WHERE N = 'x").expect_err("open text");
        assert_eq!(open.kind, QueryErrorKind::OpenText { row: 1, column: 29 });
        assert_eq!(tokens("SELECT *").expect_err("star"), QueryErrorKind::UnexpectedToken("*".into()).at(7));
    }

    fn check_unescape(raw: &str, like: bool, expected: Option<&str>) {
        assert_eq!(unescape(raw, like, 0).ok().as_deref(), expected, "{raw}");
    }

    #[test]
    fn escapes() {
        check_unescape(r#"a\'b\"c\\d\n\t\u00e9"#, false, Some("a'b\"c\\d\n\té"));
        check_unescape(r"100\%\_\\", true, Some(r"100\%\_\\"));
        check_unescape(r"100\%", false, None);
        check_unescape(r"\q", false, None);
        check_unescape(r"\u12", false, None);
    }
}
