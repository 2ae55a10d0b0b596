//! What the rules see and do: the record under judgment, other records, globals, and saves that rules order.
//!
//! `ground` is the store as rules see it, `known` one record on it, `acting` the record that is being saved; `find`
//! looks for records, `globals` answers `$User` and its like.

mod acting;
mod find;
mod globals;
mod ground;
mod known;

pub use acting::Acting;
pub use find::{find, order};
pub use ground::Ground;
pub use known::{Known, PLACEHOLDER, person_name};
