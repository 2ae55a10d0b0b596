//! The ledger as one SQLite file, for the program on one machine. The file is meant to be read with `sqlite3`.
//!
//! **Concurrency.** One connection behind a mutex, one transaction for each call: immediate for writes, so that the
//! lease is checked and the write made while nobody else can write; a plain snapshot for reads. Several programs may
//! share the file; a write waits five seconds for another, then fails as `Unavailable`. A call works on the thread that
//! makes it: that takes a few milliseconds at most, needs no certain kind of runtime, and a hand-over to another thread
//! would cost about as much as the shorter calls. At worst it holds that thread for those five seconds.
//!
//! **Durability.** The file is in WAL mode. What a call wrote survives the end of the program, SIGKILL included: the
//! pages are with the operating system. What also survives a power cut is decided per call, see `Durability` in `store.rs`.
//!
//! **Damage.** A row that a person broke fails as `Corrupt` and names itself; other jobs go on. A call that answers a
//! list fails when one of its rows is broken, because a list that silently lacks a row would be taken for whole.
//!
//! It does not migrate: a file of another version, or of another program, is refused and left as it is.

mod errors;
mod failure;
mod intake;
mod jobs;
mod open;
mod parked;
mod rows;
mod schema;
mod settings;
mod store;

pub use store::SqliteLedger;
