//! The protocol as a model: explored exhaustively within bounds, and held against what the production code writes.

mod actions;
mod calm;
mod crm;
mod decisions;
mod deliver;
mod exchange;
mod exhaustive;
mod invariants;
mod plan;
mod ports;
mod protocol;
mod record;
mod refine;
mod run;
mod scripts;
mod seen;
mod set;
mod state;
mod tied;
