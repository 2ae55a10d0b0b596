//! Numbers that make a call's repeat the same call.

use std::sync::atomic::{AtomicU64, Ordering};

use super::keys;
use crate::ledger::Lease;

static NEXT: AtomicU64 = AtomicU64::new(1);

/// Grows with each call of this process, whatever ledger makes it.
pub(super) fn next() -> u64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Names one transaction. An epoch of a job belongs to one owner in one process, and its calls are numbered: no other
/// transaction has this token, and the SDK's repeats of this one have.
pub(super) fn of_transaction(lease: &Lease) -> String {
    let Lease { job, owner, epoch } = lease;
    format!("{:032x}", keys::hash(format!("{job}\n{owner}\n{epoch}\n{}", next()).as_bytes()))
}
