//! Packs records into messages: one object each, in order, as many as fit.

use std::collections::HashMap;

use domain::{AccountName, ExternalId, Operation, Record};
use serde::Serialize;
use serde_json::{Map, Value};

use super::parcel::{Origin, Parcel};
use crate::input::{InputFile, LineProblem};

/// The most bytes of a body, but for a single record that is larger: SQS bills by 64 KiB (reference aws §1.3).
const BODY_BYTES: usize = 65_536;

/// The most records of a message: a CRM call takes as many (reference §2.3).
const BODY_RECORDS: u32 = 200;

/// The longest message group (reference aws §1.3).
const GROUP_CHARS: usize = 128;

/// What ends a body.
const END: &str = "]}";

/// Packs the records of one command, file by file.
pub(crate) struct Packer {
    account: AccountName,
    /// Spellings of object names by their lower-case form: `contact` and `Contact` are one job.
    spellings: HashMap<String, String>,
    /// Messages that may take more records, by when they were begun.
    open: Vec<Draft>,
}

/// A message that may take more records.
struct Draft {
    object: String,
    body: String,
    records: u32,
    /// The line of its first record.
    line: u64,
}

impl Packer {
    /// Packs for an account.
    pub(crate) fn new(account: AccountName) -> Self {
        Self { account, spellings: HashMap::new(), open: Vec::new() }
    }

    /// Takes a record that stands at `line` of `file`. Answers the messages that are whole now, in the order to send
    /// them: when one is full, those begun before it go first, so that parents stay ahead of their children.
    pub(crate) fn add(&mut self, file: &InputFile, line: u64, record: &Record) -> Vec<Parcel> {
        let folded = record.object.to_lowercase();
        let object = self.spellings.entry(folded).or_insert_with(|| record.object.clone()).clone();
        let text = wire(record);
        let mut whole = Vec::new();
        let at = self.open.iter().position(|draft| draft.object == object);
        let at = match at {
            Some(at) if self.open[at].takes(&text) => at,
            full => {
                if let Some(full) = full {
                    whole = self.close(file, full + 1);
                }
                self.open.push(Draft { body: self.begin(&object), object, records: 0, line });
                self.open.len() - 1
            }
        };
        self.open[at].add(&text);
        whole
    }

    /// Ends a file: no message has records of two.
    pub(crate) fn end(&mut self, file: &InputFile) -> Vec<Parcel> {
        self.close(file, self.open.len())
    }

    fn close(&mut self, file: &InputFile, drafts: usize) -> Vec<Parcel> {
        let parcel = |draft: Draft| {
            let origin = Origin {
                account: self.account.as_str(),
                file: &file.identity,
                occurrence: file.occurrence,
                line: draft.line,
            };
            let place = format!("{}:{}", file.name, draft.line);
            Parcel::new(origin, &draft.object, draft.body + END, draft.records, place)
        };
        self.open.drain(..drafts).map(parcel).collect()
    }

    fn begin(&self, object: &str) -> String {
        // Neither name has a letter that JSON escapes.
        format!(r#"{{"account":"{}","object":"{object}","records":["#, self.account)
    }
}

impl Draft {
    fn takes(&self, text: &str) -> bool {
        self.records < BODY_RECORDS && self.body.len() + 1 + text.len() + END.len() <= BODY_BYTES
    }

    fn add(&mut self, text: &str) {
        if self.records > 0 {
            self.body.push(',');
        }
        self.body.push_str(text);
        self.records += 1;
    }
}

/// A record as a message carries it: what the message says already is left out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Wire<'a> {
    external_id: &'a ExternalId,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<Operation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fields: Option<&'a Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
}

fn wire(record: &Record) -> String {
    let delete = record.operation == Operation::Delete;
    let wire = Wire {
        external_id: &record.external_id,
        operation: delete.then_some(Operation::Delete),
        fields: (!delete || !record.fields.is_empty()).then_some(&record.fields),
        source: record.source.as_deref(),
    };
    let text = serde_json::to_string(&wire).expect("a record came from JSON and is JSON again");
    escaped(text)
}

/// Two letters that JSON may hold and SQS may not: it would put U+FFFD in their place without a word. They can stand only
/// within texts, where an escape means the same.
fn escaped(text: String) -> String {
    if !text.contains(['\u{fffe}', '\u{ffff}']) {
        return text;
    }
    text.replace('\u{fffe}', "\\ufffe").replace('\u{ffff}', "\\uffff")
}

/// What keeps a record from having a message group. For the check before anything is sent.
pub(crate) fn check_group(account: &AccountName, object: &str) -> Option<LineProblem> {
    let chars = account.as_str().len() + 1 + object.len();
    (chars > GROUP_CHARS).then_some(LineProblem::GroupTooLong { chars, most: GROUP_CHARS })
}

#[cfg(test)]
mod tests {
    use domain::message::Message;
    use serde_json::json;

    use super::*;
    use crate::args::ReadingArgs;

    fn account() -> AccountName {
        AccountName::new("acme").expect("fits")
    }

    /// A file by this name, which nobody reads.
    fn file(folder: &tempfile::TempDir, name: &str) -> InputFile {
        let path = folder.path().join(name);
        std::fs::write(&path, "").expect("written");
        InputFile::all(&[path], &ReadingArgs::default()).expect("there").remove(0)
    }

    fn record(object: &str, id: usize, text: &str) -> Record {
        let json = json!({"object": object, "externalId": {"field": "E__c", "value": id.to_string()}, "fields": {"T": text}});
        Record::from_json(json).expect("whole")
    }

