//! An export error as items: its row, and its places by position and by id. It makes no calls but for a text's parts.
//!
//! A row is meant to be read in the console. The program reads `id`, `position`, `code`, `class`, `state`, `attempts`,
//! the times, `record` and `errors`; `crmCode`, `message`, `fields`, `externalId` and `source` only show what stands in
//! the latter two. `record` and `errors` are JSON text: DynamoDB would cut the digits of numbers, and cutting a text is
//! how a large record is kept.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{ErrorState, ExportError, JobId, Position};

use super::item::{Item, Key, Row, json, number, text, word};
use super::table::Table;
use super::{keys, pieces};
use crate::ledger::LedgerError;

/// The texts of a row that may take several items.
const RECORD: &str = "record";
const ERRORS: &str = "errors";

/// How much of a text is shown beside where it stands whole.
const SHOWN_BYTES: usize = 1_000;

/// Where the row of an error lies: for one that is open, under its external id.
pub(super) fn key(job: &JobId, error: &ExportError) -> Key {
    match error.state {
        ErrorState::Open => keys::open_row(job, &error.record.external_id),
        _ => keys::closed_row(job, error.position, &error.id),
    }
}

/// The row's item and those of what does not fit in it.
///
/// Closed rows expire `resolved_days` days after they were closed, with what belongs to them; open ones never do.
pub(super) fn items(job: &JobId, error: &ExportError, resolved_days: u32) -> Vec<Item> {
    let (key, record) = (key(job, error), &error.record);
    let mut item = key.item();
    let mut put = |name: &str, value: AttributeValue| drop(item.insert(name.to_owned(), value));
    let fields = [
        ("id", error.id.as_str()),
        ("code", &error.code),
        ("class", &word(&error.class)),
        ("state", error.state.as_str()),
        ("position", &error.position.to_string()),
        ("firstFailedAt", &error.first_failed_at.to_string()),
        ("lastFailedAt", &error.last_failed_at.to_string()),
        ("externalIdField", shown(&record.external_id.field)),
        ("externalId", shown(&record.external_id.value)),
        ("operation", &word(&record.operation)),
    ];
    fields.into_iter().for_each(|(name, value)| put(name, text(value)));
    put("attempts", number(error.attempts));
    if let Some(first) = error.errors.first() {
        put("crmCode", text(shown(&first.code)));
        put("message", text(shown(&first.message)));
        put("fields", text(shown(&first.fields.join(","))));
    }
    if let Some(source) = &record.source {
        put("source", text(shown(source)));
    }
    match (error.state, error.closed_at) {
        // The index OpenErrors.
        (ErrorState::Open, _) => {
            put("openAccount", text(job.account.as_str()));
            put("openSince", text(error.first_failed_at.to_string()));
        }
        (_, Some(closed)) => put("closedAt", text(closed.to_string())),
        _ => {}
    }
    let owner = owner(&error.id);
    let mut items = pieces::put(&mut item, RECORD, &json(record), &key.pk, &owner);
    items.extend(pieces::put(&mut item, ERRORS, &json(&error.errors), &key.pk, &owner));
    items.insert(0, item);
    if let Some(expires) = expires(error, resolved_days) {
        items.iter_mut().for_each(|item| drop(item.insert("expiresAt".to_owned(), number(expires))));
    }
    items
}

/// The place of an open error in the order of positions.
pub(super) fn open_place(job: &JobId, error: &ExportError) -> Item {
    let mut item = keys::open_place(job, error.position, &error.id).item();
    item.insert("row".to_owned(), text(key(job, error).sk));
    item
}

/// Where an error is found by its id.
pub(super) fn by_id(job: &JobId, error: &ExportError, resolved_days: u32) -> Item {
    let mut item = keys::by_id(job, &error.id).item();
    item.insert("row".to_owned(), text(key(job, error).sk));
    if let Some(expires) = expires(error, resolved_days) {
        item.insert("expiresAt".to_owned(), number(expires));
    }
    item
}

/// Seconds since 1970, as DynamoDB's time to live takes them.
fn expires(error: &ExportError, resolved_days: u32) -> Option<i64> {
    let closed = error.closed_at.filter(|_| error.state != ErrorState::Open)?;
    Some((closed.millis() / 1_000).saturating_add(i64::from(resolved_days) * 86_400))
}

