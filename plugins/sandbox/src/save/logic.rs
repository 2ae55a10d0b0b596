//! How numbered conditions are joined: `1 AND (2 OR 3)`, `and`, `or`; all must hold when nothing is said.

/// Conditions and how they are joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Logic {
    /// A condition by its number, from 1.
    Item(usize),
    /// All.
    And(Vec<Logic>),
    /// One of them.
    Or(Vec<Logic>),
    /// Not.
    Not(Box<Logic>),
}

impl Logic {
    /// Reads a logic over so many conditions; none when it cannot be read or names a condition that is not there.
    pub fn read(text: Option<&str>, items: usize) -> Option<Logic> {
        let every = || (1..=items).map(Logic::Item).collect();
        let text = text.unwrap_or_default().trim();
        match text.to_ascii_lowercase().as_str() {
            "" | "and" => Some(Logic::And(every())),
            "or" => Some(Logic::Or(every())),
            lower => {
                let tokens = tokens(lower)?;
                let mut reader = Reader { tokens: &tokens, items };
                let logic = reader.or()?;
                reader.tokens.is_empty().then_some(logic)
            }
        }
    }

    /// Whether it holds.
    ///
    /// # Errors
    /// Those of `item`.
    pub fn holds<E>(&self, item: &mut dyn FnMut(usize) -> Result<bool, E>) -> Result<bool, E> {
        match self {
            Logic::Item(number) => item(*number),
            Logic::Not(logic) => Ok(!logic.holds(item)?),
            Logic::And(terms) => {
                for term in terms {
                    if !term.holds(item)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Logic::Or(terms) => {
                for term in terms {
                    if term.holds(item)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
        }
    }

    /// The conditions without which it cannot hold.
    pub fn needed(&self) -> Vec<usize> {
        match self {
            Logic::Item(number) => vec![*number],
            Logic::And(terms) => terms.iter().flat_map(Logic::needed).collect(),
            Logic::Or(terms) if terms.len() == 1 => terms[0].needed(),
            Logic::Or(_) | Logic::Not(_) => Vec::new(),
        }
    }
}

fn tokens(text: &str) -> Option<Vec<&str>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let same = |letter: char| match first {
            first if first.is_ascii_digit() => letter.is_ascii_digit(),
            first => first.is_ascii_alphabetic() && letter.is_ascii_alphabetic(),
        };
        let length = rest.find(|letter| !same(letter)).unwrap_or(rest.len()).max(first.len_utf8());
        let (token, after) = rest.split_at(length);
        tokens.push(token);
        rest = after.trim_start();
    }
    // Deep nesting would exhaust the stack; no filter of Salesforce has as many conditions.
    (tokens.len() <= 1_000).then_some(tokens)
}

struct Reader<'t> {
    tokens: &'t [&'t str],
    items: usize,
}

impl Reader<'_> {
    fn or(&mut self) -> Option<Logic> {
        let mut terms = vec![self.and()?];
        while self.take("or") {
            terms.push(self.and()?);
        }
        Some(if terms.len() == 1 { terms.remove(0) } else { Logic::Or(terms) })
    }

    fn and(&mut self) -> Option<Logic> {
        let mut terms = vec![self.term()?];
        while self.take("and") {
            terms.push(self.term()?);
        }
        Some(if terms.len() == 1 { terms.remove(0) } else { Logic::And(terms) })
    }

    fn term(&mut self) -> Option<Logic> {
        if self.take("not") {
            return Some(Logic::Not(Box::new(self.term()?)));
        }
        if self.take("(") {
            let logic = self.or()?;
            return self.take(")").then_some(logic);
        }
        let (first, rest) = self.tokens.split_first()?;
        let number: usize = first.parse().ok().filter(|number| (1..=self.items).contains(number))?;
        self.tokens = rest;
        Some(Logic::Item(number))
    }

    fn take(&mut self, token: &str) -> bool {
        match self.tokens.split_first() {
            Some((first, rest)) if *first == token => {
                self.tokens = rest;
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `true_items` are the conditions that hold.
    fn check(logic: &str, true_items: &[usize], expected: Option<bool>) {
        let holds = Logic::read(Some(logic), 3)
            .map(|logic| logic.holds(&mut |item| Ok::<_, ()>(true_items.contains(&item))).unwrap());
        assert_eq!(holds, expected, "{logic} {true_items:?}");
    }

    #[test]
    fn logics() {
        check("", &[1, 2, 3], Some(true));
        check("and", &[1, 2], Some(false));
        check("OR", &[3], Some(true));
        check("1 AND (2 OR 3)", &[1, 3], Some(true));
        check("1 AND (2 OR 3)", &[2, 3], Some(false));
        check("1 and 2 or 3", &[3], Some(true));
        check("(1 AND NOT 2)AND 3", &[1, 3], Some(true));
        check("not (1 or 2)", &[], Some(true));
        check("4", &[], None);
        check("1 AND", &[], None);
        check("1 2", &[], None);
        check("(1", &[], None);
        check("1 & 2", &[], None);
        check("ü", &[], None);
    }

    #[test]
    fn what_must_hold_in_any_case() {
        let check = |logic: &str, expected: &[usize]| {
            assert_eq!(Logic::read(Some(logic), 3).unwrap().needed(), expected, "{logic}");
        };
        check("", &[1, 2, 3]);
        check("1 AND (2 OR 3)", &[1]);
        check("1 OR 2", &[]);
        check("NOT 1", &[]);
    }
}
