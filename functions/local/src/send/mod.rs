//! Hands records to the queue of a deployed stack: packed into messages, in their order. What becomes of them there is
//! the functions' business.
//!
//! [`pack`] makes messages of records, [`post`] sends them so that each group keeps its order, [`sqs`] speaks to SQS.

mod pack;
mod parcel;
mod post;
mod sqs;

pub(crate) use pack::{Packer, check_group};
pub(crate) use parcel::Parcel;
pub(crate) use post::{PostError, Sender};
pub(crate) use sqs::Sqs;
