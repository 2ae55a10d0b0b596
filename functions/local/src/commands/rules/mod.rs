//! `rules`: compile an org's rules, check files against them, test formulas.

mod check;
mod compile;
mod dispatch;
mod test;

pub(super) use dispatch::run;
