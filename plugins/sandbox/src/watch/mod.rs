//! What a sandbox watches besides its records: faults that it is told to inject, rules whose answer is not known, and
//! explanations of refusals.

mod explaining;
mod fault;
mod faults;
mod messages;
mod unknown;

pub use explaining::{Explaining, Explanations};
pub use fault::{Fault, ParseFaultError, ParseFaultErrorKind};
pub use faults::{RequestFault, Watch, Write};
