//! `send`: what comes out of the queue is what stands in the files.

use std::collections::BTreeMap;

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName as Attribute};
use domain::Record;
use serde_json::Value;

use crate::cloud::{ACCOUNT, Cloud, STACK, attribute};
use crate::workplace::{Workplace, sample};

/// The records of messages by object, each as the functions read it.
fn records(messages: &[Message]) -> BTreeMap<String, Vec<Record>> {
    let mut records = BTreeMap::<String, Vec<Record>>::new();
    for message in messages {
        let body = message.body().expect("a body");
        let read = domain::message::Message::from_body("m", 1, body).expect("a message");
        assert_eq!(attribute(message, Attribute::MessageGroupId), read.job.to_string());
        assert!(read.records.len() <= 200 && (body.len() <= 65_536 || read.records.len() == 1));
        let these = read.records.into_iter().map(|placed| placed.record);
        records.entry(read.job.object).or_default().extend(these);
    }
    records
}

/// The records of a sample file, with the source that the program gives them.
fn of_file(name: &str) -> Vec<Record> {
    let text = std::fs::read_to_string(sample().join(name)).expect("there");
    let read = |(line, text): (usize, &str)| {
        let mut record = Record::from_json(serde_json::from_str(text).expect("json")).expect("whole");
        record.source = Some(format!("{name}:{}", line + 1));
        record
    };
    text.lines().enumerate().map(read).collect()
}

#[tokio::test]
async fn the_sample_comes_out_as_it_went_in_and_a_repeat_adds_nothing() {
    let cloud = Cloud::with_stack("http://127.0.0.1:1").await;
    let workplace = Workplace::beside(&cloud);
    let names = ["1-accounts.ndjson", "2-contacts.ndjson", "3-touchpoints.ndjson"];
    let paths = names.map(|name| sample().join(name).to_string_lossy().into_owned());
    let send: Vec<&str> =
        ["send"].into_iter().chain(paths.iter().map(String::as_str)).chain(["--stack", STACK]).collect();

    let sent = workplace.json(&send, 0);
    assert_eq!((&sent["records"], &sent["account"]), (&3_300.into(), &ACCOUNT.into()));
    assert_eq!(sent["sentTwice"], 0);
    let queue = cloud.output("QueueUrl").await;
    assert_eq!(sent["queue"], queue.as_str());
    let messages = cloud.receive_all(&queue).await;
    assert_eq!(sent["messages"], messages.len());
    let expected = [("Account", names[0]), ("Contact", names[1]), ("Touchpoint__c", names[2])];
    let expected = expected.map(|(object, name)| (object.to_owned(), of_file(name)));
    assert_eq!(records(&messages), BTreeMap::from(expected));

    let again = workplace.json(&send, 0);
    assert_eq!(again["records"], 3_300, "SQS says that it has them");
    assert_eq!(cloud.receive_all(&queue).await, [], "and delivers none a second time");

    // The same records in another file are records of their own.
    std::fs::copy(&paths[0], workplace.path().join("copy.ndjson")).expect("copied");
    workplace.json(&["send", "copy.ndjson", "--stack", STACK], 0);
    assert_eq!(records(&cloud.receive_all(&queue).await)["Account"].len(), 300);
}

#[tokio::test]
async fn csv_goes_out_as_its_fields_take_it_when_that_is_known() {
    let cloud = Cloud::start();
    let queue = cloud.queue("rows.fifo").await;
    let workplace = Workplace::beside(&cloud);
    workplace.write("a.csv", "Ext__c,Name,NumberOfEmployees\nA-1,\"Two, Ltd\",7\n");
    workplace.write("b.csv", "Ext__c,Name,NumberOfEmployees\nA-1,\"Two, Ltd\",7\n");
    let to = ["--queue", &queue, "--account", ACCOUNT, "--object", "Account", "--external-id", "Ext__c"];
    let send = |file: &'static str, more: &[&str]| {
        let words: Vec<&str> = ["send", file].iter().chain(&to).chain(more).copied().collect();
        workplace.json(&words, 0);
    };
    let fields = async || -> Value {
        let records = records(&cloud.receive_all(&queue).await);
        serde_json::to_value(&records["Account"][0].fields).expect("json")
    };
    send("a.csv", &[]);
    assert_eq!(fields().await, serde_json::json!({"Name": "Two, Ltd", "NumberOfEmployees": "7"}));
    let org = workplace.org();
    send("b.csv", &["--rules", &org.to_string_lossy()]);
    assert_eq!(fields().await, serde_json::json!({"Name": "Two, Ltd", "NumberOfEmployees": 7}));
}

