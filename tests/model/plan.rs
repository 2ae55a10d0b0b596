//! What is given in one exploration: the records, what the CRM has against them, and the bounds on faults and people.
//!
//! A record's version is its place plus one, and is the value of every field that it writes; a content tells which
//! versions a record carries once it was joined with an open error.

use std::collections::HashMap;
use std::sync::Mutex;

use domain::Position;

use super::set::{Set, small};

/// The most external ids, and the fields that a record may write.
pub const IDS: usize = 2;
pub const FIELDS: usize = 2;

/// What the CRM has against a field's value, until it is mended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flaw {
    /// It refuses the record.
    Refused,
    /// It refuses the record the first time only, with a code that is worth one more try.
    Once,
    /// It fails every row of a call of several records with one text.
    WholeCall,
}

/// A record to be.
#[derive(Clone, Copy, Debug)]
pub struct Planned {
    pub message: u8,
    pub id: u8,
    pub delete: bool,
    /// Which fields it writes.
    pub fields: [bool; FIELDS],
    pub flaw: Option<Flaw>,
}

/// What is sent of a record: the version of each field (0: not sent), and the place of the newest record in it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Content {
    pub place: u8,
    pub delete: bool,
    pub fields: [u8; FIELDS],
}

/// How often things may happen that a state graph without bounds would repeat for ever.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Bounds {
    /// Runs that begin.
    pub runs: u8,
    /// Crashes, failed and half-done ledger calls, lost replies and requests, limits met by a row, leases that run out
    /// under a living run, messages that come again while their run lives.
    pub faults: u8,
    /// Changes of a setting.
    pub toggles: u8,
    /// Times that the CRM goes away.
    pub outages: u8,
    /// Heads that a person skips, and errors that a person retries.
    pub skips: u8,
    /// Whether runs may be told that their time is over.
    pub deadlines: bool,
    /// Whether a row may meet a lock.
    pub locks: bool,
}

/// A guard of the protocol that is left out, to see that the invariants notice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Break {
    /// The ledger takes writes of a run whose lease another has.
    NoEpoch,
    /// The cursor passes a refused record before its row is written.
    CursorBeforeRow,
    /// A run ends without having parked what is left over.
    NoPark,
    /// What came in is sent although the job is held.
    SendBehindHalt,
    /// An external id is sent again before the cursor has passed its first record.
    NoWindow,
    /// What is left over parks before the cursor is saved.
    ParkBeforeCursor,
    /// A record is sent without the fields of the open error before it.
    NoJoin,
    /// The row is not brought up to date before the record that was joined with it is sent.
    NoPrepare,
    /// What was rolled back for another record's sake counts as refused.
    CollateralBlamed,
    /// A CRM that is away counts as a refusal.
    UnavailableBlamed,
    /// Parked records are removed before the cursor that passed them is saved.
    UnparkBeforeCursor,
    /// A daily run leaves the errors alone.
    NoRetry,
}

/// One exploration.
#[derive(Debug)]
pub struct Plan {
    pub records: Vec<Planned>,
    /// The settings at the beginning.
    pub pause: bool,
    pub export: bool,
    pub batch: usize,
    /// An error was open once: the job still looks for open rows.
    pub errors_before: bool,
    pub bounds: Bounds,
    pub broken: Option<Break>,
    /// Where each record stands for the production code.
    pub(super) positions: Vec<Position>,
    /// What the production code answered to a question that is asked again and again.
    pub(super) chunks: Mutex<HashMap<Vec<Content>, usize>>,
    pub(super) joins: Mutex<HashMap<(u8, Content), Content>>,
}

impl Plan {
    /// A plan out of lines such as `0 a AB refused`: message, external id, fields (`-` deletes), flaw.
    pub fn new(lines: &[&str], bounds: Bounds) -> Self {
        let records: Vec<Planned> = lines.iter().map(|line| planned(line)).collect();
        Self {
            positions: positions(&records),
            records,
            pause: true,
            export: true,
            batch: 25,
            errors_before: false,
            bounds,
            broken: None,
            chunks: Mutex::default(),
            joins: Mutex::default(),
        }
    }

    /// The pause is off at the beginning.
    pub fn passing(self) -> Self {
        Self { pause: false, ..self }
    }

    /// An error was open once.
    pub fn after_an_error(self) -> Self {
        Self { errors_before: true, ..self }
    }

    pub fn broken(self, broken: Break) -> Self {
        Self { broken: Some(broken), ..self }
    }

    pub fn is(&self, broken: Break) -> bool {
        self.broken == Some(broken)
    }

    pub fn messages(&self) -> u8 {
        self.records.last().map_or(0, |last| last.message + 1)
    }

    /// The places of a message's records.
    pub fn places_of(&self, message: u8) -> Set {
        let of = (0..).zip(&self.records).filter(|(_, record)| record.message == message);
        of.map(|(place, _)| place).collect()
    }

    pub fn id_of(&self, place: u8) -> u8 {
        self.records[usize::from(place)].id
    }

    pub fn ids_of(&self, places: impl Iterator<Item = u8>) -> Set {
        places.map(|place| self.id_of(place)).collect()
    }

    /// What a record carries by itself.
    pub fn content(&self, place: u8) -> Content {
        let planned = &self.records[usize::from(place)];
        Content {
            place,
            delete: planned.delete,
            fields: planned.fields.map(|has| if has { place + 1 } else { 0 }),
        }
    }

    /// The flaw of a content, if one of its versions has one, and the place of that version.
    pub fn flaw_of(&self, content: Content) -> Option<(u8, Flaw)> {
        let flaw = |place: u8| self.records[usize::from(place)].flaw.map(|flaw| (place, flaw));
        if content.delete {
            return flaw(content.place);
        }
        // A flaw lies in the first field that a record writes.
        let first = |place: &u8| {
            let fields = self.records[usize::from(*place)].fields;
            fields.iter().position(|has| *has).is_some_and(|field| content.fields[field] == place + 1)
        };
        (0..small(self.records.len())).filter(first).find_map(flaw)
    }
}

/// Message as sequence, then the index in the message.
fn positions(records: &[Planned]) -> Vec<Position> {
    let before =
        |at: usize| records[..at].iter().filter(|other| other.message == records[at].message).count();
    let position = |at: usize| {
        let index = u32::from(small(before(at)));
        Position::new(u128::from(records[at].message) + 1, index)
    };
    (0..records.len()).map(position).collect()
}

fn planned(line: &str) -> Planned {
    let words: Vec<&str> = line.split(' ').collect();
    let flaw = words.get(3).map(|word| match *word {
        "refused" => Flaw::Refused,
        "once" => Flaw::Once,
        "whole-call" => Flaw::WholeCall,
        other => panic!("{other} is no flaw"),
    });
    Planned {
        message: words[0].parse().expect("a number"),
        id: words[1].as_bytes()[0] - b'a',
        delete: words[2] == "-",
        fields: [words[2].contains('A'), words[2].contains('B')],
        flaw,
    }
}
