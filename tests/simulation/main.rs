//! The simulation: determinism first, then many seeds, planted faults, and the stories of past bugs.
//!
//! What is simulated and judged is in `tests::simulation`. A failure prints the line that replays it.

mod determinism;
mod mutants;
mod scenarios;
mod seeds;
