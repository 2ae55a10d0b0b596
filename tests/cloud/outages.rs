//! What the functions need is away: credentials, the CRM, the ledger. Records wait, in order, and no record is blamed.

use serde_json::json;
use tests::cloud::{ACCOUNT, Deploy, LocalCloud, LocalCrm, Proxy, Stack, bootstraps, eventually};

use crate::world::{World, accounts};

#[test]
fn without_credentials_records_wait() {
    let world = World::deployed(Deploy::Sam, LocalCloud::start(), &[]);
    let (lines, ids) = accounts(450);
    world.stack.send_lines("accounts.ndjson", &lines);
    world.stack.wait_until_delivered();
    suspended(&world, &ids, 0);
    world.stack.connect();
    world.drain("Account");
    assert_eq!(world.in_crm("Account"), ids);
}

#[test]
fn while_the_crm_is_down_records_wait() {
    let mut world = World::start();
    let (lines, ids) = accounts(900);
    world.stack.send_lines("first.ndjson", &lines[..400]);
    world.stack.wait_until_delivered();
    world.crm.stop();
    world.stack.send_lines("second.ndjson", &lines[400..]);
    world.stack.wait_until_delivered();
    world.crm.resume();
    suspended(&world, &ids, 400);
    world.drain("Account");
    assert_eq!(world.in_crm("Account"), ids);
}

/// What a throttling ledger costs is time; one that is away leaves the messages with the queue, which has them come again.
#[test]
fn without_the_ledger_messages_come_again() {
    let mut proxy = None;
    let cloud = LocalCloud::start_with(|address| {
        let started = Proxy::start(address);
        let endpoint = started.endpoint();
        proxy = Some(started);
        endpoint
    });
    let proxy = proxy.expect("the local cloud was told an endpoint");
    let crm = LocalCrm::start(&[]);
    let stack = Stack::deploy(&cloud, bootstraps(), &crm, Deploy::Sam);
    let world = World { stack, cloud, crm };
    world.stack.connect();
    let (lines, ids) = accounts(600);

    proxy.refuse(
        "DynamoDB_",
        400,
        "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
        8,
    );
    world.stack.send_lines("first.ndjson", &lines[..200]);
    world.stack.wait_until_delivered();
    assert_eq!(world.in_crm("Account"), ids[..200]);
    assert_eq!(proxy.seen().refused, 8);

    proxy.refuse("DynamoDB_", 500, "com.amazonaws.dynamodb.v20120810#InternalServerError", u64::MAX);
    world.stack.send_lines("second.ndjson", &lines[200..]);
    eventually("it was tried and came again", || proxy.seen().refused, |refused| *refused > 20);
    assert_eq!(
        world.cloud.aws().queue_length(world.stack.output("QueueUrl")),
        2,
        "two messages, and both wait"
    );
    assert_eq!(world.in_crm("Account"), ids[..200], "nothing is sent without a lease");
    proxy.relent();
    world.stack.wait_until_delivered();
    world.drain("Account");
    assert_eq!(world.in_crm("Account"), ids);
}

/// The job is suspended, not paused: no export error, the cursor where it was, and everything parked in its order.
fn suspended(world: &World, ids: &[String], exported: usize) {
    let job = world.stack.job("Account");
    assert_eq!((&job["state"], &job["hold"]["externalId"]), (&json!("suspended"), &json!(null)), "{job}");
    assert_eq!(job["parked"], ids.len() - exported);
    assert_eq!(world.table().open_errors(ACCOUNT, "Account"), Vec::<String>::new());
    world.nothing_overtook("Account", ids);
    world.nothing_is_lost("Account", ids);
}
