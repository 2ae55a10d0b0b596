//! `WHERE` and `HAVING`, made ready and then asked for every row.
//!
//! Two-valued, as SOQL is: a comparison with null is false, `!=` and `NOT IN` hold for null.

use std::collections::HashSet;

use time::Date;

use super::ast::{Condition, Literal, LiteralValue, Operand, Operator, Query};
use super::error::{Failure, QueryError, QueryErrorKind};
use super::keys::{Class, Key};

/// A condition over operands of type `T`: columns in `WHERE`, results of a group in `HAVING`.
#[derive(Debug)]
pub enum Filter<T> {
    /// All hold.
    All(Vec<Filter<T>>),
    /// One holds.
    Any(Vec<Filter<T>>),
    /// It does not hold.
    Not(Box<Filter<T>>),
    /// One comparison.
    Test {
        /// Left side.
        operand: T,
        /// The rest.
        test: Test,
    },
}

/// What is asked of one value.
#[derive(Debug)]
pub enum Test {
    /// `=`, `!=`, `IN`, `NOT IN`.
    In {
        /// The values.
        keys: HashSet<Key>,
        /// `!=` or `NOT IN`.
        negated: bool,
    },
    /// `<`, `<=`, `>`, `>=`.
    Beyond {
        /// One of the four.
        operator: Operator,
        /// The bound.
        bound: Key,
    },
    /// A comparison with a date literal; `to` is the first moment after it.
    Period {
        /// Not `LIKE`.
        operator: Operator,
        /// First moment.
        from: Key,
        /// First moment after.
        to: Key,
    },
    /// `LIKE`.
    Like(Vec<Wild>),
    /// `INCLUDES`, `EXCLUDES`: one of the groups is there entirely.
    Includes {
        /// Lower-cased values.
        groups: Vec<Vec<String>>,
        /// `EXCLUDES`.
        negated: bool,
    },
}

/// One piece of a `LIKE` pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wild {
    /// `%`.
    Many,
    /// `_`.
    One,
    /// This character, lower-cased.
    Only(char),
}

/// What [`compile`] needs to know about an operand.
pub struct Resolved<T> {
    /// Whatever the filter's user needs to find the value.
    pub operand: T,
    /// How its values compare.
    pub class: Class,
}

/// Resolves names for [`compile`].
pub trait Resolve<T> {
    /// What an operand is.
    ///
    /// # Errors
    /// It is unknown or cannot be filtered by.
    fn operand(&self, operand: &Operand) -> Result<Resolved<T>, Failure>;

    /// The values that a semi-join's query selects.
    ///
    /// # Errors
    /// The query is refused, or the database fails.
    fn semi_join(&self, query: &Query) -> Result<HashSet<Key>, Failure>;

    /// Today in the user's time zone.
    fn today(&self) -> Date;
}

/// Makes a condition ready.
///
/// # Errors
/// Unknown names, literals and operators that do not fit their field.
pub fn compile<T>(condition: &Condition, names: &dyn Resolve<T>) -> Result<Filter<T>, Failure> {
    let all =
        |terms: &[Condition]| terms.iter().map(|term| compile(term, names)).collect::<Result<Vec<_>, _>>();
    Ok(match condition {
        Condition::And(terms) => Filter::All(all(terms)?),
        Condition::Or(terms) => Filter::Any(all(terms)?),
        Condition::Not(term) => Filter::Not(Box::new(compile(term, names)?)),
        Condition::Compare { operand, operator, value } => {
            let Resolved { operand: found, class } = names.operand(operand)?;
            let test = compare(operand, class, *operator, value, names.today())?;
            Filter::Test { operand: found, test }
        }
        Condition::In { operand, negated, values } => {
            let Resolved { operand: found, class } = names.operand(operand)?;
            if values.iter().any(|value| matches!(value.value, LiteralValue::Period(_))) {
                return any_period(condition, names);
            }
            let keys = values.iter().map(|value| class.literal(value, &shown(operand)));
            let test = Test::In { keys: keys.collect::<Result<_, QueryError>>()?, negated: *negated };
            Filter::Test { operand: found, test }
        }
        Condition::SemiJoin { operand, negated, query } => {
            let Resolved { operand: found, class } = names.operand(operand)?;
            if class != Class::Id {
                return Err(QueryErrorKind::BadOperator.at(operand.at()).into());
            }
            let mut keys = names.semi_join(query)?;
            keys.remove(&Key::Null);
            Filter::Test { operand: found, test: Test::In { keys, negated: *negated } }
        }
        Condition::Includes { operand, negated, values } => {
            let Resolved { operand: found, class } = names.operand(operand)?;
            if class != Class::Several {
                return Err(QueryErrorKind::BadOperator.at(operand.at()).into());
            }
            let groups =
                values.iter().map(|value| group(value, operand)).collect::<Result<_, QueryError>>()?;
            Filter::Test { operand: found, test: Test::Includes { groups, negated: *negated } }
        }
    })
}

