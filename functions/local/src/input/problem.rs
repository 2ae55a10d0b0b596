//! What can be wrong with a line of input, in words that say what to do. Nothing is exported while one is found.

use std::fmt;

use domain::record::{RECORD_BYTES_MAX, RecordProblem};
use thiserror::Error;

use crate::report::{counted, grouped};

/// Why a line is no record.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum LineProblem {
    #[error("broken JSON at column {column}: {reason}")]
    BrokenJson { column: usize, reason: String },
    #[error("the file is one JSON list; write one record per line instead: jq -c '.[]' FILE > FILE.ndjson")]
    JsonList,
    #[error("invalid UTF-8 at byte {byte} of the line{hint}")]
    NotUtf8 { byte: usize, hint: &'static str },
    #[error("not a whole record: {0}")]
    Record(#[from] RecordProblem),
    #[error(
        "the record has {} bytes, the most is {}; shorten its fields or leave it out",
        grouped(*bytes), grouped(RECORD_BYTES_MAX as u64)
    )]
    TooLarge { bytes: u64 },
    #[error("the row has {}, the header has {expected}; {}", counted(*found as u64, "cell"), cells_hint(*found, *expected))]
    Cells { found: usize, expected: usize },
    #[error("a quote (\") is opened in this row and never closed; what follows was not checked")]
    OpenQuote,
    #[error("the external id ({0}) is empty: without it a repeated write would make a second record")]
    NoExternalId(String),
    #[error("column {0} of the header is empty; name its field or remove the column")]
    HeaderEmpty(usize),
    #[error("the header names {0} twice; remove one of the columns")]
    HeaderTwice(String),
    #[error(
        "the header gives the parent {0} by two fields; one external id finds a parent, remove the other column"
    )]
    ParentTwice(String),
    #[error("column {column} of the header, `{name}`, is no field name{hint}")]
    HeaderName { column: usize, name: String, hint: &'static str },
    #[cfg(feature = "aws")]
    #[error(
        "the account's and the object's name have {chars} characters together, as a message group has at most {most}; use a shorter \
         account name"
    )]
    GroupTooLong { chars: usize, most: usize },
    #[error("the header has no column {0} (--external-id); it has {1}")]
    NoExternalIdColumn(String, String),
}

fn cells_hint(found: usize, expected: usize) -> &'static str {
    if found > expected {
        "put a cell that contains a comma in quotes"
    } else {
        "leave a cell empty where there is no value, and close every quote"
    }
}

/// How many problems are shown; more would scroll the first ones away.
const SHOWN: usize = 20;

/// Every problem that a check found: the first few, and how many.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct BadInput {
    shown: Vec<String>,
    count: u64,
    /// They were to be sent to a queue.
    sending: bool,
}

impl BadInput {
    /// Adds one.
    pub(crate) fn add(&mut self, file: &str, line: u64, problem: &LineProblem) {
        self.count += 1;
        if self.shown.len() < SHOWN {
            self.shown.push(format!("{file}:{line}: {problem}"));
        }
    }

    /// The same, of records that were to be sent to a queue.
    #[cfg(feature = "aws")]
    pub(crate) fn of_send(self) -> Self {
        Self { sending: true, ..self }
    }

    /// Nothing was found.
    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }
}

impl std::error::Error for BadInput {}

impl fmt::Display for BadInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let done = if self.sending { "sent" } else { "exported" };
        writeln!(f, "nothing was {done}: {} of the input cannot be used", counted(self.count, "line"))?;
        for problem in &self.shown {
            writeln!(f, "  {problem}")?;
        }
        let more = self.count - self.shown.len() as u64;
        if more > 0 {
            writeln!(f, "  ... and {} more", grouped(more))?;
        }
        write!(f, "mend {} and run the command again", if self.count == 1 { "it" } else { "them" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_problems_are_shown_and_all_are_counted() {
        let mut bad = BadInput::default();
        bad.add("a.csv", 2, &LineProblem::Cells { found: 3, expected: 2 });
        assert_eq!(
            bad.to_string(),
            "nothing was exported: 1 line of the input cannot be used\n  a.csv:2: the row has 3 cells, the header has 2; put \
             a cell that contains a comma in quotes\nmend it and run the command again"
        );
        for line in 3..1_500 {
            bad.add("a.csv", line, &LineProblem::OpenQuote);
        }
        let text = bad.to_string();
        assert!(text.contains("1,498 lines"), "{text}");
        assert!(text.contains("... and 1,478 more"), "{text}");
        assert_eq!(text.lines().count(), 1 + SHOWN + 2);
    }
}