#[tokio::test]
async fn nothing_is_sent_while_anything_is_wrong() {
    let cloud = Cloud::start();
    let queue = cloud.queue("checks.fifo").await;
    let workplace = Workplace::beside(&cloud);
    let line = |object: &str| {
        format!(r#"{{"object":"{object}","externalId":{{"field":"E__c","value":"1"}},"fields":{{}}}}"#) + "\n"
    };
    workplace.write("broken.ndjson", &(line("Lead") + "{\n"));
    workplace.write("long.ndjson", &(line("Lead") + &line(&"O".repeat(80))));
    workplace.write("whole.ndjson", &line("Lead"));
    let long = "a".repeat(60);
    let missing = queue.replace("checks.fifo", "missing.fifo");
    let standard = queue.replace("checks.fifo", "checks");
    let check = |words: &[&str], says: &[&str]| {
        let told = workplace.refused(words);
        assert!(says.iter().all(|part| told.contains(part)), "{words:?}: {says:?} is not in\n{told}");
    };
    check(
        &["send", "broken.ndjson", "--queue", &queue, "--account", ACCOUNT],
        &["nothing was sent: 1 line", "broken.ndjson:2: broken JSON"],
    );
    check(
        &["send", "long.ndjson", "--queue", &queue, "--account", &long],
        &["nothing was sent", "long.ndjson:2: the account's and the object's name have 141 characters"],
    );
    check(&["send", "whole.ndjson", "--queue", &queue], &["say whose records they are, with --account NAME"]);
    check(&["send", "whole.ndjson"], &["say where to, with --stack NAME or --queue URL"]);
    check(&["send", "whole.ndjson", "--queue", &standard, "--account", ACCOUNT], &["it is no FIFO queue"]);
    check(&["send", "whole.ndjson", "--queue", &missing, "--account", ACCOUNT], &["there is no such queue"]);
    check(
        &["send", "whole.ndjson", "--stack", "other"],
        &["find the stack other in us-east-1: there is none"],
    );
    assert_eq!(cloud.receive_all(&queue).await, []);
}

#[tokio::test]
async fn a_send_that_was_killed_is_run_again_and_nothing_comes_twice() {
    const RECORDS: usize = 30_000;
    let cloud = Cloud::start();
    let queue = cloud.queue("killed.fifo").await;
    let workplace = Workplace::beside(&cloud);
    let line = |id: usize| {
        format!(r#"{{"object":"Lead","externalId":{{"field":"E__c","value":"{id}"}},"fields":{{}}}}"#) + "\n"
    };
    workplace.write("many.ndjson", &(0..RECORDS).map(line).collect::<String>());
    let send = ["send", "many.ndjson", "--queue", &queue, "--account", ACCOUNT];
    let mut killed = workplace.start(&send);
    while cloud.waiting(&queue).await == 0 {
        assert_eq!(killed.try_wait().expect("it can be asked"), None, "it is still at work");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    killed.kill().expect("killed");
    assert_eq!(killed.wait().expect("it ended").code(), None, "it was under way");

    assert_eq!(workplace.json(&send, 0)["records"], RECORDS);
    let leads = records(&cloud.receive_all(&queue).await).remove("Lead").expect("they are there");
    let ids: Vec<&str> = leads.iter().map(|record| record.external_id.value.as_str()).collect();
    let expected: Vec<String> = (0..RECORDS).map(|id| id.to_string()).collect();
    assert_eq!(ids, expected, "each once, in order");
}
