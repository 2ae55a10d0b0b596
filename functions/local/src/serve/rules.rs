//! Preflight for a program that runs for days: the rules are compiled when they are first asked, and again when the org
//! folder was changed. `export` and `resume`, which end soon, compile once.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use domain::{AccountName, Preflight, Record, Timestamp};
use jobs::clock::Clock;
use jobs::crm::{Chunk, Crm, Reply};
use jobs::rules::{Forecast, RuleBook, RuleBookError};
use tokio::sync::Mutex;

use crate::preflight::with_rules;

/// The folder is looked at no oftener than this.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// A CRM with the rules of a folder, as they are now.
pub(crate) struct FreshRules {
    crm: Arc<dyn Crm>,
    folder: PathBuf,
    clock: Arc<dyn Clock>,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    looked: Option<Timestamp>,
    seen: Seen,
    /// The CRM with compiled rules, or why they cannot be used.
    compiled: Option<Result<Arc<dyn Crm>, String>>,
}

/// How a folder looks: how many files, and the newest change among them.
type Seen = (usize, Option<SystemTime>);

impl FreshRules {
    /// Puts the rules of `folder` before a CRM.
    pub(crate) fn new(crm: Arc<dyn Crm>, folder: PathBuf, clock: Arc<dyn Clock>) -> Self {
        Self { crm, folder, clock, kept: Mutex::default() }
    }

    async fn current(&self) -> Result<Arc<dyn Crm>, RuleBookError> {
        let mut kept = self.kept.lock().await;
        let now = self.clock.now();
        let due = kept.looked.is_none_or(|looked| now < looked || now.since(looked) >= LOOK_INTERVAL);
        if due {
            kept.looked = Some(now);
            let folder = self.folder.clone();
            let seen = tokio::task::spawn_blocking(move || seen(&folder)).await.unwrap_or_default();
            if kept.compiled.is_none() || seen != kept.seen {
                kept.compiled = Some(self.compile().await);
                kept.seen = seen;
            }
        }
        match &kept.compiled {
            Some(Ok(crm)) => Ok(Arc::clone(crm)),
            Some(Err(why)) => Err(RuleBookError::new(why.clone())),
            None => Err(RuleBookError::new("the rules are not compiled yet")),
        }
    }

    async fn compile(&self) -> Result<Arc<dyn Crm>, String> {
        let (crm, folder, clock) = (Arc::clone(&self.crm), self.folder.clone(), Arc::clone(&self.clock));
        let compiled = tokio::task::spawn_blocking(move || {
            with_rules(crm, Preflight::Enforce, Some(&folder), clock).map_err(|error| error.to_string())
        });
        compiled.await.unwrap_or_else(|error| Err(error.to_string()))
    }
}

/// Looks through a folder. What cannot be read counts as not there.
fn seen(folder: &Path) -> Seen {
    let Ok(entries) = std::fs::read_dir(folder) else { return (0, None) };
    entries.flatten().fold((0, None), |(files, newest), entry| {
        let Ok(kind) = entry.metadata() else { return (files, newest) };
        let (more, changed) = if kind.is_dir() { seen(&entry.path()) } else { (1, kind.modified().ok()) };
        (files + more, newest.max(changed))
    })
}

#[async_trait]
impl Crm for FreshRules {
    async fn send(&self, chunk: Chunk<'_>) -> Reply {
        self.crm.send(chunk).await
    }

    fn rules(&self) -> &dyn RuleBook {
        self
    }
}

#[async_trait]
impl RuleBook for FreshRules {
    async fn forecast(
        &self,
        account: &AccountName,
        records: &[&Record],
    ) -> Result<Vec<Forecast>, RuleBookError> {
        let crm = self.current().await?;
        crm.rules().forecast(account, records).await
    }
}
