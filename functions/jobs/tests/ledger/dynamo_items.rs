//! The items as people see them in the console, and what becomes of those that they edit.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{ErrorState, ExportError, Figures, Settings};
use jobs::ledger::{ErrorFilter, Ledger, LedgerError, LedgerErrorKind};
use serde_json::json;

use crate::dynamo_local::{Dynamo, dynamo};
use crate::samples::*;

type Item = HashMap<String, AttributeValue>;

fn text_of(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn number_of(value: &str) -> AttributeValue {
    AttributeValue::N(value.to_owned())
}

const CONTACT: &str = "JOB#acme#Contact";
const ACME: &str = "ACCOUNT#acme";
const PLACE: &str = "000000000000000000000000000000000000042.0000000007";
const BEHIND: &str = "000000000000000000000000000000000000042.0000000008";

/// What a person does at the console.
impl Dynamo {
    async fn item(&self, pk: &str, sk: &str) -> Option<Item> {
        let request = self.client.get_item().table_name(&self.table).consistent_read(true);
        request.key("pk", text_of(pk)).key("sk", text_of(sk)).send().await.expect("read").item
    }

    /// The texts of an item's attributes, joined by `|`; what is none is empty.
    async fn shown(&self, pk: &str, sk: &str, names: &[&str]) -> String {
        let item = self.item(pk, sk).await.unwrap_or_else(|| panic!("{pk} {sk} is there"));
        let show = |name: &&str| match item.get(*name) {
            None => String::new(),
            Some(AttributeValue::S(text)) => text.clone(),
            Some(AttributeValue::N(digits)) => digits.clone(),
            Some(other) => format!("{other:?}"),
        };
        names.iter().map(show).collect::<Vec<_>>().join("|")
    }

    async fn set(&self, pk: &str, sk: &str, name: &str, value: AttributeValue) {
        let request = self.client.update_item().table_name(&self.table);
        let request = request.key("pk", text_of(pk)).key("sk", text_of(sk));
        let request =
            request.update_expression("SET #name = :value").expression_attribute_names("#name", name);
        request.expression_attribute_values(":value", value).send().await.expect("edited");
    }

    async fn unset(&self, pk: &str, sk: &str, name: &str) {
        let request = self.client.update_item().table_name(&self.table);
        let request = request.key("pk", text_of(pk)).key("sk", text_of(sk));
        let request = request.update_expression("REMOVE #name").expression_attribute_names("#name", name);
        request.send().await.expect("edited");
    }

    async fn delete(&self, pk: &str, sk: &str) {
        let request = self.client.delete_item().table_name(&self.table);
        request.key("pk", text_of(pk)).key("sk", text_of(sk)).send().await.expect("deleted");
    }

    /// The pk and sk that an index lists for an account.
    async fn index(&self, index: &str, hash: &str) -> Vec<String> {
        let request = self.client.query().table_name(&self.table).index_name(index);
        let request =
            request.key_condition_expression("#hash = :acme").expression_attribute_names("#hash", hash);
        let answer =
            request.expression_attribute_values(":acme", text_of("acme")).send().await.expect("read");
        let key = |item: &Item| {
            format!("{} {}", item["pk"].as_s().expect("text"), item["sk"].as_s().expect("text"))
        };
        answer.items().iter().map(key).collect()
    }
}

/// A ledger with `acme/Contact` (one open error, one parked record, held) and `acme/Lead`.
async fn edited() -> (Dynamo, ExportError) {
    let dynamo = dynamo().await;
    let (ledger, contact) = (&dynamo.ledger, job("acme/Contact"));
    let lease = leased(ledger, "acme/Contact").await;
    let error = refused(&contact, "42.7", "it's");
    ledger.park(&lease, &[placed(&contact, "42.8", "waits")]).await.expect("parked");
    ledger.put_open_error(&lease, &error).await.expect("logged");
    ledger.save(&lease, &held(&error), at(10)).await.expect("saved");
    leased(ledger, "acme/Lead").await;
    (dynamo, error)
}

#[tokio::test]
async fn export_errors_are_read_in_the_console() {
    let (dynamo, error) = edited().await;
    let names = [
        "id",
        "code",
        "crmCode",
        "class",
        "message",
        "fields",
        "state",
        "attempts",
        "position",
        "externalIdField",
        "externalId",
        "operation",
        "firstFailedAt",
        "lastFailedAt",
        "closedAt",
        "source",
        "openSince",
        "expiresAt",
    ];
    let open = format!(
        "{}|MISSING_REQUIRED_FIELD|REQUIRED_FIELD_MISSING|data|Required fields are missing: [Email, Phone]|\
         Email,Phone|open|1|42.7|Ext__c|it's|upsert|1970-01-01T00:01:00.000Z|1970-01-01T00:01:00.000Z||\
         contacts.ndjson:812|1970-01-01T00:01:00.000Z|",
        error.id
    );
    assert_eq!(dynamo.shown(CONTACT, "ERROR#Ext__c=it's", &names).await, open);
    assert_eq!(dynamo.index("OpenErrors", "openAccount").await, [format!("{CONTACT} ERROR#Ext__c=it's")]);
    let lease = leased(&dynamo.ledger, "acme/Contact").await;
    dynamo.ledger.close_error(&lease, &resolved(&error)).await.expect("closed");
    assert_eq!(dynamo.item(CONTACT, "ERROR#Ext__c=it's").await, None);
    let names = ["state", "closedAt", "openSince", "expiresAt"];
    let closed = dynamo.shown(CONTACT, &format!("CLOSED#{PLACE}#{}", error.id), &names).await;
    assert_eq!(closed, format!("resolved|1970-01-01T00:03:00.000Z||{}", 180 + 90 * 86_400));
    assert_eq!(dynamo.index("OpenErrors", "openAccount").await, Vec::<String>::new());
}

#[tokio::test]
async fn jobs_and_parked_records_are_read_in_the_console() {
    let (dynamo, error) = edited().await;
    let names =
        ["cursor", "retryFrom", "leaseOwner", "leaseUntil", "epoch", "parked", "openErrors", "waitingSince"];
    let expected = "41.0|340282366920938463463374607431768211455.3|run|1970-01-01T00:10:00.000Z|1|1|1|\
                    1970-01-01T00:01:00.000Z";
    assert_eq!(dynamo.shown(CONTACT, "JOB", &names).await, expected);
    let item = dynamo.item(CONTACT, "JOB").await.expect("there");
    let hold = item["hold"].as_m().expect("a map")["recordRefused"].as_m().expect("a map");
    assert_eq!(hold["errorId"], text_of(&error.id));
    assert_eq!(item["errorsPossible"], AttributeValue::Bool(true));
    let parked = dynamo.shown(CONTACT, &format!("PARKED#{BEHIND}"), &["count", "records"]).await;
    assert!(
        parked.starts_with(
            "1|{\"object\":\"Contact\",\"externalId\":{\"field\":\"Ext__c\",\"value\":\"waits\"}"
        )
    );
    assert_eq!(dynamo.index("WaitingJobs", "waitingAccount").await, [format!("{CONTACT} JOB")]);
    let lease = leased(&dynamo.ledger, "acme/Contact").await;
    dynamo.ledger.unpark(&lease, position("99.0")).await.expect("unparked");
    assert_eq!(dynamo.index("WaitingJobs", "waitingAccount").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_state_set_by_hand_counts() {
    let (dynamo, error) = edited().await;
    let (ledger, contact) = (&dynamo.ledger, job("acme/Contact"));
    dynamo.set(CONTACT, "ERROR#Ext__c=it's", "state", text_of("superseded")).await;
    assert_eq!(ledger.count_open_errors(&contact).await, Ok(0));
    assert_eq!(ledger.open_errors(&contact, None, 9).await, Ok(vec![]));
    assert_eq!(ledger.open_errors_of(&contact, &[&error.record.external_id]).await, Ok(vec![]));
    let by_hand = ExportError { state: ErrorState::Superseded, ..error.clone() };
    assert_eq!(ledger.error(&account("acme"), &error.id).await, Ok(Some(by_hand.clone())));
    let superseded = ErrorFilter { state: Some(ErrorState::Superseded), ..ErrorFilter::default() };
    assert_eq!(ledger.errors(&account("acme"), &superseded, None, 9).await, Ok(vec![by_hand]));
    let lease = leased(ledger, "acme/Contact").await;
    ledger.put_open_error(&lease, &error).await.expect("refused again");
    assert_eq!(ledger.open_errors(&contact, None, 9).await, Ok(vec![error]));
    assert_eq!(dynamo.shown(CONTACT, "JOB", &["openErrors"]).await, "1");
}

#[tokio::test]
async fn settings_edited_by_hand_are_read_and_not_overwritten() {
    let dynamo = dynamo().await;
    let (ledger, acme) = (&dynamo.ledger, account("acme"));
    ledger.put_settings(&acme, &Settings::default().to_stored(), 0).await.expect("stored");
    let names = ["batchSize", "dailyCrmApiLimit", "preflight", "version", "timeZone"];
    assert_eq!(dynamo.shown(ACME, "SETTINGS", &names).await, "200|100000|off|1|UTC");

    dynamo.set(ACME, "SETTINGS", "pauseOnExportErrors", AttributeValue::Bool(false)).await;
    dynamo.set(ACME, "SETTINGS", "batchSize", number_of("50")).await;
    let conflict = ledger.put_settings(&acme, &json!({}), 1).await.expect_err("edited since");
    assert_eq!(*conflict.kind(), LedgerErrorKind::Conflict);
    let stored = ledger.settings(&acme).await.expect("read");
    let (settings, warnings) = Settings::from_stored(stored.body.as_ref(), &Settings::default());
    assert_eq!(warnings, Vec::<String>::new());
    assert_eq!((settings.pause_on_export_errors, settings.batch_size), (false, 50));
    assert!(stored.version > 1);

    dynamo.set(ACME, "SETTINGS", "batchSize", text_of("many")).await;
    let conflict = ledger.put_settings(&acme, &json!({}), stored.version).await.expect_err("edited again");
    assert_eq!(*conflict.kind(), LedgerErrorKind::Conflict);
    let stored = ledger.settings(&acme).await.expect("read");
    let (settings, warnings) = Settings::from_stored(stored.body.as_ref(), &Settings::default());
    assert_eq!((settings.pause_on_export_errors, settings.batch_size, warnings.len()), (false, 200, 1));
    ledger.put_settings(&acme, &json!({"batchSize": 25}), stored.version).await.expect("as it was read");
    let after = ledger.settings(&acme).await.expect("read");
    assert_eq!((after.body, after.version), (Some(json!({"batchSize": 25})), stored.version + 1));
    assert!(!dynamo.item(ACME, "SETTINGS").await.expect("there").contains_key("pauseOnExportErrors"));

    dynamo.set(ACME, "SETTINGS", "version", text_of("new")).await;
    assert_eq!(
        text(ledger.settings(&acme).await),
        "read item ACCOUNT#acme / SETTINGS: it is damaged (its version is the text `new`); mend or remove it"
    );
    dynamo.delete(ACME, "SETTINGS").await;
    dynamo.set(ACME, "SETTINGS", "exportToCrm", AttributeValue::Bool(false)).await;
    let made = ledger.settings(&acme).await.expect("made by hand");
    assert_eq!(made.body, Some(json!({"exportToCrm": false})));
    ledger.put_settings(&acme, &json!({"exportToCrm": true}), made.version).await.expect("as it was read");
}

/// What a person broke, and how each call that meets it fails.
struct Damage {
    pk: &'static str,
    sk: &'static str,
    edit: (&'static str, AttributeValue),
    reason: &'static str,
    calls: &'static [&'static str],
}

const LISTS: &[&str] = &["open_errors", "open_errors_of", "errors", "error"];

fn damages() -> Vec<Damage> {
    let job =
        |name, value, reason, calls| Damage { pk: CONTACT, sk: "JOB", edit: (name, value), reason, calls };
    let error = |name, value, reason, calls| Damage {
        pk: CONTACT,
        sk: "ERROR#Ext__c=it's",
        edit: (name, value),
        reason,
        calls,
    };
    let parked = |name, value, reason| Damage {
        pk: CONTACT,
        sk: "PARKED#BEHIND",
        edit: (name, value),
        reason,
        calls: &["parked"],
    };
    let all: &[&str] = &["job", "jobs", "lease"];
    vec![
        job("cursor", text_of("up"), "its cursor: `up` is not a position", all),
        job("cursor", number_of("7"), "its cursor: Expected string", all),
        job(
            "hold",
            text_of("no"),
            "its hold: unknown variant `no`, expected `recordRefused` or `crmUnavailable`",
            all,
        ),
        job("leaseUntil", text_of("noon"), "its leaseUntil `noon` is no RFC 3339 time", &["lease_other"]),
        job("leaseUntil", number_of("5"), "its leaseUntil is no text", &["lease_other"]),
        job("epoch", number_of("-7"), "its epoch is -7", &["lease", "lease_other"]),
        job("epoch", text_of("one"), "its epoch is the text `one`", &["lease", "lease_other"]),
        parked("count", number_of("2"), "it has 1 records, and its count is 2"),
        parked("count", text_of("x"), "its count is the text `x`"),
        parked("records", text_of("{}"), "its records: missing field `object` at line 1 column 2"),
        parked("records", number_of("1"), "its records is no text"),
        error("state", text_of("fixed"), "its state is `fixed`: use open, resolved or superseded", LISTS),
        error("record", text_of("{}"), "its record: missing field `object` at line 1 column 2", LISTS),
        error("errors", text_of("[]"), "its errors are none", LISTS),
        error("attempts", text_of("2"), "its attempts is the text `2`", LISTS),
        error("position", text_of("up"), "its position `up` is no position", LISTS),
    ]
}

async fn call(ledger: &dyn Ledger, error: &ExportError, name: &str) -> Result<String, LedgerError> {
    let (acme, contact) = (account("acme"), job("acme/Contact"));
    let id = &error.record.external_id;
    Ok(match name {
        "job" => format!("{:?}", ledger.job(&contact).await?),
        "jobs" => format!("{:?}", ledger.jobs(&acme).await?),
        "lease" => format!("{:?}", ledger.lease(&contact, "run", at(0), at(10)).await?),
        "lease_other" => format!("{:?}", ledger.lease(&contact, "other", at(0), at(10)).await?),
        "parked" => format!("{:?}", ledger.parked(&contact, None, 9).await?),
        "open_errors" => format!("{:?}", ledger.open_errors(&contact, None, 9).await?),
        "open_errors_of" => format!("{:?}", ledger.open_errors_of(&contact, &[id]).await?),
        "errors" => format!("{:?}", ledger.errors(&acme, &ErrorFilter::default(), None, 9).await?),
        "error" => format!("{:?}", ledger.error(&acme, &error.id).await?),
        other => panic!("no call is named {other}"),
    })
}

#[tokio::test]
async fn a_damaged_item_is_named_and_others_go_on() {
    for Damage { pk, sk, edit: (name, value), reason, calls } in damages() {
        let (dynamo, error) = edited().await;
        let sk = sk.replace("BEHIND", BEHIND);
        dynamo.set(pk, &sk, name, value.clone()).await;
        let expected =
            LedgerErrorKind::Corrupt { item: format!("item {pk} / {sk}"), reason: reason.to_owned() };
        for called in calls {
            let failed = call(&dynamo.ledger, &error, called).await.expect_err(reason);
            assert_eq!(*failed.kind(), expected, "{called} after {name} = {value:?}");
        }
        assert_eq!(
            leased(&dynamo.ledger, "acme/Lead").await.epoch,
            2,
            "another job after {name} = {value:?}"
        );
    }
}

#[tokio::test]
async fn a_job_that_cannot_be_read_keeps_no_lease() {
    let (dynamo, error) = edited().await;
    let before = dynamo.item(CONTACT, "JOB").await.expect("there");
    dynamo.set(CONTACT, "JOB", "cursor", text_of("up")).await;
    call(&dynamo.ledger, &error, "lease").await.expect_err("damaged");
    dynamo.set(CONTACT, "JOB", "cursor", before["cursor"].clone()).await;
    call(&dynamo.ledger, &error, "lease_other").await.expect("mended, and free at once");
}

#[tokio::test]
async fn other_damaged_items_are_named() {
    let (dynamo, _) = edited().await;
    let (ledger, acme, contact) = (&dynamo.ledger, account("acme"), job("acme/Contact"));
    dynamo.set(ACME, "REJECTED#x#m1", "at", text_of("noon")).await;
    dynamo.set(ACME, "REJECTED#x#m1", "messageId", text_of("m1")).await;
    dynamo.set(ACME, "CALLS#d", "calls", text_of("many")).await;
    dynamo.set(ACME, "JOB#1bad", "listed", AttributeValue::Bool(true)).await;
    let damaged =
        |item: &str, reason: &str| format!("read item {item}: it is damaged ({reason}); mend or remove it");
    let told = text(ledger.rejections(Some(&acme), 9).await);
    assert_eq!(told, damaged("ACCOUNT#acme / REJECTED#x#m1", "it has no reason"));
    let told = text(ledger.count(&acme, "d", &Figures::default()).await);
    assert_eq!(told, damaged("ACCOUNT#acme / CALLS#d", "its calls is the text `many`"));
    let told = text(ledger.count(&acme, "d", &Figures::of_calls(1)).await);
    assert_eq!(told, damaged("ACCOUNT#acme / CALLS#d", "one of its attributes is no number"));
    let told = text(ledger.jobs(&acme).await);
    assert!(
        told.starts_with("read item ACCOUNT#acme / JOB#1bad: it is damaged (read the object name `1bad`")
    );
    dynamo.set(CONTACT, "JOB", "parked", text_of("some")).await;
    let lease = leased(ledger, "acme/Contact").await;
    let told = text(ledger.park(&lease, &[placed(&contact, "50.0", "a")]).await);
    assert!(told.starts_with("read item JOB#acme#Contact / JOB: it is damaged"), "{told}");
    assert_eq!(ledger.count_parked(&contact).await, Ok(1), "counted one by one");
}

#[tokio::test]
async fn items_removed_by_hand_are_not_counted() {
    let (dynamo, error) = edited().await;
    let (ledger, contact) = (&dynamo.ledger, job("acme/Contact"));
    dynamo.delete(CONTACT, &format!("PARKED#{BEHIND}")).await;
    dynamo.delete(CONTACT, "ERROR#Ext__c=it's").await;
    assert_eq!(ledger.count_parked(&contact).await, Ok(0));
    assert_eq!(ledger.count_open_errors(&contact).await, Ok(0));
    assert_eq!(ledger.open_errors(&contact, None, 9).await, Ok(vec![]));
    assert_eq!(ledger.error(&account("acme"), &error.id).await, Ok(None));
    dynamo.delete(CONTACT, "JOB").await;
    let names: Vec<String> =
        ledger.jobs(&account("acme")).await.expect("read").iter().map(|(id, _)| id.to_string()).collect();
    assert_eq!(names, ["acme/Lead"], "a job without its item is none");
    assert_eq!(leased(ledger, "acme/Contact").await.epoch, 1, "and begins anew");
}

#[tokio::test]
async fn a_lease_cleared_by_hand_is_free() {
    for null in [false, true] {
        let (dynamo, error) = edited().await;
        match null {
            true => dynamo.set(CONTACT, "JOB", "leaseUntil", AttributeValue::Null(true)).await,
            false => dynamo.unset(CONTACT, "JOB", "leaseUntil").await,
        }
        call(&dynamo.ledger, &error, "lease_other").await.expect("free");
    }
}
