//! ExportErrors: writes, and what a run reads of them.
//!
//! An open error is three items: its row under its external id, so that there is one at most; its place in the order of
//! positions (`OPEN#position#id`), for the daily retry; and its place by id. A closed one is its row in the order of positions
//! (`CLOSED#position#id`) and its place by id. They change in one transaction, with the number of open errors in the job's
//! item, whose condition is the lease. So nobody else can change them between the look before and the transaction.

use std::collections::{BTreeMap, BTreeSet};

use domain::{ErrorState, ExportError, ExternalId, JobId, Position};

use super::error_rows::{self, outline};
use super::item::{Item, Key, Row};
use super::jobs;
use super::keys::{self, END};
use super::table::{Range, Table};
use crate::ledger::{Lease, LedgerError, LedgerErrorKind};

/// The attribute of the job's item that counts its open errors.
const OPEN_ERRORS: &str = "openErrors";

/// Up to so many are counted by looking at them.
const FEW: usize = 10;

/// What becomes of an item: written so, or deleted.
type Writes = BTreeMap<Key, Option<Item>>;

/// Stores the error as it is given, in place of what is open for its external id and of its own earlier form.
///
/// Opening and closing are the same write: an open error that is given takes the place of the open one, a closed one
/// leaves none open.
pub(super) async fn put(
    table: &Table,
    lease: &Lease,
    error: &ExportError,
    resolved_days: u32,
) -> Result<(), LedgerError> {
    let job = &lease.job;
    let (slot, by_id) = (keys::open_row(job, &error.record.external_id), keys::by_id(job, &error.id));
    let found = table.get_all(&[slot.clone(), by_id.clone()]).await?;
    let found = |key: &Key| found.iter().find(|row| row.key() == *key);
    let (before, place) = (found(&slot), found(&by_id));

    let is_open = error.state == ErrorState::Open;
    let mut items = error_rows::items(job, error, resolved_days);
    items.push(error_rows::by_id(job, error, resolved_days));
    if is_open {
        items.push(error_rows::open_place(job, error));
    }
    let mut writes = replaced(job, before, place)?;
    writes.extend(items.into_iter().map(|item| (Row(item.clone()).key(), Some(item))));
    if is_open && stands_at(before, error) {
        // Tried again at its place, the usual case: only the row changes.
        writes.remove(&keys::open_place(job, error.position, &error.id));
    }
    if place.is_some_and(|place| Some(Some(&place.0)) == writes.get(&by_id).map(Option::as_ref)) {
        writes.remove(&by_id);
    }
    let more = i32::from(is_open) - i32::from(before.is_some());
    let fence = jobs::fenced(lease);
    let fence = if more == 0 { fence } else { fence.add(OPEN_ERRORS, more) };
    let mut actions = vec![fence.action(&table.name)];
    actions.extend(writes.into_iter().map(|(key, item)| match item {
        Some(item) => table.putting(item),
        None => table.deleting(&key),
    }));
    jobs::transact(table, lease, actions).await
}

/// What goes: all that belongs to the error that was open, and the row of the same error, if it was closed before.
fn replaced(job: &JobId, before: Option<&Row>, place: Option<&Row>) -> Result<Writes, LedgerError> {
    let mut writes = Writes::new();
    if let Some(before) = before {
        let (id, position, parts) = outline(before)?;
        writes.insert(before.key(), None);
        writes.insert(keys::open_place(job, position, &id), None);
        writes.insert(keys::by_id(job, &id), None);
        writes.extend(parts.into_iter().map(|part| (part, None)));
    }
    if let Some(place) = place {
        let row = place.text("row")?;
        if row.starts_with("CLOSED#") {
            writes.insert(Key::new(keys::of_job(job), row), None);
        }
    }
    Ok(writes)
}

/// Whether the error that was open is the same, at the same place.
fn stands_at(before: Option<&Row>, error: &ExportError) -> bool {
    let outline = before.and_then(|before| outline(before).ok());
    outline.is_some_and(|(id, position, _)| id == error.id && position == error.position)
}

