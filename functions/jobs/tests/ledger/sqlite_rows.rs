//! The SQLite tables as people see them in `sqlite3`, and what becomes of rows that they edit.

use domain::{ErrorState, ExportError, Figures, Settings};
use jobs::ledger::sqlite::SqliteLedger;
use jobs::ledger::{ErrorFilter, Ledger, LedgerError, LedgerErrorKind};
use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::samples::*;

/// A ledger with `acme/Contact` (one open error, one parked record) and `acme/Lead`, and a person at its file.
struct Edited {
    ledger: SqliteLedger,
    person: Connection,
    error: ExportError,
    _folder: TempDir,
}

async fn edited() -> Edited {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger.db");
    let ledger = SqliteLedger::open(&path).expect("opens");
    let contact = job("acme/Contact");
    let lease = leased(&ledger, "acme/Contact").await;
    let error = refused(&contact, "42.7", "it's");
    ledger.park(&lease, &[placed(&contact, "42.8", "waits")]).await.expect("parked");
    ledger.put_open_error(&lease, &error).await.expect("logged");
    ledger.save(&lease, &held(&error), at(10)).await.expect("saved");
    leased(&ledger, "acme/Lead").await;
    let person = Connection::open(&path).expect("opens");
    Edited { ledger, person, error, _folder: folder }
}

impl Edited {
    /// What a person does who also turns the tables' own checks off.
    fn edit(&self, sql: &str) {
        self.person.execute_batch(&format!("PRAGMA ignore_check_constraints = ON; {sql}")).expect(sql);
    }

    /// The rows of a query as text, columns joined by `|`.
    fn query(&self, sql: &str) -> Vec<String> {
        let mut statement = self.person.prepare(sql).expect(sql);
        let columns = statement.column_count();
        let show = |value: rusqlite::types::Value| match value {
            rusqlite::types::Value::Null => String::new(),
            rusqlite::types::Value::Integer(number) => number.to_string(),
            rusqlite::types::Value::Text(text) => text,
            other => format!("{other:?}"),
        };
        let rows = statement.query_map([], |row| {
            let cells: Result<Vec<String>, _> =
                (0..columns).map(|column| row.get(column).map(show)).collect();
            cells.map(|cells| cells.join("|"))
        });
        rows.expect(sql).map(|row| row.expect(sql)).collect()
    }
}

#[tokio::test]
async fn export_errors_are_read_with_plain_sql() {
    let edited = edited().await;
    let sql = "SELECT Account, Object, ExternalIdField, ExternalId, Operation, Position, Code, CrmCode, Class, Message,
               Fields, State, Attempts, FirstFailedAt, LastFailedAt, ClosedAt, Source FROM ExportErrors";
    let open = "acme|Contact|Ext__c|it's|upsert|42.7|MISSING_REQUIRED_FIELD|REQUIRED_FIELD_MISSING|data|\
                Required fields are missing: [Email, Phone]|Email,Phone|open|1|1970-01-01T00:01:00.000Z|\
                1970-01-01T00:01:00.000Z||contacts.ndjson:812";
    assert_eq!(edited.query(sql), [open]);
    assert_eq!(edited.query("SELECT Id FROM ExportErrors"), std::slice::from_ref(&edited.error.id));
    let lease = leased(&edited.ledger, "acme/Contact").await;
    edited.ledger.close_error(&lease, &resolved(&edited.error)).await.expect("closed");
    let closed = "resolved|1970-01-01T00:03:00.000Z|Doe";
    let sql = "SELECT State, ClosedAt, Body ->> '$.record.fields.LastName' FROM ExportErrors";
    assert_eq!(edited.query(sql), [closed]);
}

