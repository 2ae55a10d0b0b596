//! The README's main job on AWS: halts at the right records, tells so, is asked and answers over its API, is mended, goes on by
//! the schedule, retries by the daily one, and ends with the same records as a run on one machine.

use serde_json::{Value, json};
use tests::cloud::{ACCOUNT, Deploy, LocalCloud, LocalCrm, eventually};
use tests::sample::{mend_everything, record_files};

use crate::world::World;

const OBJECTS: [(&str, u64); 3] = [("Account", 300), ("Contact", 1200), ("Touchpoint__c", 1800)];

#[test]
fn what_sam_deploys_exports_the_sample() {
    journey(Deploy::Sam);
}

#[test]
fn what_the_cdk_deploys_does_the_same() {
    journey(Deploy::Cdk);
}

fn journey(with: Deploy) {
    let world = World::deployed(with, LocalCloud::start(), &[]);
    world.stack.connect();
    let watched = watch(&world);
    let has_rules = with == Deploy::Cdk;
    if has_rules {
        assert_eq!(world.stack.run(&["settings", "set", "preflight=report"]).status, 0);
    }
    for file in record_files() {
        world.stack.send(&[&file]);
        // One after the other, so that no child comes before its parent: where jobs halt is then the same in every run.
        world.stack.wait_until_delivered();
    }
    halted(&world);
    told(
        &world,
        &watched,
        "ExportPaused",
        &["acme/Contact Ext__c=C-0805", "acme/Touchpoint__c Ext__c=T-0085"],
    );
    settings_change(&world);
    a_person_skips(&world);
    mend_everything(&world.crm.org);
    the_schedule_goes_on(&world);
    the_daily_retry_fires(&world);
    eventually("the schedule drains all jobs", || jobs(&world), |jobs| jobs.iter().all(is_drained));
    if has_rules {
        // The org was mended, the rules in the packages are those from before.
        told(&world, &watched, "PreflightDisagreed", &["acme/Contact"]);
    }
    same_as_on_one_machine(&world);
    logs_tell_no_values(&world);
}

/// Where the jobs stand, in the ledger and in the CRM.
fn halted(world: &World) {
    let of = |object: &str, members: [&str; 2]| {
        let job = world.stack.job(object);
        let hold = job["hold"].clone();
        (job["state"].clone(), job["parked"].clone(), members.map(|member| hold[member].clone()))
    };
    let accounts = of("Account", ["externalId", "code"]);
    assert_eq!(accounts, (json!("running"), json!(0), [Value::Null, Value::Null]));
    let refused = |id: &str, code: &str| [json!(id), json!(code)];
    let at = refused("C-0805", "MISSING_BIZIBLE_CUSTOM_FIELDS_PERMISSIONS");
    assert_eq!(of("Contact", ["externalId", "code"]), (json!("paused"), json!(396), at));
    let at = refused("T-0085", "RECORD_NONCOMPLIANT_WITH_VALIDATION_RULES");
    assert_eq!(of("Touchpoint__c", ["externalId", "code"]), (json!("paused"), json!(1716), at));

    let table = world.table();
    assert_eq!(table.open_errors(ACCOUNT, "Contact"), ["C-0805"]);
    assert_eq!(table.open_errors(ACCOUNT, "Touchpoint__c"), ["T-0085"]);
    for (object, total, halt) in [("Contact", 1200, 805), ("Touchpoint__c", 1800, 85)] {
        let letter = &object[..1];
        let ids: Vec<String> = (1..=total).map(|n| format!("{letter}-{n:04}")).collect();
        assert_eq!(world.crm.count(object), halt - 1);
        world.nothing_overtook(object, &ids);
    }
    let errors = world.stack.run(&["errors"]).json()["errors"].clone();
    let codes: Vec<&Value> = errors.as_array().into_iter().flatten().map(|error| &error["crmCode"]).collect();
    assert_eq!(codes.len(), 2, "{errors}");
}

/// A queue of the test's own behind the bus, as someone would hang mail on it.
fn watch(world: &World) -> String {
    let aws = world.cloud.aws();
    let url = aws.sqs("CreateQueue", json!({ "QueueName": "watched" }))["QueueUrl"]
        .as_str()
        .expect("a URL")
        .to_owned();
    let bus = world.stack.output("EventBusName");
    let pattern = json!({ "source": ["crm-export"] }).to_string();
    aws.events("PutRule", json!({ "Name": "watched", "EventBusName": bus, "EventPattern": pattern }));
    let arn = "arn:aws:sqs:us-east-1:000000000000:watched";
    aws.events(
        "PutTargets",
        json!({ "Rule": "watched", "EventBusName": bus, "Targets": [{ "Id": "1", "Arn": arn }] }),
    );
    url
}

/// Takes events until all of these have come, each shown as its detail's values.
fn told(world: &World, watched: &str, name: &str, expected: &[&str]) {
    let mut missing: Vec<&str> = expected.to_vec();
    let take = || {
        let received = world
            .cloud
            .aws()
            .sqs("ReceiveMessage", json!({ "QueueUrl": watched, "MaxNumberOfMessages": 10 }));
        let messages = received["Messages"].as_array().cloned().unwrap_or_default();
        let events = messages
            .iter()
            .filter_map(|message| serde_json::from_str::<Value>(message["Body"].as_str()?).ok());
        for event in events.filter(|event| event["detail-type"] == name) {
            let values = event["detail"].as_object().expect("a detail").values();
            let shown: Vec<&str> = values.filter_map(Value::as_str).collect();
            missing.retain(|one| !shown.join(" ").starts_with(one));
        }
        missing.len()
    };
    eventually(name, take, |missing| *missing == 0);
}

