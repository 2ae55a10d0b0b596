//! A CRM as it really is: partial success, all or none with collateral codes, whole requests refused for one record,
//! one trigger text for every row, rules that come and go, locks, limits, outages, and answers that get lost.
//!
//! The values of its records are kept by the model, which sees every write; here is only who exists and what is refused.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use async_trait::async_trait;
use domain::decide::RowAnswer;
use domain::{CrmError, Operation, Record};
use jobs::crm::{Chunk, Crm, CrmFailure, Reply};
use jobs::rules::RuleBook;

use super::faults::Faults;
use super::model::{compared, number_of, versions};
use super::mutant::Mutant;
use super::plan::{DELETE, Flaw, FlawKind, Outage};
use super::port::Port;
use super::rng::Rng;
use super::seen::{Answer, Landing, Seen};
use super::world::State;

/// One account's CRM.
#[derive(Debug, Default)]
pub(super) struct Store {
    present: BTreeSet<(String, String)>,
    /// By field and version.
    pub(super) flaws: BTreeMap<(String, u32), Flaw>,
    /// How often each flaw was met.
    met: BTreeMap<(String, u32), u32>,
    /// Accounts that some record of the plan brings; a child waits for no other.
    pub(super) parents: BTreeSet<String>,
}

/// The CRM's answer to one record, as it is sent and as it is meant.
#[derive(Debug, Clone)]
struct Said {
    row: RowAnswer,
    answer: Answer,
}

/// What each record of a call was answered.
type Told = Vec<(u32, Answer)>;

/// What the adapter hands to its caller.
type Outcome = Result<Vec<RowAnswer>, CrmFailure>;

/// What surrounds a call.
struct Moment<'m> {
    now: i64,
    quiet: bool,
    faults: &'m Faults,
    outage: Option<&'m Outage>,
}

fn refused(code: &str, text: String) -> RowAnswer {
    RowAnswer::Refused(vec![CrmError::new(code, text, &[])])
}

impl Said {
    fn done() -> Self {
        Self { row: RowAnswer::Done, answer: Answer::Done }
    }

    fn record_error(code: &str, text: String) -> Self {
        Self { row: refused(code, text), answer: Answer::RecordError(code.to_owned()) }
    }

    fn unavailable(code: &str, text: &str) -> Self {
        Self { row: refused(code, text.to_owned()), answer: Answer::Unavailable }
    }

    fn collateral(code: &str) -> Self {
        Self { row: refused(code, "rolled back".to_owned()), answer: Answer::Collateral }
    }
}

impl Store {
    /// Answers a call and writes what it takes. `Err` refuses or fails the whole.
    fn answer(
        &mut self,
        chunk: &Chunk<'_>,
        moment: &Moment<'_>,
        rng: &mut Rng,
    ) -> Result<Vec<Said>, CrmFailure> {
        if let Some(outage) = moment.outage.filter(|outage| !outage.by_row) {
            let retry_after = rng.chance(300).then(|| Duration::from_secs(rng.below(7200)));
            let error = CrmError::new(outage.code, "the CRM is away", &[]);
            return Err(CrmFailure::Unavailable { error, retry_after });
        }
        if let Some(record) = self.flawed(chunk, moment, |kind| matches!(kind, FlawKind::WholeRequest)) {
            let text = format!("cannot read the value of {}", record.external_id);
            return Err(CrmFailure::Refused(vec![CrmError::new("JSON_PARSER_ERROR", text, &[])]));
        }
        if chunk.records.len() > 1
            && let Some(record) = self.flawed(chunk, moment, |kind| matches!(kind, FlawKind::SameText))
        {
            let text = format!("a trigger failed for the whole call ({})", record.external_id);
            let said = Said::record_error("CANNOT_EXECUTE_FLOW_TRIGGER", text);
            return Ok(vec![said; chunk.records.len()]);
        }
        let mut rows: Vec<Said> =
            chunk.records.iter().map(|record| self.verdict(record, chunk, moment, rng)).collect();
        if chunk.all_or_none && rows.iter().any(|said| said.row != RowAnswer::Done) {
            let code = *rng.pick(&["ALL_OR_NONE_OPERATION_ROLLED_BACK", "PROCESSING_HALTED"]);
            for said in rows.iter_mut().filter(|said| said.row == RowAnswer::Done) {
                *said = Said::collateral(code);
            }
        }
        for (record, _) in chunk.records.iter().zip(&rows).filter(|(_, said)| said.row == RowAnswer::Done) {
            let key = (record.object.clone(), compared(&record.external_id.value));
            match record.operation {
                Operation::Upsert => drop(self.present.insert(key)),
                Operation::Delete => drop(self.present.remove(&key)),
            }
        }
        Ok(rows)
    }

