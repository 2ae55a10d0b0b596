//! What `serve` works with: the lock, the ledger, the queue, and the CRM with its rules.
//!
//! As a session of the other commands, but for a sandbox that listens where it is told, and rules that stay fresh.

use std::path::PathBuf;
use std::sync::Arc;

use jobs::Jobs;
use jobs::clock::SystemClock;
use jobs::crm::Crm;
use jobs::ledger::sqlite::SqliteLedger;
use sandbox::Running;

use super::explain::OrgExplain;
use super::rules::FreshRules;
use crate::config::Environment;
use crate::connect::{Connection, Serving, place, start_sandbox};
use crate::context::Context;
use crate::exit::Failure;
use crate::lock::Lock;
use crate::output;
use crate::paths::{sandbox_db, shown};
use crate::queue::{Queue, Target};
use crate::session::{blocking, local_jobs};

/// What is worked with.
pub(crate) struct Workplace {
    /// The use cases.
    pub(crate) jobs: Jobs,
    /// The queue.
    pub(crate) queue: Queue,
    /// Where records go.
    pub(crate) target: Target,
    /// What ends with the program.
    pub(crate) ends: Ends,
    /// The folder whose rules are known.
    folder: Option<PathBuf>,
}

/// What is kept until the program ends.
pub(crate) struct Ends {
    /// The client of the CRM.
    pub(crate) connection: Connection,
    /// The sandbox, when records go there.
    pub(crate) sandbox: Option<Running>,
    _lock: Lock,
}

impl Ends {
    /// Ends the sandbox, and gives the lock back.
    pub(crate) async fn close(self) {
        self.connection.close().await;
        if let Some(sandbox) = self.sandbox {
            sandbox.stop().await;
        }
    }
}

impl Workplace {
    /// Takes the lock, makes the ledger if there is none, starts the sandbox at `sandbox_listen` unless records go to a CRM,
    /// and signs in.
    pub(crate) async fn open(context: &Context, sandbox_listen: &str) -> Result<Self, Failure> {
        let db = context.db().to_owned();
        let lock = blocking(move || {
            Lock::take(&db, || {
                output::tell(&format!("another crm-export is working on {}; waiting for it", shown(&db)));
            })
        })
        .await?;
        let db = context.db();
        let ledger = Arc::new(SqliteLedger::open(db)?);
        let queue = Queue::open(db)?;
        let target = context.target(Some(&queue))?;
        if let Some(before) = queue.target(&context.account)?.filter(|before| *before != target) {
            output::warn(&format!(
                "this account's records went to {} before; from now on they go to {}",
                place(&before, db),
                place(&target, db)
            ));
        }
        let (sandbox, connection) = reach(context, &target, sandbox_listen).await?;
        queue.remember_target(&context.account, &target)?;
        let folder = match &target {
            Target::Org(folder) => Some(folder.clone()),
            Target::Crm(_) => context.global.rules.clone(),
        };
        let client: Arc<dyn Crm> = connection.crm.clone();
        let crm: Arc<dyn Crm> = match &folder {
            Some(folder) => Arc::new(FreshRules::new(client, folder.clone(), Arc::new(SystemClock))),
            None => client,
        };
        let ends = Ends { connection, sandbox, _lock: lock };
        Ok(Self { jobs: local_jobs(ledger, crm), queue, target, ends, folder })
    }

    /// Explains export errors, when the org's rules are at hand.
    pub(crate) fn explain(&self, context: &Context) -> Option<OrgExplain> {
        let records = self.ends.sandbox.as_ref().map(|_| sandbox_db(context.db()));
        self.folder.clone().map(|org| OrgExplain { org, records })
    }
}

/// Starts the sandbox where it is told to listen, or finds the CRM, and signs in.
async fn reach(
    context: &Context,
    target: &Target,
    listen: &str,
) -> Result<(Option<Running>, Connection), Failure> {
    let (db, clock) = (context.db(), Arc::new(SystemClock));
    let Target::Org(org) = target else {
        return Ok((None, Connection::open(target, db, &context.environment, clock).await?));
    };
    let serving = Serving { listen, ..Serving::default() };
    let running = start_sandbox(org, db, serving, clock.clone()).await?;
    // The credentials in the environment are a CRM's, and none of the sandbox's business.
    let at = Target::Crm(running.url.clone());
    let connection = Connection::open(&at, db, &Environment::default(), clock).await?;
    Ok((Some(running), connection))
}
