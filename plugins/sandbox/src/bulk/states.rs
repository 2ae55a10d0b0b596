//! The states of a job, and which changes a client may ask for.

use crate::error::ApiError;

/// `state`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Waits for its CSV.
    Open,
    /// The client said that the CSV is complete.
    UploadComplete,
    /// Rows are being saved.
    InProgress,
    /// Done; rows may have failed.
    JobComplete,
    /// No row was looked at, because the CSV as a whole cannot be used.
    Failed,
    /// Stopped by the client.
    Aborted,
}

impl State {
    const ALL: [(State, &'static str); 6] = [
        (State::Open, "Open"),
        (State::UploadComplete, "UploadComplete"),
        (State::InProgress, "InProgress"),
        (State::JobComplete, "JobComplete"),
        (State::Failed, "Failed"),
        (State::Aborted, "Aborted"),
    ];

    /// The state of this name.
    pub fn named(name: &str) -> Option<State> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(state, _)| *state)
    }

    /// As jobs name it.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or("Open", |(_, name)| name)
    }

    /// Nothing more will happen.
    pub fn is_final(self) -> bool {
        matches!(self, State::JobComplete | State::Failed | State::Aborted)
    }

    /// Rows wait to be saved.
    pub fn is_running(self) -> bool {
        matches!(self, State::UploadComplete | State::InProgress)
    }
}

/// The refusal of what a job's state does not allow.
pub fn not_in_this_state(message: impl Into<String>) -> ApiError {
    ApiError::new(400, "INVALIDJOBSTATE", message)
}
