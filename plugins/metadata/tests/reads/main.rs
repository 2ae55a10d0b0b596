//! Reads small org folders, written for each case, through the crate's public door.

mod broken;
mod duplicates;
mod folder;
mod formulas;
mod globals;
mod objects;
mod rules;
mod unknown;
mod user;
mod workflow;
