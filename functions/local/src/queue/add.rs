//! Records that come from no file: they are queued as they are, all or none.

use domain::{AccountName, Record};
use rusqlite::{TransactionBehavior, params};

use super::error::QueueError;
use super::import::{Spellings, add};
use super::store::{Draft, Queue};

impl Queue {
    /// Queues records in their order, cut into messages. `spellings` says how objects are spelled.
    pub(crate) fn add(
        &mut self,
        account: &AccountName,
        records: Vec<Record>,
        spellings: &mut Spellings,
    ) -> Result<(), QueueError> {
        let mut drafts: Vec<Draft> = Vec::new();
        for record in records {
            add(&mut drafts, record, spellings);
        }
        let write = |db: &mut rusqlite::Connection| -> rusqlite::Result<()> {
            let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for Draft { object, records, body } in &drafts {
                let sql =
                    "INSERT INTO LocalMessages (account, object, records, body) VALUES (?1, ?2, ?3, ?4)";
                let body = format!("{body}]");
                transaction.prepare_cached(sql)?.execute(params![account.as_str(), object, records, body])?;
            }
            transaction.commit()
        };
        let written = write(&mut self.db);
        self.sqlite(written)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn records_come_out_as_they_went_in() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut queue = Queue::open(&folder.path().join("a.db")).expect("opens");
        let account = AccountName::new("local").expect("fits");
        let record = |object: &str, id: u32| {
            let json = json!({"object": object, "externalId": {"field": "E__c", "value": id}, "fields": {"N": 1.50}});
            Record::from_json(json).expect("whole")
        };
        let records =
            (0..450).map(|id| record(if id % 2 == 0 { "Contact" } else { "contact" }, id)).collect();
        queue.add(&account, records, &mut Spellings::new()).expect("queued");
        let messages = queue.next(&account, 10).expect("read");
        let sizes: Vec<usize> = messages.iter().map(|message| message.records.len()).collect();
        assert_eq!(sizes, [200, 200, 50]);
        let ids: Vec<String> = messages
            .iter()
            .flat_map(|message| &message.records)
            .map(|placed| placed.record.external_id.value.clone())
            .collect();
        assert_eq!(ids, (0..450).map(|id| id.to_string()).collect::<Vec<_>>());
        assert_eq!(messages[0].job.object, "Contact", "one job, however it is spelled");
    }
}
