//! SIGKILL at random moments, fifty times: afterwards every record is exactly as an uninterrupted run leaves it.

use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;
use tests::program::Workplace;
use tests::sample::{copy_org, record_files};

const KILLS: u32 = 50;

/// Small steps of a fixed sequence: the moments differ from kill to kill, and are the same in each run of this test.
fn moments() -> impl Iterator<Item = Duration> {
    let mut state: u64 = 0x2545_F491_4F6C_DD1D;
    std::iter::from_fn(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        Some(Duration::from_millis(20 + state % 400))
    })
}

/// Everything a run leaves: the CRM's records and the open errors, without ids and times.
fn left_behind(workplace: &Workplace) -> Vec<Value> {
    let queries = [
        "SELECT Ext__c, Name, BillingCity, Tier__c, NumberOfEmployees FROM Account ORDER BY Ext__c",
        "SELECT Ext__c, FirstName, LastName, Email, Segment__c, Score__c, Account.Ext__c FROM Contact ORDER BY Ext__c",
        "SELECT Ext__c, Contact__r.Ext__c, Channel__c, Cost__c, Landing_Page__c FROM Touchpoint__c ORDER BY Ext__c",
    ];
    let mut left: Vec<Value> =
        queries.iter().map(|soql| without_ids(workplace.run(&["query", "--json", soql]).json())).collect();
    let status = workplace.run(&["status", "--json"]);
    for object in ["Account", "Contact", "Touchpoint__c"] {
        let job = status.job(object);
        left.push(Value::from(format!("{object} {} {} {}", job["state"], job["parked"], job["openErrors"])));
        left.push(job["hold"]["externalId"].clone());
    }
    left
}

fn without_ids(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(without_ids).collect(),
        Value::Object(members) => {
            let kept = members.into_iter().filter(|(name, _)| name != "attributes" && name != "Id");
            Value::Object(kept.map(|(name, value)| (name, without_ids(value))).collect())
        }
        other => other,
    }
}

#[test]
fn fifty_kills_lose_nothing() {
    let whole = Workplace::default();
    let org = copy_org(&whole);
    let files = record_files();
    let command = |org: &str| {
        let mut arguments = vec!["export".to_owned(), "--org".to_owned(), org.to_owned()];
        arguments.extend(files.iter().cloned());
        arguments
    };
    let run = |workplace: &Workplace, org: &str| {
        let arguments = command(org);
        workplace.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
    };
    assert_eq!(run(&whole, &org).status, 10);

    let killed = Workplace::default();
    let org = copy_org(&killed);
    let mut moments = moments();
    let mut kills = 0;
    while kills < KILLS {
        let arguments = command(&org);
        let mut child = killed.start(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        sleep(moments.next().expect("there is always another"));
        if child.try_wait().expect("the child is ours").is_none() {
            child.kill().expect("the child is ours");
            kills += 1;
        } else {
            // It came to its end. Begin again, so that the next kills meet an export too.
            break_off(&killed);
        }
        child.wait().expect("the child is ours");
    }
    let last = run(&killed, &org);
    assert_eq!(last.status, 10, "{last:?}");
    assert_eq!(left_behind(&killed), left_behind(&whole));
}

/// Removes the ledger and the sandbox's records.
fn break_off(workplace: &Workplace) {
    for entry in std::fs::read_dir(workplace.path()).expect("a folder can be listed") {
        let path = entry.expect("a folder can be listed").path();
        if path.is_file() {
            std::fs::remove_file(path).expect("a file can be removed");
        }
    }
}
