//! Someone edits the ledger's table by hand, into nonsense: the functions take what is safe, say what is wrong, and lose
//! nothing.

use serde_json::{Value, json};
use tests::cloud::ACCOUNT;

use crate::world::{World, accounts};

#[test]
fn nonsense_in_the_settings_is_the_safe_default() {
    let world = World::start();
    let off = ["settings", "set", "pauseOnExportErrors=false", "--accept-data-inconsistency"];
    assert_eq!(world.stack.run(&off).status, 0);
    set(&world, "ACCOUNT#acme", "SETTINGS", "pauseOnExportErrors", json!({ "S": "perhaps" }));
    let (mut lines, ids) = accounts(3);
    // A name is required.
    lines[1] = lines[1].replace(&format!(r#""Name":"{}""#, ids[1]), r#""Name":null"#);
    world.stack.send_lines("accounts.ndjson", &lines);
    world.stack.wait_until_delivered();
    let job = world.stack.job("Account");
    assert_eq!(
        (&job["state"], &job["parked"]),
        (&json!("paused"), &json!(2)),
        "pause on is the safe default: {job}"
    );
    world.nothing_overtook("Account", &ids);
    let shown = world.stack.run(&["settings"]);
    assert!(format!("{shown:?}").contains("pauseOnExportErrors"), "it says what it cannot read: {shown:?}");
}

#[test]
fn nonsense_in_a_job_stops_that_job_only_and_loses_nothing() {
    let world = World::start();
    let (lines, ids) = accounts(300);
    world.stack.send_lines("first.ndjson", &lines[..200]);
    world.stack.wait_until_delivered();
    let before = get(&world, "JOB#acme#Account", "JOB");
    set(&world, "JOB#acme#Account", "JOB", "cursor", json!({ "S": "yesterday" }));
    world.stack.send_lines("second.ndjson", &lines[200..]);
    let contact =
        r#"{"object":"Contact","externalId":{"field":"Ext__c","value":"C-1"},"fields":{"LastName":"Doe"}}"#;
    world.stack.send_lines("contact.ndjson", &[contact.to_owned()]);
    tests::cloud::eventually("the other job runs", || world.crm.count("Contact"), |count| *count == 1);
    assert_eq!(world.in_crm("Account"), ids[..200], "a job that cannot be read sends nothing");
    assert_eq!(world.cloud.aws().queue_length(world.stack.output("QueueUrl")), 1, "its message waits");
    let cursor = before["cursor"].clone();
    set(&world, "JOB#acme#Account", "JOB", "cursor", cursor);
    world.ten_minutes_pass();
    world.stack.wait_until_delivered();
    assert_eq!(world.in_crm("Account"), ids);
    assert_eq!(world.table().open_errors(ACCOUNT, "Account"), Vec::<String>::new());
}

fn get(world: &World, pk: &str, sk: &str) -> Value {
    let key = json!({ "pk": { "S": pk }, "sk": { "S": sk } });
    let request = json!({ "TableName": world.stack.output("TableName"), "Key": key, "ConsistentRead": true });
    world.cloud.aws().dynamodb("GetItem", request)["Item"].clone()
}

fn set(world: &World, pk: &str, sk: &str, attribute: &str, value: Value) {
    assert!(!get(world, pk, sk)[attribute].is_null(), "{pk} {sk} has no {attribute}: {}", get(world, pk, sk));
    let request = json!({
        "TableName": world.stack.output("TableName"),
        "Key": { "pk": { "S": pk }, "sk": { "S": sk } },
        "UpdateExpression": "SET #a = :a",
        "ExpressionAttributeNames": { "#a": attribute },
        "ExpressionAttributeValues": { ":a": value },
    });
    world.cloud.aws().dynamodb("UpdateItem", request);
}
