//! What the production code decides: chunks, joins, cursor and hold. The model asks it, and copies none of it.
//!
//! A place of the model is a position of the production code: message as sequence, then the index in the message. Answers
//! that are asked for in every state are kept, since an exploration asks millions of times.

use domain::chunk::next_chunk;
use domain::classify::Refusal;
use domain::join::joined;
use domain::policy::suspended_until;
use domain::{
    AccountName, CrmError, ExportError, ExternalId, JobId, Operation, Placed, Position, Record, Timestamp,
};
use serde_json::{Map, Value, json};

use super::plan::{Content, FIELDS, Plan};
use super::set::{Set, small};
use super::state::{Hold, Job};

const FIELD_NAMES: [&str; FIELDS] = ["A__c", "B__c"];

/// The job that all records belong to.
pub fn job_id() -> JobId {
    JobId::new(AccountName::new("acme").expect("fits"), "Contact").expect("fits")
}

impl Plan {
    pub fn position(&self, place: u8) -> Position {
        self.positions[usize::from(place)]
    }

    pub fn place(&self, position: Position) -> u8 {
        small(self.positions.iter().position(|of| *of == position).expect("a place of the plan"))
    }

    pub fn external_id(&self, place: u8) -> ExternalId {
        let value = char::from(b'a' + self.id_of(place)).to_string();
        ExternalId { field: "Ext__c".to_owned(), value }
    }

    /// A content as the production code has it.
    pub fn placed(&self, content: Content) -> Placed {
        let versions = FIELD_NAMES.iter().zip(content.fields).filter(|(_, version)| *version > 0);
        let fields: Map<String, Value> =
            versions.map(|(name, version)| ((*name).to_owned(), json!(version))).collect();
        let record = Record {
            object: "Contact".to_owned(),
            external_id: self.external_id(content.place),
            operation: if content.delete { Operation::Delete } else { Operation::Upsert },
            fields,
            source: Some(content.place.to_string()),
            problem: None,
        };
        Placed { position: self.position(content.place), record }
    }

    /// The content of a record of the production code.
    pub fn content_of(&self, record: &Record) -> Content {
        let version = |name: &str| record.fields.get(name).and_then(Value::as_u64).unwrap_or(0);
        let place = record.source.as_deref().and_then(|source| source.parse().ok()).expect("its place");
        Content {
            place,
            delete: record.operation == Operation::Delete,
            fields: FIELD_NAMES.map(|name| u8::try_from(version(name)).expect("a version")),
        }
    }

    /// How many of these go into the next chunk.
    pub fn chunk(&self, contents: &[Content]) -> usize {
        let mut known = self.chunks.lock().expect("no thread panics with it");
        if let Some(size) = known.get(contents) {
            return *size;
        }
        let placed: Vec<Placed> = contents.iter().map(|content| self.placed(*content)).collect();
        let size = next_chunk(&placed, self.batch);
        known.insert(contents.to_vec(), size);
        size
    }

    /// A record as it is sent when this row is open for its external id.
    pub fn joined(&self, place: u8, content: Content, row: Content) -> Content {
        let mut known = self.joins.lock().expect("no thread panics with it");
        *known.entry((place, row)).or_insert_with(|| {
            let record = self.placed(content).record;
            self.content_of(&joined(&record, &self.row(row, &refusal("STRING_TOO_LONG", "x"))))
        })
    }

    /// A row of ExportErrors for this content.
    pub fn row(&self, content: Content, refusal: &Refusal) -> ExportError {
        ExportError::logged(&job_id(), self.placed(content), refusal, Timestamp::default(), None)
    }

    /// The job of the production code.
    pub fn job(&self, job: Job) -> domain::Job {
        domain::Job {
            cursor: job.passed.checked_sub(1).map(|last| self.position(last)),
            hold: match job.hold {
                Hold::None => None,
                Hold::Refused(place) => Some(self.hold_at(place)),
                Hold::Unavailable => Some(suspension()),
            },
            errors_possible: job.errors_possible,
            retry_from: match job.retry_from {
                0 => None,
                1 => Some(Position::new(0, 0)),
                behind => Some(self.position(behind - 2)),
            },
        }
    }

    /// The same, written small.
    pub fn small_job(&self, job: &domain::Job) -> Job {
        Job {
            passed: job.cursor.map_or(0, |cursor| self.place(cursor) + 1),
            hold: match &job.hold {
                None => Hold::None,
                Some(domain::Hold::RecordRefused(held)) => Hold::Refused(self.place(held.position)),
                Some(domain::Hold::CrmUnavailable(_)) => Hold::Unavailable,
            },
            errors_possible: job.errors_possible,
            retry_from: match job.retry_from {
                None => 0,
                Some(from) if from == Position::new(0, 0) => 1,
                Some(from) => self.place(from) + 2,
            },
        }
    }

    fn hold_at(&self, place: u8) -> domain::Hold {
        let row = self.row(self.content(place), &refusal("STRING_TOO_LONG", "x"));
        domain::Hold::refused(&row, None, Timestamp::default())
    }

    /// Settles a place.
    pub fn settle(&self, job: &mut Job, place: u8) {
        let mut real =
            domain::Job { cursor: self.job(Job { hold: Hold::None, ..*job }).cursor, ..Default::default() };
        real.settle(self.position(place));
        job.passed = real.cursor.map_or(0, |cursor| self.place(cursor) + 1);
    }

    /// Those of these places whose fate is not settled.
    pub fn unsettled(&self, job: Job, places: Set) -> Set {
        let real =
            domain::Job { cursor: self.job(Job { hold: Hold::None, ..job }).cursor, ..Default::default() };
        places.iter().filter(|place| !real.is_settled(self.position(*place))).collect()
    }

    /// The job once its head is refused.
    pub fn held(&self, job: Job, content: Content, refusal: &Refusal) -> Hold {
        let before = self.job(job).hold;
        let hold = domain::Hold::refused(&self.row(content, refusal), before.as_ref(), Timestamp::default());
        self.small_job(&domain::Job { hold: Some(hold), ..Default::default() }).hold
    }
}

/// A refusal with this code.
pub fn refusal(code: &str, text: &str) -> Refusal {
    Refusal::new(vec![CrmError::new(code, text, &[])])
}

/// The hold while the CRM is away; it always ends in the future.
fn suspension() -> domain::Hold {
    let (refusal, now) = (refusal("SERVER_UNAVAILABLE", "away"), Timestamp::default());
    let until = suspended_until(refusal.class, 0, now, None);
    assert!(until > now, "a suspended job waits");
    domain::Hold::unavailable(&refusal, None, now, until)
}