#[tokio::test]
async fn jobs_and_parked_records_are_read_with_plain_sql() {
    let edited = edited().await;
    let paused = format!(
        "acme|Contact|41.0|RecordRefused|42.7|{}|MISSING_REQUIRED_FIELD|Required fields are missing: [Email, Phone]|\
         1970-01-01T00:01:00.000Z||1|1",
        edited.error.id
    );
    assert_eq!(edited.query("SELECT * FROM JobStatus"), [paused.as_str(), "acme|Lead|||||||||0|0"]);
    let leases = "SELECT LeaseOwner, LeaseUntil, Epoch FROM Jobs WHERE Object = 'Contact'";
    assert_eq!(edited.query(leases), ["run|1970-01-01T00:10:00.000Z|1"]);
    let parked = "SELECT SortKey, ExternalId, Body ->> '$.source' FROM Parked";
    let key = "000000000000000000000000000000000000042.0000000008";
    assert_eq!(edited.query(parked), [format!("{key}|waits|contacts.ndjson:812")]);
    let schema = edited.query("SELECT sql FROM sqlite_schema WHERE name = 'ExportErrors'").join("");
    assert!(schema.contains("-- Records that the CRM refused."), "`.schema` explains itself: {schema}");
}

#[tokio::test]
async fn one_error_is_open_for_an_external_id_whoever_writes() {
    let edited = edited().await;
    let twice = "INSERT INTO ExportErrors SELECT 'another', Account, Object, ExternalIdField, ExternalId, Operation,
                 Position, Code, CrmCode, Class, Message, Fields, State, Attempts, FirstFailedAt, LastFailedAt, ClosedAt,
                 Source, SortKey, Body FROM ExportErrors";
    let refused = edited.person.execute_batch(twice).expect_err("one is open").to_string();
    assert!(refused.contains("UNIQUE constraint failed"), "{refused}");
    for nonsense in ["UPDATE ExportErrors SET State = 'fixed'", "UPDATE Jobs SET Body = 'x'"] {
        let refused = edited.person.execute_batch(nonsense).expect_err("checked").to_string();
        assert!(refused.contains("CHECK constraint failed"), "{refused}");
    }
}

#[tokio::test]
async fn a_state_set_by_hand_counts() {
    let edited = edited().await;
    let (ledger, contact) = (&edited.ledger, job("acme/Contact"));
    edited.edit("UPDATE ExportErrors SET State = 'superseded', Message = 'never mind'");
    let id = edited.error.record.external_id.clone();
    assert_eq!(ledger.count_open_errors(&contact).await, Ok(0));
    assert_eq!(ledger.open_errors(&contact, None, 9).await, Ok(vec![]));
    assert_eq!(ledger.open_errors_of(&contact, &[&id]).await, Ok(vec![]));
    let by_hand = ExportError { state: ErrorState::Superseded, ..edited.error.clone() };
    assert_eq!(ledger.error(&account("acme"), &edited.error.id).await, Ok(Some(by_hand.clone())));
    let superseded = ErrorFilter { state: Some(ErrorState::Superseded), ..ErrorFilter::default() };
    assert_eq!(ledger.errors(&account("acme"), &superseded, None, 9).await, Ok(vec![by_hand]));

    let lease = leased(ledger, "acme/Contact").await;
    ledger.close_error(&lease, &resolved(&edited.error)).await.expect("closed");
    edited.edit("UPDATE ExportErrors SET State = 'open'");
    assert_eq!(ledger.open_errors(&contact, None, 9).await, Ok(vec![edited.error.clone()]), "and not closed");
}