/// As a message names the operand.
fn shown(operand: &Operand) -> String {
    match operand {
        Operand::Path(path) => path.text(),
        Operand::Aggregate(call) => call.path.text(),
    }
}

/// `IN (TODAY, ...)` as comparisons joined by OR.
fn any_period<T>(condition: &Condition, names: &dyn Resolve<T>) -> Result<Filter<T>, Failure> {
    let Condition::In { operand, negated, values } = condition else { return Ok(Filter::Any(Vec::new())) };
    let terms = values.iter().map(|value| Condition::Compare {
        operand: operand.clone(),
        operator: Operator::Equal,
        value: value.clone(),
    });
    let any = compile(&Condition::Or(terms.collect()), names)?;
    Ok(if *negated { Filter::Not(Box::new(any)) } else { any })
}

/// The values of one `INCLUDES` text.
fn group(value: &Literal, operand: &Operand) -> Result<Vec<String>, QueryError> {
    match &value.value {
        LiteralValue::Text(text) => {
            Ok(text.to_lowercase().split(';').map(|part| part.trim().to_owned()).collect())
        }
        _ => {
            Err(QueryErrorKind::WrongType { field: shown(operand), wanted: Class::Several.wanted() }
                .at(value.at))
        }
    }
}

fn compare(
    operand: &Operand,
    class: Class,
    operator: Operator,
    value: &Literal,
    today: Date,
) -> Result<Test, QueryError> {
    if let LiteralValue::Period(period) = &value.value {
        if !matches!(class, Class::Date | Class::DateTime) || operator == Operator::Like {
            let kind = QueryErrorKind::WrongType { field: shown(operand), wanted: class.wanted() };
            return Err(kind.at(value.at));
        }
        let (from, to) = period.days(today);
        return Ok(Test::Period { operator, from: class.start_of(from), to: class.start_of(to) });
    }
    if operator == Operator::Like {
        let LiteralValue::Text(pattern) = &value.value else {
            let kind = QueryErrorKind::WrongType { field: shown(operand), wanted: class.wanted() };
            return Err(kind.at(value.at));
        };
        return match class {
            Class::Text { .. } => Ok(Test::Like(wilds(pattern))),
            _ => Err(QueryErrorKind::BadOperator.at(operand.at())),
        };
    }
    let key = class.literal(value, &shown(operand))?;
    match operator {
        Operator::Equal => Ok(Test::In { keys: HashSet::from([key]), negated: false }),
        Operator::NotEqual => Ok(Test::In { keys: HashSet::from([key]), negated: true }),
        _ if matches!(class, Class::Boolean | Class::Several) => {
            Err(QueryErrorKind::BadOperator.at(operand.at()))
        }
        operator => Ok(Test::Beyond { operator, bound: key }),
    }
}

