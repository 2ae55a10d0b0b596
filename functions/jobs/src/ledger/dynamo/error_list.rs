//! The list of an account's errors, open and closed, and one of them by its id. For people: no run reads these.

use std::collections::VecDeque;

use domain::{AccountName, ErrorState, ExportError, JobId, Position};

use super::item::{Key, Row};
use super::keys::{self, END};
use super::table::{Range, Table};
use super::{error_rows, errors, jobs};
use crate::ledger::{ErrorFilter, LedgerError};

/// How many rows are read at a time, at least and at most. What a filter leaves out is read all the same.
const PAGE_MIN: usize = 25;
const PAGE_MAX: usize = 100;

/// Ids have 12 digits; a longer text is none.
const ID_BYTES_MAX: usize = 64;

/// A place in one job's list: behind this position and id.
type Place = (Position, String);

/// One error by id.
pub(super) async fn error(
    table: &Table,
    account: &AccountName,
    id: &str,
) -> Result<Option<ExportError>, LedgerError> {
    if id.len() > ID_BYTES_MAX {
        return Ok(None);
    }
    let start = format!("ERROR#{id}#");
    let range = Range { pk: keys::account(account), from: start.clone(), through: format!("{start}{END}") };
    for place in table.first(&range, &["row"], usize::MAX).await? {
        let Key { sk, .. } = place.key();
        // An id with a `#` in it finds the places of others.
        let Ok(job) = JobId::new(account.clone(), sk.strip_prefix(&start).unwrap_or_default()) else {
            continue;
        };
        let row = table.get(&Key::new(keys::of_job(&job), place.text("row")?)).await?;
        // The row may have expired before its place, or belong to another error by now.
        if let Some(row) = row.filter(|row| row.text("id") == Ok(id)) {
            return error_rows::read(table, &job, &row).await.map(Some);
        }
    }
    Ok(None)
}

/// An account's errors by object, position and id, behind the one with the id `after`. An id that is no more there
/// ends the list: to begin again would make a caller that pages run in circles.
pub(super) async fn errors(
    table: &Table,
    account: &AccountName,
    filter: &ErrorFilter,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<ExportError>, LedgerError> {
    let mut after = match after {
        None => None,
        Some(id) => match error(table, account, id).await? {
            None => return Ok(Vec::new()),
            Some(error) => Some((error.record.object, (error.position, error.id))),
        },
    };
    let mut found = Vec::new();
    for job in jobs::ids(table, account).await? {
        if after.as_ref().is_some_and(|(object, _)| job.object < *object)
            || filter.object.as_ref().is_some_and(|object| job.object != *object)
        {
            continue;
        }
        let place = after.take_if(|(object, _)| job.object == *object).map(|(_, place)| place);
        let mut merged = Merged::new(table, &job, filter, place, limit);
        while found.len() < limit {
            let Some(error) = merged.next().await? else { break };
            if filter.matches(&error) {
                found.push(error);
            }
        }
    }
    Ok(found)
}

/// Open and closed errors of a job in one order.
struct Merged<'a> {
    open: Listed<'a>,
    closed: Listed<'a>,
}

impl<'a> Merged<'a> {
    fn new(
        table: &'a Table,
        job: &'a JobId,
        filter: &ErrorFilter,
        after: Option<Place>,
        limit: usize,
    ) -> Self {
        let listed = |range| Listed {
            table,
            job,
            range,
            size: limit.clamp(PAGE_MIN, PAGE_MAX),
            read: VecDeque::new(),
            next: Some(None),
        };
        let after = after.as_ref();
        let mut closed = listed(closed_rows(job, after));
        if filter.state == Some(ErrorState::Open) {
            closed.next = None;
        }
        Self { open: listed(errors::places(job, after.map(|(at, id)| (*at, Some(id.as_str()))))), closed }
    }

    async fn next(&mut self) -> Result<Option<ExportError>, LedgerError> {
        self.open.fill().await?;
        self.closed.fill().await?;
        let place = |error: &ExportError| (error.position, error.id.clone());
        let open_first = match (self.open.read.front(), self.closed.read.front()) {
            (Some(open), Some(closed)) => place(open) <= place(closed),
            (open, _) => open.is_some(),
        };
        let first = if open_first { &mut self.open } else { &mut self.closed };
        Ok(first.read.pop_front())
    }
}

fn closed_rows(job: &JobId, after: Option<&Place>) -> Range {
    let from = match after {
        None => "CLOSED#".to_owned(),
        Some((position, id)) => format!("{}!", keys::closed_row(job, *position, id).sk),
    };
    Range { pk: keys::of_job(job), from, through: format!("CLOSED#{END}") }
}

/// A range of places or rows, read page by page.
struct Listed<'a> {
    table: &'a Table,
    job: &'a JobId,
    range: Range,
    size: usize,
    read: VecDeque<ExportError>,
    /// Where the next page begins; the outer `None` when there is none.
    next: Option<Option<super::item::Item>>,
}

impl Listed<'_> {
    async fn fill(&mut self) -> Result<(), LedgerError> {
        while self.read.is_empty() {
            let Some(from) = self.next.take() else { return Ok(()) };
            let page = self.table.page(&self.range, &[], self.size, from).await?;
            self.next = page.next.map(Some);
            self.read = self.errors(&page.rows).await?.into();
        }
        Ok(())
    }

    async fn errors(&self, rows: &[Row]) -> Result<Vec<ExportError>, LedgerError> {
        if self.range.from.starts_with("OPEN#") {
            return errors::at_places(self.table, self.job, rows).await;
        }
        let mut errors = Vec::new();
        for row in rows {
            errors.push(error_rows::read(self.table, self.job, row).await?);
        }
        Ok(errors)
    }
}
