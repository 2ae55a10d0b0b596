//! What a row of the function table says: name, parameters, result, nulls, how it is evaluated, documentation, example.

use crate::calendar::{Date, DateTime, Time};
use crate::decimal::{ArithmeticError, Decimal};
use crate::environment::Environment;
use crate::outcome::ErrorKind;
use crate::types::{Kinds, Type};
use crate::value::Value;

/// A function of the formula language.
#[derive(Debug, Clone, Copy)]
pub struct Function {
    /// Its name, in capitals.
    pub name: &'static str,
    /// Its parameters.
    pub parameters: &'static [Parameter],
    /// How many parameters may be given.
    pub arity: Arity,
    /// The type of its result.
    pub result: ResultType,
    /// What nulls do.
    pub nulls: NullRule,
    /// How it is evaluated.
    pub body: Body,
    /// One line of documentation.
    pub doc: &'static str,
    /// An example for the reference, which a test runs.
    pub example: &'static str,
    /// What the example gives, as [`Outcome`](crate::Outcome) shows it.
    pub gives: &'static str,
}

/// A parameter.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// Its name in the documentation.
    pub name: &'static str,
    /// The types that it takes.
    pub kinds: Kinds,
    /// What may stand there.
    pub form: Form,
}

/// What may stand as an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Any expression.
    Expression,
    /// A string literal.
    Literal,
    /// A field of the record itself.
    Field,
    /// A field of another object: `$ObjectType.Zip__c.Fields.State__c`.
    ObjectField,
}

/// How many arguments a function takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arity {
    /// From the first number to the second.
    Between(usize, usize),
    /// The last parameter may be repeated.
    AtLeast(usize),
    /// CASE: an expression, pairs, and what is left.
    Case,
    /// IFS: pairs, and what is left.
    Ifs,
}

/// The type of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResultType {
    /// Always the same.
    Is(Type),
    /// The type of the first argument.
    First,
    /// The type that these arguments have in common.
    Common(Branches),
}

/// Which arguments become the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Branches {
    /// All.
    All,
    /// All but the first: IF.
    AfterFirst,
    /// Every second, from the second, and the last: IFS.
    Ifs,
    /// Every second, from the third, and the last: CASE.
    Case,
}

/// What a null argument does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NullRule {
    /// The result is null; a null beats what is unknown.
    Propagate,
    /// The function decides.
    Own,
}

/// How a function is evaluated.
#[derive(Debug, Clone, Copy)]
pub enum Body {
    /// From the values of all its arguments.
    Strict(fn(&Call<'_>) -> Computed),
    /// Argument by argument, as far as needed.
    Lazy(Lazy),
    /// From the record and what happens to it.
    Event(Event),
    /// Never locally: the result is unknown, for this reason.
    NotLocal(&'static str),
}

/// The functions that do not need all their arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lazy {
    /// AND, &&
    And,
    /// OR, ||
    Or,
    /// IF and IFS: pairs of condition and result, and what is left
    If,
    /// IFERROR
    IfError,
    /// CASE
    Case,
    /// NULLVALUE
    NullValue,
    /// BLANKVALUE
    BlankValue,
}

/// The functions that ask what happens to the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// ISNEW
    IsNew,
    /// ISCLONE
    IsClone,
    /// ISCHANGED
    IsChanged,
    /// PRIORVALUE
    PriorValue,
}

/// A value, or why there is none.
pub type Computed = Result<Value, Failure>;

/// Why a function gives no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The org would raise an error.
    Error(ErrorKind, String),
    /// It needs something that is not here.
    Unknown(String),
}

impl Failure {
    /// An error.
    pub fn error(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self::Error(kind, message.into())
    }
}

impl From<ArithmeticError> for Failure {
    fn from(error: ArithmeticError) -> Self {
        let kind = match error {
            ArithmeticError::DivisionByZero => ErrorKind::DivisionByZero,
            ArithmeticError::TooLarge | ArithmeticError::Power => ErrorKind::Number,
        };
        Self::Error(kind, error.to_string())
    }
}

/// A call with its arguments' values and static types.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The values.
    pub arguments: &'a [&'a Value],
    /// The types that the checker found.
    pub types: &'a [Type],
    /// The surroundings.
    pub environment: &'a Environment<'a>,
}

