//! The handler of `export` over memory doubles: events go in as Lambda gives them, answers come out as it takes them.

mod batch;
#[path = "../../../cloud/tests/support/emf.rs"]
mod emf;
mod faulty;
#[path = "../../../cloud/tests/support/log.rs"]
mod log;
mod others;
mod world;
