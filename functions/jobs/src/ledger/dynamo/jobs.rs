//! Jobs and their leases: one item for each, whose attributes are the job's members as they stand in `domain::Job`.
//!
//! **The lease is one update** on a condition. Instants of different machines are compared there, and nothing rests on
//! that but how soon another run may begin: whoever takes a lease raises the epoch, and every write of the run before
//! is refused from then on, however its clock stood. Who signs a call to AWS with a clock that is more than five minutes
//! wrong is turned away, so a run begins at most that much too early or too late. Too early, a CRM call of the
//! run before may still be under way (a run starts none with less than five minutes of its lease left); what that
//! run then knows it can no longer write, and its records are sent again by the run that has the lease.
//!
//! **A lost reply.** A repeated lease raises the epoch once more: its owner holds the last one. A repeated save writes the
//! same again; one that arrives late, behind a newer save of the same epoch, is refused by the number in `saves`.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, TransactWriteItem};
use domain::{AccountName, Hold, Job, JobId, Timestamp};
use serde::de::DeserializeOwned;

use super::change::Change;
use super::failure::Failure;
use super::item::{Item, Key, Row, number, text};
use super::keys::{self, END};
use super::table::{Range, Table};
use super::token;
use crate::ledger::{Lease, LedgerError, LedgerErrorKind};

/// Free, run out, or the owner's own. An epoch that is no number, or below 0, meets none.
const LEASABLE: &str = "(attribute_not_exists(#epoch) OR #epoch >= :zero) AND (attribute_not_exists(#leaseUntil) \
                        OR attribute_type(#leaseUntil, :null) OR #leaseUntil <= :now OR #leaseOwner = :owner)";

/// Takes the lease, and begins a job that nobody knows.
pub(super) async fn lease(
    table: &Table,
    id: &JobId,
    owner: &str,
    now: Timestamp,
    until: Timestamp,
) -> Result<(Lease, Job), LedgerError> {
    let change = Change::of(keys::job(id))
        .set("leaseOwner", text(owner))
        .set("leaseUntil", text(until.to_string()))
        .set("leasedAt", text(now.to_string()))
        .set("saves", number(0))
        .add("epoch", 1)
        .when(
            LEASABLE,
            [
                (":zero", number(0)),
                (":null", text("NULL")),
                (":now", text(now.to_string())),
                (":owner", text(owner)),
            ],
        );
    let leased = match table.update(change, ReturnValue::AllNew).await {
        Ok(leased) => leased,
        Err(Failure::Refused(old)) => return Err(held(table, id, owner, now, old)),
        Err(failure) => return Err(table.told(failure)),
    };
    let lease = Lease { job: id.clone(), owner: owner.to_owned(), epoch: leased.count("epoch")? };
    let read = match list(table, id, &leased).await {
        Ok(()) => read(&leased),
        Err(error) => Err(error),
    };
    match read {
        Ok(job) => Ok((lease, job)),
        Err(error) => {
            give_back(table, &lease).await;
            Err(error)
        }
    }
}

/// Why a lease was not given: another owner has it, or the item is damaged.
fn held(table: &Table, id: &JobId, owner: &str, now: Timestamp, old: Vec<Option<Row>>) -> LedgerError {
    let Some(row) = old.into_iter().next().flatten() else {
        return table.told(Failure::Refused(Vec::new()));
    };
    match row.count("epoch").and_then(|_| row.instant("leaseUntil")) {
        Err(error) => error,
        // Text order is the order of instants as we write them. Someone wrote another form.
        Ok(until) if until <= now || row.optional_text("leaseOwner") == Ok(Some(owner)) => {
            row.corrupt(format!("its leaseUntil is not written like {now}"))
        }
        Ok(until) => LedgerErrorKind::LeaseHeld { job: id.clone(), until }.into(),
    }
}

/// Puts a new job on its account's list, before anything else is written for it. Whoever saves the job notes that it
/// is listed: until then each lease lists it again, so that no crash leaves a job that no list shows.
async fn list(table: &Table, id: &JobId, leased: &Row) -> Result<(), LedgerError> {
    if leased.get("listed").is_some() {
        return Ok(());
    }
    table.put_new(keys::listed(id).item()).await
}

/// A lease of a job that cannot be read is of no use. When this fails it runs out by itself.
async fn give_back(table: &Table, lease: &Lease) {
    if let Err(failure) = table.update(fenced(lease).remove("leaseUntil"), ReturnValue::None).await {
        let error = table.told(failure);
        tracing::warn!(job = %lease.job, %error, "the lease was not given back; it runs out by itself");
    }
}

/// A change of the job's item, on condition that this lease is its newest.
pub(super) fn fenced(lease: &Lease) -> Change {
    Change::of(keys::job(&lease.job)).when(
        "#epoch = :epoch AND #leaseOwner = :leaseOwner",
        [(":epoch", number(lease.epoch)), (":leaseOwner", text(&lease.owner))],
    )
}

/// Makes a fenced change of the job's item.
pub(super) async fn change(table: &Table, lease: &Lease, change: Change) -> Result<(), LedgerError> {
    match table.update(change, ReturnValue::None).await {
        Ok(_) => Ok(()),
        Err(Failure::Refused(_)) => Err(lost(lease)),
        Err(failure) => Err(told(table, lease, failure)),
    }
}

