//! placeholder
/// A ledger in memory.
#[derive(Debug, Default)]
pub struct MemoryLedger;
