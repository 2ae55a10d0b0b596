//! The answer to a query as a table: parents flattened, the CRM's own attributes left out.

use serde_json::{Map, Value};

use super::table::Table;
use super::words::{counted, grouped};

/// The table, and how many records there are.
pub(crate) fn query_table(total: u64, records: &[Value], width: Option<usize>) -> String {
    if records.is_empty() {
        // COUNT() answers a number and no records; so does a query that found nothing.
        return format!("{}\n", grouped(total));
    }
    let rows: Vec<Vec<(String, String)>> = records.iter().map(flat).collect();
    let mut columns: Vec<String> = Vec::new();
    for (name, _) in rows.iter().flatten() {
        if !columns.contains(name) {
            columns.push(name.clone());
        }
    }
    // A parent that is null in one record has fields in another: its own column would only repeat that.
    let parents: Vec<String> =
        columns.iter().filter_map(|name| name.split_once('.').map(|(p, _)| p.to_owned())).collect();
    columns.retain(|name| !parents.contains(name));
    let header: Vec<&str> = columns.iter().map(String::as_str).collect();
    let mut table = Table::new(&header);
    for row in &rows {
        let cell =
            |column: &String| row.iter().find(|(name, _)| name == column).map(|(_, value)| value.clone());
        table.row(columns.iter().map(|column| cell(column).unwrap_or_default()).collect());
    }
    let mut text = table.render(width);
    text.push_str(&counted(total, "record"));
    if (records.len() as u64) < total {
        text.push_str(&format!(", {} shown", grouped(records.len() as u64)));
    }
    text.push('\n');
    text
}

fn flat(record: &Value) -> Vec<(String, String)> {
    let mut cells = Vec::new();
    if let Value::Object(members) = record {
        flatten(members, "", &mut cells);
    }
    cells
}

fn flatten(members: &Map<String, Value>, prefix: &str, cells: &mut Vec<(String, String)>) {
    for (name, value) in members.iter().filter(|(name, _)| *name != "attributes") {
        let name = format!("{prefix}{name}");
        match value {
            Value::Object(parent) => flatten(parent, &format!("{name}."), cells),
            Value::Null => cells.push((name, String::new())),
            Value::String(text) => cells.push((name, text.clone())),
            other => cells.push((name, other.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn records_become_rows() {
        let records = [
            json!({"attributes": {"type": "Contact"}, "Ext__c": "1", "Score__c": 1.50, "Account": null}),
            json!({"attributes": {"type": "Contact"}, "Ext__c": "2", "Score__c": null,
                "Account": {"attributes": {"type": "Account"}, "Name": "Acme"}}),
        ];
        let text = anstream::adapter::strip_str(&query_table(2, &records, None)).to_string();
        assert_eq!(text, "Ext__c  Score__c  Account.Name\n1       1.5\n2                 Acme\n2 records\n");
        assert_eq!(query_table(1_234, &[], None), "1,234\n");
    }
}