impl<'a> Call<'a> {
    /// The value of an argument; null when it is not given.
    pub fn value(&self, at: usize) -> &'a Value {
        self.arguments.get(at).copied().unwrap_or(&Value::Null)
    }

    /// Whether the argument is given.
    pub fn has(&self, at: usize) -> bool {
        at < self.arguments.len()
    }

    fn refused<T>(&self, at: usize, expected: Type) -> Result<T, Failure> {
        let found = self.value(at).kind();
        Err(Failure::error(ErrorKind::Type, format!("{expected} is expected, {found} was found")))
    }

    /// A text; none for null.
    pub fn text(&self, at: usize) -> Result<Option<&'a str>, Failure> {
        match self.value(at) {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(text)),
            _ => self.refused(at, Type::Text),
        }
    }

    /// A number; none for null.
    pub fn number(&self, at: usize) -> Result<Option<&'a Decimal>, Failure> {
        match self.value(at) {
            Value::Null => Ok(None),
            Value::Number(number) => Ok(Some(number)),
            _ => self.refused(at, Type::NUMBER),
        }
    }

    /// A number where nulls have been dealt with.
    pub fn given_number(&self, at: usize) -> Result<&'a Decimal, Failure> {
        match self.number(at)? {
            Some(number) => Ok(number),
            None => self.refused(at, Type::NUMBER),
        }
    }

    /// A condition; none for null.
    pub fn boolean(&self, at: usize) -> Result<Option<bool>, Failure> {
        match self.value(at) {
            Value::Null => Ok(None),
            Value::Boolean(value) => Ok(Some(*value)),
            _ => self.refused(at, Type::Boolean),
        }
    }

    /// The date of a date or (in GMT) of a moment, where nulls have been dealt with.
    pub fn given_date(&self, at: usize) -> Result<Date, Failure> {
        match self.value(at) {
            Value::Date(date) => Ok(*date),
            Value::DateTime(moment) => Ok(moment.date(0)),
            _ => self.refused(at, Type::Date),
        }
    }

    /// A moment, where nulls have been dealt with.
    pub fn given_moment(&self, at: usize) -> Result<DateTime, Failure> {
        match self.value(at) {
            Value::Date(date) => Ok(date.midnight()),
            Value::DateTime(moment) => Ok(*moment),
            _ => self.refused(at, Type::DateTime),
        }
    }

    /// A time, where nulls have been dealt with.
    pub fn given_time(&self, at: usize) -> Result<Time, Failure> {
        match self.value(at) {
            Value::Time(time) => Ok(*time),
            _ => self.refused(at, Type::Time),
        }
    }
}

/// A text parameter.
pub const fn text(name: &'static str) -> Parameter {
    Parameter { name, kinds: Kinds::TEXT, form: Form::Expression }
}

/// A number parameter.
pub const fn number(name: &'static str) -> Parameter {
    Parameter { name, kinds: Kinds::NUMBER, form: Form::Expression }
}

/// A condition.
pub const fn condition(name: &'static str) -> Parameter {
    Parameter { name, kinds: Kinds::BOOLEAN, form: Form::Expression }
}

/// A parameter of other types.
pub const fn of(name: &'static str, kinds: Kinds) -> Parameter {
    Parameter { name, kinds, form: Form::Expression }
}

/// A parameter in another form than an expression.
pub const fn formed(name: &'static str, kinds: Kinds, form: Form) -> Parameter {
    Parameter { name, kinds, form }
}

/// A function of all its arguments' values. Every parameter is required, and null gives null.
pub const fn strict(
    name: &'static str,
    parameters: &'static [Parameter],
    result: Type,
    body: fn(&Call<'_>) -> Computed,
) -> Function {
    row(name, parameters, ResultType::Is(result), Body::Strict(body))
}

/// A function with another body.
pub const fn row(
    name: &'static str,
    parameters: &'static [Parameter],
    result: ResultType,
    body: Body,
) -> Function {
    let arity = Arity::Between(parameters.len(), parameters.len());
    Function {
        name,
        parameters,
        arity,
        result,
        nulls: NullRule::Propagate,
        body,
        doc: "",
        example: "",
        gives: "",
    }
}

impl Function {
    /// The same with the last `count` parameters optional.
    #[must_use]
    pub const fn optional(mut self, count: usize) -> Self {
        self.arity = Arity::Between(self.parameters.len() - count, self.parameters.len());
        self
    }

    /// The same with another count of arguments.
    #[must_use]
    pub const fn taking(mut self, arity: Arity) -> Self {
        self.arity = arity;
        self
    }

    /// The same deciding about nulls itself.
    #[must_use]
    pub const fn own_nulls(mut self) -> Self {
        self.nulls = NullRule::Own;
        self
    }

    /// The same with its line of documentation, an example and what it gives.
    #[must_use]
    pub const fn doc(mut self, doc: &'static str, example: &'static str, gives: &'static str) -> Self {
        self.doc = doc;
        self.example = example;
        self.gives = gives;
        self
    }

    /// The parameter that an argument fills, of `count` arguments.
    pub fn parameter(&self, at: usize, count: usize) -> Option<&'static Parameter> {
        let last = self.parameters.len().checked_sub(1)?;
        let index = match self.arity {
            Arity::Between(..) | Arity::AtLeast(_) => at.min(last),
            // expression, value, result, value, result, ..., otherwise
            Arity::Case if at == 0 => 0,
            Arity::Case if at + 1 == count => last,
            Arity::Case => 2 - at % 2,
            // condition, result, condition, result, ..., otherwise
            Arity::Ifs if at + 1 == count => last,
            Arity::Ifs => at % 2,
        };
        self.parameters.get(index)
    }

    /// Whether it takes so many arguments.
    pub fn takes(&self, count: usize) -> bool {
        match self.arity {
            Arity::Between(min, max) => (min..=max).contains(&count),
            Arity::AtLeast(min) => count >= min,
            Arity::Case => count >= 4 && count.is_multiple_of(2),
            Arity::Ifs => count >= 3 && !count.is_multiple_of(2),
        }
    }
}

impl Branches {
    /// Whether an argument, of `count`, becomes the result.
    pub fn holds(self, at: usize, count: usize) -> bool {
        match self {
            Self::All => true,
            Self::AfterFirst => at > 0,
            Self::Ifs => at % 2 == 1 || at + 1 == count,
            Self::Case => at >= 2 && (at.is_multiple_of(2) || at + 1 == count),
        }
    }
}