/// What the keys of a row's further parts begin with.
fn owner(id: &str) -> String {
    format!("ERROR#{id}")
}

fn shown(text: &str) -> &str {
    &text[..text.floor_char_boundary(SHOWN_BYTES)]
}

/// What is needed of a row to put another in its place: its id, its place, and the keys of its further parts.
pub(super) fn outline(row: &Row) -> Result<(String, Position, Vec<Key>), LedgerError> {
    let id = row.text("id")?;
    let mut parts = pieces::parts(row, RECORD, &owner(id))?;
    parts.extend(pieces::parts(row, ERRORS, &owner(id))?);
    Ok((id.to_owned(), row.position("position")?, parts))
}

/// Reads a row. What finds it must agree with what stands in it, or a write would miss the row that was read.
pub(super) async fn read(table: &Table, job: &JobId, row: &Row) -> Result<ExportError, LedgerError> {
    let owner = owner(row.text("id")?);
    let record = pieces::whole(table, row, RECORD, &owner).await?;
    let errors = pieces::whole(table, row, ERRORS, &owner).await?;
    let error = parse(job, row, &record, &errors)?;
    check(job, row, &error)?;
    Ok(error)
}

fn parse(job: &JobId, row: &Row, record: &str, errors: &str) -> Result<ExportError, LedgerError> {
    let state = row.text("state")?;
    let Some(state) = ErrorState::parse(state) else {
        return Err(row.corrupt(format!("its state is `{state}`: use open, resolved or superseded")));
    };
    let attempts = row.count("attempts")?;
    Ok(ExportError {
        id: row.text("id")?.to_owned(),
        account: job.account.clone(),
        record: row.json(RECORD, record)?,
        position: row.position("position")?,
        code: row.text("code")?.to_owned(),
        class: row.json("class", &json(&row.text("class")?))?,
        errors: row.json(ERRORS, errors)?,
        state,
        attempts: u32::try_from(attempts).map_err(|_| row.corrupt(format!("its attempts is {attempts}")))?,
        first_failed_at: row.instant("firstFailedAt")?,
        last_failed_at: row.instant("lastFailedAt")?,
        closed_at: row.optional_instant("closedAt")?.filter(|_| state != ErrorState::Open),
    })
}

