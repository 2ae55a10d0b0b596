//! The settings of an account, in an item that people may edit in the console. It does not judge them:
//! `domain::settings` reads them, however broken.
//!
//!     pk           ACCOUNT#acme
//!     sk           SETTINGS
//!     version      number; grows with each change of the program
//!     written      text; what the program wrote last, as JSON. Not to be edited
//!     pauseOnExportErrors, exportToCrm, ...   the settings, each an attribute: true or false, a number, a text
//!
//! Edit, add or remove the settings themselves; `version` may stay as it is. When they no longer say what `written`
//! says, they hold, and the version that is told is another one for each content, so that nobody who read the settings
//! before overwrites the edit unseen. An item without `written` (made by hand) is read the same way.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::AccountName;
use serde_json::{Map, Value};

use super::change::Change;
use super::failure::Failure;
use super::item::{Item, Key, Row, number, text};
use super::table::Table;
use super::{keys, plain};
use crate::ledger::{LedgerError, LedgerErrorKind, StoredSettings};

/// Attributes that are no settings.
const RESERVED: [&str; 4] = ["pk", "sk", "version", "written"];

/// How many versions are kept for the contents that a hand may leave: two edits look alike once in a million.
const EDITS: u128 = 1 << 20;

/// The stored settings.
pub(super) async fn read(table: &Table, account: &AccountName) -> Result<StoredSettings, LedgerError> {
    let row = table.get(&keys::settings(account)).await?;
    row.map_or_else(|| Ok(StoredSettings::default()), |row| stored(&row))
}

fn stored(row: &Row) -> Result<StoredSettings, LedgerError> {
    let version = row.count("version")?;
    let mut members: Vec<(&String, Value)> = row
        .0
        .iter()
        .filter(|(name, _)| !RESERVED.contains(&name.as_str()))
        .map(|(name, attribute)| (name, plain::value(attribute)))
        .collect();
    members.sort_by_key(|(name, _)| *name);
    let members: Map<String, Value> =
        members.into_iter().map(|(name, value)| (name.clone(), value)).collect();
    let written = row.optional_text("written")?.map(|text| row.json::<Value>("written", text)).transpose()?;
    if let Some(written) = written {
        let shown = Value::Object(shown(&written));
        if plain::same(&shown, &Value::Object(members.clone())) {
            // The text keeps what attributes do not: digits of numbers, order of members.
            return Ok(StoredSettings { body: Some(written), version: version.max(1) });
        }
    }
    let body = Value::Object(members);
    let edit = keys::hash(body.to_string().as_bytes()) % EDITS;
    let version = version.saturating_add(1).saturating_add(u64::try_from(edit).unwrap_or(0));
    Ok(StoredSettings { body: Some(body), version })
}

/// What of a body stands in attributes of its own, as it is read back from there. A body that is no object is in
/// `written` alone.
fn shown(body: &Value) -> Map<String, Value> {
    let Value::Object(members) = body else { return Map::new() };
    let fits = |name: &String| !name.is_empty() && !RESERVED.contains(&name.as_str());
    let members = members.iter().filter(|(name, _)| fits(name));
    members.map(|(name, value)| (name.clone(), plain::value(&plain::attribute(value)))).collect()
}

/// Replaces them when what is stored still has the version `expected`.
pub(super) async fn write(
    table: &Table,
    account: &AccountName,
    body: &Value,
    expected: u64,
) -> Result<(), LedgerError> {
    let key = keys::settings(account);
    let before = table.get(&key).await?;
    let found = before.as_ref().map_or_else(|| Ok(StoredSettings::default()), stored)?;
    if found.version != expected {
        return Err(LedgerErrorKind::Conflict.into());
    }
    let item = item(&key, body, expected + 1);
    let when = unchanged(&key, before.as_ref());
    match table.put(item.clone(), when).await {
        Ok(()) => Ok(()),
        // Our own write, whose reply was lost and which the SDK repeated.
        Err(Failure::Refused(now)) if now.iter().flatten().any(|now| is_same(now, &item)) => Ok(()),
        Err(Failure::Refused(_)) => Err(LedgerErrorKind::Conflict.into()),
        Err(failure) => Err(table.told(failure)),
    }
}

