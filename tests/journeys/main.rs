//! The whole program with its real parts: files in, the Salesforce client, the sandbox, the ledger, terminal and JSON out.

mod bad_input;
mod crash;
mod main_job;
mod preflight;
mod rules;
mod scale;
mod separate_crm;
mod settings;
mod two_programs;
