//! What a command works with: the jobs over their ledger, the CRM behind them, and on this machine the queue and the lock
//! that only one program has.

use std::sync::Arc;

use async_trait::async_trait;
use domain::{CrmError, Settings};
use jobs::Jobs;
use jobs::clock::SystemClock;
use jobs::crm::{Chunk, Crm, CrmFailure, Reply, own_code};
use jobs::events::LogEvents;
use jobs::ledger::Ledger;
use jobs::ledger::sqlite::SqliteLedger;

use crate::connect::{Connection, place};
use crate::context::{Context, Place};
use crate::exit::Failure;
use crate::lock::Lock;
use crate::output;
use crate::paths::shown;
use crate::preflight::with_rules;
use crate::progress::{Counted, Progress};
use crate::queue::{Queue, Target};

/// Every program on this machine has the same name for leases: the lock keeps them apart, and the lease of one that was
/// killed is taken over at once.
const OWNER: &str = "local";

/// A command that only looks.
pub(crate) struct Reading {
    /// The use cases, without a CRM.
    pub(crate) jobs: Jobs,
    /// The queue beside the ledger's file. A stack's queue is not looked into.
    pub(crate) queue: Option<Queue>,
}

impl Reading {
    /// Opens the ledger for looking. Never waits for a program that works on it.
    pub(crate) fn open(context: &Context) -> Result<Self, Failure> {
        if let Place::Table(deployment) = &context.place {
            return Ok(Self { jobs: deployment.jobs(Arc::new(NoCrm)), queue: None });
        }
        let db = context.existing_db()?;
        let ledger = SqliteLedger::open_read_only(db)?;
        Ok(Self {
            jobs: local_jobs(Arc::new(ledger), Arc::new(NoCrm)),
            queue: Some(Queue::open_read_only(db)?),
        })
    }

    /// Where the last export of the account went, as far as that is known here.
    pub(crate) fn target(&self, context: &Context) -> Result<Option<Target>, Failure> {
        match (&context.place, &self.queue) {
            (Place::Table(deployment), _) => {
                let url = deployment.login_url().map(str::to_owned);
                Ok(url.or_else(|| context.global.crm.clone()).map(Target::Crm))
            }
            (Place::File, Some(queue)) => Ok(queue.target(&context.account)?),
            (Place::File, None) => Ok(None),
        }
    }
}

/// The use cases over the ledger alone, whose file is made when there is none.
pub(crate) fn settings_jobs(context: &Context) -> Result<Jobs, Failure> {
    match &context.place {
        Place::Table(deployment) => Ok(deployment.jobs(Arc::new(NoCrm))),
        Place::File => Ok(local_jobs(Arc::new(SqliteLedger::open(context.db())?), Arc::new(NoCrm))),
    }
}

/// A command that runs jobs.
pub(crate) struct Session {
    /// The use cases.
    pub(crate) jobs: Jobs,
    /// Where records go.
    pub(crate) target: Target,
    /// The progress bar.
    pub(crate) progress: Progress,
    /// What stands beside a ledger's file. A table has none of it: leases keep this program and the functions apart.
    pub(crate) local: Option<Local>,
}

/// What one program on this machine has alone, as long as it works.
pub(crate) struct Local {
    /// The queue.
    pub(crate) queue: Queue,
    /// The CRM, the sandbox it may be among it.
    pub(crate) connection: Connection,
    _lock: Lock,
}

impl Session {
    /// Opens the ledger, which must be there, and reaches the CRM. Of a ledger's file it takes the lock.
    pub(crate) async fn open(context: &Context) -> Result<Self, Failure> {
        match &context.place {
            Place::Table(deployment) => {
                let (target, crm) = deployment.crm(context).await?;
                Self::over(context, target, crm, |crm| deployment.jobs(crm)).await
            }
            Place::File => {
                context.existing_db()?;
                let (session, local) = Self::of_file(context).await?;
                Ok(Self { local: Some(local), ..session })
            }
        }
    }

    /// Opens the ledger's file, which is made when there is none, takes its lock, and reaches the CRM.
    pub(crate) async fn of_file(context: &Context) -> Result<(Self, Local), Failure> {
        let db = context.db();
        let path = db.to_owned();
        let lock = blocking(move || {
            Lock::take(&path, || {
                output::tell(&format!("another crm-export is working on {}; waiting for it", shown(&path)));
            })
        })
        .await?;
        let ledger = SqliteLedger::open(db)?;
        let queue = Queue::open(db)?;
        let target = context.target(Some(&queue))?;
        let before = queue.target(&context.account)?;
        let connection = Connection::open(&target, db, &context.environment, Arc::new(SystemClock)).await?;
        if let Some(before) = before.filter(|before| *before != target) {
            output::warn(&format!(
                "this account's records went to {} before; from now on they go to {}",
                place(&before, db),
                place(&target, db)
            ));
        }
        let crm: Arc<dyn Crm> = connection.crm.clone();
        let session = Self::over(context, target, crm, |crm| local_jobs(Arc::new(ledger), crm)).await?;
        Ok((session, Local { queue, connection, _lock: lock }))
    }

    /// Puts the CRM behind the jobs, with its rules before it and the progress bar beside it.
    async fn over(
        context: &Context,
        target: Target,
        crm: Arc<dyn Crm>,
        jobs: impl FnOnce(Arc<dyn Crm>) -> Jobs,
    ) -> Result<Self, Failure> {
        let progress = Progress::new(!context.global.no_progress);
        let jobs = jobs(crm.clone());
        let preflight = jobs.settings(&context.account).await?.0.preflight;
        let folder = match &target {
            Target::Org(folder) => Some(folder.as_path()),
            Target::Crm(_) => context.global.rules.as_deref(),
        };
        let crm = with_rules(crm, preflight, folder, Arc::new(SystemClock))?;
        let crm = Arc::new(Counted { crm, progress: progress.clone() });
        Ok(Self { jobs: Jobs { crm, ..jobs }, target, progress, local: None })
    }
}

/// Does work that may take long on a thread of its own, so that a signal ends the program meanwhile.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.expect("the work does not panic, and the runtime outlives it")
}

/// The use cases on this machine.
pub(crate) fn local_jobs(ledger: Arc<dyn Ledger>, crm: Arc<dyn Crm>) -> Jobs {
    Jobs {
        crm,
        ledger,
        events: Arc::new(LogEvents),
        clock: Arc::new(SystemClock),
        owner: OWNER.to_owned(),
        defaults: Settings::default(),
    }
}

/// The CRM of commands that send nothing.
struct NoCrm;

#[async_trait]
impl Crm for NoCrm {
    async fn send(&self, _chunk: Chunk<'_>) -> Reply {
        let error = CrmError::new(own_code::CONNECTION_FAILED, "this command sends nothing to a CRM", &[]);
        Reply { outcome: Err(CrmFailure::Unavailable { error, retry_after: None }), calls: 0, usage: None }
    }
}
