//! A local cloud for tests: ministack as a process of the test's own, the stack deployed onto it with the real tools, and
//! what can be seen of it from outside.

mod aws;
mod crm;
mod functions;
mod http;
mod ledger;
mod local_cloud;
mod processes;
mod proxy;
mod stack;
mod tools;
mod wait;

pub use aws::Aws;
pub use crm::LocalCrm;
pub use functions::{Functions, NAMES, bootstraps};
pub use http::{Answer, send};
pub use ledger::Table;
pub use local_cloud::LocalCloud;
pub use proxy::{Proxy, Seen};
pub use stack::{ACCOUNT, Deploy, Stack, architecture, succeed};
pub use tools::{Tool, environment};
pub use wait::{eventually, patience};
