//! The targets, each with its promises.

mod answers;
mod artifacts;
mod deletes;
mod engines;
mod formulas;
mod input;
mod messages;
mod metadata;
mod modules;
mod payloads;
mod queries;
mod records;
mod requests;
mod rest;
mod settings;
mod values;