/// Makes a transaction whose first action is a fenced change of the job's item, and whose others have no condition.
pub(super) async fn transact(
    table: &Table,
    lease: &Lease,
    actions: Vec<TransactWriteItem>,
) -> Result<(), LedgerError> {
    match table.transact(&token::of_transaction(lease), actions).await {
        Ok(()) => Ok(()),
        Err(Failure::Refused(_)) => Err(lost(lease)),
        Err(failure) => Err(told(table, lease, failure)),
    }
}

/// What a failed change of the job's item is told as.
fn told(table: &Table, lease: &Lease, failure: Failure) -> LedgerError {
    match failure {
        Failure::Mistyped(_) => {
            Row(keys::job(&lease.job).item()).corrupt("its parked, openErrors or epoch is no number")
        }
        failure => table.told(failure),
    }
}

/// A newer run has the job.
pub(super) fn lost(lease: &Lease) -> LedgerError {
    LedgerErrorKind::LeaseLost { job: lease.job.clone() }.into()
}

/// The job's item, when this lease is its newest. For calls that write nothing, or only what any run may write.
pub(super) async fn held_by(table: &Table, lease: &Lease) -> Result<Row, LedgerError> {
    match table.get(&keys::job(&lease.job)).await? {
        Some(row) if is_held_by(&row, lease) => Ok(row),
        _ => Err(lost(lease)),
    }
}

fn is_held_by(row: &Row, lease: &Lease) -> bool {
    row.count("epoch") == Ok(lease.epoch) && row.optional_text("leaseOwner") == Ok(Some(&lease.owner))
}

/// Writes the job and how long its lease lasts.
pub(super) async fn save(
    table: &Table,
    lease: &Lease,
    job: &Job,
    until: Timestamp,
) -> Result<(), LedgerError> {
    let number_of_save = token::next();
    let mut change = fenced(lease)
        .when("attribute_not_exists(#saves) OR #saves < :saves", [(":saves", number(number_of_save))])
        .set("saves", number(number_of_save))
        .set("leaseUntil", text(until.to_string()))
        .set("listed", AttributeValue::Bool(true));
    for (name, value) in members(job) {
        change = if value.is_null() { change.remove(&name) } else { change.set(&name, value) };
    }
    // The index WaitingJobs. A job without a hold stays in it while records are parked, see `parked`.
    if let Some(since) = job.hold.as_ref().map(Hold::since) {
        change = change
            .set("waitingAccount", text(lease.job.account.as_str()))
            .set("waitingSince", text(since.to_string()));
    }
    match table.update(change, ReturnValue::None).await {
        Ok(_) => Ok(()),
        // The lease is still ours: this very save, or a later one of this run, was written already.
        Err(Failure::Refused(old)) if old.iter().flatten().any(|row| is_held_by(row, lease)) => Ok(()),
        Err(Failure::Refused(_)) => Err(lost(lease)),
        Err(failure) => Err(table.told(failure)),
    }
}

/// The job's members as attributes, in one order; what is none is null.
fn members(job: &Job) -> Vec<(String, AttributeValue)> {
    let item: Item = serde_dynamo::to_item(job).expect("a job has text keys, texts and small numbers");
    let mut members: Vec<_> = item.into_iter().collect();
    members.sort_by(|(a, _), (b, _)| a.cmp(b));
    members
}

/// Reads a job's members out of its item.
fn read(row: &Row) -> Result<Job, LedgerError> {
    Ok(Job {
        cursor: member(row, "cursor")?,
        hold: member(row, "hold")?,
        errors_possible: member(row, "errorsPossible")?,
        retry_from: member(row, "retryFrom")?,
    })
}

/// One member; what is not there is as in a new job.
fn member<T: DeserializeOwned + Default>(row: &Row, name: &str) -> Result<T, LedgerError> {
    let Some(value) = row.get(name) else { return Ok(T::default()) };
    serde_dynamo::from_attribute_value(value.clone())
        .map_err(|error| row.corrupt(format!("its {name}: {error}")))
}

/// One job.
pub(super) async fn job(table: &Table, id: &JobId) -> Result<Option<Job>, LedgerError> {
    let row = table.get(&keys::job(id)).await?;
    row.as_ref().map(read).transpose()
}

/// The jobs on an account's list, by object name.
pub(super) async fn ids(table: &Table, account: &AccountName) -> Result<Vec<JobId>, LedgerError> {
    let range = Range { pk: keys::account(account), from: "JOB#".to_owned(), through: format!("JOB#{END}") };
    let listed = table.first(&range, &[], usize::MAX).await?;
    let id = |row: &Row| {
        let Key { sk, .. } = row.key();
        let object = sk.strip_prefix("JOB#").unwrap_or_default();
        JobId::new(account.clone(), object).map_err(|error| row.corrupt(error.to_string()))
    };
    listed.iter().map(id).collect()
}

/// Every job of an account, by object name.
pub(super) async fn jobs(table: &Table, account: &AccountName) -> Result<Vec<(JobId, Job)>, LedgerError> {
    let ids = ids(table, account).await?;
    let keys: Vec<Key> = ids.iter().map(keys::job).collect();
    let rows = table.get_all(&keys).await?;
    let mut jobs = Vec::new();
    for (id, key) in ids.into_iter().zip(keys) {
        if let Some(row) = rows.iter().find(|row| row.key() == key) {
            jobs.push((id, read(row)?));
        }
    }
    Ok(jobs)
}
