//! Reads small org folders, written for each case, through the crate's public door.

mod broken;
mod folder;
mod objects;
mod unchecked;
mod user;
