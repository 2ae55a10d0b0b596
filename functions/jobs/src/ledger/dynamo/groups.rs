//! Parked records as items: neighbours share one, because an item costs a write unit for every KB that it begins.
//!
//! A group holds records of one message whose places follow each other without a gap. So no later record can have
//! its place inside a group, groups never overlap, and a group's places are known from its key and its count. It makes
//! no calls.

use domain::{JobId, Placed, Position, Record};

use super::item::{Item, Key, Row, json, number};
use super::{keys, pieces};
use crate::ledger::LedgerError;

/// How much JSON shares an item: what fits in one message of SQS's billing unit, and little enough that the head of a
/// held job, for which its whole group is read, costs 25 read units at most. A larger record has a group of its own.
const GROUP_BYTES: usize = 96 * 1024;

/// What one transaction may carry: 100 actions and 4 MB (reference aws §3), the job's update and a margin for keys left out.
const LOAD_ITEMS_MAX: usize = 90;
const LOAD_BYTES_MAX: usize = 3_500_000;

/// The attribute with the records: one JSON object in each line.
pub(super) const RECORDS: &str = "records";

/// How many records a group has.
pub(super) const COUNT: &str = "count";

/// A group with the items that it takes.
#[derive(Debug, PartialEq)]
pub(super) struct Group {
    pub(super) last: Position,
    pub(super) count: u32,
    lines: String,
}

impl Group {
    /// Its item, and those of what does not fit in it.
    pub(super) fn items(&self, job: &JobId) -> Vec<Item> {
        let key = keys::parked(job, self.last);
        let mut item = key.item();
        item.insert(COUNT.to_owned(), number(self.count));
        let further = pieces::put(&mut item, RECORDS, &self.lines, &key.pk, &key.sk);
        let mut items = vec![item];
        items.extend(further);
        items
    }

    fn takes(&self, position: Position, line: &str) -> bool {
        self.last.sequence == position.sequence
            && self.last.index.checked_add(1) == Some(position.index)
            && self.lines.len() + 1 + line.len() <= GROUP_BYTES
    }
}

/// Cuts records into groups, in the order in which they are given.
pub(super) fn cut<'r>(records: impl IntoIterator<Item = &'r Placed>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for Placed { position, record } in records {
        let line = json(record);
        match groups.last_mut() {
            Some(group) if group.takes(*position, &line) => {
                group.last = *position;
                group.count += 1;
                group.lines.push('\n');
                group.lines.push_str(&line);
            }
            _ => groups.push(Group { last: *position, count: 1, lines: line }),
        }
    }
    groups
}

/// What one transaction carries of them: how many records, and their items.
#[derive(Debug, Default)]
pub(super) struct Load {
    pub(super) records: u64,
    pub(super) items: Vec<Item>,
    bytes: usize,
}

/// Distributes groups over transactions, in order. A group is never split: it is parked as a whole or not at all.
pub(super) fn loads(job: &JobId, groups: &[Group]) -> Vec<Load> {
    let mut loads: Vec<Load> = Vec::new();
    for group in groups {
        let (items, bytes) = (group.items(job), group.lines.len());
        let fits = |load: &Load| {
            load.items.len() + items.len() <= LOAD_ITEMS_MAX && load.bytes + bytes <= LOAD_BYTES_MAX
        };
        if !loads.last().is_some_and(fits) {
            loads.push(Load::default());
        }
        if let Some(load) = loads.last_mut() {
            load.records += u64::from(group.count);
            load.bytes += bytes;
            load.items.extend(items);
        }
    }
    loads
}

/// The places of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Places {
    pub(super) first: Position,
    pub(super) last: Position,
}

impl Places {
    /// Reads them from a group's key and count.
    pub(super) fn of(row: &Row) -> Result<Self, LedgerError> {
        let Key { sk, .. } = row.key();
        let last = sk.strip_prefix("PARKED#").and_then(Position::parse);
        let last = last.ok_or_else(|| row.corrupt("its sk is no position behind PARKED#"))?;
        let count = row.count(COUNT)?;
        let before = count.checked_sub(1).and_then(|before| u32::try_from(before).ok());
        let index = before.and_then(|before| last.index.checked_sub(before));
        let index = index.ok_or_else(|| row.corrupt(format!("its {COUNT} is {count}")))?;
        Ok(Self { first: Position { index, ..last }, last })
    }

