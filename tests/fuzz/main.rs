//! Fuzzing: every parser that meets bytes from outside is given broken, huge, nested and hostile ones.
//!
//! A *target* is a function of bytes that panics when a promise is broken: not only "no panic", but what the parser is
//! for (what is read is written and read again as the same, two evaluators agree, no refusal passes as exported). As a
//! test each target meets its corpus, its regressions and a bounded number of mutations from a fixed seed;
//! `tests/fuzz/long` runs one for as long as wanted, guided by coverage. How: CONTRIBUTING.md, "Fuzzing".

mod choices;
mod crm;
mod formula_text;
mod json_text;
mod loopback;
mod mutate;
mod regressions;
mod run;
mod soql_text;
mod targets;
mod wasm_text;

// What the program's readers find around them in the program.
mod args;
#[expect(dead_code, reason = "the program uses more of it than the readers")]
#[path = "../../functions/local/src/paths.rs"]
mod paths;
#[expect(
    dead_code,
    unexpected_cfgs,
    reason = "the program uses more of it than the target, with its own features"
)]
mod readers;
mod report {
    pub(crate) use super::words::{counted, grouped};
}
#[path = "../../functions/local/src/report/words.rs"]
mod words;
