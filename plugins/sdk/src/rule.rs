//! What an author writes.

use crate::answer::Answer;
use crate::description::Description;
use crate::record::{Record, Unknown};

/// A rule: a pure function of a record and its context.
pub trait Rule {
    /// Asked once, when the rule is loaded.
    fn describe() -> Description;

    /// Judges one record. A value that is not known makes the answer unknown by `?`.
    fn judge(record: &Record<'_>) -> Result<Answer, Unknown>;

    /// [`Rule::judge`] with the unknown among the answers.
    fn answer(record: &Record<'_>) -> Answer {
        Self::judge(record).unwrap_or_else(|unknown| Answer::Unknown(unknown.reason))
    }
}
