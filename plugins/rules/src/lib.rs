//! Example rules, written by hand, that stand in for Apex triggers. `examples/` makes each a plugin, `build` builds them.

mod no_free_mail;
mod normalise_phone;

pub use no_free_mail::NoFreeMail;
pub use normalise_phone::NormalisePhone;
