//! Key prefixes: the first three characters of a record's id, by which its object is known.
//!
//! Salesforce hands them out in the order of creation, which metadata does not tell. Ours come from the API name, so
//! that ids stored by the sandbox stay valid when an object is added to the folder. Only when two names fall on the
//! same prefix (about one new object in a hundred, with fifty in the folder) does the later name move on.

use std::collections::BTreeSet;

use crate::ids;

/// Standard objects that have no table but a well-known prefix.
const KNOWN: &[(&str, &str)] = &[
    ("accountcontactrelation", "07k"),
    ("attachment", "00P"),
    ("casecomment", "00a"),
    ("contentdocument", "069"),
    ("document", "015"),
    ("emailmessage", "02s"),
    ("entitlement", "550"),
    ("individual", "0PK"),
    ("livechattranscript", "570"),
    ("order", "801"),
    ("orderitem", "802"),
    ("quote", "0Q0"),
    ("quotelineitem", "0QL"),
    ("serviceappointment", "08p"),
    ("servicecontract", "810"),
    ("serviceresource", "0Hn"),
    ("serviceterritory", "0Hh"),
    ("solution", "501"),
    ("workorder", "0WO"),
    ("workorderlineitem", "1WL"),
];

/// A prefix for the object `api_name` that is not in `taken`. Same names in the same order give the same prefixes.
pub(crate) fn key_prefix(api_name: &str, taken: &BTreeSet<String>) -> String {
    let name = api_name.to_ascii_lowercase();
    if let Some((_, known)) = KNOWN.iter().find(|(object, _)| *object == name) {
        return (*known).to_string();
    }
    let first = match name.rsplit_once("__").map(|(_, suffix)| suffix) {
        Some("mdt") => 'm',
        Some("e") => 'e',
        Some("x") => 'x',
        Some(_) => 'a',
        None => 'z',
    };
    let start = slot(&name);
    let candidates = (0..).map(|step: u64| start.wrapping_add(step)).map(|slot| prefix(first, slot));
    candidates
        .into_iter()
        .find(|prefix| !taken.contains(prefix))
        .expect("an org has at most 3,000 custom objects")
}

fn prefix(first: char, slot: u64) -> String {
    String::from_iter([first, ids::digit(slot / 62), ids::digit(slot)])
}

/// The name's hash with the high half folded in: short names differ in every bit that is used.
fn slot(name: &str) -> u64 {
    let hash = ids::hash(name);
    (hash ^ (hash >> 32)) % (62 * 62)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(names: &[&str], expected: &[&str]) {
        let mut taken = BTreeSet::new();
        let found: Vec<_> = names
            .iter()
            .map(|name| {
                let prefix = key_prefix(name, &taken);
                taken.insert(prefix.clone());
                prefix
            })
            .collect();
        assert_eq!(found, expected, "{names:?}");
    }

    #[test]
    fn prefixes_come_from_the_name() {
        check(&["Order", "Quote"], &["801", "0Q0"]);
        check(&["Touchpoint__c"], &["ahE"]);
        check(&["touchpoint__C", "Touchpoint__c"], &["ahE", "ahF"]);
        check(&["Setting__mdt", "Happened__e", "Remote__x", "Shipment"], &["mPw", "e4f", "xrD", "zxF"]);
    }

    #[test]
    fn many_objects_never_share_one() {
        let mut taken = BTreeSet::new();
        for number in 0..3_000 {
            assert!(taken.insert(key_prefix(&format!("Object{number}__c"), &taken)), "{number}");
        }
    }
}
