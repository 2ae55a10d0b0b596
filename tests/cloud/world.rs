//! A local cloud with the stack on it and a CRM behind it, and what must hold there whatever happened.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::cloud::{ACCOUNT, Deploy, LocalCloud, LocalCrm, Stack, Table, bootstraps, eventually};
use tests::sample::account_line;

/// What a test has. Dropped in this order.
pub struct World {
    pub stack: Stack,
    pub cloud: LocalCloud,
    pub crm: LocalCrm,
}

impl World {
    /// A stack that is connected to a CRM with the sample org.
    pub fn start() -> Self {
        let world = Self::deployed(Deploy::Sam, LocalCloud::start(), &[]);
        world.stack.connect();
        world
    }

    /// A stack as it is deployed, with the placeholder in its secret.
    pub fn deployed(with: Deploy, cloud: LocalCloud, crm: &[&str]) -> Self {
        let crm = LocalCrm::start(crm);
        let stack = Stack::deploy(&cloud, bootstraps(), &crm, with);
        Self { stack, cloud, crm }
    }

    /// What the ledger's table holds.
    pub fn table(&self) -> Table {
        Table::scan(&self.cloud.aws(), self.stack.output("TableName"))
    }

    /// Ticks, as the schedule does, until a job is neither held nor has anything parked.
    pub fn drain(&self, object: &str) {
        let job = || {
            self.stack.tick();
            self.stack.job(object)
        };
        let done = |job: &Value| job["state"] == "running" && job["parked"] == 0;
        eventually(&format!("{object} is drained"), job, done);
    }

    /// The lease of a run that was killed runs out, ten minutes after it was taken: the only thing here that no test waits
    /// for. A run that still goes on finds that it lost its lease, as one does that stood still for so long.
    pub fn ten_minutes_pass(&self) {
        let long_ago = json!({ ":then": { "S": "2000-01-01T00:00:00.000Z" } });
        for object in ["Account", "Contact", "Touchpoint__c"] {
            let request = json!({
                "TableName": self.stack.output("TableName"),
                "Key": { "pk": { "S": format!("JOB#{ACCOUNT}#{object}") }, "sk": { "S": "JOB" } },
                "UpdateExpression": "SET leaseUntil = :then",
                "ConditionExpression": "attribute_type(leaseUntil, :text)",
                "ExpressionAttributeValues": { ":then": long_ago[":then"], ":text": { "S": "S" } },
            });
            self.cloud.aws().try_dynamodb("UpdateItem", &request);
        }
    }

    /// Nothing is lost: each of these records of a job is in the CRM, parked, or an open error.
    pub fn nothing_is_lost(&self, object: &str, ids: &[String]) {
        let table = self.table();
        let mut found: BTreeSet<String> = self.in_crm(object).into_iter().collect();
        found.extend(table.parked(ACCOUNT, object));
        found.extend(table.open_errors(ACCOUNT, object));
        let lost: Vec<&String> = ids.iter().filter(|id| !found.contains(*id)).collect();
        assert!(lost.is_empty(), "lost of {object}: {lost:?}");
    }

    /// While a job waits, what is in the CRM and what waits are the two parts of its order: nothing overtook.
    pub fn nothing_overtook(&self, object: &str, ids: &[String]) {
        let parked = self.table().parked(ACCOUNT, object);
        let sent = ids.len() - parked.len();
        assert_eq!(self.in_crm(object), ids[..sent], "the first {sent} are in the CRM");
        assert_eq!(parked, ids[sent..], "the others wait, in order");
    }

    /// The external ids that the CRM has, sorted.
    pub fn in_crm(&self, object: &str) -> Vec<String> {
        let records = self.crm.records(object, &["Ext__c".to_owned()]);
        records.iter().filter_map(|record| record["Ext__c"].as_str().map(str::to_owned)).collect()
    }
}

/// Lines of accounts and their external ids, in order.
pub fn accounts(count: usize) -> (Vec<String>, Vec<String>) {
    let ids: Vec<String> = (1..=count).map(|n| format!("A-{n:05}")).collect();
    (ids.iter().map(|id| account_line(id, id)).collect(), ids)
}

/// A message as `send` makes it.
pub fn message(object: &str, lines: &[String]) -> String {
    let records: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    json!({ "account": ACCOUNT, "object": object, "records": records }).to_string()
}
