//! Decimal numbers as Salesforce's engine has them: exact, rounded to 39 digits after an operation, never binary.

mod arithmetic;
mod number;
mod rounding;
mod text;

pub use arithmetic::ArithmeticError;
pub use number::Decimal;
pub use rounding::Rounding;
pub use text::ParseDecimalError;
