//! What every command is told: the global options, checked, and where the ledger is.

use std::path::{Path, PathBuf};

use domain::AccountName;

use crate::args::Global;
use crate::config::Environment;
use crate::deployed::Deployment;
use crate::exit::Failure;
use crate::paths::{sample, shown};
use crate::queue::{Queue, Target};
use crate::report::Hints;

/// The account of someone who names none.
const ACCOUNT: &str = "local";

/// The ledger's file of someone who names none.
const DB: &str = "crm-export.db";

/// Where the ledger is.
pub(crate) enum Place {
    /// In a SQLite file on this machine, with a queue and a lock.
    File,
    /// In the table of a deployed stack, which its functions work on as well.
    Table(Box<Deployment>),
}

/// What every command is told.
pub(crate) struct Context {
    /// The global options.
    pub(crate) global: Global,
    /// The account, checked.
    pub(crate) account: AccountName,
    /// The environment.
    pub(crate) environment: Environment,
    /// Where the ledger is.
    pub(crate) place: Place,
    /// How commands are written in hints.
    pub(crate) hints: Hints,
    db: PathBuf,
}

impl Context {
    /// Checks the global options, and finds the stack when one is named. `called` is how the program was called.
    ///
    /// # Errors
    /// An option that does not fit, or a stack that cannot be found.
    pub(crate) async fn open(global: Global, called: &str) -> Result<Self, Failure> {
        let db = global.db.clone();
        if db.is_some() && (global.deployed.stack.is_some() || global.deployed.table.is_some()) {
            return Err(Failure::Usage(
                "use --db with --stack or --table: a deployed stack has its ledger in a table; leave one out"
                    .to_owned(),
            ));
        }
        let deployment = Deployment::find(&global.deployed, global.account.as_deref()).await?;
        let db = db.unwrap_or_else(|| PathBuf::from(DB));
        let (place, account, hints) = match deployment {
            Some(deployment) => {
                let account = deployment.account().clone();
                let hints = Hints::deployed(called, &account, &global, deployment.secret());
                (Place::Table(Box::new(deployment)), account, hints)
            }
            None => {
                let account = AccountName::new(global.account.as_deref().unwrap_or(ACCOUNT))?;
                let hints = Hints::new(called, account.as_str(), &db);
                (Place::File, account, hints)
            }
        };
        Ok(Self { account, environment: Environment::read(), place, hints, db, global })
    }

    /// The ledger's file. The sandbox keeps its records beside it.
    pub(crate) fn db(&self) -> &Path {
        &self.db
    }

    /// Where records go: as asked for now, as the last export went, or the sample's org.
    pub(crate) fn target(&self, queue: Option<&Queue>) -> Result<Target, Failure> {
        if let Some(target) = self.asked_target()? {
            return Ok(target);
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

    /// Where records go, when the options say so.
    pub(crate) fn asked_target(&self) -> Result<Option<Target>, Failure> {
        if let Some(url) = &self.global.crm {
            return Ok(Some(Target::Crm(url.clone())));
        }
        let Some(folder) = &self.global.org else { return Ok(None) };
        let whole = folder.canonicalize().map_err(|error| {
            Failure::Usage(format!("read the org folder {}: {error}; check --org", folder.display()))
        })?;
        Ok(Some(Target::Org(whole)))
    }

    /// The ledger's file, which a reading command does not make.
    pub(crate) fn existing_db(&self) -> Result<&Path, Failure> {
        if self.db.exists() {
            return Ok(&self.db);
        }
        Err(Failure::Usage(format!(
            "read the ledger {}: there is none; run `{} export` first, or name another file with --db",
            shown(&self.db),
            self.hints.program
        )))
    }
}