    /// How many there are.
    pub(super) fn count(self) -> u64 {
        u64::from(self.last.index - self.first.index) + 1
    }
}

/// Reads a group's records out of its text.
pub(super) fn records(row: &Row, lines: &str) -> Result<Vec<Placed>, LedgerError> {
    let places = Places::of(row)?;
    let read: Vec<Record> =
        lines.lines().map(|line| row.json(RECORDS, line)).collect::<Result<_, LedgerError>>()?;
    if u64::try_from(read.len()) != Ok(places.count()) {
        let reason = format!("it has {} records, and its {COUNT} is {}", read.len(), places.count());
        return Err(row.corrupt(reason));
    }
    let placed = (places.first.index..)
        .zip(read)
        .map(|(index, record)| Placed { position: Position { index, ..places.first }, record });
    Ok(placed.collect())
}

#[cfg(test)]
mod tests {
    use domain::AccountName;
    use serde_json::json;

    use super::*;

    fn contact() -> JobId {
        JobId::new(AccountName::new("acme").expect("fits"), "Contact").expect("fits")
    }

    fn placed(place: &str, bytes: usize) -> Placed {
        let json = json!({
            "object": "Contact", "externalId": {"field": "Ext__c", "value": place},
            "fields": {"Note__c": "x\n".repeat(bytes / 2)}
        });
        let record = Record::from_json(json).expect("whole");
        Placed { position: Position::parse(place).expect("a position"), record }
    }

    fn shown(groups: &[Group]) -> Vec<String> {
        groups.iter().map(|group| format!("{}x{}", group.last, group.count)).collect()
    }

    #[test]
    fn neighbours_of_one_message_share_a_group() {
        let places = ["1.0", "1.1", "1.3", "2.4", "2.5", "2.4", "3.4294967295", "4.0"];
        let records = places.map(|place| placed(place, 10));
        assert_eq!(shown(&cut(&records)), ["1.1x2", "1.3x1", "2.5x2", "2.4x1", "3.4294967295x1", "4.0x1"]);
        let large: Vec<Placed> = [30_000, 60_000, 20_000, 300_000, 1]
            .iter()
            .zip(0..)
            .map(|(bytes, index)| placed(&format!("7.{index}"), *bytes))
            .collect();
        assert_eq!(
            shown(&cut(&large)),
            ["7.0x1", "7.1x1", "7.2x1", "7.3x1", "7.4x1"],
            "JSON doubles a new line"
        );
    }

    #[test]
    fn a_group_is_read_back() {
        let records = ["9.8", "9.9", "9.10"].map(|place| placed(place, 40));
        let groups = cut(&records);
        let [item]: [Item; 1] = groups[0].items(&contact()).try_into().expect("one item");
        let row = Row(item);
        let places = Places::of(&row).expect("places");
        assert_eq!((places.first, places.count()), (records[0].position, 3));
        let lines = row.text(RECORDS).expect("there");
        assert_eq!(super::records(&row, lines), Ok(records.to_vec()));
        let one_line = lines.lines().next().expect("a line");
        let told = super::records(&row, one_line).expect_err("two are missing").to_string();
        assert!(told.contains("(it has 1 records, and its count is 3)"), "{told}");
        for nonsense in [0, 12, u64::MAX] {
            let mut edited = row.clone();
            edited.0.insert(COUNT.to_owned(), number(nonsense));
            assert!(Places::of(&edited).is_err(), "{nonsense}");
        }
    }

    #[test]
    fn a_load_fits_a_transaction() {
        let many: Vec<Placed> = (0..250).map(|n| placed(&format!("{n}.0"), 10)).collect();
        let counts: Vec<(u64, usize)> =
            loads(&contact(), &cut(&many)).iter().map(|load| (load.records, load.items.len())).collect();
        assert_eq!(counts, [(90, 90), (90, 90), (70, 70)]);
        let heavy: Vec<Placed> = (0..30).map(|n| placed(&format!("{n}.0"), 200_000)).collect();
        let loads = loads(&contact(), &cut(&heavy));
        assert!(loads.len() > 2, "30 records of 300 KB are more than two transactions");
        assert_eq!(loads.iter().map(|load| load.records).sum::<u64>(), 30);
        assert!(loads.iter().all(|load| load.bytes <= LOAD_BYTES_MAX));
    }
}
