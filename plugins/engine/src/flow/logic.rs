//! How conditions are joined: `and`, `or`, `1 AND (2 OR 3)`.

/// A tree over conditions, which count from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Logic {
    /// One condition.
    Condition(usize),
    /// All hold; of none, too.
    All(Vec<Logic>),
    /// One holds.
    Any(Vec<Logic>),
    /// It does not hold.
    Not(Box<Logic>),
}

/// Deeper logic is not read.
const DEPTH_MAX: usize = 8;

impl Logic {
    /// Reads the logic over `count` conditions; says why it cannot.
    pub(super) fn read(text: &str, count: usize) -> Result<Self, String> {
        let all = || (0..count).map(Self::Condition).collect();
        match text.trim().to_ascii_lowercase().as_str() {
            "and" | "" => return Ok(Self::All(all())),
            "or" => return Ok(Self::Any(all())),
            _ => {}
        }
        let failed = || format!("the condition logic \"{text}\" is not understood");
        let mut reader = Reader { words: words(text), at: 0, count };
        let logic = reader.any(0).ok_or_else(failed)?;
        if reader.at == reader.words.len() { Ok(logic) } else { Err(failed()) }
    }
}

fn words(text: &str) -> Vec<String> {
    let spaced = text.replace('(', " ( ").replace(')', " ) ");
    spaced.split_whitespace().map(str::to_ascii_lowercase).collect()
}

struct Reader {
    words: Vec<String>,
    at: usize,
    count: usize,
}

impl Reader {
    fn take(&mut self, word: &str) -> bool {
        let found = self.words.get(self.at).is_some_and(|next| next == word);
        self.at += usize::from(found);
        found
    }

    fn any(&mut self, depth: usize) -> Option<Logic> {
        let mut parts = vec![self.all(depth)?];
        while self.take("or") {
            parts.push(self.all(depth)?);
        }
        if parts.len() == 1 { parts.pop() } else { Some(Logic::Any(parts)) }
    }

    fn all(&mut self, depth: usize) -> Option<Logic> {
        let mut parts = vec![self.one(depth)?];
        while self.take("and") {
            parts.push(self.one(depth)?);
        }
        if parts.len() == 1 { parts.pop() } else { Some(Logic::All(parts)) }
    }

    fn one(&mut self, depth: usize) -> Option<Logic> {
        if depth > DEPTH_MAX {
            return None;
        }
        if self.take("not") {
            return Some(Logic::Not(Box::new(self.one(depth + 1)?)));
        }
        if self.take("(") {
            let inner = self.any(depth + 1)?;
            return self.take(")").then_some(inner);
        }
        let number: usize = self.words.get(self.at)?.parse().ok()?;
        self.at += 1;
        (1..=self.count).contains(&number).then(|| Logic::Condition(number - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::Logic::{All, Any, Condition, Not};
    use super::*;

    #[test]
    fn logic_is_read() {
        let check = |text, count, expected| assert_eq!(Logic::read(text, count), Ok(expected), "{text}");
        check("and", 2, All(vec![Condition(0), Condition(1)]));
        check("OR", 1, Any(vec![Condition(0)]));
        check("1", 1, Condition(0));
        check("1 AND (2 or 3)", 3, All(vec![Condition(0), Any(vec![Condition(1), Condition(2)])]));
        check("1 OR 2 AND NOT(3)", 3, {
            Any(vec![Condition(0), All(vec![Condition(1), Not(Box::new(Condition(2)))])])
        });
    }

    #[test]
    fn what_is_no_logic_is_said() {
        for text in ["1 AND", "(1", "1 2", "3", "0", "formula_evaluates_to_true"] {
            let why = format!("the condition logic \"{text}\" is not understood");
            assert_eq!(Logic::read(text, 2), Err(why));
        }
        assert!(Logic::read(&"(".repeat(100_000), 2).is_err());
    }
}
