//! Record-triggered flows: compiled to WASM, and run at their steps of a save.
//!
//! ```text
//! metadata::flow::Flow --scope, formula--> numbered formulas (WASM by the engine's emitter)
//!                      --plan--> automaton --emit--> WASM function (operation, answer) -> operation
//! FlowSet::run: interview loop { WASM picks the operation; the host does it and answers }
//! ```
//!
//! [`FlowSet::compile`] needs a [`Builder`], which numbers formulas and takes functions; [`FlowSet::run`] a [`Runner`],
//! which evaluates formulas by number and calls functions by export. A set is data (serde): it stands in an artifact
//! beside the WASM.
//!
//! Not run: paths after commit (they cannot fail the save), screens, waits, Apex. Running into what is not understood
//! ends the flow as unknown, with the element's name; what was assigned before it stays.

mod act;
mod assign;
mod compare;
mod compiled;
mod condition;
mod fault;
mod guard;
mod held;
mod interview;
mod plan;
mod read;
mod run;
mod state;
mod trace;
mod values;
mod write;

#[cfg(feature = "compile")]
mod automaton;
#[cfg(feature = "compile")]
mod compile;
#[cfg(feature = "compile")]
mod emit;
#[cfg(feature = "compile")]
mod logic;
#[cfg(feature = "compile")]
mod scope;
#[cfg(feature = "compile")]
mod source;
#[cfg(feature = "compile")]
mod types;

#[cfg(feature = "compile")]
pub use compile::{Builder, Compilation, Problem};
pub use compiled::FlowSet;
pub use fault::CUSTOM_ERROR_CODE;
pub use run::{Moment, Runner};
pub use trace::{FlowStep, FlowTrace};
