//! ExportErrors. A row's identity is its job, external id and id; one row at most is open for each external id.
//!
//! Closed rows are history and outnumber the open ones with time. `INDEXED BY` keeps a run's queries to the open rows:
//! the planner, without statistics, would rather walk the index of all.

use domain::{AccountName, ErrorState, ExportError, ExternalId, JobId, Position};
use rusqlite::{CachedStatement, Connection, Row, named_params, params};

use super::failure::Trouble;
use super::jobs::fence;
use super::rows;
use crate::ledger::{ErrorFilter, Lease};

/// What [`read`] reads, in its order.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT Object, ExternalIdField, ExternalId, Id, SortKey, State, Body FROM ExportErrors ",
            $rest
        )
    };
}

/// Stores the error as it is given, in place of what is open for its external id and of its own earlier row.
///
/// Opening and closing are the same write: an open row that is given takes the place of the open one, a closed row
/// leaves none open.
pub(super) fn put(connection: &Connection, lease: &Lease, error: &ExportError) -> Result<(), Trouble> {
    fence(connection, lease)?;
    let (job, external_id) = (&lease.job, &error.record.external_id);
    connection
        .prepare_cached(
            "DELETE FROM ExportErrors
             WHERE Account = ?1 AND Object = ?2 AND ExternalIdField = ?3 AND ExternalId = ?4 AND State = 'open'",
        )?
        .execute([job.account.as_str(), &job.object, &external_id.field, &external_id.value])?;
    insert(connection, job, error)
}

fn insert(connection: &Connection, job: &JobId, error: &ExportError) -> Result<(), Trouble> {
    // A domain error always has one; a row without it is refused when it is read.
    let crm_error = error.errors.first();
    let record = &error.record;
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO ExportErrors (Id, Account, Object, ExternalIdField, ExternalId, Operation, Position,
                 Code, CrmCode, Class, Message, Fields, State, Attempts, FirstFailedAt, LastFailedAt, ClosedAt, Source,
                 SortKey, Body)
             VALUES (:id, :account, :object, :field, :external_id, :operation, :position,
                 :code, :crm_code, :class, :message, :fields, :state, :attempts, :first, :last, :closed, :source,
                 :sort_key, :body)",
        )?
        .execute(named_params! {
            ":id": error.id,
            ":account": job.account.as_str(),
            ":object": job.object,
            ":field": record.external_id.field,
            ":external_id": record.external_id.value,
            ":operation": rows::word(&record.operation),
            ":position": error.position.to_string(),
            ":code": error.code,
            ":crm_code": crm_error.map_or("", |first| &first.code),
            ":class": rows::word(&error.class),
            ":message": crm_error.map_or("", |first| &first.message),
            ":fields": crm_error.map(|first| first.fields.join(",")).unwrap_or_default(),
            ":state": error.state.as_str(),
            ":attempts": error.attempts,
            ":first": error.first_failed_at.to_string(),
            ":last": error.last_failed_at.to_string(),
            ":closed": error.closed_at.map(|closed| closed.to_string()),
            ":source": record.source,
            ":sort_key": error.position.sort_key(),
            ":body": rows::to_json(error),
        })?;
    Ok(())
}

/// The open errors of these external ids, by position.
pub(super) fn open_of(
    connection: &Connection,
    job: &JobId,
    ids: &[&ExternalId],
) -> Result<Vec<ExportError>, Trouble> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    let mut select = connection.prepare_cached(select!(
        "WHERE Account = ?1 AND Object = ?2 AND ExternalIdField = ?3 AND ExternalId = ?4 AND State = 'open'"
    ))?;
    let mut found = Vec::new();
    for id in ids {
        let params = [job.account.as_str(), &job.object, &id.field, &id.value];
        found.extend(rows::first(&mut select, params, |row| read(row, &job.account))?);
    }
    found.sort_by(|a: &ExportError, b| (a.position, &a.id).cmp(&(b.position, &b.id)));
    Ok(found)
}

/// The first open errors behind `after`, by position.
///
/// One position can be open twice only for two external ids of one record, which no queue delivers; a page that ends
/// between the two would pass the second.
pub(super) fn open(
    connection: &Connection,
    job: &JobId,
    after: Option<Position>,
    limit: usize,
) -> Result<Vec<ExportError>, Trouble> {
    let select = connection.prepare_cached(select!(
        "INDEXED BY OpenErrorsInOrder
         WHERE Account = ?1 AND Object = ?2 AND State = 'open' AND SortKey > ?3 ORDER BY SortKey, Id LIMIT ?4"
    ))?;
    let after = after.map(Position::sort_key).unwrap_or_default();
    let params = params![job.account.as_str(), job.object, after, rows::at_most(limit)];
    rows::all(select, params, |row| read(row, &job.account))
}

