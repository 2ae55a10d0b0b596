//! The job path over memory doubles: what is written to the CRM, in which calls, and what the ledger says after.

mod asked;
mod holds;
mod passing;
mod preflight;
mod retrying;
mod world;
