//! One invocation of a function: who runs, and for how long. What the event says is not here.

use std::time::Duration;

use domain::Timestamp;
use jobs::Jobs;

/// What remains for writing down what a run came to, once its time is over. Jobs themselves keep free what a CRM call may
/// take (130 s); this is on top of it, for the ledger, events and the answer.
const MARGIN: Duration = Duration::from_secs(5);

/// What Lambda says of an invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// AWS request id.
    pub request_id: String,
    /// X-Ray trace header. The runtime also puts it in the environment, where the AWS clients find and pass it on.
    pub trace: Option<String>,
    /// When Lambda ends the function, in milliseconds since 1970.
    pub deadline_ms: u64,
}

impl Invocation {
    /// When jobs must be done. They stop taking records earlier than this.
    pub fn deadline(&self) -> Timestamp {
        let margin = u64::try_from(MARGIN.as_millis()).unwrap_or(u64::MAX);
        Timestamp::from_millis(i64::try_from(self.deadline_ms.saturating_sub(margin)).unwrap_or(i64::MAX))
    }

    /// The use cases for this invocation: leases are taken in its name, which no other invocation has, in this environment
    /// or another. One that is killed leaves its leases to run out.
    pub fn jobs(&self, jobs: &Jobs) -> Jobs {
        Jobs { owner: format!("{}/{}", jobs.owner, self.request_id), ..jobs.clone() }
    }

    /// The span that puts the request and trace ids on each line of the log.
    pub fn span(&self) -> tracing::Span {
        // An error's level, so that it is there however little is logged.
        tracing::error_span!("invocation", requestId = self.request_id, traceId = self.trace)
    }
}
