//! The API over a real listener, with a ledger in a file and jobs that run: every route, every problem, hostile requests.

mod downloads;
mod errors;
mod hostile;
mod issuer;
mod jobs;
mod openapi;
mod records;
mod settings;
mod tokens;
mod world;
