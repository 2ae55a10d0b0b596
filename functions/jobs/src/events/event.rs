//! What is told: the events that people hang a notice on.

use domain::JobId;
use serde::Serialize;

/// Something that people hang a notice on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Event {
    /// A job came to rest at a refused record.
    ExportPaused {
        /// Which job.
        #[serde(serialize_with = "as_text")]
        job: JobId,
        /// At which record.
        external_id: String,
        /// Marketo Measure's code.
        code: String,
    },
    /// A job that was held moves again.
    ExportResumed {
        /// Which job.
        #[serde(serialize_with = "as_text")]
        job: JobId,
    },
    /// A run logged export errors and passed them.
    ExportErrorsLogged {
        /// Which job.
        #[serde(serialize_with = "as_text")]
        job: JobId,
        /// How many.
        count: u64,
    },
    /// CRMExport_ExportError tried a job's open errors.
    ExportErrorsRetried {
        /// Which job.
        #[serde(serialize_with = "as_text")]
        job: JobId,
        /// Exported now.
        resolved: u64,
        /// Refused again.
        open: u64,
    },
    /// In a run of a job, preflight foretold answers that the CRM did not give.
    PreflightDisagreed {
        /// Which job.
        #[serde(serialize_with = "as_text")]
        job: JobId,
        /// Records that the rules refused and the CRM took.
        false_alarms: u64,
        /// Records that the rules accepted and the CRM refused.
        misses: u64,
    },
    /// A job is suspended.
    CrmUnavailable {
        /// Which job.
        #[serde(serialize_with = "as_text")]
        job: JobId,
        /// The code of what the CRM or the network said.
        code: String,
    },
    /// An account's settings were changed.
    SettingsChanged {
        /// Whose.
        account: String,
    },
}

fn as_text<S: serde::Serializer>(job: &JobId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(job)
}