/// The open errors of these external ids, by position.
pub(super) async fn open_of(
    table: &Table,
    job: &JobId,
    ids: &[&ExternalId],
) -> Result<Vec<ExportError>, LedgerError> {
    let keys: BTreeSet<Key> = ids.iter().map(|id| keys::open_row(job, id)).collect();
    let keys: Vec<Key> = keys.into_iter().collect();
    let mut open = Vec::new();
    for row in table.get_all(&keys).await? {
        let error = error_rows::read(table, job, &row).await?;
        // A person may have given it up; and a hash may stand for another external id.
        if error.state == ErrorState::Open && ids.iter().any(|id| **id == error.record.external_id) {
            open.push(error);
        }
    }
    open.sort_by(|a, b| (a.position, &a.id).cmp(&(b.position, &b.id)));
    Ok(open)
}

/// The places of open errors behind a position and, at that position, behind an id.
pub(super) fn places(job: &JobId, after: Option<(Position, Option<&str>)>) -> Range {
    let from = match after {
        None => "OPEN#".to_owned(),
        Some((position, None)) => format!("{}{END}", keys::open_place(job, position, "").sk),
        // `!` sorts before every letter and digit: the next key there can be.
        Some((position, Some(id))) => format!("{}!", keys::open_place(job, position, id).sk),
    };
    Range { pk: keys::of_job(job), from, through: format!("OPEN#{END}") }
}

/// The rows at these places, in the order of the places. A place without a row is no error: someone removed the row.
pub(super) async fn at_places(
    table: &Table,
    job: &JobId,
    places: &[Row],
) -> Result<Vec<ExportError>, LedgerError> {
    let mut keys: Vec<Key> = Vec::new();
    for place in places {
        keys.push(Key::new(keys::of_job(job), place.text("row")?));
    }
    let rows = table.get_all(&keys).await?;
    let mut errors = Vec::new();
    for (place, key) in places.iter().zip(&keys) {
        let Some(row) = rows.iter().find(|row| row.key() == *key) else { continue };
        let error = error_rows::read(table, job, row).await?;
        if place.key() != keys::open_place(job, error.position, &error.id) {
            return Err(
                row.corrupt(format!("its place is {}, by its position and id another", place.key().sk))
            );
        }
        errors.push(error);
    }
    Ok(errors)
}

/// The first open errors behind `after`, by position.
pub(super) async fn open(
    table: &Table,
    job: &JobId,
    after: Option<Position>,
    limit: usize,
) -> Result<Vec<ExportError>, LedgerError> {
    let range = places(job, after.map(|after| (after, None)));
    let mut open = Vec::new();
    let mut from = None;
    while open.len() < limit {
        let page = table.page(&range, &[], limit - open.len(), from).await?;
        let errors = at_places(table, job, &page.rows).await?;
        open.extend(errors.into_iter().filter(|error| error.state == ErrorState::Open));
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    Ok(open)
}

/// How many are open. A few are counted one by one, so that a row that a person closed or removed counts no more. Of
/// more, the job's item says how many: to count 100,000 places takes 5,000 read units, and this about 20.
pub(super) async fn count_open(table: &Table, job: &JobId) -> Result<u64, LedgerError> {
    match open(table, job, None, FEW + 1).await {
        Ok(few) if few.len() <= FEW => return Ok(u64::try_from(few.len()).unwrap_or(0)),
        Err(error) if !matches!(error.kind(), LedgerErrorKind::Corrupt { .. }) => return Err(error),
        // A damaged row is told by who reads it; a count need not fail for it.
        _ => {}
    }
    if let Some(row) = table.get(&keys::job(job)).await? {
        match row.count(OPEN_ERRORS) {
            Ok(counted) if counted > 0 => return Ok(counted),
            _ => {}
        }
    }
    let places = table.first(&places(job, None), &["row"], usize::MAX).await?;
    Ok(u64::try_from(places.len()).unwrap_or(0))
}
