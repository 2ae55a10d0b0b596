//! What an account's intake leaves behind: rejected messages, and the CRM calls of a day.

use domain::AccountName;
use rusqlite::{Connection, Row, params};

use super::failure::Trouble;
use super::rows;
use crate::ledger::Rejection;

/// Keeps a rejection. The same one again (account, message, instant) changes nothing: a call may be repeated.
pub(super) fn reject(connection: &Connection, rejection: &Rejection) -> Result<(), Trouble> {
    connection
        .prepare_cached(
            "INSERT INTO Rejections (Account, At, MessageId, Reason, Body) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            rejection.account.as_ref().map(AccountName::as_str),
            rejection.at.to_string(),
            rejection.message_id,
            rejection.reason,
            rejection.body
        ])?;
    Ok(())
}

/// The account's, or those that name none; oldest first.
pub(super) fn rejections(
    connection: &Connection,
    account: Option<&AccountName>,
    limit: usize,
) -> Result<Vec<Rejection>, Trouble> {
    let select = connection.prepare_cached(
        "SELECT Account, At, MessageId, Reason, Body FROM Rejections WHERE Account IS ?1
         ORDER BY At, MessageId, Account LIMIT ?2",
    )?;
    rows::all(select, params![account.map(AccountName::as_str), rows::at_most(limit)], |row| {
        read(row, account)
    })
}

fn read(row: &Row<'_>, account: Option<&AccountName>) -> Result<Rejection, Trouble> {
    let (at, message_id) = (rows::text(row, 1)?, rows::text(row, 2)?);
    let Some(instant) = rows::instant(&at) else {
        let reason = format!("its At `{at}` is no RFC 3339 time");
        return Err(Trouble::corrupt(format!("rejection of message {message_id}"), reason));
    };
    Ok(Rejection {
        account: account.cloned(),
        message_id,
        reason: rows::text(row, 3)?,
        body: rows::text(row, 4)?,
        at: instant,
    })
}

/// A call count of a day, read back after `calls` were added.
pub(super) fn add_calls(
    connection: &Connection,
    account: &AccountName,
    day: &str,
    calls: u64,
) -> Result<u64, Trouble> {
    let mut select =
        connection.prepare_cached("SELECT Calls FROM ApiCalls WHERE Account = ?1 AND Day = ?2")?;
    let before = rows::first(&mut select, [account.as_str(), day], |row| {
        rows::number(row, 0, "Calls", || format!("API calls of {account} on {day}"))
    })?;
    let sum = before.unwrap_or(0).saturating_add(calls);
    connection
        .prepare_cached(
            "INSERT INTO ApiCalls (Account, Day, Calls) VALUES (?1, ?2, ?3)
             ON CONFLICT (Account, Day) DO UPDATE SET Calls = excluded.Calls",
        )?
        .execute(params![account.as_str(), day, rows::stored(sum)])?;
    Ok(sum)
}
