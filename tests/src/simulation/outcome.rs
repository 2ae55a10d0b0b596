//! What a simulation came to.

use std::fmt;

use super::met::Met;

/// A broken invariant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Whose checker found it.
    pub check: &'static str,
    /// What was wrong.
    pub story: String,
    /// Milliseconds since the beginning.
    pub at: i64,
}

/// What a simulation came to.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Which one.
    pub seed: u64,
    /// The first violation.
    pub violation: Option<Violation>,
    /// What it met.
    pub met: Met,
    /// A number that stands for all that happened.
    pub trace_hash: u64,
    /// What happened, when it was asked for.
    pub lines: Vec<String>,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.violation {
            None => write!(f, "seed {}: every invariant held", self.seed),
            Some(Violation { check, story, .. }) => write!(
                f,
                "seed {}: {check}: {story}\nreplay: cargo run -p tests --bin simulate -- --seed {}",
                self.seed, self.seed
            ),
        }
    }
}
