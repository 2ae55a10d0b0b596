//! What an account's intake leaves behind: rejected messages, and the figures of each day.

use aws_sdk_dynamodb::types::ReturnValue;
use domain::{AccountName, Figures};

use super::change::Change;
use super::item::{Key, Row, text};
use super::keys::{self, END};
use super::pieces;
use super::table::{Range, Table};
use crate::ledger::{LedgerError, Rejection};

/// What the name of an attribute that counts errors of one code begins with: `error REQUIRED_FIELD_MISSING`.
const ERROR: &str = "error ";

/// The text of a rejection that may take several items.
const BODY: &str = "body";

/// Keeps a rejection. The same one again (account, message, instant) changes nothing.
///
/// What does not fit in its item is written before it, so that a rejection that is there is whole.
pub(super) async fn reject(table: &Table, rejection: &Rejection) -> Result<(), LedgerError> {
    let at = rejection.at.to_string();
    let key = keys::rejection(rejection.account.as_ref(), &at, &rejection.message_id);
    let mut item = key.item();
    let attributes = [("at", &at), ("messageId", &rejection.message_id), ("reason", &rejection.reason)];
    item.extend(attributes.map(|(name, value)| (name.to_owned(), text(value))));
    for part in pieces::put(&mut item, BODY, &rejection.body, &key.pk, &key.sk) {
        table.put_new(part).await?;
    }
    table.put_new(item).await
}

/// The account's, or those that name none; oldest first.
pub(super) async fn rejections(
    table: &Table,
    account: Option<&AccountName>,
    limit: usize,
) -> Result<Vec<Rejection>, LedgerError> {
    let range = Range {
        pk: account.map_or_else(keys::nobody, keys::account),
        from: "REJECTED#".to_owned(),
        through: format!("REJECTED#{END}"),
    };
    let mut rejections = Vec::new();
    for row in table.first(&range, &[], limit).await? {
        rejections.push(Rejection {
            account: account.cloned(),
            message_id: row.text("messageId")?.to_owned(),
            reason: row.text("reason")?.to_owned(),
            body: pieces::whole(table, &row, BODY, &row.key().sk).await?,
            at: row.instant("at")?,
        });
    }
    Ok(rejections)
}

/// Adds to a day's figures and answers them; empty ones only read.
///
/// A plain update, not a transaction, at half the price: when its reply is lost, the SDK's repeat counts twice, which
/// `domain::Figures` allows.
pub(super) async fn count(
    table: &Table,
    account: &AccountName,
    day: &str,
    figures: &Figures,
) -> Result<Figures, LedgerError> {
    let key = keys::figures(account, day);
    if figures.is_empty() {
        let row = table.get(&key).await?;
        return row.as_ref().map_or_else(|| Ok(Figures::default()), read);
    }
    let mut change = Change::of(key.clone());
    for (name, by) in [("calls", figures.calls), ("exported", figures.exported)] {
        change = if by > 0 { change.add(name, by) } else { change };
    }
    for (code, by) in figures.errors.iter().filter(|(_, by)| **by > 0) {
        change = change.add(&format!("{ERROR}{code}"), by);
    }
    if change.expression().is_none() {
        change = change.add("calls", 0);
    }
    match table.update(change, ReturnValue::AllNew).await {
        Ok(row) => read(&row),
        Err(super::failure::Failure::Mistyped(_)) => {
            Err(Row(key.item()).corrupt("one of its attributes is no number"))
        }
        Err(failure) => Err(table.told(failure)),
    }
}

fn read(row: &Row) -> Result<Figures, LedgerError> {
    let mut figures =
        Figures { calls: row.count("calls")?, exported: row.count("exported")?, ..Figures::default() };
    for name in row.0.keys() {
        if let Some(code) = name.strip_prefix(ERROR) {
            figures.errors.insert(code.to_owned(), row.count(name)?);
        }
    }
    Ok(figures)
}

/// The figures of the days from this one on, in order.
pub(super) async fn figures(
    table: &Table,
    account: &AccountName,
    from_day: &str,
) -> Result<Vec<(String, Figures)>, LedgerError> {
    let Key { pk, sk: from } = keys::figures(account, from_day);
    let range = Range { pk, from, through: format!("CALLS#{END}") };
    let rows = table.first(&range, &[], usize::MAX).await?;
    let day = |row: &Row| {
        let Key { sk, .. } = row.key();
        Ok((sk.strip_prefix("CALLS#").unwrap_or_default().to_owned(), read(row)?))
    };
    rows.iter().map(day).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::dynamo::item::{Item, number};

    #[test]
    fn figures_are_read_from_attributes() {
        let mut item: Item = Key::new("ACCOUNT#acme".to_owned(), "CALLS#2026-11-23").item();
        item.extend([
            ("calls".to_owned(), number(3)),
            ("error A.B é #".to_owned(), number(2)),
            ("note".to_owned(), text("by hand")),
        ]);
        let errors = [("A.B é #".to_owned(), 2)].into();
        assert_eq!(read(&Row(item.clone())), Ok(Figures { calls: 3, exported: 0, errors }));
        item.insert("exported".to_owned(), number(-4));
        let told = read(&Row(item)).expect_err("below 0").to_string();
        assert!(
            told.contains("ACCOUNT#acme / CALLS#2026-11-23: it is damaged (its exported is -4)"),
            "{told}"
        );
    }
}