    /// Packs records, one a line.
    fn pack(records: &[Record]) -> Vec<Parcel> {
        let folder = tempfile::tempdir().expect("a folder");
        let file = file(&folder, "a.ndjson");
        let mut packer = Packer::new(account());
        let mut parcels = Vec::new();
        for (line, record) in (1..).zip(records) {
            parcels.extend(packer.add(&file, line, record));
        }
        parcels.extend(packer.end(&file));
        parcels
    }

    /// What the functions read from a message: object and ids.
    fn read(parcel: &Parcel) -> (String, Vec<String>) {
        let message = Message::from_body("m", 1, &parcel.body).expect("a message");
        assert_eq!(message.records.len(), parcel.records as usize);
        let id = |placed: &domain::Placed| {
            assert_eq!(placed.record.problem, None);
            placed.record.external_id.value.clone()
        };
        (message.job.object.clone(), message.records.iter().map(id).collect())
    }

    #[test]
    fn a_message_has_at_most_200_records() {
        let check = |records: usize, sizes: &[u32]| {
            let records: Vec<Record> = (0..records).map(|id| record("Lead", id, "x")).collect();
            let parcels = pack(&records);
            assert_eq!(parcels.iter().map(|parcel| parcel.records).collect::<Vec<_>>(), sizes);
            let ids: Vec<String> = parcels.iter().flat_map(|parcel| read(parcel).1).collect();
            assert_eq!(ids, (0..records.len()).map(|id| id.to_string()).collect::<Vec<_>>());
        };
        check(0, &[]);
        check(1, &[1]);
        check(200, &[200]);
        check(201, &[200, 1]);
    }

    #[test]
    fn a_body_fills_64_kib_to_the_byte() {
        let around = pack(&[record("Lead", 1, ""), record("Lead", 2, "")])[0].body.len();
        let check = |text: usize, sizes: &[usize]| {
            let parcels = pack(&[record("Lead", 1, &"x".repeat(text)), record("Lead", 2, "")]);
            assert_eq!(parcels.iter().map(|parcel| parcel.body.len()).collect::<Vec<_>>(), sizes);
        };
        let alone = pack(&[record("Lead", 1, "")])[0].body.len();
        check(BODY_BYTES - around, &[BODY_BYTES]);
        check(BODY_BYTES - around + 1, &[alone + BODY_BYTES - around + 1, alone]);
    }

    #[test]
    fn a_large_record_goes_alone() {
        let large = "x".repeat(290_000);
        let records = [record("Lead", 1, "x"), record("Lead", 2, &large), record("Lead", 3, "x")];
        let parcels = pack(&records);
        assert_eq!(parcels.iter().map(|parcel| parcel.records).collect::<Vec<_>>(), [1, 1, 1]);
        assert_eq!(parcels.iter().flat_map(|parcel| read(parcel).1).collect::<Vec<_>>(), ["1", "2", "3"]);
        assert!(parcels[1].body.len() > 290_000 && parcels[1].body.len() < 1 << 20);
    }

    #[test]
    fn objects_are_apart_and_older_messages_go_first() {
        let mut records = vec![record("Account", 1, "x"), record("contact", 2, "x")];
        records.extend((3..203).map(|id| record("Contact", id, "x")));
        records.push(record("Account", 203, "x"));
        let parcels = pack(&records);
        let seen: Vec<(String, usize, &str)> = parcels
            .iter()
            .map(|parcel| {
                let (object, ids) = read(parcel);
                assert_eq!(parcel.group, format!("acme/{object}"));
                (object, ids.len(), parcel.place.rsplit_once(':').expect("a line").1)
            })
            .collect();
        let expected =
            [("Account", 1, "1"), ("contact", 200, "2"), ("contact", 1, "202"), ("Account", 1, "203")];
        assert_eq!(seen, expected.map(|(object, records, line)| (object.to_owned(), records, line)));
    }

    #[test]
    fn a_record_arrives_as_it_was() {
        let lines = [
            json!({"object": "Lead", "externalId": {"field": "E__c", "value": "1"}, "source": "row 9",
                "fields": {"N__c": 12345678901234567.25, "T": "a\u{fffe}\u{ffff}\u{1}é\"", "Account": {"E__c": "A-1"}}}),
            json!({"object": "Lead", "externalId": {"field": "E__c", "value": "2"}, "operation": "delete"}),
            json!({"object": "Lead", "externalId": {"field": "E__c", "value": "3"}, "fields": {}}),
        ];
        let records: Vec<Record> =
            lines.into_iter().map(|line| Record::from_json(line).expect("whole")).collect();
        let parcels = pack(&records);
        let message = Message::from_body("m", 1, &parcels[0].body).expect("a message");
        let read: Vec<Record> = message.records.into_iter().map(|placed| placed.record).collect();
        assert_eq!(read, records);
        let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
        assert!(parcels[0].body.chars().all(allowed), "SQS takes every letter of it");
    }

    #[test]
    fn the_same_file_makes_the_same_ids() {
        let folder = tempfile::tempdir().expect("a folder");
        let ids = |name: &str, line: u64| {
            let file = file(&folder, name);
            let mut packer = Packer::new(account());
            packer.add(&file, line, &record("Lead", 1, "x"));
            packer.end(&file)[0].deduplication_id(0)
        };
        assert_eq!(ids("a.ndjson", 1), ids("a.ndjson", 1));
        assert_ne!(ids("a.ndjson", 1), ids("b.ndjson", 1));
        assert_ne!(ids("a.ndjson", 1), ids("a.ndjson", 2));
    }

    #[test]
    fn a_group_that_is_too_long_is_told() {
        let long = AccountName::new(&"a".repeat(64)).expect("fits");
        assert_eq!(check_group(&long, &"O".repeat(63)), None);
        let problem = check_group(&long, &"O".repeat(64)).expect("too long").to_string();
        assert!(
            problem.starts_with("the account's and the object's name have 129 characters together"),
            "{problem}"
        );
    }
}
