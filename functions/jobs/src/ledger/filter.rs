//! Which export errors are asked for.

use domain::{ErrorState, ExportError};

/// Everything must match; what is `None` matches all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ErrorFilter {
    /// In this state.
    pub state: Option<ErrorState>,
    /// Of this object.
    pub object: Option<String>,
    /// With this code, Marketo Measure's or the CRM's, to the letter.
    pub code: Option<String>,
    /// With this text in its external id, message, codes, source or own id; letters of either case.
    pub text: Option<String>,
}

impl ErrorFilter {
    /// Whether an error is asked for.
    pub fn matches(&self, error: &ExportError) -> bool {
        self.state.is_none_or(|state| error.state == state)
            && self.object.as_ref().is_none_or(|object| error.record.object == *object)
            && self.code.as_ref().is_none_or(|code| has_code(error, code))
            && self.text.as_ref().is_none_or(|text| has_text(error, text))
    }
}

fn has_code(error: &ExportError, code: &str) -> bool {
    error.code == code || error.errors.iter().any(|crm_error| crm_error.code == code)
}

fn has_text(error: &ExportError, text: &str) -> bool {
    let text = text.to_lowercase();
    let found = |place: &str| place.to_lowercase().contains(&text);
    let record = &error.record;
    [error.id.as_str(), &error.code, &record.external_id.value, record.source.as_deref().unwrap_or_default()]
        .into_iter()
        .any(found)
        || error.errors.iter().any(|crm_error| found(&crm_error.message) || found(&crm_error.code))
}
