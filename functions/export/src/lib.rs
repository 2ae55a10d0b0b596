//! The function `export`: what an event means, and the job runs that follow from it.
//!
//! An event is [`Input`]: a batch of the queue's messages ([`batch`], group by group in [`group`]), the tick of the resume
//! schedule ([`resume`]), or what a person asked for ([`person`]). All of them end in `jobs`, which knows nothing of
//! queues. What Lambda needs around that (configuration, log, metrics) is in `cloud`.

mod batch;
mod function;
mod group;
mod input;
mod person;
mod redelivery;
mod resume;

pub use function::Export;
pub use input::{Delivery, Input, Request};
pub use redelivery::{Redelivery, SqsRedelivery};
