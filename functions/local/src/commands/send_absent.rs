//! `send` in a program that was built without AWS: says how to build it with.

use crate::args::SendArgs;
use crate::context::Context;
use crate::deployed::DeployedError;
use crate::exit::{Exit, Failure};

/// Refuses.
pub(super) async fn run(_context: &Context, _args: SendArgs) -> Result<Exit, Failure> {
    Err(DeployedError::Absent("send").into())
}
