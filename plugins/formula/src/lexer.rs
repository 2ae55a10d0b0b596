//! Source to tokens. It never fails: what cannot be read becomes a diagnostic, and reading goes on behind it.

use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::span::Span;

/// A token with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenKind {
    /// Digits, perhaps with a point.
    Number,
    /// A string without its quotes and escapes.
    Text(String),
    /// A name: of a field, a path, a global or a function; keywords are names too.
    Name,
    /// `{!path}`: the path is inside the span.
    MergeField(Span),
    /// An operator, a parenthesis or a comma, as written.
    Symbol(&'static str),
    /// The end of the source.
    End,
}

/// Longer symbols first, so that `<=` is not read as `<`.
const SYMBOLS: [&str; 20] = [
    "<=", ">=", "<>", "!=", "==", "&&", "||", "(", ")", ",", "+", "-", "*", "/", "^", "&", "=", "<", ">", "!",
];

/// The tokens of a source, with what could not be read.
pub fn lex(source: &str) -> (Vec<Token>, Vec<Diagnostic>) {
    let mut lexer = Lexer { source, at: 0, tokens: Vec::new(), diagnostics: Vec::new() };
    while lexer.at < source.len() {
        lexer.next();
    }
    lexer.push(TokenKind::End, source.len());
    (lexer.tokens, lexer.diagnostics)
}

struct Lexer<'a> {
    source: &'a str,
    at: usize,
    tokens: Vec<Token>,
    diagnostics: Vec<Diagnostic>,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.source[self.at..]
    }

    fn push(&mut self, kind: TokenKind, end: usize) {
        self.tokens.push(Token { kind, span: Span::new(self.at, end) });
        self.at = end;
    }

    fn next(&mut self) {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return };
        if first.is_whitespace() || first == '\u{feff}' {
            self.at += first.len_utf8();
        } else if rest.starts_with("/*") {
            self.comment();
        } else if rest.starts_with("{!") {
            self.merge_field();
        } else if first == '"' || first == '\'' {
            self.text(first);
        } else if first.is_ascii_digit()
            || (first == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit()))
        {
            self.number();
        } else if is_name_start(first) {
            let length = rest.find(|letter| !is_name_part(letter)).unwrap_or(rest.len());
            self.push(TokenKind::Name, self.at + length);
        } else if let Some(symbol) = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
            self.push(TokenKind::Symbol(symbol), self.at + symbol.len());
        } else {
            self.bad_character(first);
        }
    }

    fn number(&mut self) {
        let bytes = self.rest().as_bytes();
        let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let whole = digits(0);
        let fraction = if bytes.get(whole) == Some(&b'.') { digits(whole + 1) } else { 0 };
        let length = if fraction > 0 { whole + 1 + fraction } else { whole };
        self.push(TokenKind::Number, self.at + length);
    }

    /// Only `\"` and `\\` are escapes, as in Salesforce's engine: `"\d"` keeps its backslash.
    fn text(&mut self, quote: char) {
        let mut value = String::new();
        let mut letters = self.rest()[1..].char_indices();
        while let Some((at, letter)) = letters.next() {
            if letter == quote {
                let end = self.at + 1 + at + 1;
                self.push(TokenKind::Text(value), end);
                return;
            }
            value.push(letter);
            if letter == '\\'
                && let Some((_, escaped)) = letters.next()
            {
                if escaped == '"' || escaped == '\\' {
                    value.pop();
                }
                value.push(escaped);
            }
        }
        let span = Span::new(self.at, self.source.len());
        let diagnostic = Diagnostic::new(codes::OPEN_STRING, span, "the string is not closed");
        self.diagnostics.push(diagnostic.with_hint(format!("add {quote} at its end")));
        self.push(TokenKind::Text(value), self.source.len());
    }

    fn comment(&mut self) {
        match self.rest()[2..].find("*/") {
            Some(length) => self.at += length + 4,
            None => {
                let span = Span::new(self.at, self.at + 2);
                let diagnostic = Diagnostic::new(codes::OPEN_COMMENT, span, "the comment is not closed");
                self.diagnostics.push(diagnostic.with_hint("add */ at its end"));
                self.at = self.source.len();
            }
        }
    }

    fn merge_field(&mut self) {
        let length = self.rest().find('}');
        if length.is_none() {
            let span = Span::new(self.at, self.at + 2);
            let diagnostic = Diagnostic::new(codes::OPEN_MERGE_FIELD, span, "the merge field is not closed");
            self.diagnostics.push(diagnostic.with_hint("write {!Name}"));
        }
        let end = self.at + length.unwrap_or(self.rest().len());
        let path = &self.source[self.at + 2..end];
        let leading = path.len() - path.trim_start().len();
        let start = self.at + 2 + leading;
        let inside = Span::new(start, start + path.trim().len());
        self.push(TokenKind::MergeField(inside), (end + 1).min(self.source.len()));
    }

    fn bad_character(&mut self, letter: char) {
        let span = Span::new(self.at, self.at + letter.len_utf8());
        let message = format!("{letter:?} is not part of the formula language");
        let diagnostic = Diagnostic::new(codes::BAD_CHARACTER, span, message);
        let diagnostic = match letter {
            '\u{201c}' | '\u{201d}' | '\u{2018}' | '\u{2019}' => {
                diagnostic.with_hint("use straight quotes: \" or '")
            }
            '|' => diagnostic.with_hint("OR is written ||"),
            ';' => diagnostic.with_hint("arguments are separated by a comma"),
            _ => diagnostic,
        };
        self.diagnostics.push(diagnostic);
        self.at += letter.len_utf8();
    }
}

fn is_name_start(letter: char) -> bool {
    letter.is_ascii_alphabetic() || letter == '$' || letter == '_'
}

fn is_name_part(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '$' | '_' | ':' | '.' | '#')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(source: &str) -> Vec<TokenKind> {
        lex(source).0.into_iter().map(|token| token.kind).collect()
    }

    #[test]
    fn tokens_of_every_kind() {
        use TokenKind::{End, MergeField, Name, Number, Symbol, Text};
        assert_eq!(
            kinds("/* c */ $User.X<>1.50 && {! $Record.A } .5"),
            [Name, Symbol("<>"), Number, Symbol("&&"), MergeField(Span::new(28, 37)), Number, End]
        );
        assert_eq!(kinds(r#""a\"b\\d\n" 'it'"#), [Text(r#"a"b\d\n"#.into()), Text("it".into()), End]);
    }

    #[test]
    fn what_cannot_be_read_is_reported_and_passed_over() {
        let numbers = |source| lex(source).1.iter().map(|found| found.code.number).collect::<Vec<_>>();
        assert_eq!(numbers("\"abc"), ["F003"]);
        assert_eq!(numbers("1 /* x"), ["F004"]);
        assert_eq!(numbers("{!A"), ["F005"]);
        assert_eq!(numbers("“x” ; é"), ["F002", "F002", "F002", "F002"]);
    }
}
