//! No rules: what a CRM has that nobody brought a rule book for.

use async_trait::async_trait;
use domain::{AccountName, Record};

use super::{Forecast, RuleBook, RuleBookError};

/// Knows no rule. Asking it fails, so that a person who turned preflight on is told that it does nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoRules;

#[async_trait]
impl RuleBook for NoRules {
    async fn forecast(&self, _: &AccountName, _: &[&Record]) -> Result<Vec<Forecast>, RuleBookError> {
        Err(RuleBookError::new("no rules of this CRM are known here"))
    }
}