fn item(key: &Key, body: &Value, version: u64) -> Item {
    let mut item = key.item();
    item.insert("version".to_owned(), number(version));
    item.insert("written".to_owned(), text(body.to_string()));
    if let Value::Object(members) = body {
        let fits = |name: &str| !name.is_empty() && !RESERVED.contains(&name);
        let members = members.iter().filter(|(name, _)| fits(name));
        item.extend(members.map(|(name, value)| (name.clone(), plain::attribute(value))));
    }
    item
}

/// Whether the stored item is the one that was to be written.
fn is_same(now: &Row, item: &Item) -> bool {
    ["version", "written"].iter().all(|name| now.0.get(*name) == item.get(*name))
        && stored(now).is_ok_and(|now| Ok(now.version) == Row(item.clone()).count("version"))
}

/// That nothing in the item changed since it was read, by whoever it was.
fn unchanged(key: &Key, before: Option<&Row>) -> Change {
    let none = Change::of(key.clone());
    let Some(before) = before else { return none.when("attribute_not_exists(#pk)", []) };
    let mut attributes: Vec<(&String, &AttributeValue)> =
        before.0.iter().filter(|(name, _)| !["pk", "sk"].contains(&name.as_str())).collect();
    attributes.sort_by_key(|(name, _)| *name);
    attributes.into_iter().fold(none.when("attribute_exists(#pk)", []), |when, (name, value)| {
        when.when_same(name, value.clone())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(body: &Value, version: u64) -> Row {
        Row(item(&Key::new("ACCOUNT#acme".to_owned(), "SETTINGS"), body, version))
    }

    #[test]
    fn settings_stand_in_attributes_of_their_own() {
        let body =
            json!({"pauseOnExportErrors": false, "batchSize": 50, "timeZone": "UTC", "version": "x", "": 1});
        let row = row(&body, 3);
        assert_eq!(row.get("pauseOnExportErrors"), Some(&AttributeValue::Bool(false)));
        assert_eq!((row.count("batchSize"), row.text("timeZone")), (Ok(50), Ok("UTC")));
        assert_eq!(row.0.len(), 7, "keys, version, written and three settings");
        assert_eq!(stored(&row), Ok(StoredSettings { body: Some(body), version: 3 }));
    }

    #[test]
    fn an_edit_by_hand_holds_and_has_a_version_of_its_own() {
        let mut row = row(&json!({"pauseOnExportErrors": true, "limit": 1.50}), 3);
        row.0.insert("limit".to_owned(), AttributeValue::N("1.5".to_owned()));
        assert_eq!(stored(&row).expect("reads").version, 3, "DynamoDB writes numbers in its own way");
        let mut versions = vec![3];
        for edit in [AttributeValue::Bool(false), text("no"), AttributeValue::M(Item::new())] {
            row.0.insert("pauseOnExportErrors".to_owned(), edit.clone());
            let edited = stored(&row).expect("reads");
            assert_eq!(edited.body, Some(json!({"limit": 1.5, "pauseOnExportErrors": plain::value(&edit)})));
            assert!(edited.version > 3 && !versions.contains(&edited.version), "{edited:?}");
            versions.push(edited.version);
        }
        row.0.remove("written");
        row.0.remove("version");
        assert!(stored(&row).expect("reads").version > 0, "something is stored");
        row.0.insert("version".to_owned(), text("new"));
        let told = stored(&row).expect_err("no number").to_string();
        assert_eq!(
            told,
            "read item ACCOUNT#acme / SETTINGS: it is damaged (its version is the text `new`); mend or remove it"
        );
    }
}
