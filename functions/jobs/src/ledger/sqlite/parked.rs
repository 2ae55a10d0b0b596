//! Parked records, one in each row, under a key whose text order is the job's order.

use domain::{JobId, Placed, Position};
use rusqlite::{Connection, Row, params};

use super::failure::Trouble;
use super::jobs::fence;
use super::rows;
use crate::ledger::Lease;

/// Parks records. One that is parked already stays as it is.
pub(super) fn park(connection: &Connection, lease: &Lease, records: &[Placed]) -> Result<(), Trouble> {
    fence(connection, lease)?;
    let mut insert = connection.prepare_cached(
        "INSERT INTO Parked (Account, Object, SortKey, ExternalId, Body) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (Account, Object, SortKey) DO NOTHING",
    )?;
    for Placed { position, record } in records {
        insert.execute(params![
            lease.job.account.as_str(),
            lease.job.object,
            position.sort_key(),
            record.external_id.value,
            rows::to_json(record)
        ])?;
    }
    Ok(())
}

/// The first ones behind `after`.
pub(super) fn parked(
    connection: &Connection,
    job: &JobId,
    after: Option<Position>,
    limit: usize,
) -> Result<Vec<Placed>, Trouble> {
    let select = connection.prepare_cached(
        "SELECT SortKey, Body FROM Parked WHERE Account = ?1 AND Object = ?2 AND SortKey > ?3
         ORDER BY SortKey LIMIT ?4",
    )?;
    // The empty text stands before every key.
    let after = after.map(Position::sort_key).unwrap_or_default();
    let params = params![job.account.as_str(), job.object, after, rows::at_most(limit)];
    rows::all(select, params, |row| read(row, job))
}

fn read(row: &Row<'_>, job: &JobId) -> Result<Placed, Trouble> {
    let key = rows::text(row, 0)?;
    let Some(position) = Position::parse(&key) else {
        let reason = "its SortKey is no position";
        return Err(Trouble::corrupt(format!("parked record `{key}` of {job}"), reason));
    };
    let record = rows::json(row, 1, || format!("parked record {position} of {job}"))?;
    Ok(Placed { position, record })
}

/// Removes those at or before `through`.
pub(super) fn unpark(connection: &Connection, lease: &Lease, through: Position) -> Result<(), Trouble> {
    fence(connection, lease)?;
    connection
        .prepare_cached("DELETE FROM Parked WHERE Account = ?1 AND Object = ?2 AND SortKey <= ?3")?
        .execute([lease.job.account.as_str(), &lease.job.object, &through.sort_key()])?;
    Ok(())
}

/// How many there are.
pub(super) fn count(connection: &Connection, job: &JobId) -> Result<u64, Trouble> {
    let mut select =
        connection.prepare_cached("SELECT count(*) FROM Parked WHERE Account = ?1 AND Object = ?2")?;
    rows::count(&mut select, [job.account.as_str(), &job.object])
}
