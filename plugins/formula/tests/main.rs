//! The formula language as its users see it: cases, the reference's examples, properties, depth.

mod agreement;
mod conformance;
mod examples;
mod formulas;
mod language;
mod properties;
mod records;
mod runner;