fn check(job: &JobId, row: &Row, error: &ExportError) -> Result<(), LedgerError> {
    let sk = row.key().sk;
    if error.errors.is_empty() {
        return Err(row.corrupt("its errors are none"));
    }
    if error.record.object != job.object {
        return Err(row.corrupt(format!("its record is a {}", error.record.object)));
    }
    if sk.starts_with("CLOSED#") && error.state == ErrorState::Open {
        return Err(row.corrupt("its state is open, and it was closed: send the record again instead"));
    }
    // A state that a person set does not move the row.
    let expected = if sk.starts_with("CLOSED#") {
        keys::closed_row(job, error.position, &error.id)
    } else {
        keys::open_row(job, &error.record.external_id)
    };
    if sk != expected.sk {
        return Err(row.corrupt(format!("what stands in it belongs under {}", expected.sk)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use domain::{AccountName, CrmError, Placed, Record, Refusal, Timestamp};

    use super::*;

    fn contact() -> JobId {
        JobId::new(AccountName::new("acme").expect("fits"), "Contact").expect("fits")
    }

    fn refused() -> ExportError {
        let line = r#"{"object":"Contact","externalId":{"field":"Ext__c","value":"42"},
            "fields":{"N__c":12345678901234567.890},"source":"contacts.ndjson:812"}"#;
        let record = Record::from_json(serde_json::from_str(line).expect("json")).expect("whole");
        let refusal = Refusal::new(vec![CrmError::new(
            "REQUIRED_FIELD_MISSING",
            "Missing: [Email]",
            &["Email", "Phone"],
        )]);
        let placed = Placed { position: Position::new(42, 7), record };
        ExportError::logged(&contact(), placed, &refusal, Timestamp::from_millis(1_500), None)
    }

    fn row(error: &ExportError) -> Row {
        let [item]: [Item; 1] = items(&contact(), error, 90).try_into().expect("one item");
        Row(item)
    }

    fn reread(row: &Row) -> Result<ExportError, LedgerError> {
        let error = parse(&contact(), row, row.text(RECORD)?, row.text(ERRORS)?)?;
        check(&contact(), row, &error)?;
        Ok(error)
    }

    #[test]
    fn a_row_is_read_back_and_shows_itself() {
        let open = refused();
        let closed = open.closed(ErrorState::Resolved, Timestamp::from_millis(9_999));
        for error in [&open, &closed] {
            assert_eq!(reread(&row(error)).as_ref(), Ok(error));
        }
        let row = row(&open);
        let shown =
            ["code", "crmCode", "message", "fields", "state", "externalIdField", "externalId", "openSince"];
        let shown: Vec<&str> = shown.iter().map(|name| row.text(name).expect("shown")).collect();
        let expected = [
            "MISSING_REQUIRED_FIELD",
            "REQUIRED_FIELD_MISSING",
            "Missing: [Email]",
            "Email,Phone",
            "open",
            "Ext__c",
            "42",
            "1970-01-01T00:00:01.500Z",
        ];
        assert_eq!(shown, expected);
        assert!(
            row.text(RECORD).expect("text").contains("12345678901234567.890"),
            "numbers keep their digits"
        );
    }

    #[test]
    fn only_closed_rows_expire() {
        let open = refused();
        let closed = open.closed(ErrorState::Superseded, Timestamp::from_millis(9_999));
        assert_eq!((row(&open).get("expiresAt"), row(&open).get("closedAt")), (None, None));
        assert!(!by_id(&contact(), &open, 90).contains_key("expiresAt"));
        assert_eq!(row(&closed).count("expiresAt"), Ok(9 + 90 * 86_400));
        assert_eq!(Row(by_id(&contact(), &closed, 90)).count("expiresAt"), Ok(9 + 90 * 86_400));
        assert!(row(&closed).get("openAccount").is_none(), "it leaves the index of open errors");
    }

    #[test]
    fn a_large_record_takes_further_items_that_expire_with_it() {
        let mut error = refused();
        error.record.fields.insert("raw".to_owned(), "\"".repeat(1_000_000).into());
        let closed = error.closed(ErrorState::Resolved, Timestamp::from_millis(0));
        for (error, expires) in [(&error, false), (&closed, true)] {
            let items = items(&contact(), error, 90);
            assert_eq!(items.len(), 14, "2 MB of JSON in pieces of 150 KB");
            assert!(items.iter().all(|item| item.contains_key("expiresAt") == expires));
            let (id, position, parts) = outline(&Row(items[0].clone())).expect("reads");
            assert_eq!((id, position), (error.id.clone(), error.position));
            let keys: Vec<Key> = items[1..].iter().map(|item| Row(item.clone()).key()).collect();
            assert_eq!(parts, keys);
        }
    }

    #[test]
    fn a_damaged_row_says_what_is_wrong() {
        let cases = [
            ("state", text("fixed"), "its state is `fixed`: use open, resolved or superseded"),
            ("attempts", number(-1), "its attempts is -1"),
            ("attempts", text("two"), "its attempts is the text `two`"),
            ("class", text("odd"), "its class: something else stands there than one of `permission`"),
            ("position", text("up"), "its position `up` is no position"),
            ("errors", text("[]"), "its errors are none"),
            ("record", text("{}"), "its record: missing field `object`"),
            ("firstFailedAt", text("noon"), "its firstFailedAt `noon` is no RFC 3339 time"),
        ];
        for (name, value, reason) in cases {
            let mut row = row(&refused());
            row.0.insert(name.to_owned(), value);
            let told = reread(&row).expect_err(name).to_string();
            let expected = format!("read item JOB#acme#Contact / ERROR#Ext__c=42: it is damaged ({reason}");
            assert!(told.starts_with(&expected), "{told}");
        }
        let mut other = refused();
        other.record.external_id.value = "43".to_owned();
        let mut moved = row(&other);
        moved.0.extend(keys::open_row(&contact(), &refused().record.external_id).item());
        let told = reread(&moved).expect_err("another id").to_string();
        assert!(told.contains("what stands in it belongs under ERROR#Ext__c=43"), "{told}");
    }
}
