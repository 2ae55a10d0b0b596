//! What a queue may hand over: one message twice, several groups in a batch, what is no message at all.

use serde_json::{Value, json};
use tests::cloud::ACCOUNT;
use tests::sample::account_line;

use crate::world::{World, accounts, message};

#[test]
fn a_message_that_is_delivered_twice_changes_nothing() {
    let world = World::start();
    let old = message("Account", &[account_line("A-1", "One")]);
    let sequence = world.stack.send_message("acme/Account", "1", &old);
    world.stack.send_message("acme/Account", "2", &message("Account", &[account_line("A-1", "Two")]));
    world.stack.wait_until_delivered();
    let name = || world.crm.records("Account", &["Name".to_owned()]);
    assert_eq!(name(), [json!({ "Name": "Two" })]);

    let again = json!({ "Records": [delivery("m-1", "acme/Account", &sequence, &old)] });
    let answer = world.cloud.aws().invoke(world.stack.output("ExportFunction"), &again);
    assert_eq!(answer.json(), json!({ "batchItemFailures": [] }), "the queue may delete it");
    assert_eq!(name(), [json!({ "Name": "Two" })], "the newer value stays");

    // A file that is sent again is dropped by the queue, or written again with the same values.
    let (lines, ids) = accounts(500);
    world.stack.send_lines("accounts.ndjson", &lines);
    world.stack.send_lines("accounts.ndjson", &lines);
    world.stack.wait_until_delivered();
    assert_eq!(world.in_crm("Account").len(), ids.len() + 1);
    world.nothing_is_lost("Account", &ids);
}

#[test]
fn groups_of_one_batch_do_not_disturb_each_other() {
    let world = World::start();
    let aws = world.cloud.aws();
    let source = aws.event_source(world.stack.output("ExportFunction"));
    aws.switch_event_source(&source, false);
    let contact = |id: &str, more: &str| {
        format!(
            r#"{{"object":"Contact","externalId":{{"field":"Ext__c","value":"{id}"}},"fields":{{"LastName":"Doe"{more}}}}}"#
        )
    };
    // The second contact lacks nothing but the permission that the export user lacks.
    let contacts = [contact("C-1", ""), contact("C-2", r#","Consent__c":true"#), contact("C-3", "")];
    for (at, line) in contacts.iter().enumerate() {
        world.stack.send_message(
            "acme/Contact",
            &format!("c{at}"),
            &message("Contact", std::slice::from_ref(line)),
        );
        let id = format!("A-{at}");
        let account = message("Account", &[account_line(&id, &id)]);
        world.stack.send_message("acme/Account", &format!("a{at}"), &account);
    }
    world.stack.send_message("acme/Account", "broken", "{ this is not JSON, Account");
    aws.switch_event_source(&source, true);
    world.stack.wait_until_delivered();

    assert_eq!(world.in_crm("Account"), ["A-0", "A-1", "A-2"]);
    assert_eq!(world.in_crm("Contact"), ["C-1"], "nothing behind the halt");
    let table = world.table();
    assert_eq!(table.parked(ACCOUNT, "Contact"), ["C-2", "C-3"]);
    assert_eq!(table.open_errors(ACCOUNT, "Contact"), ["C-2"]);
    assert_eq!(table.rejections(), 1);
}

#[test]
fn what_is_no_message_is_kept_and_stops_nothing() {
    let world = World::start();
    let good = |id: &str| message("Account", &[account_line(id, id)]);
    let poison: [(&str, String); 4] = [
        ("broken", "{".to_owned()),
        ("no object", json!({ "account": ACCOUNT, "records": [] }).to_string()),
        ("another account", good("A-9").replace(r#""acme""#, r#""other""#)),
        (
            "another group",
            good("A-8").replace(r#""object":"Account","records""#, r#""object":"Contact","records""#),
        ),
    ];
    for (at, (name, body)) in poison.iter().enumerate() {
        let id = format!("A-{at}");
        world.stack.send_message("acme/Account", &id, &good(&id));
        world.stack.send_message("acme/Account", name, body);
    }
    world.stack.wait_until_delivered();
    assert_eq!(world.in_crm("Account"), ["A-0", "A-1", "A-2", "A-3"]);
    assert_eq!(world.table().rejections(), poison.len());
    assert_eq!(world.cloud.aws().queue_length(world.stack.output("DeadLettersUrl")), 0);
}

/// A message as the event source hands it over.
fn delivery(id: &str, group: &str, sequence: &str, body: &str) -> Value {
    json!({
        "messageId": id,
        "receiptHandle": "none",
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": "2",
            "SentTimestamp": "1795465689079",
            "SequenceNumber": sequence,
            "MessageGroupId": group,
        },
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:crm-export.fifo",
        "awsRegion": "us-east-1",
    })
}
