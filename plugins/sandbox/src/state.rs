//! What all requests share, and how one request runs: one transaction, counted against the day's API limit.
//!
//! The database is used by one request at a time, on a thread where it may block.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use metadata::{Org, OrgError};
use rusqlite::{Connection, TransactionBehavior};
use time::OffsetDateTime;

use crate::config::{Clock, Config, SandboxError};
use crate::error::ApiError;
use crate::reload::{Loaded, OrgFolder};
use crate::store::{self, Store, StoreError};
use crate::view::View;
use crate::watch::Watch;
use crate::{system, values};

/// Shared by all requests; a clone is the same state.
#[derive(Clone)]
pub struct AppState {
    shared: Arc<Shared>,
}

struct Shared {
    database: Mutex<Guarded>,
    folder: OrgFolder,
    now: Clock,
    daily_api_calls: u64,
    tls: bool,
    watch: Watch,
}

struct Guarded {
    connection: Connection,
    /// The org for which the index was last refreshed.
    prepared_for: Option<Arc<Loaded>>,
}

/// API calls of the current UTC day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Made so far.
    pub used: u64,
    /// Allowed.
    pub limit: u64,
}

/// How a counted request ended.
pub struct Counted<T> {
    /// Its answer.
    pub result: Result<T, ApiError>,
    /// Calls of the day with this one; `None` when the request was refused before it was counted.
    pub usage: Option<Usage>,
}

impl AppState {
    /// Opens the database and reads the org folder.
    pub fn open(config: &Config) -> Result<AppState, SandboxError> {
        AppState::with_reader(config, Org::read)
    }

    /// As [`AppState::open`], with another way to read the folder.
    pub fn with_reader(
        config: &Config,
        read: fn(&Path) -> Result<Org, OrgError>,
    ) -> Result<AppState, SandboxError> {
        let folder = OrgFolder::open(config.org.clone(), read)?;
        let connection = store::open(&config.database)?;
        let shared = Shared {
            database: Mutex::new(Guarded { connection, prepared_for: None }),
            folder,
            now: config.now.clone(),
            daily_api_calls: config.daily_api_calls,
            tls: config.tls,
            watch: Watch::new(config.faults.clone()),
        };
        Ok(AppState { shared: Arc::new(shared) })
    }

    /// The time by the sandbox's clock.
    pub fn now(&self) -> OffsetDateTime {
        (self.shared.now)()
    }

