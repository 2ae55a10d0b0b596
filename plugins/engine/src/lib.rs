//! An org's rules, compiled to WASM and run: validation rules, lookup filters, workflow rules, record-triggered flows,
//! formula fields, and authors' plugins.
//!
//! ```text
//! metadata::Org --compile--> Compiled { rules: Rules, report }      Rules --ask at each step of a save--> Verdict, Change
//! ```
//!
//! The order of the steps is the sandbox's business (reference §4); what other records say is asked through [`World`].

mod artifact;
#[cfg(feature = "compile")]
mod cases;
#[cfg(feature = "compile")]
mod compile;
mod evaluator;
mod explain;
mod fields;
pub mod flow;
mod formulas;
mod ids;
mod machine;
mod payload;
pub mod plan;
mod plugins;
mod rules;
mod run;
mod stored;
mod verdict;
mod world;

pub use artifact::{Artifact, ArtifactError, ArtifactErrorKind};
#[cfg(feature = "compile")]
pub use cases::run_cases;
#[cfg(feature = "compile")]
pub use compile::{
    CompileError, CompileOptions, Compiled, Report, Sizes, UnknownEntry, compile, compile_with,
};
pub use evaluator::Evaluator;
pub use explain::{Explained, Explanation, Part, State};
pub use flow::{CUSTOM_ERROR_CODE, FlowStep, FlowTrace};
pub use payload::Payload;
pub use plan::Plan;
pub use rules::Rules;
pub use stored::{StoredType, StoredValue};
pub use verdict::{Change, Refusal, RuleKind, RuleName, Unknown, Verdict};
pub use world::{Condition, Event, Fault, Query, RecordId, World};
