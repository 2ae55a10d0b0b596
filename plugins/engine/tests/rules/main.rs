//! Rules of small orgs, compiled and asked through the crate's public door.

mod artifact;
mod cases;
mod conditions;
mod explain;
mod fields;
mod folder;
mod org;
mod payload;
mod plugins;
mod workflow;
mod world;
