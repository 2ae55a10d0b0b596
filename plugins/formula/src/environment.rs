//! What a formula sees besides the record: the time, the user's zone, rates and other records. There is no clock here.

use std::collections::BTreeMap;
use std::fmt;

use crate::calendar::{Date, DateTime};
use crate::decimal::Decimal;
use crate::record::Lookup;
use crate::value::Value;

/// The surroundings of an evaluation.
#[derive(Clone)]
pub struct Environment<'a> {
    /// The moment that NOW() gives.
    pub now: DateTime,
    /// How many minutes the user's zone is east of GMT; TODAY() and DATEVALUE() of a moment use it.
    pub offset_minutes: i32,
    /// Rates for CURRENCYRATE(), by ISO code.
    pub currency_rates: BTreeMap<String, Decimal>,
    /// What GETSESSIONID() gives.
    pub session_id: Option<String>,
    /// Other records, for VLOOKUP().
    pub records: Option<&'a dyn Records>,
}

/// Other records than the one under judgment.
pub trait Records {
    /// The value of `field` on the record of `object` whose `key_field` is `key`; null when there is none.
    fn look_up(&self, object: &str, field: &str, key_field: &str, key: &Value) -> Lookup;
}

impl Environment<'_> {
    /// An environment at a moment, in GMT, without rates, session or other records.
    pub fn at(now: DateTime) -> Self {
        Self { now, offset_minutes: 0, currency_rates: BTreeMap::new(), session_id: None, records: None }
    }

    /// The user's date.
    pub fn today(&self) -> Date {
        self.now.date(self.offset_minutes)
    }
}

impl fmt::Debug for Environment<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Environment")
            .field("now", &self.now.to_string())
            .field("offset_minutes", &self.offset_minutes)
            .field("currency_rates", &self.currency_rates)
            .field("session_id", &self.session_id.is_some())
            .field("records", &self.records.is_some())
            .finish()
    }
}