/// Cuts a `LIKE` pattern; a backslash makes the next character literal.
fn wilds(pattern: &str) -> Vec<Wild> {
    let mut wilds = Vec::new();
    let lower = pattern.to_lowercase();
    let mut characters = lower.chars();
    while let Some(character) = characters.next() {
        wilds.push(match character {
            '%' => Wild::Many,
            '_' => Wild::One,
            '\\' => Wild::Only(characters.next().unwrap_or('\\')),
            other => Wild::Only(other),
        });
    }
    wilds
}

/// Whether the text matches the whole pattern. Takes time proportional to text times pattern at worst.
fn like(pattern: &[Wild], text: &str) -> bool {
    let text: Vec<char> = text.to_lowercase().chars().collect();
    let (mut at, mut wild) = (0, 0);
    // Where the last `%` stands and how far it has swallowed: the only place worth coming back to.
    let mut retry: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(wild) {
            Some(Wild::Many) => {
                retry = Some((wild, at));
                wild += 1;
                continue;
            }
            Some(Wild::One) => {}
            Some(Wild::Only(character)) if *character == text[at] => {}
            _ => {
                let Some((many, swallowed)) = retry else { return false };
                retry = Some((many, swallowed + 1));
                wild = many + 1;
                at = swallowed + 1;
                continue;
            }
        }
        at += 1;
        wild += 1;
    }
    pattern[wild..].iter().all(|rest| *rest == Wild::Many)
}

impl<T> Filter<T> {
    /// Whether a row satisfies it; `key` gives the row's value of an operand.
    ///
    /// # Errors
    /// Those of `key`.
    pub fn holds<E>(&self, key: &mut dyn FnMut(&T) -> Result<Key, E>) -> Result<bool, E> {
        match self {
            Filter::All(terms) => {
                for term in terms {
                    if !term.holds(key)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Filter::Any(terms) => {
                for term in terms {
                    if term.holds(key)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Filter::Not(term) => Ok(!term.holds(key)?),
            Filter::Test { operand, test } => Ok(test.holds(&key(operand)?)),
        }
    }
}

impl Test {
    /// Whether a value satisfies it.
    pub fn holds(&self, value: &Key) -> bool {
        match self {
            Test::In { keys, negated } => keys.contains(value) != *negated,
            Test::Beyond { .. } if *value == Key::Null => false,
            Test::Beyond { bound: Key::Null, .. } => false,
            Test::Beyond { operator, bound } => match operator {
                Operator::Less => value < bound,
                Operator::LessOrEqual => value <= bound,
                Operator::Greater => value > bound,
                _ => value >= bound,
            },
            Test::Period { operator, .. } if *value == Key::Null => *operator == Operator::NotEqual,
            Test::Period { operator, from, to } => match operator {
                Operator::Less => value < from,
                Operator::LessOrEqual => value < to,
                Operator::Greater => value >= to,
                Operator::GreaterOrEqual => value >= from,
                Operator::NotEqual => !(value >= from && value < to),
                _ => value >= from && value < to,
            },
            Test::Like(pattern) => match value {
                Key::Text(text) => like(pattern, text),
                _ => false,
            },
            Test::Includes { groups, negated } => {
                let has = |wanted: &String| match value {
                    Key::Text(text) => text.split(';').any(|part| part == wanted),
                    _ => false,
                };
                groups.iter().any(|group| group.iter().all(has)) != *negated
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, text: &str, expected: bool) {
        assert_eq!(like(&wilds(pattern), text), expected, "{text} LIKE {pattern}");
    }

    #[test]
    fn like_matches_the_whole_text_without_case() {
        check("acme%", "ACME Corp", true);
        check("%corp", "Acme Corp", true);
        check("%c_r%", "Acme Corp", true);
        check("acme", "Acme Corp", false);
        check("_", "", false);
        check("%", "", true);
        check(r"100\%", "100%", true);
        check(r"100\%", "1000", false);
        check(r"a\_b\\", r"a_b\", true);
        check("%a%b%c%", "xxaxxbxxaxxcxx", true);
        check("%a%b%c%", "xxcxxbxxa", false);
    }
}
