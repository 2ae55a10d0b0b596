//! The formula language as its users see it: cases, the reference's examples, properties, depth.

mod conformance;
mod examples;
mod language;
mod properties;
