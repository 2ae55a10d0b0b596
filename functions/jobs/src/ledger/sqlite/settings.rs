//! The settings of an account. It does not judge them: `domain::settings` reads them, however broken.

use domain::AccountName;
use rusqlite::{Connection, params};
use serde_json::Value;

use super::failure::Trouble;
use super::rows;
use crate::ledger::{LedgerErrorKind, StoredSettings};

/// The stored settings. A body that is no JSON any more is answered as text, so that the reader warns about it.
pub(super) fn read(connection: &Connection, account: &AccountName) -> Result<StoredSettings, Trouble> {
    let mut select = connection.prepare_cached("SELECT Body, Version FROM Settings WHERE Account = ?1")?;
    let stored = rows::first(&mut select, [account.as_str()], |row| {
        let bytes = rows::bytes(row, 0)?;
        let as_text = |_| Value::String(String::from_utf8_lossy(bytes).into_owned());
        let body = serde_json::from_slice(bytes).unwrap_or_else(as_text);
        let version = rows::number(row, 1, "Version", || format!("settings of {account}"))?;
        Ok(StoredSettings { body: Some(body), version })
    })?;
    Ok(stored.unwrap_or_default())
}

/// Replaces them when their version is still `expected`.
pub(super) fn write(
    connection: &Connection,
    account: &AccountName,
    body: &Value,
    expected: u64,
) -> Result<(), Trouble> {
    if read(connection, account)?.version != expected {
        return Err(LedgerErrorKind::Conflict.into());
    }
    connection
        .prepare_cached(
            "INSERT INTO Settings (Account, Body, Version) VALUES (?1, ?2, ?3)
             ON CONFLICT (Account) DO UPDATE SET Body = excluded.Body, Version = excluded.Version",
        )?
        .execute(params![account.as_str(), rows::to_json(body), rows::stored(expected + 1)])?;
    Ok(())
}
