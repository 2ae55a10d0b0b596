//! Reads `WHERE` and `HAVING` into [`Condition`].
//!
//! As in Salesforce's grammar, `AND` and `OR` do not mix without parentheses, and `NOT` stands alone or inside them.

use super::ast::{Condition, Literal, LiteralValue, Operator};
use super::error::{QueryError, QueryErrorKind};
use super::lexer::{TokenKind, unescape};
use super::literal::{self, Period};
use super::parser::{Nesting, Parser};

/// Deepest nesting of parentheses; a limit of the sandbox, so that no query can exhaust the stack.
const DEEPEST: usize = 100;

impl Parser {
    /// A whole condition.
    pub(super) fn condition(&mut self) -> Result<Condition, QueryError> {
        if self.word("NOT") {
            return Ok(Condition::Not(Box::new(self.term()?)));
        }
        let first = self.term()?;
        for (word, join) in
            [("AND", Condition::And as fn(Vec<Condition>) -> Condition), ("OR", Condition::Or)]
        {
            if !self.is_word(word) {
                continue;
            }
            let mut terms = vec![first];
            while self.word(word) {
                terms.push(self.term()?);
            }
            if self.is_word("AND") || self.is_word("OR") {
                return Err(self.unexpected());
            }
            return Ok(join(terms));
        }
        Ok(first)
    }

    /// One level deeper, in parentheses or in the query of a semi-join.
    fn deeper(&mut self) -> Result<(), QueryError> {
        if self.depth == DEEPEST {
            let limit = format!("conditions are nested more than {DEEPEST} deep");
            return Err(QueryErrorKind::Misuse(limit).at(self.at()));
        }
        self.depth += 1;
        Ok(())
    }

    /// A comparison, or a condition in parentheses.
    fn term(&mut self) -> Result<Condition, QueryError> {
        if self.is_symbol("(") {
            self.deeper()?;
            self.advance();
            let condition = self.condition()?;
            self.expect_symbol(")")?;
            self.depth -= 1;
            return Ok(condition);
        }
        if self.is_word("NOT") {
            return Err(self.unexpected());
        }
        let operand = self.operand()?;
        if self.word("LIKE") {
            return Ok(Condition::Compare { operand, operator: Operator::Like, value: self.literal(true)? });
        }
        let negated = self.word("NOT");
        if negated && !self.is_word("IN") {
            return Err(self.unexpected());
        }
        if self.word("IN") {
            self.expect_symbol("(")?;
            if self.is_word("SELECT") {
                self.deeper()?;
                let query = Box::new(self.query(Nesting::SemiJoin)?);
                self.expect_symbol(")")?;
                self.depth -= 1;
                return Ok(Condition::SemiJoin { operand, negated, query });
            }
            return Ok(Condition::In { operand, negated, values: self.literals()? });
        }
        let negated = self.word("EXCLUDES");
        if negated || self.word("INCLUDES") {
            self.expect_symbol("(")?;
            return Ok(Condition::Includes { operand, negated, values: self.literals()? });
        }
        let operator = self.operator()?;
        Ok(Condition::Compare { operand, operator, value: self.literal(false)? })
    }

    fn operator(&mut self) -> Result<Operator, QueryError> {
        let operators = [
            ("=", Operator::Equal),
            ("!=", Operator::NotEqual),
            ("<>", Operator::NotEqual),
            ("<", Operator::Less),
            ("<=", Operator::LessOrEqual),
            (">", Operator::Greater),
            (">=", Operator::GreaterOrEqual),
        ];
        let found = operators.into_iter().find(|(symbol, _)| self.is_symbol(symbol));
        let Some((_, operator)) = found else { return Err(self.unexpected()) };
        self.advance();
        Ok(operator)
    }

    /// The rest of a list, with its closing parenthesis.
    fn literals(&mut self) -> Result<Vec<Literal>, QueryError> {
        let mut values = vec![self.literal(false)?];
        while self.symbol(",") {
            values.push(self.literal(false)?);
        }
        self.expect_symbol(")")?;
        Ok(values)
    }

    fn literal(&mut self, like: bool) -> Result<Literal, QueryError> {
        let at = self.at();
        let value = match self.peek() {
            TokenKind::Text(raw) => LiteralValue::Text(unescape(raw, like, at)?),
            TokenKind::Number(digits) if digits.parse::<f64>().is_ok() => {
                LiteralValue::Number(digits.clone())
            }
            TokenKind::Moment(text) => {
                moment(text).ok_or_else(|| QueryErrorKind::BadDate(text.clone()).at(at))?
            }
            TokenKind::Word(word) => match word.to_ascii_lowercase().as_str() {
                "true" => LiteralValue::Boolean(true),
                "false" => LiteralValue::Boolean(false),
                "null" => LiteralValue::Null,
                name => return self.period(name.to_owned(), at),
            },
            TokenKind::Symbol(":") => return Err(QueryErrorKind::BindVariable.at(at)),
            _ => return Err(self.unexpected()),
        };
        self.advance();
        Ok(Literal { value, at })
    }

    /// `TODAY` or `LAST_N_DAYS:3`.
    fn period(&mut self, name: String, at: usize) -> Result<Literal, QueryError> {
        let count = match (Period::takes_count(&name), self.ahead(1), self.ahead(2)) {
            (true, TokenKind::Symbol(":"), TokenKind::Number(digits)) => digits.parse().ok(),
            _ => None,
        };
        let Some(period) = Period::named(&name, count) else { return Err(self.unexpected()) };
        self.advance();
        if count.is_some() {
            self.advance();
            self.advance();
        }
        Ok(Literal { value: LiteralValue::Period(period), at })
    }
}

fn moment(text: &str) -> Option<LiteralValue> {
    match literal::date(text) {
        Some(date) => Some(LiteralValue::Date(date)),
        None => literal::instant(text).map(LiteralValue::DateTime),
    }
}
