//! Java's dialect to the one of our engines. What means the same goes through; classes are ASCII as in Java, quoting,
//! octal and control escapes are spelled out, and constructs that only backtracking can do are noticed.

use super::class::{escape, letter_class, property};

/// Which engine runs a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// The linear one.
    Linear,
    /// The backtracking one: the pattern looks around, refers back, or does not give back what it took.
    Backtracking,
}

/// A pattern for our engines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Translated {
    /// The pattern.
    pub pattern: String,
    /// What runs it.
    pub engine: Engine,
}

/// Java's dot leaves out all line ends.
const DOT: &str = r"[^\n\r\x{85}\x{2028}\x{2029}]";

/// Translates a pattern; the error is a message.
pub fn translate(pattern: &str) -> Result<Translated, String> {
    let letters: Vec<char> = pattern.chars().collect();
    let mut translator = Translator {
        letters,
        at: 0,
        out: String::new(),
        depth: 0,
        dot_all: vec![false],
        engine: Engine::Linear,
    };
    while translator.at < translator.letters.len() {
        if translator.depth > 0 { translator.in_class()? } else { translator.outside()? }
    }
    Ok(Translated { pattern: translator.out, engine: translator.engine })
}

struct Translator {
    letters: Vec<char>,
    at: usize,
    out: String,
    /// How many character classes are open.
    depth: usize,
    /// Whether the dot takes line ends, for each open group.
    dot_all: Vec<bool>,
    engine: Engine,
}

