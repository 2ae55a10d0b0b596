//! Talks to the CRM about one chunk until each record's fate is known, or nothing more can be known.
//!
//! It writes nothing down. With pause on it goes in order and stops at the first refused record; with pause off it
//! learns the fate of every record it can.

use std::collections::VecDeque;
use std::time::Duration;

use domain::codes::Advice;
use domain::decide::{Decision, RowAnswer, decide_all_or_none, decide_partial};
use domain::policy::QUICK_RETRIES;
use domain::record::INCOMPLETE_RECORD;
use domain::{CrmError, Record, Refusal};

use crate::crm::{Chunk, CrmFailure, own_code};
use crate::ledger::LedgerError;
use crate::run::Run;

/// What became of one record.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fate {
    /// The CRM took it.
    Exported,
    /// The CRM refused it.
    Refused(Refusal),
}

/// Why no more can be known.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Stopped {
    /// The record at the stopping place is refused.
    Refused(Refusal),
    /// CRM unavailable.
    Unavailable {
        /// What was said.
        refusal: Refusal,
        /// When to come again, in the CRM's own words.
        retry_after: Option<Duration>,
    },
    /// The lease could not be kept: this run must end.
    Ledger(LedgerError),
}

/// After this many records that fail alone with the text of their whole call, and none that succeeds, the call is not
/// the cause: the others are taken at their word.
const ALONE_PROOF: u32 = 3;

impl Run<'_> {
    /// Sends records in order, all or none. Answers how many of the first were exported, and why it stopped there.
    pub(crate) async fn exchange_in_order(&mut self, records: &[Record]) -> (usize, Option<Stopped>) {
        let mut window =
            Window { next: 0, end: records.len(), cap: records.len(), blamed: None, alone: false };
        let mut quick = QUICK_RETRIES.iter();
        while window.next < records.len() {
            if let Some(refusal) = window.refused_here() {
                return (window.next, Some(Stopped::Refused(refusal)));
            }
            let rows = match self.send(&records[window.next..window.end], true).await {
                Ok(rows) => rows,
                Err(stopped) => return (window.next, Some(stopped)),
            };
            match decide_all_or_none(&rows) {
                Decision::Exported => window.exported(records.len()),
                Decision::Halt { culprit, refusal } => window.halted(culprit, refusal),
                Decision::Split => window.split(records.len()),
                Decision::Wait(refusal) => match quick.next() {
                    Some(pause) => self.ports.clock.sleep(*pause).await,
                    None => return (window.next, Some(Stopped::Unavailable { refusal, retry_after: None })),
                },
                Decision::Suspend(refusal) => {
                    return (window.next, Some(Stopped::Unavailable { refusal, retry_after: None }));
                }
                Decision::Pass(_) => unreachable!("all or none never passes a record"),
            }
        }
        (window.next, None)
    }

    /// Sends those of the records that stand at `indexes`, with partial success. A fate is `None` when the record was not
    /// sent, or the CRM became unavailable before it was known.
    pub(crate) async fn exchange_passing(
        &mut self,
        records: &[Record],
        indexes: Vec<usize>,
    ) -> (Vec<Option<Fate>>, Option<Stopped>) {
        let mut sorting = Sorting::new(records.len(), indexes);
        let mut quick = QUICK_RETRIES.iter();
        while let Some(group) = sorting.groups.pop_front() {
            let sent: Vec<Record> = group.iter().map(|index| records[*index].clone()).collect();
            let rows = match self.send(&sent, false).await {
                Ok(rows) => rows,
                Err(stopped) => return (sorting.fates, Some(stopped)),
            };
            let waiting = match sorting.take(&group, &rows) {
                Ok(waiting) => waiting,
                Err(refusal) => {
                    return (sorting.fates, Some(Stopped::Unavailable { refusal, retry_after: None }));
                }
            };
            if let Some(refusal) = waiting {
                match quick.next() {
                    Some(pause) => self.ports.clock.sleep(*pause).await,
                    None => {
                        return (sorting.fates, Some(Stopped::Unavailable { refusal, retry_after: None }));
                    }
                }
            }
        }
        (sorting.fates, None)
    }

    /// One call. A request that is refused whole reads as every row refused with that text.
    async fn send(&mut self, records: &[Record], all_or_none: bool) -> Result<Vec<RowAnswer>, Stopped> {
        if let Some(problem) = records.iter().find_map(|record| record.problem.as_ref()) {
            let error = CrmError::new(INCOMPLETE_RECORD, problem.clone(), &[]);
            return Ok(vec![RowAnswer::Refused(vec![error]); records.len()]);
        }
        if !self.calls_left().await.map_err(Stopped::Ledger)? {
            return Err(self.daily_limit());
        }
        self.keep_lease().await.map_err(Stopped::Ledger)?;
        let refs: Vec<&Record> = records.iter().collect();
        let chunk = Chunk {
            object: &self.id.object,
            external_id_field: &records[0].external_id.field,
            operation: records[0].operation,
            records: &refs,
            all_or_none,
        };
        let reply = self.ports.crm.send(chunk).await;
        self.count_calls(reply.calls);
        match reply.outcome {
            Ok(rows) => Ok(rows),
            Err(CrmFailure::Refused(errors)) => Ok(vec![RowAnswer::Refused(errors); records.len()]),
            Err(CrmFailure::Unavailable { error, retry_after }) => {
                Err(Stopped::Unavailable { refusal: Refusal::unavailable(error), retry_after })
            }
        }
    }

    fn daily_limit(&self) -> Stopped {
        let limit = self.settings.daily_crm_api_limit;
        let text = format!(
            "the account's daily CRM API limit of {limit} calls is used up; it begins anew at 00:00 UTC, or raise dailyCrmApiLimit"
        );
        let now = self.ports.clock.now();
        Stopped::Unavailable {
            refusal: Refusal::unavailable(CrmError::new(own_code::DAILY_LIMIT_REACHED, text, &[])),
            retry_after: Some(now.next_day().since(now)),
        }
    }
}

