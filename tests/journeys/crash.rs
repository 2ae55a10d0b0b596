//! SIGKILL at moments all over an export, at least fifty times: afterwards every record is exactly as an uninterrupted run
//! leaves it.
//!
//! A moment is a random share of the time that an uninterrupted export took. How far the export was when it was killed is
//! read from the CRM itself, and killing goes on until every quarter of the way was met.

use std::thread::sleep;
use std::time::Duration;

use jobs::clock::{Clock, SystemClock};
use serde_json::Value;
use tests::program::{Ran, Workplace};
use tests::sample::{copy_org, record_files};

const KILLS: u32 = 50;
/// No more than this: then the moments do not cover the export, and the test says so.
const ATTEMPTS_MAX: usize = 300;
/// Kills in each quarter of the way.
const IN_EACH_QUARTER: u32 = 3;
/// Contacts that the sample brings to the CRM before it halts.
const CONTACTS: u64 = 804;

/// Shares of a thousand, from a fixed sequence: they differ from kill to kill, and are the same in each run of this test.
fn shares() -> impl Iterator<Item = u32> {
    let mut state: u64 = 0x2545_F491_4F6C_DD1D;
    std::iter::from_fn(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        u32::try_from(state % 1000).ok()
    })
}

/// Everything that a run leaves: the CRM's records and the open errors, without ids and times.
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

/// Where two such lists differ: thousands of records that agree say nothing.
fn first_difference(left: &[Value], expected: &[Value]) -> String {
    let rows = |value: &Value| value["records"].as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
    let (left, expected): (Vec<_>, Vec<_>) =
        (left.iter().flat_map(rows).collect(), expected.iter().flat_map(rows).collect());
    let differ = left.iter().zip(&expected).find(|(one, other)| one != other);
    let shown =
        differ.map_or("one ends earlier".to_owned(), |(one, other)| format!("{one} instead of {other}"));
    format!("{} rows instead of {}, first {shown}", left.len(), expected.len())
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

/// The sample's export in a folder of its own.
struct Export {
    workplace: Workplace,
    arguments: Vec<String>,
}

impl Export {
    fn new() -> Self {
        let workplace = Workplace::default();
        let mut arguments = vec!["export".to_owned(), "--org".to_owned(), copy_org(&workplace)];
        arguments.extend(record_files());
        Self { workplace, arguments }
    }

    fn arguments(&self) -> Vec<&str> {
        self.arguments.iter().map(String::as_str).collect()
    }

    fn run(&self) -> Ran {
        self.workplace.run(&self.arguments())
    }

    /// Starts it, and kills it after this time. False when it came to its end before: then it has told what it did, and
    /// forgets right after that that its files are under way.
    fn killed_after(&self, time: Duration) -> bool {
        let mut child = self.workplace.start(&self.arguments());
        sleep(time);
        child.kill().expect("the child is ours");
        let output = child.wait_with_output().expect("the child is ours");
        !String::from_utf8_lossy(&output.stdout).contains("CRM calls")
    }

    /// How many quarters of the way lie behind it, as the CRM tells. Nothing of the CRM is there before its first record.
    fn quarters(&self) -> usize {
        let ran = self.workplace.run(&["query", "--json", "SELECT COUNT() FROM Contact"]);
        let contacts = if ran.status == 0 { ran.json()["totalSize"].as_u64().unwrap_or(0) } else { 0 };
        usize::try_from(4 * contacts / (CONTACTS + 1)).expect("less than four")
    }

    /// Removes the ledger and the sandbox's records.
    fn begin_again(&self) {
        for entry in std::fs::read_dir(self.workplace.path()).expect("a folder can be listed") {
            let path = entry.expect("a folder can be listed").path();
            if path.is_file() {
                std::fs::remove_file(path).expect("a file can be removed");
            }
        }
    }
}

#[test]
fn fifty_kills_lose_nothing() {
    let whole = Export::new();
    let began = SystemClock.now();
    assert_eq!(whole.run().status, 10);
    let mut takes = SystemClock.now().since(began);
    let expected = left_behind(&whole.workplace);

    let killed = Export::new();
    let (mut kills, mut compared, mut anew) = (0, 0, true);
    let mut met = [0_u32; 4];
    for (attempt, share) in shares().enumerate() {
        if kills >= KILLS && met.iter().all(|kills| *kills >= IN_EACH_QUARTER) {
            break;
        }
        assert!(attempt < ATTEMPTS_MAX, "{kills} kills lay in these quarters of the way: {met:?}");
        let ended = !killed.killed_after(takes * share / 1000);
        if !ended {
            kills += 1;
            met[killed.quarters()] += 1;
        } else if anew {
            // The uninterrupted one was slower than they are now.
            takes = takes * 95 / 100;
        }
        // The second kill meets an export that goes on where the first left it. Then it goes to its end, which is compared.
        // One that ended by itself is not run again: the same files are then new records.
        anew = !anew || ended;
        if anew {
            let status = if ended { 10 } else { killed.run().status };
            assert_eq!(status, 10);
            let left = left_behind(&killed.workplace);
            assert!(left == expected, "after {kills} kills: {}", first_difference(&left, &expected));
            compared += 1;
            killed.begin_again();
        }
    }
    let last = killed.run();
    assert_eq!(last.status, 10, "{last:?}");
    let left = left_behind(&killed.workplace);
    assert!(left == expected, "after the last kill: {}", first_difference(&left, &expected));
    println!("{kills} kills in the quarters of the way {met:?}; {} ends compared", compared + 1);
}
