//! A deployed stack, as a person's machine sees it: where its queue, ledger and credentials are, and the jobs over them.
//!
//! Without the feature `aws` the same names are there and say how to build with it.

#[cfg(not(feature = "aws"))]
mod absent;
#[cfg(feature = "aws")]
mod deployment;
mod error;
#[cfg(feature = "aws")]
mod sdk;
#[cfg(feature = "aws")]
mod stack;

#[cfg(not(feature = "aws"))]
pub(crate) use absent::Deployment;
#[cfg(feature = "aws")]
pub(crate) use deployment::Deployment;
pub(crate) use error::DeployedError;
#[cfg(feature = "aws")]
pub(crate) use sdk::{Trouble, configure, trouble};
