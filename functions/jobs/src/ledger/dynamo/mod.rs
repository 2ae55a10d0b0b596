//! The ledger as one DynamoDB table, for the functions on AWS. The table is meant to be read in the console.
//!
//! | item | pk | sk |
//! |---|---|---|
//! | settings | `ACCOUNT#a` | `SETTINGS` |
//! | that a job is there | `ACCOUNT#a` | `JOB#Object` |
//! | figures of a day | `ACCOUNT#a` | `CALLS#date` |
//! | rejection | `ACCOUNT#a`, or `NOBODY` | `REJECTED#time#message` |
//! | where an error's row is | `ACCOUNT#a` | `ERROR#id#Object` |
//! | job: cursor, hold, lease, counts | `JOB#a#Object` | `JOB` |
//! | parked records, neighbours in one item | `JOB#a#Object` | `PARKED#last position` |
//! | open error | `JOB#a#Object` | `ERROR#field=external id` |
//! | its place in the order | `JOB#a#Object` | `OPEN#position#id` |
//! | closed error, with `expiresAt` | `JOB#a#Object` | `CLOSED#position#id` |
//! | what does not fit in an item | its partition | `PART#...#number` |
//!
//! **Concurrency.** Every write of a run demands that its lease is the newest: as a condition of the job's own item, or as
//! the first action of a transaction. `jobs` says what clocks and lost replies can do, and `parked` where a check
//! before the write is enough.
//!
//! **Cost.** A batch with nothing failing takes three write units (lease, save, figures) and three read units (settings,
//! figures, whether anything is parked). Counts of parked records and open errors are kept in the job's item, in the same
//! transactions, so that status costs the same whatever waits.
//!
//! **Damage.** An item that a person broke fails as `Corrupt` with its pk and sk; other jobs go on. To give an open error
//! up by hand, set `state` of its `ERROR#` item to `superseded`: it is no longer tried, and stays in the list until a
//! record of its external id is refused again.
//!
//! It does not make the table, and reads neither index: those are for people, alarms and other programs.

mod change;
mod error_list;
mod error_rows;
mod errors;
mod failure;
mod groups;
mod intake;
mod item;
mod jobs;
mod keys;
mod parked;
mod pieces;
mod plain;
mod settings;
mod store;
mod table;
mod token;

pub use store::DynamoLedger;