    /// The code with which a record is refused at this moment, as far as rules can know: not what depends on other
    /// records, on the call, or on how often it was tried.
    pub(super) fn rule_against(&self, record: &Record, now: i64, faults: &Faults) -> Option<&'static str> {
        let moment = Moment { now, quiet: false, faults, outage: None };
        let code = |kind: &FlawKind| if let FlawKind::Refused(code) = kind { Some(*code) } else { None };
        self.flaws_of(record, &moment).find_map(|(_, flaw)| code(&flaw.kind))
    }

    fn flawed<'c>(
        &self,
        chunk: &Chunk<'c>,
        moment: &Moment<'_>,
        kind: impl Fn(&FlawKind) -> bool,
    ) -> Option<&'c Record> {
        let flawed = |record: &&&Record| self.flaws_of(record, moment).any(|(_, flaw)| kind(&flaw.kind));
        chunk.records.iter().find(flawed).copied()
    }

    /// What is wrong with a record at this moment.
    fn flaws_of<'s>(
        &'s self,
        record: &Record,
        moment: &Moment<'_>,
    ) -> impl Iterator<Item = (&'s (String, u32), &'s Flaw)> {
        let values = match record.operation {
            Operation::Upsert => versions(record),
            Operation::Delete => {
                number_of(record).map(|number| (DELETE.to_owned(), number)).into_iter().collect()
            }
        };
        let (now, quiet) = (moment.now, moment.quiet);
        let flaws = values.into_iter().filter_map(|value| self.flaws.get_key_value(&value));
        flaws.filter(move |(_, flaw)| !quiet && (flaw.from..flaw.until).contains(&now))
    }

    fn verdict(&mut self, record: &Record, chunk: &Chunk<'_>, moment: &Moment<'_>, rng: &mut Rng) -> Said {
        let id = &record.external_id;
        if moment.outage.is_some() {
            return Said::unavailable(moment.outage.map_or("", |outage| outage.code), "not now");
        }
        let faults = moment.faults;
        let halted = !moment.quiet && !chunk.all_or_none && rng.chance(faults.row_halted);
        let away = !moment.quiet && rng.chance(faults.row_outage);
        let mut first = None;
        let mut locked = !moment.quiet && rng.chance(faults.row_lock);
        let mut seen = Vec::new();
        for (value, flaw) in self.flaws_of(record, moment) {
            let times = self.met.get(value).copied().unwrap_or(0);
            seen.push(value.clone());
            match (&flaw.kind, times) {
                (FlawKind::Refused(code), _) | (FlawKind::Once(code) | FlawKind::OnceThenLocked(code), 0) => {
                    first = Some(*code);
                }
                (FlawKind::Locked, _) | (FlawKind::OnceThenLocked(_), 1) => locked = true,
                _ => {}
            }
        }
        for value in seen {
            *self.met.entry(value).or_default() += 1;
        }
        if let Some(code) = first {
            let mut said = Said::record_error(code, format!("{id} is refused"));
            if let (true, RowAnswer::Refused(errors)) = (locked, &mut said.row) {
                errors.insert(0, CrmError::new("UNABLE_TO_LOCK_ROW", "a lock too", &[]));
            }
            return said;
        }
        if let Some(missing) = self.missing_parent(record, moment.quiet) {
            let text = format!("{id}: no Account has {missing}");
            return Said::record_error("INVALID_FIELD", text);
        }
        match (locked, halted, away) {
            (true, _, _) => locked_row(rng),
            (_, true, _) => Said::collateral("PROCESSING_HALTED"),
            (_, _, true) => {
                let code = *rng.pick(&["REQUEST_LIMIT_EXCEEDED", "SERVER_UNAVAILABLE"]);
                Said::unavailable(code, "not now")
            }
            _ => Said::done(),
        }
    }

    fn missing_parent(&self, record: &Record, quiet: bool) -> Option<String> {
        let parent = record.fields.get("Account")?.get("Ext__c")?.as_str()?.to_owned();
        let waived = quiet && !self.parents.contains(&compared(&parent));
        let there = self.present.contains(&("Account".to_owned(), compared(&parent)));
        (!there && !waived).then_some(parent)
    }
}

fn locked_row(rng: &mut Rng) -> Said {
    if rng.chance(500) {
        return Said::unavailable("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access");
    }
    let text = "T: execution of AfterUpdate\ncaused by: System.DmlException: Update failed. First exception on row 0; \
                first error: UNABLE_TO_LOCK_ROW, unable to obtain exclusive access: []";
    Said::unavailable("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", text)
}

fn connection_failed() -> CrmFailure {
    let error = CrmError::new("CONNECTION_FAILED", "the connection was lost", &[]);
    CrmFailure::Unavailable { error, retry_after: None }
}

