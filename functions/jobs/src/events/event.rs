//! What is told: the events that people hang a notice on.

use domain::JobId;
use serde::Serialize;
use serde_json::Value;

/// Something that people hang a notice on.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all_fields = "camelCase")]
pub enum Event {
    /// A job came to rest at a refused record.
    ExportPaused {
        /// Which job.
        #[serde(serialize_with = "as_text")]
        job: JobId,
        /// At which record: its external id, field=value.
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

impl Event {
    /// What it is called, as subscribers filter by it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ExportPaused { .. } => "ExportPaused",
            Self::ExportResumed { .. } => "ExportResumed",
            Self::ExportErrorsLogged { .. } => "ExportErrorsLogged",
            Self::ExportErrorsRetried { .. } => "ExportErrorsRetried",
            Self::PreflightDisagreed { .. } => "PreflightDisagreed",
            Self::CrmUnavailable { .. } => "CrmUnavailable",
            Self::SettingsChanged { .. } => "SettingsChanged",
        }
    }

    /// Its members, as `infra/schemas/events` describes them.
    pub fn detail(&self) -> Value {
        let tagged = serde_json::to_value(self).expect("an event is plain data");
        tagged.get(self.name()).cloned().unwrap_or_default()
    }
}

fn as_text<S: serde::Serializer>(job: &JobId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(job)
}

#[cfg(test)]
mod tests {
    use domain::AccountName;
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_is_told_by_its_name_and_members() {
        let job = JobId::new(AccountName::new("acme").expect("fits"), "Contact").expect("fits");
        let event = Event::ExportPaused { job, external_id: "Ext__c=1".into(), code: "X".into() };
        assert_eq!(event.name(), "ExportPaused");
        assert_eq!(event.detail(), json!({"job": "acme/Contact", "externalId": "Ext__c=1", "code": "X"}));
    }
}
