//! Parked records, in groups ([`super::groups`]).
//!
//! **Parking** is one transaction for every 3.5 MB: the groups, and an update of the job's item that demands the lease
//! and counts them. It costs twice a plain write, and none is sound without: a run that was overtaken could park a
//! record whose older neighbours the newer run has not seen, and the next run would take those for settled.
//!
//! **Removing** is not fenced item by item, which halves its price. The lease is checked before; and what is removed is
//! settled: the cursor that passed it was saved under a lease, and no run moves a cursor back. So it does no harm when a
//! run that is overtaken in between removes it as well. The count is written last, as a number and not as a difference:
//! a run that ends before leaves it too high, until the job is drained.

use std::collections::HashSet;

use domain::{JobId, Placed, Position};

use super::change::Change;
use super::groups::{self, COUNT, Places, RECORDS};
use super::item::{Key, Row, number, text};
use super::keys::{self, END};
use super::table::{Range, Table};
use super::{jobs, pieces};
use crate::ledger::{Lease, LedgerError};

/// The attribute of the job's item that counts its parked records.
const PARKED: &str = "parked";

/// How many groups are looked at at once for places that are parked already; mostly there is none.
const LOOK: usize = 8;

/// Parks records. One that is parked already stays as it is.
pub(super) async fn park(table: &Table, lease: &Lease, records: &[Placed]) -> Result<(), LedgerError> {
    let mut known = known_places(table, &lease.job, records).await?;
    let fresh: Vec<&Placed> = records.iter().filter(|placed| known.insert(placed.position)).collect();
    if fresh.is_empty() {
        return jobs::held_by(table, lease).await.map(drop);
    }
    for load in groups::loads(&lease.job, &groups::cut(fresh)) {
        let counted = jobs::fenced(lease)
            .add(PARKED, load.records)
            .set("waitingAccount", text(lease.job.account.as_str()))
            .set_once_from("waitingSince", "leasedAt");
        let mut actions = vec![counted.action(&table.name)];
        actions.extend(load.items.into_iter().map(|item| table.putting(item)));
        jobs::transact(table, lease, actions).await?;
    }
    Ok(())
}

/// Which places among those of `records` are parked. Nobody else parks while the lease holds, and when it does not the
/// transaction fails.
async fn known_places(
    table: &Table,
    job: &JobId,
    records: &[Placed],
) -> Result<HashSet<Position>, LedgerError> {
    let mut known = HashSet::new();
    let places = records.iter().map(|placed| placed.position);
    let (Some(first), Some(last)) = (places.clone().min(), places.max()) else { return Ok(known) };
    let range = range(keys::parked(job, first).sk, job);
    let mut from = None;
    loop {
        let page = table.page(&range, &[COUNT], LOOK, from).await?;
        for row in &page.rows {
            let group = Places::of(row)?;
            if group.first > last {
                return Ok(known);
            }
            let indexes = group.first.index..=group.last.index;
            known.extend(indexes.map(|index| Position { index, ..group.first }));
        }
        from = page.next;
        if from.is_none() {
            return Ok(known);
        }
    }
}

/// Parked records from a sort key on.
fn range(from: String, job: &JobId) -> Range {
    Range { pk: keys::of_job(job), from, through: format!("PARKED#{END}") }
}

/// Parked records behind a position.
fn behind(after: Option<Position>, job: &JobId) -> Range {
    let from = after.map_or_else(|| "PARKED#".to_owned(), |after| keys::parked(job, after).sk + "~");
    range(from, job)
}

/// The first ones behind `after`.
pub(super) async fn parked(
    table: &Table,
    job: &JobId,
    after: Option<Position>,
    limit: usize,
) -> Result<Vec<Placed>, LedgerError> {
    let range = behind(after, job);
    let mut parked = Vec::new();
    let mut from = None;
    while parked.len() < limit {
        let page = table.page(&range, &[], limit - parked.len(), from).await?;
        for row in &page.rows {
            if parked.len() < limit {
                let records = read(table, row).await?;
                parked.extend(records.into_iter().filter(|placed| Some(placed.position) > after));
            }
        }
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    parked.truncate(limit);
    Ok(parked)
}

async fn read(table: &Table, row: &Row) -> Result<Vec<Placed>, LedgerError> {
    let lines = pieces::whole(table, row, RECORDS, &row.key().sk).await?;
    groups::records(row, &lines)
}

/// Removes those at or before `through`.
pub(super) async fn unpark(table: &Table, lease: &Lease, through: Position) -> Result<(), LedgerError> {
    let job = jobs::held_by(table, lease).await?;
    let id = &lease.job;
    let before =
        Range { pk: keys::of_job(id), from: "PARKED#".to_owned(), through: keys::parked(id, through).sk };
    let gone = table.first(&before, &[COUNT, "recordsParts"], usize::MAX).await?;
    let next = table.first(&behind(Some(through), id), &[], 1).await?.pop();
    let kept = match &next {
        Some(row) if Places::of(row)?.first <= through => Some(behind_place(table, row, through).await?),
        _ => None,
    };
    if gone.is_empty() && kept.is_none() {
        return Ok(());
    }
    let mut removed = 0;
    let mut keys: Vec<Key> = Vec::new();
    for row in &gone {
        removed += Places::of(row)?.count();
        keys.push(row.key());
        keys.extend(pieces::parts(row, RECORDS, &row.key().sk)?);
    }
    table.delete_all(&keys).await?;
    if let (Some(row), Some(kept)) = (&next, &kept) {
        removed += Places::of(row)?.count() - u64::try_from(kept.len()).unwrap_or(0);
    }
    let left = job.count(PARKED).unwrap_or(0).saturating_sub(removed);
    let change = counted(lease, next.is_some(), left);
    let Some(kept) = kept else { return jobs::change(table, lease, change).await };
    // One item: what is kept of a group is smaller than the group was, and a large record is alone in its own.
    let items = groups::cut(&kept).iter().flat_map(|group| group.items(id)).collect::<Vec<_>>();
    let mut actions = vec![change.action(&table.name)];
    actions.extend(items.into_iter().map(|item| table.putting(item)));
    jobs::transact(table, lease, actions).await
}

/// The records of a group behind a place.
async fn behind_place(table: &Table, row: &Row, through: Position) -> Result<Vec<Placed>, LedgerError> {
    let records = read(table, row).await?;
    Ok(records.into_iter().filter(|placed| placed.position > through).collect())
}

/// The job's item when so many are left. With nothing left it leaves the index of waiting jobs too.
fn counted(lease: &Lease, any_left: bool, left: u64) -> Change {
    let change = jobs::fenced(lease);
    if any_left {
        change.set(PARKED, number(left.max(1)))
    } else {
        change.set(PARKED, number(0)).remove("waitingAccount").remove("waitingSince")
    }
}

/// How many there are. Whether there are any is looked up; how many is what the job's item says, for 100,000 records take
/// 25,000 read units to count. Only when that says none they are counted all the same: someone edited the item.
pub(super) async fn count(table: &Table, job: &JobId) -> Result<u64, LedgerError> {
    let all = behind(None, job);
    if table.first(&all, &[COUNT], 1).await?.is_empty() {
        return Ok(0);
    }
    let counted = match table.get(&keys::job(job)).await? {
        Some(row) => row.count(PARKED).unwrap_or(0),
        None => 0,
    };
    if counted > 0 {
        return Ok(counted);
    }
    let groups = table.first(&all, &[COUNT], usize::MAX).await?;
    groups.iter().map(|row| Ok(Places::of(row)?.count())).sum()
}
