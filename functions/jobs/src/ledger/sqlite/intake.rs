//! What an account's intake leaves behind: rejected messages, and the figures of a day.

use domain::{AccountName, Figures};
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

/// Adds figures to a day, and answers its sums. Empty ones only read.
pub(super) fn count(
    connection: &Connection,
    account: &AccountName,
    day: &str,
    figures: &Figures,
) -> Result<Figures, Trouble> {
    let mut select = connection.prepare_cached(
        "SELECT Day, Calls, Exported, Errors FROM DailyFigures WHERE Account = ?1 AND Day = ?2",
    )?;
    let before = rows::first(&mut select, [account.as_str(), day], |row| read_figures(row, account))?;
    let mut sums = before.map(|(_, figures)| figures).unwrap_or_default();
    if figures.is_empty() {
        return Ok(sums);
    }
    sums.add(figures);
    connection
        .prepare_cached(
            "INSERT INTO DailyFigures (Account, Day, Calls, Exported, Errors) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (Account, Day) DO UPDATE
             SET Calls = excluded.Calls, Exported = excluded.Exported, Errors = excluded.Errors",
        )?
        .execute(params![
            account.as_str(),
            day,
            rows::stored(sums.calls),
            rows::stored(sums.exported),
            rows::to_json(&sums.errors)
        ])?;
    Ok(sums)
}

/// The figures of the days from this one on.
pub(super) fn figures(
    connection: &Connection,
    account: &AccountName,
    from_day: &str,
) -> Result<Vec<(String, Figures)>, Trouble> {
    let select = connection.prepare_cached(
        "SELECT Day, Calls, Exported, Errors FROM DailyFigures WHERE Account = ?1 AND Day >= ?2 ORDER BY Day",
    )?;
    rows::all(select, params![account.as_str(), from_day], |row| read_figures(row, account))
}

fn read_figures(row: &Row<'_>, account: &AccountName) -> Result<(String, Figures), Trouble> {
    let day = rows::text(row, 0)?;
    let item = || format!("figures of {account} on {day}");
    let calls = rows::number(row, 1, "Calls", item)?;
    let exported = rows::number(row, 2, "Exported", item)?;
    let errors = serde_json::from_str(&rows::text(row, 3)?)
        .map_err(|error| Trouble::corrupt(item(), format!("its Errors cannot be read: {error}")))?;
    Ok((day, Figures { calls, exported, errors }))
}
