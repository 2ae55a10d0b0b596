//! The API on AWS: what the function `settings` is made of. Work goes to the event bus, the retry's hour to EventBridge
//! Scheduler; the function itself takes no lease and knows no CRM.

mod bus;
mod config;
mod function;
mod scheduler;

pub use bus::BusWork;
pub use config::{ApiConfig, ApiConfigError};
pub use function::{ApiError, api, serve};
pub use scheduler::Scheduler;
