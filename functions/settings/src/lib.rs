//! The settings API and its pages: what an account's people see of its jobs and export errors, and what they may change.
//!
//! One [`router`] serves them, in the function behind API Gateway ([`aws`]) and in `crm-export serve` ([`server`]). A request
//! passes [`auth`] (who may ask, for which account), is read by `extract`, answered by the module of its subject, and refused
//! as a `problem`. Nothing here runs a job: that is handed on through [`Work`].

pub mod auth;
#[cfg(feature = "lambda")]
pub mod aws;
pub mod pages;
pub mod server;

mod answer;
mod api;
mod causes;
mod download;
mod error_view;
mod errors;
mod extract;
mod figures;
mod guard;
mod headers;
mod jobs;
mod mask;
mod openapi;
mod problem;
mod records;
mod rejections;
mod router;
mod session;
mod settings;
mod stream;

pub use api::{Api, Explain, FollowsSettings, Intake, RetrySchedule, SeamError, Work};
pub use problem::Problem;
pub use router::router;
