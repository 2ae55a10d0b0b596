//! Helpers of the test binaries.
