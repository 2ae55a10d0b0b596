//! How a sandbox is started: its folder, its database, its address; and why it could not be.
//!
//! Nothing is read from the environment: the program that starts a sandbox says everything here.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use metadata::OrgError;
use thiserror::Error;
use time::OffsetDateTime;

use crate::store::StoreError;
use crate::watch::Fault;

/// Says what time it is. Record dates, token times and the day of the API limit follow it.
pub type Clock = Arc<dyn Fn() -> OffsetDateTime + Send + Sync>;

/// API calls of one UTC day that an org has when nothing else is said (reference §2.1).
pub const DAILY_API_CALLS: u64 = 100_000;

/// What a sandbox needs to know.
#[derive(Clone)]
pub struct Config {
    /// Folder with the org's metadata.
    pub org: PathBuf,
    /// Where records are kept.
    pub database: Database,
    /// Address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Serve https with a certificate that the sandbox makes for itself.
    pub tls: bool,
    /// The clock.
    pub now: Clock,
    /// API calls of one UTC day; every further one is refused with `REQUEST_LIMIT_EXCEEDED`.
    pub daily_api_calls: u64,
    /// Faults that happen where no metadata decides: locks, limits, outages (`UNABLE_TO_LOCK_ROW:once`).
    pub faults: Vec<Fault>,
}

/// Where records are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// In this SQLite file, made when it does not exist. Two processes may use one file.
    File(PathBuf),
    /// In memory: gone when the sandbox stops.
    Memory,
}

/// The sandbox cannot start.
#[derive(Debug, Error)]
pub enum SandboxError {
    /// The org folder cannot be read.
    #[error(transparent)]
    Org(#[from] OrgError),
    /// The database cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The address cannot be listened on.
    #[error("listen on {address}: {error}; choose another port")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        error: std::io::Error,
    },
    /// The certificate cannot be made.
    #[error("make a certificate for localhost: {0}")]
    Certificate(String),
}
