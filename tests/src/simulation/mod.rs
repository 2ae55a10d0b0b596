//! The simulation: the production use cases over simulated ports, driven by a seed, judged by one checker per invariant.
//!
//! [`workload`] draws a plan from a seed. [`engine`] lets it happen on one thread, polling runs by hand: every port call
//! is a place where a run may be killed or stand still. Queue, CRM and ledger fail as the real ones do ([`faults`]), and
//! the CRM's rules, as preflight knows them, are wrong now and then ([`rules`]).
//! Whatever takes effect is [`seen`]; the [`model`] remembers it and the [`checks`] judge it. When the plan is over,
//! faults stop and everything must drain. [`mutant`] plants faults that must be found. The same seed always does the same.

mod checks;
mod crm;
mod engine;
mod faults;
mod ledger;
mod met;
mod model;
mod mutant;
mod outcome;
mod plan;
mod port;
mod queue;
mod quiet;
mod rng;
mod rules;
mod search;
mod seen;
mod shrink;
mod story;
mod task;
mod trace;
mod workers;
mod workload;
mod world;

pub use met::Met;
pub use mutant::Mutant;
pub use outcome::{Outcome, Violation};
pub use search::{Summary, find_mutant, run_seed, run_seeds, tell};
pub use story::{Flawed, Story};
