//! The local queue: what SQS is to the functions. Messages in order per job, and how far each file was imported.
//!
//! Its tables lie in the ledger's file, on a connection of their own. A message is deleted only after a run has settled or
//! parked every record of it, and it keeps its sequence number until then, so that a repeat after a crash is known.

mod add;
mod error;
mod import;
mod memo;
mod prefix;
mod store;

pub(crate) use error::QueueError;
pub(crate) use import::{Beginning, ImportError, Importer, Spellings};
pub(crate) use memo::Target;
pub(crate) use store::{ImportKey, Queue, Unfinished};
