//! What the functions on AWS share, and what `crm-export --stack` needs to work on a deployed stack.
//!
//! [`Config`] reads the environment, [`sdk`] makes the AWS clients' configuration of it, and [`ports`](ports()) puts the
//! jobs on DynamoDB, EventBridge and the CRM behind the secret. [`Metrics`] and [`telemetry`] write to stdout, which is
//! all that CloudWatch needs. Nothing here knows the Lambda runtime or an event's shape: that is each function's own.

mod config;
mod crm;
mod error;
mod invocation;
mod metrics;
mod ports;
#[cfg(feature = "rules")]
mod rules;
pub mod sdk;
mod secret;
mod summary;
pub mod telemetry;

pub use aws_types::SdkConfig;
pub use config::{Config, ConfigError, CrmAccess};
pub use crm::SecretCrm;
pub use error::FunctionError;
pub use invocation::Invocation;
pub use metrics::Metrics;
pub use ports::ports;
#[cfg(feature = "rules")]
pub use rules::PackagedRules;
pub use summary::Summary;
