//! A CRM together with a book of its rules. It adds nothing else.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Chunk, Crm, Reply};
use crate::rules::RuleBook;

/// A CRM whose rules are known.
#[derive(Clone)]
pub struct CrmWithRules {
    /// Where records go.
    pub crm: Arc<dyn Crm>,
    /// What it would refuse.
    pub rules: Arc<dyn RuleBook>,
}

#[async_trait]
impl Crm for CrmWithRules {
    async fn send(&self, chunk: Chunk<'_>) -> Reply {
        self.crm.send(chunk).await
    }

    fn rules(&self) -> &dyn RuleBook {
        &*self.rules
    }
}
