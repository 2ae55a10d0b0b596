//! The limits of a plugin, and the part of them that wasmtime asks for while it runs: memory and tables.
//!
//! Time is held by the [`crate::ticker`], the stack by the engine, output by [`crate::component`].

use wasmtime::{ResourceLimiter, ResourcesRequired};

use crate::failure::{FailureKind, Stopped};

/// What a plugin may use of the stack, in bytes. One for all plugins of an engine.
pub(crate) const STACK_BYTES: usize = 512 * 1024;

const MEBIBYTE: usize = 1024 * 1024;

/// What one plugin may use. The defaults are those measured in reference wasm.md §7.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// How long one call may run, in milliseconds; held with a precision of about 1 ms.
    pub milliseconds: u64,
    /// Linear memory, in bytes, all memories together.
    pub memory_bytes: usize,
    /// Number of memories.
    pub memories: usize,
    /// Entries of tables, all tables together.
    pub table_entries: usize,
    /// Number of tables.
    pub tables: usize,
    /// Number of core instances.
    pub instances: usize,
    /// Size of the `.wasm` file, in bytes: compiling takes seconds per mebibyte and cannot be stopped.
    pub wasm_bytes: usize,
}

impl Limits {
    /// For a core module: 10 ms, 16 MiB in one memory, one table.
    pub fn core() -> Self {
        Self {
            milliseconds: 10,
            memory_bytes: 16 * MEBIBYTE,
            memories: 1,
            table_entries: 10_000,
            tables: 1,
            instances: 1,
            wasm_bytes: 8 * MEBIBYTE,
        }
    }

    /// For an author's component: as [`Limits::core`], with the small modules that tools put around the author's own.
    pub fn component() -> Self {
        Self { tables: 8, instances: 16, memories: 4, ..Self::core() }
    }

    /// For a component that brings an interpreter along: 100 ms, 64 MiB.
    pub fn interpreter() -> Self {
        Self { milliseconds: 100, memory_bytes: 64 * MEBIBYTE, ..Self::component() }
    }

    /// Refuses a file that is too large to be compiled.
    #[cfg(feature = "compile")]
    pub(crate) fn check_size(&self, bytes: u64) -> Result<(), FailureKind> {
        let limit = self.wasm_bytes as u64;
        if bytes > limit { Err(FailureKind::TooLarge { bytes, limit }) } else { Ok(()) }
    }

    /// Refuses what can be refused before anything runs. What grows is held by the limiter.
    pub(crate) fn check_declared(&self, needs: &ResourcesRequired) -> Result<(), FailureKind> {
        let declared = [
            (u64::from(needs.num_memories), self.memories, "memories"),
            (u64::from(needs.num_tables), self.tables, "tables"),
            (needs.max_initial_memory_size.unwrap_or(0), self.memory_bytes, "bytes of memory"),
            (needs.max_initial_table_size.unwrap_or(0), self.table_entries, "entries of a table"),
        ];
        match declared.into_iter().find(|(asked, limit, _)| *asked > *limit as u64) {
            Some((asked, limit, what)) => Err(FailureKind::Memory { asked, limit: limit as u64, what }),
            None => Ok(()),
        }
    }
}

/// Counts what one store uses. A plugin that asks for more is stopped rather than told: the reason would be lost in
/// whatever it does next.
#[derive(Debug)]
pub(crate) struct Limiter {
    limits: Limits,
    memory_bytes: usize,
    table_entries: usize,
}

impl Limiter {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { limits: limits.clone(), memory_bytes: 0, table_entries: 0 }
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        // More than its own maximum: the instruction says -1, as for any WASM.
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        let total = grown(self.memory_bytes, current, desired);
        self.memory_bytes = within(total, self.limits.memory_bytes, "bytes of memory")?;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        let total = grown(self.table_entries, current, desired);
        self.table_entries = within(total, self.limits.table_entries, "entries of a table")?;
        Ok(true)
    }

    fn instances(&self) -> usize {
        self.limits.instances
    }

    fn tables(&self) -> usize {
        self.limits.tables
    }

    fn memories(&self) -> usize {
        self.limits.memories
    }
}

fn grown(total: usize, current: usize, desired: usize) -> usize {
    total.saturating_add(desired.saturating_sub(current))
}

fn within(asked: usize, limit: usize, what: &'static str) -> Result<usize, Stopped> {
    if asked > limit {
        return Err(Stopped(FailureKind::Memory { asked: asked as u64, limit: limit as u64, what }));
    }
    Ok(asked)
}
