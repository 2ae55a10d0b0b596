//! A rule book in memory, for tests: it foretells what it is told to foretell.

use std::future::pending;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use domain::{AccountName, Record};

use super::{Forecast, RuleBook, RuleBookError};

/// Says what is foretold of a record.
pub type Model = Box<dyn Fn(&Record) -> Forecast + Send + Sync>;

/// A rule book in memory. It accepts everything until it is told otherwise.
#[derive(Default)]
pub struct MemoryRules {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    model: Option<Model>,
    trouble: Option<Trouble>,
    asked: Vec<Vec<String>>,
}

#[derive(Clone)]
enum Trouble {
    Fails(RuleBookError),
    Hangs,
}

impl MemoryRules {
    /// Foretells this from now on.
    pub fn foretell(&self, model: impl Fn(&Record) -> Forecast + Send + Sync + 'static) {
        let mut state = self.state();
        state.model = Some(Box::new(model));
        state.trouble = None;
    }

    /// Fails with this from now on.
    pub fn fail(&self, error: RuleBookError) {
        self.state().trouble = Some(Trouble::Fails(error));
    }

    /// Never answers from now on.
    pub fn hang(&self) {
        self.state().trouble = Some(Trouble::Hangs);
    }

    /// The external ids of each question since the last time this was asked.
    pub fn take_asked(&self) -> Vec<Vec<String>> {
        std::mem::take(&mut self.state().asked)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn answer(&mut self, records: &[&Record]) -> Result<Vec<Forecast>, Trouble> {
        self.asked.push(records.iter().map(|record| record.external_id.value.clone()).collect());
        if let Some(trouble) = &self.trouble {
            return Err(trouble.clone());
        }
        let forecast = |record: &&Record| match &self.model {
            Some(model) => model(record),
            None => Forecast::Accept,
        };
        Ok(records.iter().map(forecast).collect())
    }
}

#[async_trait]
impl RuleBook for MemoryRules {
    async fn forecast(&self, _: &AccountName, records: &[&Record]) -> Result<Vec<Forecast>, RuleBookError> {
        let answer = self.state().answer(records);
        match answer {
            Ok(forecasts) => Ok(forecasts),
            Err(Trouble::Fails(error)) => Err(error),
            Err(Trouble::Hangs) => pending().await,
        }
    }
}
