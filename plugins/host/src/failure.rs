//! What goes wrong with plugins: one type for a plugin that broke a limit, one for what cannot be loaded at all.

use wasmtime::Trap;

use crate::artifact::ArtifactError;
use crate::limits::STACK_BYTES;

/// A plugin was stopped, or was not let in. Its text fits after "failed to".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("run the plugin {plugin}: {kind}")]
pub struct PluginFailure {
    /// The plugin's name, as given when it was loaded.
    pub plugin: String,
    /// The limit it broke.
    pub kind: FailureKind,
}

/// Which limit a plugin broke. The texts are written for its author.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FailureKind {
    /// It ran too long.
    #[error("it ran for more than {milliseconds} ms and was stopped; look for a loop that does not end")]
    Time {
        /// The limit.
        milliseconds: u64,
    },
    /// It asked for too much memory, or for too large a table.
    #[error("it asked for {asked} {what}, at most {limit} are allowed; ask for less")]
    Memory {
        /// What it would have had.
        asked: u64,
        /// The limit.
        limit: u64,
        /// Of what: `bytes of memory`, `entries of a table`, `memories`, `tables` or `instances`.
        what: &'static str,
    },
    /// It called itself too deeply.
    #[error("it used more than {bytes} bytes of stack; look for a recursion that does not end")]
    Stack {
        /// The limit.
        bytes: usize,
    },
    /// Its answer is too large, or is none: what is wrong with it.
    #[error("its answer is refused: {0}")]
    Output(String),
    /// It imports, or called, what is not offered.
    #[error("it needs {0}, which is not offered to plugins; build it without")]
    Import(String),
    /// The file is something else.
    #[error("it is not WASM: {0}; give the .wasm file that the build wrote")]
    NotWasm(String),
    /// The file is too large.
    #[error(
        "it has {bytes} bytes, at most {limit} are allowed; build it for size, without debug information"
    )]
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// It does not have what the contract asks for.
    #[error("it does not keep the contract: {0}")]
    Contract(String),
    /// It failed by itself.
    #[error("it failed: {0}")]
    Trap(String),
    /// What it asked of the host failed: the words of the [`crate::core::Imports`].
    #[error("{0}")]
    Host(String),
}

/// Something cannot be loaded. Its text fits after "failed to".
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The plugin is not let in.
    #[error(transparent)]
    Plugin(#[from] PluginFailure),
    /// What was compiled ahead of time cannot be used.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// The engine refuses its configuration.
    #[error("start the WASM engine: {0}; give a target triple it knows")]
    Engine(String),
}

/// Goes through wasmtime with the reason for a stop.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Stopped(pub(crate) FailureKind);

impl PluginFailure {
    pub(crate) fn new(plugin: &str, kind: FailureKind) -> Self {
        Self { plugin: plugin.to_owned(), kind }
    }

    /// Names the limit behind an error of wasmtime.
    pub(crate) fn from_wasmtime(plugin: &str, error: &wasmtime::Error) -> Self {
        Self::new(plugin, kind(error))
    }
}

fn kind(error: &wasmtime::Error) -> FailureKind {
    if let Some(Stopped(kind)) = error.downcast_ref::<Stopped>() {
        return kind.clone();
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::StackOverflow) => FailureKind::Stack { bytes: STACK_BYTES },
        Some(trap) => FailureKind::Trap(trap.to_string()),
        None => FailureKind::Trap(format!("{error:#}")),
    }
}
