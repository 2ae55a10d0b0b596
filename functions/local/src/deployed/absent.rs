//! What stands for a deployed stack in a program that was built without AWS: nothing can be one.

use std::sync::Arc;

use domain::AccountName;
use jobs::Jobs;
use jobs::crm::Crm;

use super::error::DeployedError;
use crate::args::Deployed;
use crate::context::Context;
use crate::exit::Failure;
use crate::queue::Target;

/// There is none.
pub(crate) enum Deployment {}

impl Deployment {
    /// Refuses the options that ask for one.
    pub(crate) async fn find(options: &Deployed, _account: Option<&str>) -> Result<Option<Self>, Failure> {
        match (&options.stack, &options.table) {
            (Some(_), _) => Err(DeployedError::Absent("--stack").into()),
            (None, Some(_)) => Err(DeployedError::Absent("--table").into()),
            (None, None) => Ok(None),
        }
    }

    pub(crate) fn account(&self) -> &AccountName {
        match *self {}
    }

    pub(crate) fn secret(&self) -> Option<&str> {
        match *self {}
    }

    pub(crate) fn login_url(&self) -> Option<&str> {
        match *self {}
    }

    pub(crate) fn jobs(&self, _crm: Arc<dyn Crm>) -> Jobs {
        match *self {}
    }

    pub(crate) async fn crm(&self, _context: &Context) -> Result<(Target, Arc<dyn Crm>), Failure> {
        match *self {}
    }
}
