//! The port to the CRM's rules, run on our side: before a chunk is sent they foretell what the CRM would refuse.
//!
//! A forecast is never a guess: what the rules cannot know for certain is [`Forecast::Unknown`]. What follows from one is
//! the account's setting (`domain::Preflight`) and `crate::preflight`'s business, not a rule book's.

mod forecast;
mod memory;
mod none;

use async_trait::async_trait;
use domain::{AccountName, Record};

pub use forecast::{Forecast, Foretold, RuleBookError};
pub use memory::MemoryRules;
pub use none::NoRules;

/// Knows the rules of a CRM.
#[async_trait]
pub trait RuleBook: Send + Sync {
    /// Foretells the CRM's answer to each of these records of one object and operation, as they will be sent; one forecast
    /// per record, in their order. Each is judged by itself, as if no other were in the call.
    ///
    /// An answer that is awaited for more than [`FORECAST_TIME`](crate::FORECAST_TIME) is given up. A book that computes
    /// without awaiting must bound itself.
    ///
    /// # Errors
    /// When the rules cannot be asked; every record is unknown then, and is sent.
    async fn forecast(
        &self,
        account: &AccountName,
        records: &[&Record],
    ) -> Result<Vec<Forecast>, RuleBookError>;
}
