//! The host: wasmtime's engine, configured to be deterministic, with the ticker that stops what runs too long.

use std::sync::Arc;

use wasmtime::{Config, Engine};

use crate::failure::HostError;
use crate::limits::STACK_BYTES;
use crate::ticker::Ticker;

/// How a [`Host`] is set up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostConfig {
    /// Compile for this target triple (`aarch64-unknown-linux-gnu`) instead of this very machine: its artifacts run on
    /// any machine of that target, and only artifacts can be had when it is another one.
    pub target: Option<String>,
}

/// Runs plugins. Cheap to clone; everything it makes may be used from many threads and keeps it alive.
#[derive(Debug, Clone)]
pub struct Host {
    shared: Arc<Shared>,
}

/// What a host and everything made by it hold together.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) engine: Engine,
    pub(crate) ticker: Ticker,
    /// What artifacts are for: the target triple, or this kind of machine with all its processor can do.
    pub(crate) target: String,
}

impl Host {
    /// Starts the engine and its ticker.
    pub fn new(config: HostConfig) -> Result<Self, HostError> {
        let engine = Engine::new(&wasmtime_config(&config)?).map_err(refused)?;
        let ticker = Ticker::start(&engine).map_err(|error| HostError::Engine(error.to_string()))?;
        let here = || format!("this {} {}", std::env::consts::ARCH, std::env::consts::OS);
        let target = config.target.unwrap_or_else(here);
        Ok(Self { shared: Arc::new(Shared { engine, ticker, target }) })
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }
}

/// Everything that must be equal where an artifact is compiled and where it is loaded is set here, without a condition.
fn wasmtime_config(config: &HostConfig) -> Result<Config, HostError> {
    let mut wasmtime = Config::new();
    wasmtime.epoch_interruption(true);
    wasmtime.consume_fuel(false);
    wasmtime.max_wasm_stack(STACK_BYTES);
    // Deterministic: what differs between processors is off. Threads are not even compiled in.
    wasmtime.wasm_relaxed_simd(false);
    wasmtime.wasm_memory64(false);
    // On, though the limits allow a module one memory: the adapters that wasmtime makes between the modules of a
    // component have two.
    wasmtime.wasm_multi_memory(true);
    #[cfg(feature = "compile")]
    wasmtime.cranelift_nan_canonicalization(true);
    if let Some(target) = &config.target {
        wasmtime.target(target).map_err(refused)?;
    }
    Ok(wasmtime)
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
fn refused(error: wasmtime::Error) -> HostError {
    HostError::Engine(format!("{error:#}"))
}