#[tokio::test]
async fn settings_edited_by_hand_are_read_and_not_overwritten() {
    let edited = edited().await;
    let (ledger, acme) = (&edited.ledger, account("acme"));
    ledger.put_settings(&acme, &json!({"batchSize": 50}), 0).await.expect("stored");
    edited.edit("UPDATE Settings SET Body = '{\"batchSize\": 25}'");
    let conflict = ledger.put_settings(&acme, &json!({}), 1).await.expect_err("changed by hand since");
    assert_eq!(*conflict.kind(), LedgerErrorKind::Conflict);
    let stored = ledger.settings(&acme).await.expect("read");
    assert_eq!((stored.body, stored.version), (Some(json!({"batchSize": 25})), 2));
    edited.edit("UPDATE Settings SET Body = 'pause: no'");
    let stored = ledger.settings(&acme).await.expect("read");
    assert_eq!((stored.body.clone(), stored.version), (Some(Value::from("pause: no")), 3));
    let (settings, warnings) = Settings::from_stored(stored.body.as_ref(), &Settings::default());
    assert_eq!((settings, warnings.len()), (Settings::default(), 1));
    edited.edit("UPDATE Settings SET Version = -1");
    assert_eq!(
        text(ledger.settings(&acme).await),
        "read settings of acme: it is damaged (its Version is -1); mend or remove it"
    );
    edited.edit("DELETE FROM Settings; INSERT INTO Settings (Account, Body) VALUES ('acme', '{}')");
    let stored = ledger.settings(&acme).await.expect("read");
    assert_eq!((stored.body, stored.version), (Some(json!({})), 1));
}

/// What a person broke, and how each call that meets it fails.
struct Damage {
    sql: &'static str,
    item: &'static str,
    reason: &'static str,
    calls: &'static [&'static str],
}

const LISTS: &[&str] = &["open_errors", "open_errors_of", "errors", "error"];

const DAMAGES: &[Damage] = &[
    Damage {
        sql: "UPDATE Jobs SET Body = 'x' WHERE Object = 'Contact'",
        item: "job acme/Contact",
        reason: "its Body: expected value at line 1 column 1",
        calls: &["job", "jobs", "lease"],
    },
    Damage {
        sql: "UPDATE Jobs SET Body = '{\"cursor\": \"up\"}' WHERE Object = 'Contact'",
        item: "job acme/Contact",
        reason: "its Body: `up` is not a position at line 1 column 16",
        calls: &["job", "jobs", "lease"],
    },
    Damage {
        sql: "UPDATE Jobs SET LeaseUntil = 'noon' WHERE Object = 'Contact'",
        item: "job acme/Contact",
        reason: "its LeaseUntil `noon` is no RFC 3339 time",
        calls: &["lease"],
    },
    Damage {
        sql: "UPDATE Jobs SET Epoch = -7 WHERE Object = 'Contact'",
        item: "job acme/Contact",
        reason: "its Epoch is -7",
        calls: &["lease"],
    },
    Damage {
        sql: "UPDATE Jobs SET Object = '1bad' WHERE Object = 'Contact'",
        item: "job acme/1bad",
        reason: "read the object name `1bad`: use a CRM API name: letters, digits and `_`, beginning with a letter",
        calls: &["jobs"],
    },
    Damage {
        sql: "UPDATE Parked SET Body = CAST(x'22ff22' AS TEXT)",
        item: "parked record 42.8 of acme/Contact",
        reason: "its Body: invalid unicode code point at line 1 column 2",
        calls: &["parked"],
    },
    Damage {
        sql: "UPDATE Parked SET SortKey = 'first'",
        item: "parked record `first` of acme/Contact",
        reason: "its SortKey is no position",
        calls: &["parked"],
    },
    Damage {
        sql: "UPDATE ExportErrors SET Body = '{}'",
        item: "export error ID",
        reason: "its Body: missing field `id` at line 1 column 2",
        calls: LISTS,
    },
    Damage {
        sql: "UPDATE ExportErrors SET State = 'fixed'",
        item: "export error ID",
        reason: "its State is `fixed`: use open, resolved or superseded",
        calls: &["errors", "error"],
    },
    Damage {
        sql: "UPDATE ExportErrors SET Body = json_set(Body, '$.errors', json('[]'))",
        item: "export error ID",
        reason: "its Body has no `errors`",
        calls: LISTS,
    },
    Damage {
        sql: "UPDATE ExportErrors SET Body = json_set(Body, '$.account', 'other')",
        item: "export error ID",
        reason: "its Account is `acme`, and `other` in its Body",
        calls: LISTS,
    },
    Damage {
        sql: "UPDATE ExportErrors SET Body = json_set(Body, '$.record.externalId.value', 'x')",
        item: "export error ID",
        reason: "its ExternalId is `it's`, and `x` in its Body",
        calls: LISTS,
    },
];

