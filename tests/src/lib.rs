//! Helpers of the test binaries beside this folder.

#[cfg(feature = "cloud")]
pub mod cloud;
pub mod program;
pub mod sample;
pub mod sandbox;
pub mod simulation;
pub mod source;
