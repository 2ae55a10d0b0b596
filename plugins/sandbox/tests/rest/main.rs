//! The sandbox over HTTP: each family of calls, whole answers compared with the shapes of the reference sheet.
//!
//! SOQL and the Bulk API have their own tests beside their code; here they are only seen to be mounted.

mod auth;
mod codes;
mod collections;
mod composite;
mod crm;
mod discovery;
mod records;
mod rights;
mod rules;
mod saving;
mod server;
