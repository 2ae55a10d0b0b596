//! Cuts records into chunks: what one CRM call may carry.

use std::collections::HashSet;

use crate::record::{Placed, Record};

/// The largest chunk in bytes of JSON. Salesforce takes 50 MB; a call that large would outlive its time-out.
pub const CHUNK_BYTES_MAX: usize = 4_000_000;

/// How many of the first records go into the next chunk: consecutive, of one operation and external id field, no
/// external id twice (two records with one external id must be sent in order, never in one call), at most
/// `records_max` and [`CHUNK_BYTES_MAX`]. A record that is not whole stands alone. Zero only for an empty list.
pub fn next_chunk(records: &[Placed], records_max: usize) -> usize {
    let Some(first) = records.first() else { return 0 };
    let mut seen = HashSet::new();
    let mut bytes = 0;
    let mut count = 0;
    for placed in records.iter().take(records_max.max(1)) {
        let record = &placed.record;
        bytes += approximate_bytes(record);
        let fits = count == 0 || (bytes <= CHUNK_BYTES_MAX && alike(&first.record, record));
        if !fits || !seen.insert(record.external_id.folded()) {
            break;
        }
        count += 1;
    }
    count
}

fn alike(first: &Record, record: &Record) -> bool {
    first.problem.is_none()
        && record.problem.is_none()
        && first.operation == record.operation
        && first.external_id.field.eq_ignore_ascii_case(&record.external_id.field)
}

/// Close enough for a limit that is ten times below the CRM's; exact sizes would serialise every record twice.
fn approximate_bytes(record: &Record) -> usize {
    let value = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => text.len() + 2,
        serde_json::Value::Object(parent) => 32 * parent.len(),
        _ => 12,
    };
    64 + record.fields.iter().map(|(name, field)| name.len() + 4 + value(field)).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::position::Position;
    use crate::record::{ExternalId, Operation};

    fn records(ids: &[&str]) -> Vec<Placed> {
        let placed = |(index, id): (u32, &&str)| {
            let (operation, id) = match id.strip_prefix('-') {
                Some(id) => (Operation::Delete, id),
                None => (Operation::Upsert, *id),
            };
            let external_id = ExternalId { field: "E__c".into(), value: id.into() };
            let problem = (id == "?").then(|| "not whole".to_owned());
            let record = Record {
                object: "A".into(),
                external_id,
                operation,
                fields: Default::default(),
                source: None,
                problem,
            };
            Placed { position: Position::new(1, index), record }
        };
        (0..).zip(ids).map(placed).collect()
    }

    fn check(ids: &[&str], records_max: usize, chunks: &[usize]) {
        let records = records(ids);
        let mut rest = &records[..];
        let mut sizes = Vec::new();
        while !rest.is_empty() {
            let size = next_chunk(rest, records_max);
            sizes.push(size);
            rest = &rest[size..];
        }
        assert_eq!(sizes, chunks, "{ids:?}");
    }

    #[test]
    fn chunks_are_cut() {
        check(&["1", "2", "3", "4", "5"], 2, &[2, 2, 1]);
        check(&["1", "2", "1", "3"], 200, &[2, 2]);
        check(&["a", "A", "a "], 200, &[1, 1, 1]);
        check(&["1", "-2", "-3", "4"], 200, &[1, 2, 1]);
        check(&["1", "?", "2"], 200, &[1, 1, 1]);
        check(&["1"], 0, &[1]);
    }

    #[test]
    fn a_chunk_has_a_size() {
        let mut records = records(&["1", "2", "3"]);
        for placed in &mut records {
            placed.record.fields.insert("T__c".into(), "x".repeat(CHUNK_BYTES_MAX / 2).into());
        }
        assert_eq!(next_chunk(&records, 200), 1);
    }
}