/// The part of a chunk that is being sent in order.
struct Window {
    /// First record that is not exported.
    next: usize,
    /// End of what the next call carries.
    end: usize,
    /// The most that a call carries, after calls had to be split.
    cap: usize,
    /// The first record that was refused so far.
    blamed: Option<(usize, Refusal)>,
    /// The blamed record had its one more try, alone.
    alone: bool,
}

impl Window {
    /// The refusal of the record that is next, once it had every try it is worth.
    fn refused_here(&mut self) -> Option<Refusal> {
        let (at, refusal) = self.blamed.as_ref()?;
        if *at != self.next {
            return None;
        }
        let refusal = refusal.clone();
        if refusal.advice == Advice::OnceMore && !self.alone {
            // Only the answer to that try may blame it: a lock, met meanwhile, says nothing of the record.
            (self.blamed, self.alone, self.end) = (None, true, self.next + 1);
            return None;
        }
        Some(refusal)
    }

    fn exported(&mut self, len: usize) {
        self.next = self.end;
        self.cap = self.cap.saturating_mul(2).min(len);
        self.alone = false;
        self.blamed = self.blamed.take().filter(|(at, _)| *at >= self.next);
        self.end = self.end_of_call(len);
    }

    fn halted(&mut self, culprit: usize, refusal: Refusal) {
        self.blamed = Some((self.next + culprit, refusal));
        self.end = (self.next + culprit).max(self.next + 1);
    }

    /// The first split tries one record alone: when the cause is not the call, that is all it takes.
    fn split(&mut self, len: usize) {
        self.cap = if self.cap == len { 1 } else { (self.end - self.next) / 2 };
        self.end = self.end_of_call(len);
    }

    fn end_of_call(&self, len: usize) -> usize {
        let end = (self.next + self.cap.max(1)).min(len);
        match &self.blamed {
            Some((at, _)) if *at > self.next => end.min(*at),
            _ => end,
        }
    }
}

/// The records of a chunk on their way to their fates, with partial success.
struct Sorting {
    fates: Vec<Option<Fate>>,
    groups: VecDeque<Vec<usize>>,
    /// Records that failed alone after their call was split.
    alone_refused: u32,
    any_exported: bool,
}

impl Sorting {
    fn new(len: usize, indexes: Vec<usize>) -> Self {
        let groups = if indexes.is_empty() { VecDeque::new() } else { VecDeque::from([indexes]) };
        Self { fates: vec![None; len], groups, alone_refused: 0, any_exported: false }
    }

    /// Takes the answers to one group. `Ok(Some)` asks for a pause before the next, `Err` means CRM unavailable.
    fn take(&mut self, group: &[usize], rows: &[RowAnswer]) -> Result<Option<Refusal>, Refusal> {
        let pass = match decide_partial(rows) {
            Decision::Exported => {
                self.mark_exported(group);
                return Ok(None);
            }
            Decision::Split => {
                self.split(group, rows);
                return Ok(None);
            }
            Decision::Pass(pass) => pass,
            _ => unreachable!("partial success never halts"),
        };
        let done: Vec<usize> = group
            .iter()
            .enumerate()
            .filter(|(row, _)| rows[*row] == RowAnswer::Done)
            .map(|(_, index)| *index)
            .collect();
        self.mark_exported(&done);
        if group.len() == 1 {
            self.alone_refused += u32::try_from(pass.refused.len()).unwrap_or(u32::MAX);
        }
        for (row, refusal) in pass.refused {
            self.fates[group[row]] = Some(Fate::Refused(refusal));
        }
        self.groups.extend(pass.alone.into_iter().map(|(row, _)| vec![group[row]]));
        if let Some((_, refusal)) = pass.suspend.into_iter().next() {
            return Err(refusal);
        }
        if !pass.wait.is_empty() {
            self.groups.push_back(pass.wait.iter().map(|(row, _)| group[*row]).collect());
        }
        Ok(pass.wait.into_iter().next().map(|(_, refusal)| refusal))
    }

    fn mark_exported(&mut self, indexes: &[usize]) {
        self.any_exported |= !indexes.is_empty();
        for index in indexes {
            self.fates[*index] = Some(Fate::Exported);
        }
    }

    fn split(&mut self, group: &[usize], rows: &[RowAnswer]) {
        if self.alone_refused >= ALONE_PROOF && !self.any_exported {
            for (index, row) in group.iter().zip(rows) {
                if let RowAnswer::Refused(errors) = row {
                    self.fates[*index] = Some(Fate::Refused(Refusal::new(errors.clone())));
                }
            }
            return;
        }
        let (first, second) = group.split_at(group.len() / 2);
        self.groups.push_front(second.to_vec());
        self.groups.push_front(first.to_vec());
    }
}
