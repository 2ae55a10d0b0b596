//! One checker per invariant of the design (§4). A checker knows the model and what happens; it knows no plan.

mod check;
mod constant_calls;
mod drains;
mod each_error_once;
mod isolation;
mod lease_kept;
mod never_back_to_older;
mod nothing_behind_a_halt;
mod nothing_lost;
mod settings_kept;
mod unavailable_touches_nothing;

pub(super) use check::{Check, all_checks};