    /// `https` or `http`.
    pub fn scheme(&self) -> &'static str {
        if self.shared.tls { "https" } else { "http" }
    }

    /// Faults that are to happen, and what is noted about rules.
    pub fn watch(&self) -> &Watch {
        &self.shared.watch
    }

    /// The org as it was read last.
    pub fn loaded(&self) -> Result<Arc<Loaded>, ApiError> {
        self.shared.folder.current()
    }

    /// Lets the next request look whether the org folder changed.
    pub fn check_org_soon(&self) {
        self.shared.folder.check_soon();
    }

    /// Runs work in one transaction that is committed when it succeeds. The call is not counted.
    pub async fn with_session<T: Send + 'static>(
        &self,
        version: u32,
        work: impl FnOnce(&View<'_>) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let state = self.clone();
        let task = tokio::task::spawn_blocking(move || state.run(version, work));
        task.await.unwrap_or_else(|_| {
            Err(ApiError::new(500, "UNKNOWN_EXCEPTION", "the sandbox failed; see its log"))
        })
    }

    /// Runs an API call: the token is checked, the call is counted (even when it fails), then it runs in the same
    /// transaction.
    pub async fn counted<T: Send + 'static>(
        &self,
        version: u32,
        token: Option<String>,
        work: impl FnOnce(&View<'_>, Usage) -> Result<T, ApiError> + Send + 'static,
    ) -> Counted<T> {
        let limit = self.shared.daily_api_calls;
        let counted = move |view: &View<'_>| {
            if !token_is_valid(&view.store, token.as_deref())? {
                return Ok(Counted { result: Err(ApiError::invalid_session()), usage: None });
            }
            let used = used_today(view)?;
            if used >= limit {
                let error = ApiError::new(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.");
                return Ok(Counted { result: Err(error), usage: Some(Usage { used, limit }) });
            }
            let usage = Usage { used: count_call(view)?, limit };
            let result = view.store.atomically(|| work(view, usage));
            // A batch has counted its parts.
            let usage = Usage { used: used_today(view)?, limit };
            Ok(Counted { result, usage: Some(usage) })
        };
        let state = self.clone();
        let done = tokio::task::spawn_blocking(move || state.run(version, counted)).await;
        match done {
            Ok(Ok(counted)) => counted,
            Ok(Err(error)) => Counted { result: Err(error), usage: None },
            Err(_) => {
                let error = ApiError::new(500, "UNKNOWN_EXCEPTION", "the sandbox failed; see its log");
                Counted { result: Err(error), usage: None }
            }
        }
    }

    /// The database itself, between requests.
    #[cfg(feature = "fuzzing")]
    pub fn with_connection<T>(&self, work: impl FnOnce(&Connection) -> T) -> T {
        work(&self.shared.database.lock().unwrap_or_else(PoisonError::into_inner).connection)
    }

    /// One transaction, committed unless the work fails. Blocks.
    fn run<T>(
        &self,
        version: u32,
        work: impl FnOnce(&View<'_>) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let loaded = self.loaded()?;
        let now = self.now();
        let mut guarded = self.shared.database.lock().unwrap_or_else(PoisonError::into_inner);
        guarded.prepare(&loaded, now)?;
        let behavior = TransactionBehavior::Immediate;
        let transaction = guarded.connection.transaction_with_behavior(behavior).map_err(StoreError::from)?;
        let store = Store::new(&transaction, &loaded.plan);
        let (org, rules, watch) = (&*loaded.org, &loaded.rules, &self.shared.watch);
        let result = work(&View { org, rules, store, now, version, watch, allow_duplicates: false })?;
        transaction.commit().map_err(StoreError::from)?;
        Ok(result)
    }
}

impl Guarded {
    /// Makes the database fit an org that was just read.
    fn prepare(&mut self, loaded: &Arc<Loaded>, now: OffsetDateTime) -> Result<(), StoreError> {
        if self.prepared_for.as_ref().is_some_and(|org| Arc::ptr_eq(org, loaded)) {
            return Ok(());
        }
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let store = Store::new(&transaction, &loaded.plan);
        store.refresh_index()?;
        system::seed(&store, &loaded.org, now)?;
        transaction.commit()?;
        self.prepared_for = Some(loaded.clone());
        Ok(())
    }
}

/// Any token that looks like a session id of an org is good until it is revoked: a local CRM checks no credentials, and
/// clients may be handed a session id directly.
pub fn token_is_valid(store: &Store<'_>, token: Option<&str>) -> Result<bool, StoreError> {
    match token {
        Some(token) if token.starts_with("00D") => Ok(store.document("revoked token", token)?.is_none()),
        _ => Ok(false),
    }
}

/// Makes a token invalid from now on.
pub fn revoke_token(store: &Store<'_>, token: &str) -> Result<(), StoreError> {
    store.put_document("revoked token", token, b"")
}

/// Counts one more call.
pub fn count_call(view: &View<'_>) -> Result<u64, StoreError> {
    view.store.count_up(&counter(view.now))
}

/// Calls counted on the current UTC day.
pub fn used_today(view: &View<'_>) -> Result<u64, StoreError> {
    view.store.counter(&counter(view.now))
}

fn counter(now: OffsetDateTime) -> String {
    format!("API calls {}", values::date_text(now.to_offset(time::UtcOffset::UTC).date()))
}