async fn call(edited: &Edited, name: &str) -> Result<String, LedgerError> {
    let (ledger, acme, contact) = (&edited.ledger, account("acme"), job("acme/Contact"));
    let id = &edited.error.record.external_id;
    Ok(match name {
        "job" => format!("{:?}", ledger.job(&contact).await?),
        "jobs" => format!("{:?}", ledger.jobs(&acme).await?),
        "lease" => format!("{:?}", ledger.lease(&contact, "run", at(0), at(10)).await?),
        "parked" => format!("{:?}", ledger.parked(&contact, None, 9).await?),
        "open_errors" => format!("{:?}", ledger.open_errors(&contact, None, 9).await?),
        "open_errors_of" => format!("{:?}", ledger.open_errors_of(&contact, &[id]).await?),
        "errors" => format!("{:?}", ledger.errors(&acme, &ErrorFilter::default(), None, 9).await?),
        "error" => format!("{:?}", ledger.error(&acme, &edited.error.id).await?),
        other => panic!("no call is named {other}"),
    })
}

#[tokio::test]
async fn a_damaged_row_is_named_and_others_go_on() {
    for damage in DAMAGES {
        let edited = edited().await;
        edited.edit(damage.sql);
        let expected = LedgerErrorKind::Corrupt {
            item: damage.item.replace("ID", &edited.error.id),
            reason: damage.reason.to_owned(),
        };
        for name in damage.calls {
            let error = call(&edited, name).await.expect_err(damage.sql);
            assert_eq!(*error.kind(), expected, "{name} after {}", damage.sql);
        }
        assert_eq!(edited.query("SELECT Epoch FROM Jobs WHERE Object = 'Lead'"), ["1"]);
        assert_eq!(leased(&edited.ledger, "acme/Lead").await.epoch, 2, "another job after {}", damage.sql);
    }
}

#[tokio::test]
async fn other_damaged_items_are_named() {
    let edited = edited().await;
    let (ledger, acme) = (&edited.ledger, account("acme"));
    edited.edit("INSERT INTO Rejections VALUES ('acme', 'noon', 'm1', '', ''); INSERT INTO DailyFigures VALUES ('acme', 'd', -1, 0, '{}'), ('acme', 'e', 0, 0, '[]')");
    assert_eq!(
        text(ledger.rejections(Some(&acme), 9).await),
        "read rejection of message m1: it is damaged (its At `noon` is no RFC 3339 time); mend or remove it"
    );
    assert_eq!(
        text(ledger.count(&acme, "d", &Figures::of_calls(1)).await),
        "read figures of acme on d: it is damaged (its Calls is -1); mend or remove it"
    );
    let damaged = text(ledger.figures(&acme, "e").await);
    assert!(damaged.starts_with("read figures of acme on e: it is damaged (its Errors"), "{damaged}");
    edited.edit("DROP VIEW JobStatus; DROP TABLE Parked");
    let damaged = text(ledger.count_parked(&job("acme/Contact")).await);
    assert!(damaged.starts_with("read the ledger file "), "{damaged}");
    assert!(damaged.contains("no such table: Parked"), "{damaged}");
}

#[tokio::test]
async fn a_lease_cleared_by_hand_is_free() {
    let edited = edited().await;
    edited.edit("UPDATE Jobs SET LeaseUntil = NULL");
    let (lease, _) = edited.ledger.lease(&job("acme/Contact"), "other", at(0), at(10)).await.expect("free");
    assert_eq!(lease.epoch, 2);
}
