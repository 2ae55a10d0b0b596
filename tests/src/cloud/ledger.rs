//! What lies in a deployed ledger, read from the table itself and not through the code that wrote it: for each job the
//! external ids that are parked and those of open errors.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::aws::Aws;

/// Everything in a ledger's table.
#[derive(Debug, Clone)]
pub struct Table {
    items: Vec<BTreeMap<String, Value>>,
}

impl Table {
    /// Reads it.
    pub fn scan(aws: &Aws, name: &str) -> Self {
        let mut items = Vec::new();
        let mut start = Value::Null;
        loop {
            let mut request = json!({ "TableName": name, "ConsistentRead": true });
            if !start.is_null() {
                request["ExclusiveStartKey"] = start;
            }
            let page = aws.dynamodb("Scan", request);
            items.extend(page["Items"].as_array().into_iter().flatten().map(plain_item));
            start = page["LastEvaluatedKey"].clone();
            if start.is_null() {
                return Self { items };
            }
        }
    }

    /// The external ids of a job that are parked, in order.
    pub fn parked(&self, account: &str, object: &str) -> Vec<String> {
        let mut groups = self.of_job(account, object, "PARKED#");
        groups.sort_by_key(|item| item["sk"].as_str().map(str::to_owned));
        let lines = groups.iter().flat_map(|item| item["records"].as_str().unwrap_or_default().lines());
        lines.map(external_id).collect()
    }

    /// The external ids of a job that have an open error.
    pub fn open_errors(&self, account: &str, object: &str) -> Vec<String> {
        let rows = self.of_job(account, object, "ERROR#");
        let id = |item: &&BTreeMap<String, Value>| {
            item["sk"].as_str().and_then(|key| key.split_once('=')).map(|(_, id)| id.to_owned())
        };
        let mut ids: Vec<String> = rows.iter().filter_map(id).collect();
        ids.sort();
        ids
    }

    /// How many calls of the CRM were counted, over all days.
    pub fn calls(&self) -> u64 {
        let days = self.items.iter().filter(|item| key(item, "sk").starts_with("CALLS#"));
        let calls = days.filter_map(|item| item.get("calls")?.as_str()?.parse::<u64>().ok());
        calls.sum()
    }

    /// How many messages are kept as rejections.
    pub fn rejections(&self) -> usize {
        self.items.iter().filter(|item| key(item, "sk").starts_with("REJECTED#")).count()
    }

    fn of_job(&self, account: &str, object: &str, start: &str) -> Vec<&BTreeMap<String, Value>> {
        let partition = format!("JOB#{account}#{object}");
        let of = |item: &&BTreeMap<String, Value>| {
            key(item, "pk") == partition && key(item, "sk").starts_with(start)
        };
        self.items.iter().filter(of).collect()
    }
}

fn key<'i>(item: &'i BTreeMap<String, Value>, name: &str) -> &'i str {
    item.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn external_id(line: &str) -> String {
    let record: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    record["externalId"]["value"].as_str().unwrap_or_else(|| panic!("no external id: {line}")).to_owned()
}

fn plain_item(item: &Value) -> BTreeMap<String, Value> {
    let members = item.as_object().into_iter().flatten();
    members.map(|(name, value)| (name.clone(), plain(value))).collect()
}

/// DynamoDB writes `{"S": "text"}` for a text.
fn plain(value: &Value) -> Value {
    let Some((kind, value)) = value.as_object().and_then(|value| value.iter().next()) else {
        return Value::Null;
    };
    match (kind.as_str(), value) {
        ("M", Value::Object(members)) => {
            Value::Object(members.iter().map(|(name, value)| (name.clone(), plain(value))).collect())
        }
        ("L", Value::Array(items)) => items.iter().map(plain).collect(),
        ("NULL", _) => Value::Null,
        _ => value.clone(),
    }
}