/// Settings over the API: versioned, guarded, and the daily schedule follows them.
fn settings_change(world: &World) {
    let api = |method: &str, headers: &[(&str, &str)], body: Value| {
        world.stack.api(method, "/api/settings", headers, &body)
    };
    let unsigned = |path: &str| world.stack.unsigned("GET", path, &[], &Value::Null).status;
    assert_eq!(["/api/settings", "/settings/crm", "/api/session"].map(unsigned), [403, 200, 200]);
    let read = api("GET", &[], Value::Null);
    assert_eq!((read.status, &read.json()["pauseOnExportErrors"]), (200, &json!(true)), "{}", read.text());
    let version = read.header("etag").expect("a version").to_owned();
    let matching = [("If-Match", version.as_str())];
    assert_eq!(api("PUT", &[], json!({ "retryHour": 5 })).status, 428);
    let off = api("PUT", &matching, json!({ "pauseOnExportErrors": false }));
    assert_eq!(off.status, 409, "the warning was not accepted: {}", off.text());

    let (group, name) = ("crm-export", "CRMExport_ExportError");
    let before = world.cloud.aws().schedule(group, name);
    let changed = api("PUT", &matching, json!({ "retryHour": 5, "timeZone": "Europe/Berlin" }));
    assert_eq!((changed.status, &changed.json()["retryHour"]), (200, &json!(5)), "{}", changed.text());
    assert_eq!(api("PUT", &matching, json!({ "retryHour": 6 })).status, 412, "someone else was faster");

    let after = world.cloud.aws().schedule(group, name);
    let when = (&after["ScheduleExpression"], &after["ScheduleExpressionTimezone"]);
    assert_eq!(when, (&json!("cron(0 5 * * ? *)"), &json!("Europe/Berlin")));
    for kept in ["State", "Target", "FlexibleTimeWindow", "Description", "KmsKeyArn"] {
        assert_eq!(after[kept], before[kept], "{kept} of the schedule");
    }
}

/// A wish that goes from the API over the bus to the function that may do it.
fn a_person_skips(world: &World) {
    let head = world.stack.job("Contact")["hold"]["errorId"].clone();
    let skip = |error: &Value| {
        world.stack.api("POST", "/api/jobs/Contact/skip", &[], &json!({ "errorId": error })).status
    };
    assert_eq!(skip(&json!("another one")), 409);
    assert_eq!(skip(&head), 202);
    let at = || world.stack.job("Contact")["hold"]["externalId"].clone();
    eventually("the job passes C-0805 and is held at the next", at, |id| id == "C-1100");
    assert_eq!(world.table().open_errors(ACCOUNT, "Contact"), ["C-0805", "C-1100"]);
}

/// The contacts drain, but for the one that was skipped; its touchpoints wait for it, since no one skipped them.
fn the_schedule_goes_on(world: &World) {
    eventually("the schedule drains the contacts", || world.stack.job("Contact"), is_drained);
    let at = || world.stack.job("Touchpoint__c")["hold"]["externalId"].clone();
    eventually("the touchpoints halt at the one whose contact was skipped", at, |id| id == "T-0972");
    assert_eq!(world.table().open_errors(ACCOUNT, "Contact"), ["C-0805"], "only the daily retry takes it up");
}

/// The schedule itself, set to every minute: its target, input and role are the deployed ones.
fn the_daily_retry_fires(world: &World) {
    let soon =
        json!({ "ScheduleExpression": "cron(0/1 * * * ? *)", "FlexibleTimeWindow": { "Mode": "OFF" } });
    world.cloud.aws().change_schedule("crm-export", "CRMExport_ExportError", &soon);
    let open = || world.table().open_errors(ACCOUNT, "Contact");
    eventually("the daily retry exports what was skipped", open, Vec::is_empty);
}

fn same_as_on_one_machine(world: &World) {
    let reference = LocalCrm::after_a_local_run(&record_files());
    for (object, count) in OBJECTS {
        let (here, there) = (world.crm.whole(object), reference.whole(object));
        assert_eq!((here.len() as u64, there.len() as u64), (count, count), "{object}");
        for (one, other) in here.iter().zip(&there) {
            assert_eq!(one, other, "a record of {object}");
        }
    }
}

/// Logs tell what was done, and nothing of what was in the records.
fn logs_tell_no_values(world: &World) {
    let text = world.stack.logged("export").join("\n");
    assert!(
        text.contains("CloudWatchMetrics") && text.contains("\"Exported\""),
        "metrics are in the log: {text}"
    );
    for value in ["Okafor", "person1@example.com", "https://www.example.com"] {
        assert!(!text.contains(value), "`{value}` is a record's, not the log's");
    }
}

fn jobs(world: &World) -> Vec<Value> {
    OBJECTS.map(|(object, _)| world.stack.job(object)).into()
}

fn is_drained(job: &Value) -> bool {
    job["state"] == "running" && job["parked"] == 0
}
