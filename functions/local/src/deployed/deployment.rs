//! What the options lead to: a stack, or its table alone, with the jobs over it.
//!
//! The jobs are the functions' own, run on this machine: leases keep the two apart. With a stack they reach the CRM by
//! the stack's secret and tell its bus; with a table alone they reach it as from here, and tell nobody.

use std::sync::Arc;

use cloud::{Config, SdkConfig};
use domain::AccountName;
use jobs::Jobs;
use jobs::clock::{Clock, SystemClock};
use jobs::crm::Crm;
use jobs::events::LogEvents;

use super::sdk::configure;
use super::stack::Stack;
use crate::args::Deployed;
use crate::connect::Connection;
use crate::context::Context;
use crate::exit::Failure;
use crate::queue::Target;

/// A stack, or a table.
pub(crate) struct Deployment {
    sdk: SdkConfig,
    config: Config,
    /// The queue's URL, of a stack.
    queue: Option<String>,
    /// A table alone: no bus, no secret.
    alone: bool,
}

impl Deployment {
    /// Finds what `--stack` or `--table` names; none when neither is given.
    ///
    /// # Errors
    /// It cannot be found, or belongs to another account than the one that was named.
    pub(crate) async fn find(options: &Deployed, account: Option<&str>) -> Result<Option<Self>, Failure> {
        if let Some(table) = &options.table {
            let Some(account) = account else {
                return Err(Failure::Usage(format!(
                    "use the table {table}: say whose jobs, with --account NAME (the stack's parameter AccountName)"
                )));
            };
            let config = Config::new(AccountName::new(account)?, "", table, "");
            return Ok(Some(Self { sdk: configure(options).await?, config, queue: None, alone: true }));
        }
        let Some(name) = &options.stack else { return Ok(None) };
        let sdk = configure(options).await?;
        let stack = Stack::describe(&sdk, name).await?;
        let config = stack.config()?;
        if let Some(account) = account.filter(|account| *account != config.account.as_str()) {
            return Err(Failure::Usage(format!(
                "use the stack {name} for the account {account}: it serves {}; leave --account out",
                config.account
            )));
        }
        let queue = Some(stack.output("QueueUrl")?.to_owned());
        Ok(Some(Self { sdk, config, queue, alone: false }))
    }

    /// Whose CRM it writes to.
    pub(crate) fn account(&self) -> &AccountName {
        &self.config.account
    }

    /// The secret with the CRM's credentials, of a stack.
    pub(crate) fn secret(&self) -> Option<&str> {
        self.config.secret.as_deref()
    }

    /// Where the stack signs in to the CRM.
    pub(crate) fn login_url(&self) -> Option<&str> {
        self.config.login_url.as_deref()
    }

    /// The stack's queue, with the configuration to reach it. A table has none.
    pub(crate) fn queue(&self) -> Option<(&SdkConfig, &str)> {
        Some((&self.sdk, self.queue.as_deref()?))
    }

    /// The use cases over the table, writing to `crm`.
    pub(crate) fn jobs(&self, crm: Arc<dyn Crm>) -> Jobs {
        Jobs { crm, ..self.ports() }
    }

    fn ports(&self) -> Jobs {
        let clock = Arc::new(SystemClock);
        // Another name for each program: two that run at the same time must not take each other's leases.
        let owner = format!("crm-export-{}-{}", std::process::id(), clock.now().millis());
        let jobs = cloud::ports(&self.config, &self.sdk, clock, owner);
        if self.alone { Jobs { events: Arc::new(LogEvents), ..jobs } } else { jobs }
    }

    /// The CRM that jobs write to: the one behind the stack's secret, or for a table alone the one that `--crm` names.
    pub(crate) async fn crm(&self, context: &Context) -> Result<(Target, Arc<dyn Crm>), Failure> {
        if context.global.org.is_some() {
            return Err(Failure::Usage(
                "run a stack's jobs with --org: what the sandbox takes would count as exported; leave it out"
                    .to_owned(),
            ));
        }
        match (&context.global.crm, self.login_url()) {
            (Some(_), Some(url)) => Err(Failure::Usage(format!(
                "run a stack's jobs with --crm: the stack says where its records go ({url}); leave it out"
            ))),
            (None, Some(url)) => Ok((Target::Crm(url.to_owned()), self.ports().crm)),
            (Some(url), None) => {
                let target = Target::Crm(url.clone());
                let clock = Arc::new(SystemClock);
                let connection =
                    Connection::open(&target, context.db(), &context.environment, clock).await?;
                let crm: Arc<dyn Crm> = connection.crm;
                Ok((target, crm))
            }
            (None, None) => Err(Failure::Usage(
                "run the jobs of a table: say where records go, with --crm URL, or name the stack with --stack".to_owned(),
            )),
        }
    }
}
