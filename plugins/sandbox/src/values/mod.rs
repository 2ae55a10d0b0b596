//! From what a client sends to what is stored: each kind of field reads JSON and text in its own way.
//!
//! Stored forms: text trimmed (`""` is null), numbers rounded to their scale, dates `2026-11-23`, instants
//! `2026-11-23T10:00:00.000+0000` in UTC, times `10:00:00.000Z`, several values joined by `;`, ids with 18 characters
//! where they are ids at all. Lengths, ranges and lists are not judged here; `save::validate` does.

mod convert;
mod formulas;
mod moment;
mod number;

pub use convert::{from_json, from_text, not_of_type, type_name};
pub use formulas::{from_formula, is_id, shown, to_formula};
pub use moment::{date_text, datetime_text, parse_date, parse_datetime};
pub use number::{java_text, number_value, parse_number};