impl State {
    /// The effect of a call that arrived.
    fn crm_effect(&mut self, port: &Port, chunk: &Chunk<'_>) -> (Told, Outcome) {
        let numbers: Vec<u32> = chunk.records.iter().filter_map(|record| number_of(record)).collect();
        let outages = std::mem::take(&mut self.outages);
        let covers = |outage: &&Outage| {
            !self.quiet && outage.account == port.account && (outage.from..outage.until).contains(&self.now)
        };
        let outage = outages.iter().find(covers);
        let moment = Moment { now: self.now, quiet: self.quiet, faults: &self.faults, outage };
        let store = self.stores.entry(port.account.clone()).or_default();
        let answer = store.answer(chunk, &moment, &mut self.crm_rng);
        if let Some(outage) = outage {
            self.met.count(if outage.by_row { "CRM away, said row by row" } else { "CRM away" });
        }
        self.outages = outages;
        let each = |answer: Answer| numbers.iter().map(|number| (*number, answer.clone())).collect();
        match answer {
            Err(CrmFailure::Refused(errors)) => {
                self.met.count("CRM refused a whole request");
                (each(Answer::RecordError(errors[0].code.clone())), Err(CrmFailure::Refused(errors)))
            }
            Err(failure) => (each(Answer::Unavailable), Err(failure)),
            Ok(rows) => {
                self.land(port, chunk, &rows, &numbers);
                let told = numbers.iter().copied().zip(rows.iter().map(|said| said.answer.clone())).collect();
                (told, Ok(rows.into_iter().map(|said| said.row).collect()))
            }
        }
    }

    fn land(&mut self, port: &Port, chunk: &Chunk<'_>, rows: &[Said], numbers: &[u32]) {
        for (record, said) in chunk.records.iter().zip(rows) {
            self.met.count(match &said.answer {
                Answer::Done => "CRM wrote a record",
                Answer::RecordError(_) => "CRM refused a record",
                Answer::Collateral => "CRM answered a collateral code",
                Answer::Unavailable => "CRM answered a lock or a limit to a row",
            });
            if said.row != RowAnswer::Done {
                continue;
            }
            let id = compared(&record.external_id.value);
            self.see(Seen::Landed(Landing {
                run: port.run,
                key: (port.account.clone(), record.object.clone(), id),
                number: number_of(record).unwrap_or_default(),
                delete: record.operation == Operation::Delete,
                fields: versions(record),
                together: numbers.to_vec(),
                all_or_none: chunk.all_or_none,
            }));
        }
    }

    fn crm_delay(&mut self) -> i64 {
        if !self.quiet && self.crm_rng.chance(self.faults.slow_crm) {
            self.met.count("slow CRM call");
            return self.crm_rng.between(20_000, 110_000);
        }
        self.crm_rng.between(20, 800)
    }
}

#[async_trait]
impl Crm for Port {
    async fn send(&self, chunk: Chunk<'_>) -> Reply {
        let numbers: Vec<u32> = chunk.records.iter().filter_map(|record| number_of(record)).collect();
        let (run, now, late) = (self.run, self.clock(), self.take_late());
        let object = chunk.object.to_owned();
        self.world.see(Seen::Called { run, object, numbers, all_or_none: chunk.all_or_none, now, late });
        let delay = self.world.state().crm_delay();
        self.pause(delay).await;
        let (told, outcome) = {
            let mut state = self.world.state();
            let lost = !state.quiet && {
                let rate = state.faults.crm_lost_request;
                state.crm_rng.chance(rate)
            };
            if lost {
                state.met.count("CRM request lost");
                (unknown(&chunk), Err(connection_failed()))
            } else {
                let all_or_none = chunk.all_or_none && self.world.mutant != Some(Mutant::AllOrNoneDropped);
                state.crm_effect(self, &Chunk { all_or_none, ..chunk })
            }
        };
        let delay = self.world.state().crm_rng.between(5, 200);
        self.pause(delay).await;
        let lost = {
            let mut state = self.world.state();
            let rate = if state.quiet { 0 } else { state.faults.crm_lost_reply };
            state.is_scripted("crm reply") || state.crm_rng.chance(rate)
        };
        let (told, outcome) = if lost {
            self.world.state().met.count("CRM reply lost");
            (unknown(&chunk), Err(connection_failed()))
        } else {
            (told, outcome)
        };
        self.world.see(Seen::Answered { run, rows: told });
        Reply { outcome: spoiled(self.world.mutant, outcome), calls: 1, usage: None }
    }

    fn rules(&self) -> &dyn RuleBook {
        self
    }
}

fn unknown(chunk: &Chunk<'_>) -> Told {
    let numbers = chunk.records.iter().filter_map(|record| number_of(record));
    numbers.map(|number| (number, Answer::Unavailable)).collect()
}

/// What an adapter with a planted fault makes of an answer.
fn spoiled(mutant: Option<Mutant>, outcome: Outcome) -> Outcome {
    let collateral = ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "PROCESSING_HALTED"];
    match (mutant, outcome) {
        (Some(Mutant::CollateralReadsAsDone), Ok(mut rows)) => {
            for row in &mut rows {
                if matches!(row, RowAnswer::Refused(errors) if collateral.contains(&errors[0].code.as_str()))
                {
                    *row = RowAnswer::Done;
                }
            }
            Ok(rows)
        }
        (Some(Mutant::RowsReversed), Ok(mut rows)) => {
            rows.reverse();
            Ok(rows)
        }
        (Some(Mutant::OutageReadsAsRefusal), Err(CrmFailure::Unavailable { error, .. })) => {
            let named = CrmError { code: "HTTP_500".to_owned(), ..error };
            Err(CrmFailure::Refused(vec![named]))
        }
        (_, outcome) => outcome,
    }
}
