//! The Salesforce formula language: what validation rules, workflow rules, formula fields and flows are written in.
//!
//! ```text
//! source --lexer--> tokens --parser--> Ast --check(schema)--> Typed --evaluate(record, environment)--> Outcome
//!                                       |                       |                                       Trace
//!                                       +---- diagnostics ------+--emit--> WASM, which calls library --> Outcome
//! ```
//!
//! [`compile`] is the stages up to the typed tree; a [`Formula`] evaluates and traces. The evaluator is the reference
//! for the code that [`emit`] makes of the same tree and that runs with [`library`] behind it. No clock, no IO: the time and other records come through
//! [`Environment`]. What is not known locally makes a result [`Outcome::Unknown`], never a guess.

mod ast;
mod calendar;
pub mod cases;
mod check;
pub mod codes;
mod decimal;
mod diagnostic;
pub mod emit;
mod environment;
mod evaluate;
pub mod flat;
mod formula;
pub mod functions;
mod lexer;
pub mod library;
mod operators;
mod outcome;
mod parser;
mod record;
mod reference;
mod regex;
mod schema;
mod span;
mod trace;
mod typed;
mod types;
mod value;

pub use ast::{Ast, BinaryOperator, Node, NodeId, NodeKind, UnaryOperator};
pub use calendar::{Date, DateTime, Time};
pub use check::{Blanks, Checked, Context, Options, check};
pub use decimal::{ArithmeticError, Decimal, ParseDecimalError, Rounding};
pub use diagnostic::{Diagnostic, Report};
pub use environment::{Environment, Records};
pub use formula::{Formula, compile};
pub use lexer::{Token, TokenKind, lex};
pub use operators::Operator;
pub use outcome::{ErrorKind, EvaluationError, Outcome, Reason, ReasonKind, Reasons};
pub use parser::{Parsed, parse};
pub use record::{Lookup, Record, Values};
pub use reference::reference;
pub use regex::{MatchError, whole_match};
pub use schema::{Fields, Schema, global};
pub use span::Span;
pub use trace::{Trace, TraceStep};
pub use typed::{FieldId, FieldUse, Typed, TypedKind, TypedNode};
pub use types::{Kinds, NumberStyle, Type};
pub use value::{ReadValueError, Value};
