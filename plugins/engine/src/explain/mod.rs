//! Why a record is refused: each rule with the value of every part of its formula, as data and as text.

mod model;
mod part;
mod text;

pub use model::{Explained, Explanation};
pub use part::{Part, State};
