//! The job path over memory doubles: what is written to the CRM, in which calls, and what the ledger says after.

mod holds;
mod passing;
mod preflight;
mod retrying;
mod world;
