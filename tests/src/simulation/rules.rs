//! The CRM's rules as preflight knows them: mostly right, and wrong, silent or broken as often as the seed wants.
//!
//! A rule that is wrong about a record stays so, as a real one would. Asking has no effect, so no run is killed here.

use std::future::pending;

use async_trait::async_trait;
use domain::{AccountName, Record};
use jobs::rules::{Forecast, Foretold, RuleBook, RuleBookError};

use super::model::number_of;
use super::port::Port;
use super::rng::Rng;
use super::seen::Seen;
use super::world::State;

/// One rule raises every false alarm, so that the first that the CRM overrules proves it wrong.
const TOO_STRICT: &str = "Too_Strict";

/// What befalls a question.
enum Trouble {
    Fails,
    TooFew,
    Hangs,
}

impl State {
    fn trouble(&mut self) -> Option<Trouble> {
        let rate = if self.quiet { 0 } else { self.faults.rules_trouble };
        if !self.rules_rng.chance(rate) {
            return None;
        }
        Some(match self.rules_rng.below(3) {
            0 => {
                self.met.count("rules failed");
                Trouble::Fails
            }
            1 => {
                self.met.count("rules answered too little");
                Trouble::TooFew
            }
            _ => {
                self.met.count("rules did not answer");
                Trouble::Hangs
            }
        })
    }

    /// Whether the rules are wrong about this record in this way.
    fn is_wrong(&self, record: &Record, way: &str, rate: u32) -> bool {
        let number = u64::from(number_of(record).unwrap_or_default());
        Rng::new(self.seed.wrapping_add(number << 32), way).chance(rate)
    }

    fn forecast(&mut self, account: &AccountName, record: &Record) -> Forecast {
        let faults = self.faults.clone();
        let refuse = |rule: &str, code: &str| {
            let text = format!("{} breaks {rule}", record.external_id);
            Forecast::Refuse(vec![Foretold::new(rule, code, text, &["A__c"])])
        };
        if (!self.quiet || faults.alarms_stay) && self.is_wrong(record, "false alarm", faults.false_alarm) {
            self.met.count("rules refused what the CRM does not");
            return refuse(TOO_STRICT, "FIELD_CUSTOM_VALIDATION_EXCEPTION");
        }
        if self.quiet {
            return Forecast::Accept;
        }
        if self.is_wrong(record, "odd code", faults.odd_code) {
            self.met.count("rules foretold a code that says nothing of a record");
            return refuse("Odd", "UNABLE_TO_LOCK_ROW");
        }
        if self.is_wrong(record, "unknown", faults.unknown) {
            return Forecast::Unknown("it depends".to_owned());
        }
        let code = self.stores.get(account).and_then(|store| store.rule_against(record, self.now, &faults));
        match code {
            Some(_) if self.is_wrong(record, "missed", faults.missed) => {
                self.met.count("rules accepted what the CRM refuses");
                Forecast::Accept
            }
            Some(code) => {
                self.met.count("rules refused what the CRM refuses");
                refuse(code, code)
            }
            None => Forecast::Accept,
        }
    }
}

#[async_trait]
impl RuleBook for Port {
    async fn forecast(
        &self,
        account: &AccountName,
        records: &[&Record],
    ) -> Result<Vec<Forecast>, RuleBookError> {
        let (trouble, mut forecasts) = {
            let mut state = self.world.state();
            let trouble = state.trouble();
            let forecasts: Vec<Forecast> =
                records.iter().map(|record| state.forecast(account, record)).collect();
            (trouble, forecasts)
        };
        match trouble {
            None => {}
            Some(Trouble::Fails) => return Err(RuleBookError::new("the artifact is broken")),
            Some(Trouble::TooFew) => drop(forecasts.pop()),
            Some(Trouble::Hangs) => pending().await,
        }
        let refused = records.iter().zip(&forecasts).filter_map(|(record, forecast)| match forecast {
            Forecast::Refuse(errors) if errors[0].rule != "Odd" => {
                Some((number_of(record).unwrap_or_default(), errors[0].code.clone()))
            }
            _ => None,
        });
        let refused = if forecasts.len() == records.len() { refused.collect() } else { Vec::new() };
        self.world.see(Seen::Foretold { run: self.run, refused });
        Ok(forecasts)
    }
}
