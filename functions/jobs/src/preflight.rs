//! Preflight: what the CRM's rules foretell of a chunk, what follows from that, and where the CRM then says otherwise.
//!
//! A forecast only ever spares a call. It never lets a record pass, and a rule book that fails, is slow or is wrong
//! blocks nothing for ever: the daily job and a person who asks for a run bring the head before the CRM whatever the rules
//! say, and a rule that the CRM has contradicted decides nothing more in that run.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::{CrmError, Preflight, Record, Refusal};

use crate::deliver::Prepared;
use crate::exchange::Fate;
use crate::report::Disagreement;
use crate::rules::{Forecast, Foretold, RuleBookError};
use crate::run::Run;

/// How long an answer of the rules is awaited. A run that stops in time has it to spare beside its last call.
pub const FORECAST_TIME: Duration = Duration::from_secs(5);

/// Who decides on a record that the rules certainly refuse, while preflight is enforced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LastWord {
    /// The rules: the record is not sent.
    Rules,
    /// The CRM: the record is sent, and the forecast only compared.
    Crm,
}

/// What a run knows of its rule book.
#[derive(Debug, Default)]
pub(crate) struct Trust {
    /// It failed, and that was told.
    failed: bool,
    /// It was too slow to be asked again.
    slow: bool,
    /// Rules that refused what the CRM took.
    contradicted: BTreeSet<String>,
}

impl Run<'_> {
    /// What the rules foretell of records as they will be sent; empty when nothing is known of any.
    pub(crate) async fn forecast(&mut self, records: &[Record]) -> Vec<Forecast> {
        let off = self.settings.preflight == Preflight::Off || self.trust.slow;
        // A record that is not whole is never sent.
        if off || records.iter().any(|record| record.problem.is_some()) {
            return Vec::new();
        }
        let asked: Vec<&Record> = records.iter().collect();
        let rules = self.ports.crm.rules();
        let answer = tokio::select! {
            biased;
            answer = rules.forecast(&self.id.account, &asked) => answer,
            () = self.ports.clock.sleep(FORECAST_TIME) => {
                self.trust.slow = true;
                Err(RuleBookError::new(format!("no answer within {} seconds", FORECAST_TIME.as_secs())))
            }
        };
        let answer = answer.and_then(|forecasts| match forecasts.len() {
            given if given == records.len() => Ok(forecasts),
            given => Err(RuleBookError::new(format!("{given} forecasts for {} records", records.len()))),
        });
        match answer {
            Ok(forecasts) => {
                let forecasts: Vec<Forecast> =
                    forecasts.into_iter().map(Forecast::of_record_errors).collect();
                for forecast in &forecasts {
                    if let Forecast::Unknown(why) = forecast {
                        tracing::debug!(job = %self.id, why, "the rules do not know");
                    }
                }
                forecasts
            }
            Err(error) => {
                self.tell_failure(&error);
                Vec::new()
            }
        }
    }

    /// Once per run: a book that fails for one chunk mostly fails for all.
    fn tell_failure(&mut self, error: &RuleBookError) {
        if !std::mem::replace(&mut self.trust.failed, true) {
            tracing::warn!(job = %self.id, %error, "failed to ask the rules");
            let warning =
                format!("preflight: failed to ask the rules: {error}; records are sent without a forecast");
            self.report.warnings.push(warning);
        }
    }

    /// The records of a chunk that are refused without a call, with why: none unless preflight is enforced.
    pub(crate) fn refused_by_rules(
        &self,
        chunk: &Prepared<'_>,
        last_word: LastWord,
    ) -> Vec<(usize, Refusal)> {
        if self.settings.preflight != Preflight::Enforce || last_word == LastWord::Crm {
            return Vec::new();
        }
        let refusal = |(index, forecast): (usize, &Forecast)| match forecast {
            Forecast::Refuse(foretold) => self.refusal(foretold).map(|refusal| (index, refusal)),
            Forecast::Accept | Forecast::Unknown(_) => None,
        };
        chunk.forecasts.iter().enumerate().filter_map(refusal).collect()
    }

    fn refusal(&self, foretold: &[Foretold]) -> Option<Refusal> {
        let trusted = foretold.iter().filter(|error| !self.trust.contradicted.contains(&error.rule));
        let errors: Vec<CrmError> = trusted.map(Foretold::to_crm_error).collect();
        (!errors.is_empty()).then(|| Refusal::new(errors))
    }

    /// Compares what the CRM said of a chunk's records with their forecasts.
    pub(crate) fn compare_all(&mut self, chunk: &Prepared<'_>, fates: &[Option<Fate>]) {
        for (index, fate) in fates.iter().enumerate() {
            match fate {
                Some(Fate::Exported) => self.compare(chunk, index, None),
                Some(Fate::Refused(refusal)) => self.compare(chunk, index, Some(refusal)),
                None => {}
            }
        }
    }

    /// Compares the CRM's answer to a record (`None`: it took the record) with the forecast.
    pub(crate) fn compare(&mut self, chunk: &Prepared<'_>, index: usize, refusal: Option<&Refusal>) {
        let disagreement = match (chunk.forecasts.get(index), refusal) {
            (Some(Forecast::Refuse(foretold)), None) => {
                self.trust.contradicted.extend(foretold.iter().map(|error| error.rule.clone()));
                let Foretold { rule, code, .. } = foretold[0].clone();
                Disagreement::FalseAlarm { rule, code }
            }
            (Some(Forecast::Accept), Some(refusal)) => {
                Disagreement::Miss { code: refusal.first().code.clone() }
            }
            _ => return,
        };
        let position = chunk.placed[index].position;
        tracing::info!(job = %self.id, %position, ?disagreement, "the rules and the CRM disagree");
        self.report.disagreements.count(disagreement);
    }
}
