//! Jobs and their leases.

use domain::{AccountName, Hold, Job, JobId, Timestamp};
use rusqlite::{Connection, Row, named_params, params};

use super::failure::Trouble;
use super::rows;
use crate::ledger::{Lease, LedgerErrorKind};

/// A row of Jobs, its lease read.
struct Leased {
    owner: Option<String>,
    until: Option<Timestamp>,
    epoch: u64,
    job: Job,
}

/// Takes the lease, and begins a job that nobody knows.
pub(super) fn lease(
    connection: &Connection,
    id: &JobId,
    owner: &str,
    now: Timestamp,
    until: Timestamp,
) -> Result<(Lease, Job), Trouble> {
    let mut select = connection.prepare_cached(
        "SELECT LeaseOwner, LeaseUntil, Epoch, Body FROM Jobs WHERE Account = ?1 AND Object = ?2",
    )?;
    let found =
        rows::first(&mut select, [id.account.as_str(), id.object.as_str()], |row| read_leased(row, id))?;
    let (epoch, job) = match found {
        None => (1, Job::default()),
        Some(Leased { owner: Some(other), until: Some(until), .. }) if other != owner && until > now => {
            return Err(LedgerErrorKind::LeaseHeld { job: id.clone(), until }.into());
        }
        Some(leased) => (leased.epoch + 1, leased.job),
    };
    connection
        .prepare_cached(
            "INSERT INTO Jobs (Account, Object, LeaseOwner, LeaseUntil, Epoch, Body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (Account, Object) DO UPDATE
             SET LeaseOwner = excluded.LeaseOwner, LeaseUntil = excluded.LeaseUntil, Epoch = excluded.Epoch",
        )?
        .execute(params![
            id.account.as_str(),
            id.object,
            owner,
            until.to_string(),
            rows::stored(epoch),
            rows::to_json(&job)
        ])?;
    Ok((Lease { job: id.clone(), owner: owner.to_owned(), epoch }, job))
}

fn read_leased(row: &Row<'_>, id: &JobId) -> Result<Leased, Trouble> {
    let item = || item(id);
    let until = match rows::optional_text(row, 1)? {
        None => None,
        Some(text) => Some(rows::instant(&text).ok_or_else(|| {
            Trouble::corrupt(item(), format!("its LeaseUntil `{text}` is no RFC 3339 time"))
        })?),
    };
    Ok(Leased {
        owner: rows::optional_text(row, 0)?,
        until,
        epoch: rows::number(row, 2, "Epoch", item)?,
        job: rows::json(row, 3, item)?,
    })
}

/// Fails when a newer run has the job.
pub(super) fn fence(connection: &Connection, lease: &Lease) -> Result<(), Trouble> {
    let held = connection
        .prepare_cached(
            "SELECT 1 FROM Jobs WHERE Account = ?1 AND Object = ?2 AND LeaseOwner = ?3 AND Epoch = ?4",
        )?
        .exists(params![
            lease.job.account.as_str(),
            lease.job.object,
            lease.owner,
            rows::stored(lease.epoch)
        ])?;
    if held { Ok(()) } else { Err(LedgerErrorKind::LeaseLost { job: lease.job.clone() }.into()) }
}

/// Writes the job and how long its lease lasts.
pub(super) fn save(
    connection: &Connection,
    lease: &Lease,
    job: &Job,
    until: Timestamp,
) -> Result<(), Trouble> {
    fence(connection, lease)?;
    let hold = job.hold.as_ref();
    let (refused, suspension) = match hold {
        Some(Hold::RecordRefused(refused)) => (Some(refused), None),
        Some(Hold::CrmUnavailable(suspension)) => (None, Some(suspension)),
        None => (None, None),
    };
    let kind = hold.map(|_| if refused.is_some() { "RecordRefused" } else { "CrmUnavailable" });
    let code = refused.map(|held| &held.code).or(suspension.map(|held| &held.code));
    let message = refused.map(|held| &held.message).or(suspension.map(|held| &held.message));
    connection
        .prepare_cached(
            "UPDATE Jobs SET Cursor = :cursor, Hold = :hold, HoldPosition = :position, HoldErrorId = :error,
                 HoldCode = :code, HoldMessage = :message, HoldSince = :since, HoldUntil = :hold_until,
                 LeaseUntil = :until, Body = :body
             WHERE Account = :account AND Object = :object",
        )?
        .execute(named_params! {
            ":cursor": job.cursor.map(|cursor| cursor.to_string()),
            ":hold": kind,
            ":position": refused.map(|held| held.position.to_string()),
            ":error": refused.map(|held| &held.error_id),
            ":code": code,
            ":message": message,
            ":since": hold.map(|hold| hold.since().to_string()),
            ":hold_until": suspension.map(|held| held.until.to_string()),
            ":until": until.to_string(),
            ":body": rows::to_json(job),
            ":account": lease.job.account.as_str(),
            ":object": lease.job.object,
        })?;
    Ok(())
}

/// One job.
pub(super) fn job(connection: &Connection, id: &JobId) -> Result<Option<Job>, Trouble> {
    let mut select = connection.prepare_cached("SELECT Body FROM Jobs WHERE Account = ?1 AND Object = ?2")?;
    rows::first(&mut select, [id.account.as_str(), id.object.as_str()], |row| rows::json(row, 0, || item(id)))
}

/// Every job of an account.
pub(super) fn jobs(connection: &Connection, account: &AccountName) -> Result<Vec<(JobId, Job)>, Trouble> {
    let select =
        connection.prepare_cached("SELECT Object, Body FROM Jobs WHERE Account = ?1 ORDER BY Object")?;
    rows::all(select, [account.as_str()], |row| {
        let object = rows::text(row, 0)?;
        let id = JobId::new(account.clone(), &object)
            .map_err(|error| Trouble::corrupt(format!("job {account}/{object}"), error.to_string()))?;
        let job = rows::json(row, 1, || item(&id))?;
        Ok((id, job))
    })
}

fn item(id: &JobId) -> String {
    format!("job {id}")
}
