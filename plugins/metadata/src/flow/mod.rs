//! Flows that a save starts, and those they call: their model and how it is read from `*.flow-meta.xml`.
//!
//! ```text
//! flow::read(root: Element<'_>, name: &str) -> Result<Option<Flow>, OrgError>     (within this crate)
//! ```
//!
//! It gives active record-triggered flows ([`Flow::trigger`] is there) and active autolaunched flows, which the others
//! call; none for all else: drafts, screen flows, processes, scheduled and event-triggered flows. Both kinds belong in
//! [`crate::RuleSet::flows`]. Whether a flow can be run is not judged here.

mod element;
mod model;
mod read;
mod read_element;
mod resource;

pub use element::{
    Assignment, CustomError, Delete, Element, ElementKind, FieldValue, Lookup, Loop, Outcome, Output,
    Subflow, Write,
};
pub use model::{Condition, Conditions, Criteria, Flow, FlowValue, Phase, ScheduledPath, Trigger};
pub use resource::{DataType, Resource, ResourceKind};

pub(crate) use read::read;