impl Translator {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.letters.get(self.at + ahead).copied()
    }

    fn starts_with(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(ahead, letter)| self.peek(ahead) == Some(letter))
    }

    fn copy(&mut self, count: usize) {
        let end = (self.at + count).min(self.letters.len());
        self.out.extend(&self.letters[self.at..end]);
        self.at = end;
    }

    fn outside(&mut self) -> Result<(), String> {
        match self.letters[self.at] {
            '\\' => self.escaped()?,
            '[' => self.open_class(),
            '.' => {
                let dot = if self.dot_all.last() == Some(&true) { r"[\s\S]" } else { DOT };
                self.out.push_str(dot);
                self.at += 1;
            }
            '(' => self.open_group(),
            ')' => {
                if self.dot_all.len() > 1 {
                    self.dot_all.pop();
                }
                self.copy(1);
            }
            '*' | '+' | '?' => {
                self.copy(1);
                self.possessive();
            }
            '{' => self.counted()?,
            _ => self.copy(1),
        }
        Ok(())
    }

    /// `a*+` is a possessive repetition in Java, and a repetition of a repetition to the linear engine.
    fn possessive(&mut self) {
        match self.peek(0) {
            Some('+') => {
                self.engine = Engine::Backtracking;
                self.copy(1);
            }
            Some('?') => self.copy(1),
            _ => {}
        }
    }

    /// `{n}`, `{n,}` or `{n,m}`; nothing else may stand in braces.
    fn counted(&mut self) -> Result<(), String> {
        let rest = &self.letters[self.at + 1..];
        let length = rest.iter().position(|letter| *letter == '}').ok_or("a repetition is not closed")?;
        let inside: String = rest[..length].iter().collect();
        let (min, max) = inside.split_once(',').unwrap_or((&inside, &inside));
        let count = |text: &str| text.parse::<u32>().map_err(|_| format!("{{{inside}}} is not a repetition"));
        if !max.is_empty() && count(max)? < count(min)? {
            return Err(format!("{{{inside}}} goes from more to less"));
        }
        count(min)?;
        self.copy(length + 2);
        self.possessive();
        Ok(())
    }

    fn open_group(&mut self) {
        let inherited = self.dot_all.last() == Some(&true);
        if !self.starts_with("(?") {
            self.dot_all.push(inherited);
            return self.copy(1);
        }
        if ["(?>", "(?=", "(?!", "(?<=", "(?<!"].iter().any(|open| self.starts_with(open)) {
            self.engine = Engine::Backtracking;
        }
        let mut end = self.at + 2;
        while self.letters.get(end).is_some_and(|letter| letter.is_ascii_alphabetic() || *letter == '-') {
            end += 1;
        }
        let flags: String = self.letters[self.at + 2..end].iter().collect();
        match self.letters.get(end) {
            Some(')') if !flags.is_empty() => {
                let dot_all = with_flags(&flags, inherited);
                if let Some(last) = self.dot_all.last_mut() {
                    *last = dot_all;
                }
                self.push_flags(&flags, ")");
                self.at = end + 1;
            }
            Some(':') if !flags.is_empty() => {
                self.dot_all.push(with_flags(&flags, inherited));
                self.push_flags(&flags, ":");
                self.at = end + 1;
            }
            _ => {
                self.dot_all.push(inherited);
                self.copy(2);
                // The rest of `(?:`, `(?=`, `(?!`, `(?<=`, `(?<!`, `(?<name>` and `(?>` holds no quantifier.
                while self.peek(0).is_some_and(|letter| matches!(letter, ':' | '=' | '!' | '<' | '>')) {
                    self.copy(1);
                }
            }
        }
    }

    /// Only the flags that mean the same; Java's d, u and U change nothing that matters here.
    fn push_flags(&mut self, flags: &str, closing: &str) {
        let (on, off) = flags.split_once('-').unwrap_or((flags, ""));
        let kept =
            |flags: &str| flags.chars().filter(|flag| matches!(flag, 'i' | 'm' | 'x')).collect::<String>();
        let (on, off) = (kept(on), kept(off));
        if on.is_empty() && off.is_empty() {
            self.out.push_str(if closing == ":" { "(?:" } else { "" });
            return;
        }
        let minus = if off.is_empty() { "" } else { "-" };
        self.out.push_str(&format!("(?{on}{minus}{off}{closing}"));
    }

    fn open_class(&mut self) {
        self.depth += 1;
        self.copy(1);
        if self.peek(0) == Some('^') {
            self.copy(1);
        }
        if self.peek(0) == Some(']') {
            self.out.push_str(r"\]");
            self.at += 1;
        }
    }

    fn in_class(&mut self) -> Result<(), String> {
        match self.letters[self.at] {
            '\\' => self.escaped()?,
            '[' => self.open_class(),
            ']' => {
                self.depth -= 1;
                self.copy(1);
            }
            '&' if self.peek(1) == Some('&') => self.copy(2),
            // `--` and `~~` are set operations to our engines, `[:` opens a named class.
            letter @ ('~' | ':' | '&' | '#') => {
                self.out.push_str(&escape(letter));
                self.at += 1;
            }
            '-' => {
                let single =
                    self.peek(1) == Some('-') || self.out.ends_with("\\-") || self.out.ends_with('-');
                self.out.push_str(if single { r"\-" } else { "-" });
                self.at += 1;
            }
            _ => self.copy(1),
        }
        Ok(())
    }

    fn escaped(&mut self) -> Result<(), String> {
        let Some(letter) = self.peek(1) else { return Err("a backslash at the end".to_owned()) };
        self.at += 2;
        match letter {
            'Q' => self.quoted(),
            'E' => {}
            'p' | 'P' => return self.property(letter == 'P'),
            '0' => return self.octal(),
            'c' => {
                let control = self.peek(0).ok_or("a control escape at the end")?;
                self.at += 1;
                self.out.push_str(&format!(r"\x{{{:x}}}", u32::from(control) ^ 64));
            }
            'u' => return self.unicode(),
            'e' => self.out.push_str(r"\x1b"),
            'x' => self.out.push_str(r"\x"),
            'R' if self.depth == 0 => self.out.push_str(r"(?:\r\n|[\n\x0b\x0c\r\x{85}\x{2028}\x{2029}])"),
            'Z' if self.depth == 0 => {
                self.engine = Engine::Backtracking;
                self.out.push_str(r"(?=(?:\r\n|[\n\r\x{85}\x{2028}\x{2029}])?\z)");
            }
            'G' if self.depth == 0 => self.out.push_str(r"\A"),
            letter if letter_class(letter).is_some() => {
                let class = letter_class(letter).unwrap_or_default();
                self.out.push_str(&format!("[{class}]"));
            }
            'a' | 'b' | 'B' | 'f' | 'n' | 'r' | 't' | 'A' | 'z' => self.out.extend(['\\', letter]),
            '1'..='9' | 'k' if self.depth == 0 => {
                self.engine = Engine::Backtracking;
                self.out.extend(['\\', letter]);
            }
            letter if letter.is_ascii_alphanumeric() => {
                return Err(format!("the escape \\{letter} is not known"));
            }
            other => self.out.push_str(&escape(other)),
        }
        Ok(())
    }

    fn quoted(&mut self) {
        while self.at < self.letters.len() && !self.starts_with(r"\E") {
            let literal = escape(self.letters[self.at]);
            self.out.push_str(&literal);
            self.at += 1;
        }
        self.at = (self.at + 2).min(self.letters.len());
    }

    fn property(&mut self, mut negated: bool) -> Result<(), String> {
        let name = match self.peek(0) {
            Some('{') => {
                let rest = &self.letters[self.at + 1..];
                let length =
                    rest.iter().position(|letter| *letter == '}').ok_or("a property is not closed")?;
                let name: String = rest[..length].iter().collect();
                self.at += length + 2;
                name
            }
            Some(letter) => {
                self.at += 1;
                letter.to_string()
            }
            None => return Err("a property is missing".to_owned()),
        };
        let name = match name.strip_prefix('^') {
            Some(rest) => {
                negated = !negated;
                rest.to_owned()
            }
            None => name,
        };
        let class = property(&name).ok_or_else(|| format!("the property {name} is not known"))?;
        self.out.push_str(&format!("[{}{class}]", if negated { "^" } else { "" }));
        Ok(())
    }

    fn octal(&mut self) -> Result<(), String> {
        let mut value = 0;
        let mut count = 0;
        while let Some(digit) = self.peek(0).and_then(|letter| letter.to_digit(8)) {
            if count == 3 || value * 8 + digit > 0o377 {
                break;
            }
            value = value * 8 + digit;
            count += 1;
            self.at += 1;
        }
        if count == 0 {
            return Err("an octal escape without digits".to_owned());
        }
        self.out.push_str(&format!(r"\x{{{value:x}}}"));
        Ok(())
    }

    fn unicode(&mut self) -> Result<(), String> {
        let digits: String = self.letters.iter().skip(self.at).take(4).collect();
        if digits.len() != 4 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err("\\u needs four hexadecimal digits".to_owned());
        }
        self.at += 4;
        self.out.push_str(&format!(r"\x{{{digits}}}"));
        Ok(())
    }
}

fn with_flags(flags: &str, inherited: bool) -> bool {
    let (on, off) = flags.split_once('-').unwrap_or((flags, ""));
    (inherited || on.contains('s')) && !off.contains('s')
}
