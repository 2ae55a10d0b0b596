//! What a command works with: the ledger, the queue, the CRM behind the jobs, and the lock that only one program has.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use domain::{AccountName, CrmError, Settings};
use jobs::Jobs;
use jobs::clock::SystemClock;
use jobs::crm::{Chunk, Crm, CrmFailure, Reply, own_code};
use jobs::events::LogEvents;
use jobs::ledger::Ledger;
use jobs::ledger::sqlite::SqliteLedger;

use crate::args::Global;
use crate::config::Environment;
use crate::connect::Connection;
use crate::exit::Failure;
use crate::lock::Lock;
use crate::output;
use crate::paths::{sample, shown};
use crate::preflight::with_rules;
use crate::progress::{Counted, Progress};
use crate::queue::{Queue, Target};
use crate::report::Hints;

/// Every program on this machine has the same name for leases: the lock keeps them apart, and the lease of one that was
/// killed is taken over at once.
const OWNER: &str = "local";

/// What every command is told.
pub(crate) struct Context {
    /// The global options.
    pub(crate) global: Global,
    /// The account, checked.
    pub(crate) account: AccountName,
    /// The environment.
    pub(crate) environment: Environment,
    /// How commands are written in hints.
    pub(crate) hints: Hints,
}

impl Context {
    /// Checks the global options. `called` is how the program was called.
    pub(crate) fn new(global: Global, called: &str) -> Result<Self, Failure> {
        let account = AccountName::new(&global.account)?;
        let hints = Hints::new(called, account.as_str(), &global.db);
        Ok(Self { account, environment: Environment::read(), hints, global })
    }

    /// The ledger's file.
    pub(crate) fn db(&self) -> &Path {
        &self.global.db
    }

    /// Where records go: as asked for now, as the last export went, or the sample's org.
    pub(crate) fn target(&self, queue: Option<&Queue>) -> Result<Target, Failure> {
        if let Some(url) = &self.global.crm {
            return Ok(Target::Crm(url.clone()));
        }
        if let Some(folder) = &self.global.org {
            let whole = folder.canonicalize().map_err(|error| {
                Failure::Usage(format!("read the org folder {}: {error}; check --org", folder.display()))
            })?;
            return Ok(Target::Org(whole));
        }
        let remembered = match queue {
            Some(queue) => queue.target(&self.account)?,
            None => None,
        };
        if let Some(target) = remembered {
            return Ok(target);
        }
        let sample = sample().map(|sample| Target::Org(sample.join("org")));
        sample.ok_or_else(|| {
            Failure::Usage(
                "find the sample's org: the checkout that this program was built from is gone; give --org DIR or --crm URL"
                    .to_owned(),
            )
        })
    }

    /// The ledger's file, which a reading command does not make.
    fn existing_db(&self) -> Result<&Path, Failure> {
        if self.db().exists() {
            return Ok(self.db());
        }
        Err(Failure::Usage(format!(
            "read the ledger {}: there is none; run `{} export` first, or name another file with --db",
            shown(self.db()),
            self.hints.program
        )))
    }
}

/// A command that only looks.
pub(crate) struct Reading {
    /// The use cases, without a CRM.
    pub(crate) jobs: Jobs,
    /// The queue.
    pub(crate) queue: Queue,
}

impl Reading {
    /// Opens the ledger for looking. Never waits for a program that works on it.
    pub(crate) fn open(context: &Context) -> Result<Self, Failure> {
        let db = context.existing_db()?;
        let ledger = SqliteLedger::open_read_only(db)?;
        Ok(Self { jobs: jobs(Arc::new(ledger), Arc::new(NoCrm)), queue: Queue::open_read_only(db)? })
    }
}

/// The use cases over the ledger alone, which is made when there is none.
pub(crate) fn settings_jobs(context: &Context) -> Result<Jobs, Failure> {
    Ok(jobs(Arc::new(SqliteLedger::open(context.db())?), Arc::new(NoCrm)))
}

/// A command that runs jobs.
pub(crate) struct Session {
    /// The use cases.
    pub(crate) jobs: Jobs,
    /// The queue.
    pub(crate) queue: Queue,
    /// Where records go.
    pub(crate) target: Target,
    /// The CRM.
    pub(crate) connection: Connection,
    /// The progress bar.
    pub(crate) progress: Progress,
    _lock: Lock,
}

impl Session {
    /// Takes the lock, opens the ledger, and reaches the CRM. An export makes the ledger (`create`); other commands need it
    /// to be there.
    pub(crate) async fn open(context: &Context, create: bool) -> Result<Self, Failure> {
        if !create {
            context.existing_db()?;
        }
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
        let clock = Arc::new(SystemClock);
        let connection = Connection::open(&target, db, &context.environment, clock).await?;
        if let Some(before) = before.filter(|before| *before != target) {
            output::warn(&format!(
                "this account's records went to {} before; from now on they go to {}",
                crate::connect::place(&before, db),
                crate::connect::place(&target, db)
            ));
        }
        let progress = Progress::new(!context.global.no_progress);
        let ledger: Arc<dyn Ledger> = Arc::new(ledger);
        let stored = ledger.settings(&context.account).await?;
        let preflight = Settings::from_stored(stored.body.as_ref()).0.preflight;
        let folder = match &target {
            Target::Org(folder) => Some(folder.as_path()),
            Target::Crm(_) => context.global.rules.as_deref(),
        };
        let crm = with_rules(connection.crm.clone(), preflight, folder, Arc::new(SystemClock))?;
        let counted = Counted { crm, progress: progress.clone() };
        Ok(Self { jobs: jobs(ledger, Arc::new(counted)), queue, target, connection, progress, _lock: lock })
    }
}

/// Does work that may take long on a thread of its own, so that a signal ends the program meanwhile.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.expect("the work does not panic, and the runtime outlives it")
}

fn jobs(ledger: Arc<dyn Ledger>, crm: Arc<dyn Crm>) -> Jobs {
    Jobs { crm, ledger, events: Arc::new(LogEvents), clock: Arc::new(SystemClock), owner: OWNER.to_owned() }
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

/// The sample's files, in their order.
pub(crate) fn sample_files() -> Result<Vec<PathBuf>, Failure> {
    let folder = sample().ok_or_else(|| {
        Failure::Usage(
            "find the sample: the checkout that this program was built from is gone; export files of your own".to_owned(),
        )
    })?;
    let list = || -> std::io::Result<Vec<PathBuf>> {
        let entries = std::fs::read_dir(&folder)?.collect::<Result<Vec<_>, _>>()?;
        let mut files: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
        files.retain(|path| path.extension().is_some_and(|ending| ending == "ndjson"));
        files.sort();
        Ok(files)
    };
    let files = list().map_err(|error| Failure::Io { what: format!("read {}", folder.display()), error })?;
    if files.is_empty() {
        return Err(Failure::Usage(format!("find the sample: no *.ndjson in {}", folder.display())));
    }
    Ok(files)
}
