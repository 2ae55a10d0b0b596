//! Explains an export error for the API, as `crm-export reproduce` does.

use std::path::PathBuf;

use domain::ExportError;
use serde_json::Value;
use settings::{Explain, SeamError};

use crate::commands::explanation;

/// The org folder whose rules judge, and the sandbox's records when records went there.
pub(crate) struct OrgExplain {
    /// The folder.
    pub(crate) org: PathBuf,
    /// The sandbox's database.
    pub(crate) records: Option<PathBuf>,
}

impl Explain for OrgExplain {
    fn explain(&self, error: &ExportError) -> Result<Value, SeamError> {
        let records = self.records.clone().filter(|db| db.exists());
        explanation(error, self.org.clone(), records).map_err(|error| SeamError(error.to_string()))
    }
}
