//! Regular expressions of Java's dialect, matched against a whole text, with a bound on their work.

mod class;
mod matcher;
mod translate;

pub use matcher::{MatchError, whole_match};