/// How many are open.
pub(super) fn count_open(connection: &Connection, job: &JobId) -> Result<u64, Trouble> {
    let mut select = connection.prepare_cached(
        "SELECT count(*) FROM ExportErrors INDEXED BY OpenErrorsInOrder
         WHERE Account = ?1 AND Object = ?2 AND State = 'open'",
    )?;
    rows::count(&mut select, [job.account.as_str(), &job.object])
}

/// An account's errors by object, position and id, behind the one with the id `after`. An id that is no more there
/// ends the list: to begin again would make a caller that pages run in circles.
pub(super) fn errors(
    connection: &Connection,
    account: &AccountName,
    filter: &ErrorFilter,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<ExportError>, Trouble> {
    let (object, sort_key, id) = match after {
        None => Default::default(),
        Some(after) => match place(connection, account, after)? {
            None => return Ok(Vec::new()),
            Some(place) => place,
        },
    };
    let select = connection.prepare_cached(select!(
        "WHERE Account = ?1 AND (Object, SortKey, Id) > (?2, ?3, ?4)
         AND (?5 IS NULL OR State = ?5) AND (?6 IS NULL OR Object = ?6)
         ORDER BY Object, SortKey, Id"
    ))?;
    let state = filter.state.map(ErrorState::as_str);
    let params = params![account.as_str(), object, sort_key, id, state, filter.object];
    // Code and text are looked for in what is read: they stand in the body, in places that no index knows.
    rows::some(select, params, limit, |row| read(row, account), |error| filter.matches(error))
}

/// Where the row with this id stands in the list.
fn place(
    connection: &Connection,
    account: &AccountName,
    id: &str,
) -> Result<Option<(String, String, String)>, Trouble> {
    let mut select = by_id(connection)?;
    rows::first(&mut select, [account.as_str(), id], |row| {
        Ok((rows::text(row, 0)?, rows::text(row, 4)?, rows::text(row, 3)?))
    })
}

/// One error by id.
pub(super) fn error(
    connection: &Connection,
    account: &AccountName,
    id: &str,
) -> Result<Option<ExportError>, Trouble> {
    rows::first(&mut by_id(connection)?, [account.as_str(), id], |row| read(row, account))
}

fn by_id(connection: &Connection) -> Result<CachedStatement<'_>, Trouble> {
    Ok(connection.prepare_cached(select!("WHERE Account = ?1 AND Id = ?2 ORDER BY Object LIMIT 1"))?)
}

/// Reads `Body`, and `State` from its column: that is the one a person may set. The columns that find the row must say
/// what `Body` says, or a write would miss the row that was read.
fn read(row: &Row<'_>, account: &AccountName) -> Result<ExportError, Trouble> {
    let id = rows::text(row, 3)?;
    let corrupt = |reason: String| Trouble::corrupt(format!("export error {id}"), reason);
    let mut error: ExportError = rows::json(row, 6, || format!("export error {id}"))?;
    let record = &error.record;
    let keys = [
        ("Account", account.as_str().to_owned(), error.account.as_str().to_owned()),
        ("Object", rows::text(row, 0)?, record.object.clone()),
        ("ExternalIdField", rows::text(row, 1)?, record.external_id.field.clone()),
        ("ExternalId", rows::text(row, 2)?, record.external_id.value.clone()),
        ("Id", id.clone(), error.id.clone()),
        ("SortKey", rows::text(row, 4)?, error.position.sort_key()),
    ];
    if let Some((name, column, body)) = keys.iter().find(|(_, column, body)| column != body) {
        return Err(corrupt(format!("its {name} is `{column}`, and `{body}` in its Body")));
    }
    if error.errors.is_empty() {
        return Err(corrupt("its Body has no `errors`".to_owned()));
    }
    let state = rows::text(row, 5)?;
    let Some(state) = ErrorState::parse(&state) else {
        return Err(corrupt(format!("its State is `{state}`: use open, resolved or superseded")));
    };
    if state == ErrorState::Open {
        error.closed_at = None;
    }
    Ok(ExportError { state, ..error })
}
