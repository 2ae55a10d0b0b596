//! Small helpers for rows: read them one by one, and turn columns into values without trusting them.

use domain::Timestamp;
use rusqlite::{CachedStatement, Params, Row};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::failure::Trouble;
use crate::ledger::error::misfit;

/// Every row of a query.
pub(super) fn all<T>(
    mut statement: CachedStatement<'_>,
    params: impl Params,
    read: impl Fn(&Row<'_>) -> Result<T, Trouble>,
) -> Result<Vec<T>, Trouble> {
    let mut rows = statement.query(params)?;
    let mut read_rows = Vec::new();
    while let Some(row) = rows.next()? {
        read_rows.push(read(row)?);
    }
    Ok(read_rows)
}

/// The first rows of a query that fit, at most `limit`.
pub(super) fn some<T>(
    mut statement: CachedStatement<'_>,
    params: impl Params,
    limit: usize,
    read: impl Fn(&Row<'_>) -> Result<T, Trouble>,
    fits: impl Fn(&T) -> bool,
) -> Result<Vec<T>, Trouble> {
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while found.len() < limit {
        let Some(row) = rows.next()? else { break };
        found.extend(Some(read(row)?).filter(&fits));
    }
    Ok(found)
}

/// The first row of a query.
pub(super) fn first<T>(
    statement: &mut CachedStatement<'_>,
    params: impl Params,
    read: impl Fn(&Row<'_>) -> Result<T, Trouble>,
) -> Result<Option<T>, Trouble> {
    let mut rows = statement.query(params)?;
    rows.next()?.map(read).transpose()
}

/// A count, from a query that answers one row.
pub(super) fn count(statement: &mut CachedStatement<'_>, params: impl Params) -> Result<u64, Trouble> {
    let count: i64 = statement.query_row(params, |row| row.get(0))?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// A text column. Bytes that are no UTF-8, which only a person can have put there, show as `\u{fffd}`.
pub(super) fn text(row: &Row<'_>, column: usize) -> Result<String, Trouble> {
    Ok(String::from_utf8_lossy(bytes(row, column)?).into_owned())
}

/// A text column that may be NULL.
pub(super) fn optional_text(row: &Row<'_>, column: usize) -> Result<Option<String>, Trouble> {
    let bytes = row.get_ref(column)?.as_bytes_or_null().map_err(rusqlite::Error::from)?;
    Ok(bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned()))
}

/// A text column as it is stored.
pub(super) fn bytes<'row>(row: &'row Row<'_>, column: usize) -> Result<&'row [u8], Trouble> {
    Ok(row.get_ref(column)?.as_bytes().map_err(rusqlite::Error::from)?)
}

/// A column of JSON, or `Corrupt` that names the item.
pub(super) fn json<T: DeserializeOwned>(
    row: &Row<'_>,
    column: usize,
    item: impl Fn() -> String,
) -> Result<T, Trouble> {
    serde_json::from_slice(bytes(row, column)?)
        .map_err(|error| Trouble::corrupt(item(), format!("its Body: {}", misfit(&error))))
}

/// A number that grows, or `Corrupt` that names the item.
pub(super) fn number(
    row: &Row<'_>,
    column: usize,
    what: &str,
    item: impl Fn() -> String,
) -> Result<u64, Trouble> {
    let stored: i64 = row.get(column)?;
    // One below the end, so that the next number always fits.
    u64::try_from(stored)
        .ok()
        .filter(|_| stored < i64::MAX)
        .ok_or_else(|| Trouble::corrupt(item(), format!("its {what} is {stored}")))
}

/// A number as SQLite keeps it. Larger ones, which nobody counts up to, read as the largest.
pub(super) fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A list's limit as SQLite takes it.
pub(super) fn at_most(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// JSON of one of our own types.
pub(super) fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("our types have text keys and no failing members")
}

/// The word that a unit variant is written as, `upsert`.
pub(super) fn word(value: &impl Serialize) -> String {
    to_json(value).trim_matches('"').to_owned()
}

/// Reads what [`Timestamp`] writes, also the form for instants that no calendar has (`-5ms`).
pub(super) fn instant(text: &str) -> Option<Timestamp> {
    let millis = || text.strip_suffix("ms")?.parse().ok().map(Timestamp::from_millis);
    Timestamp::parse(text).or_else(millis)
}
