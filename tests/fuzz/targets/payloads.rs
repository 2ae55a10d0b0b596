//! Records as JSON on their way into rules: read into flat records as into values, and judged alike by both evaluators.

use std::sync::{Arc, LazyLock};

use engine::{CompileOptions, Evaluator, Rules, compile_with};
use formula::emit::Emitter;
use formula::flat::{JsonWriter, Layout};
use formula::{Blanks, Context, DateTime, Formula, Options, Value as Known, Values, compile};
use metadata::Org;
use serde_json::{Map, Value};

use crate::choices::{Choices, as_text};
use crate::formula_text::{FIELDS, environment, schema};
use crate::json_text;
use crate::run::Target;

const NAMES: [&str; 34] = [
    "Amount",
    "Price",
    "Rate",
    "Name",
    "Code",
    "Active",
    "Ready",
    "CloseDate",
    "StartDate",
    "CreatedDate",
    "Opens",
    "Status",
    "Colours",
    "OwnerId",
    "Place",
    "Other",
    "amount",
    "NAME",
    "Account",
    "Type",
    "Size",
    "Contact__r",
    "Contact__c",
    "Tier__c",
    "Cost__c",
    "Channel__c",
    "Ext__c",
    "LastName",
    "latitude",
    "longitude",
    "attributes",
    "Consent__c",
    "Touched_At__c",
    "$Permission.Bypass",
];
/// One condition for each field, so that each has its slot.
const CONDITIONS: [&str; 15] = [
    "Amount > 1",
    "Price > 1",
    "Rate > 0.5",
    "Name = \"a\"",
    "Code = Name",
    "Active",
    "Ready",
    "CloseDate > TODAY()",
    "StartDate < CloseDate",
    "CreatedDate < NOW()",
    "ISBLANK(Opens)",
    "ISPICKVAL(Status, \"Open\")",
    "OwnerId = \"001\"",
    "ISNEW()",
    "ISCHANGED(Name)",
];

#[test]
fn payloads() {
    let target = Target {
        name: "payloads",
        inputs: 4_000,
        check,
        words: &[
            "\"Amount\":",
            "\"Name\":",
            "\"CloseDate\":\"",
            "\"Active\":true",
            "\"\\ud83d\\ude00\"",
            "1e5",
            "-0.0000001",
            "999999999999.999999",
            "null",
            "{",
            "}",
            "[",
            "\"\"",
            "\"50\"",
        ],
        also: &[],
    };
    target.run();
}

static RULES: LazyLock<[Rules; 2]> = LazyLock::new(|| {
    let org = Arc::new(Org::read(&tests::sample::sample().join("org")).expect("the sample is whole"));
    [Evaluator::Reference, Evaluator::Wasm]
        .map(|evaluator| compile_with(&org, &CompileOptions { evaluator, ..CompileOptions::default() }).rules)
});
static LAYOUT: LazyLock<Layout> = LazyLock::new(|| {
    let options = Options::new(Context::Rule, Blanks::AsBlank);
    let formulas: Vec<Formula> =
        CONDITIONS.iter().map(|source| compile(source, &schema(), &options).expect("it compiles")).collect();
    Emitter::new(&[]).add_batch("batch", &formulas.iter().collect::<Vec<_>>())
});

fn check(bytes: &[u8]) {
    if let Some(text) = as_text(bytes) {
        check_text(text);
    }
    check_text(&json_text::object(&mut Choices::new(bytes), &NAMES).to_string());
}

fn check_text(json: &str) {
    let mut flat = Vec::new();
    let written = JsonWriter::new(LAYOUT.clone()).write(json, Some(true), &environment(), &mut flat);
    let read = serde_json::from_str::<Map<String, Value>>(json);
    assert!(written.is_ok() || flat.is_empty(), "what is refused leaves nothing behind");
    let Ok(members) = read else { return };
    if written.is_ok() && plain(&members) {
        check_flat(&members, &flat);
    }
    let now = DateTime::from_ms(1_706_702_400_000).expect("2024-01-31T12:00:00Z");
    for object in ["Touchpoint__c", "Contact", "Account"] {
        let [one, other] = [0, 1].map(|at| RULES[at].preflight(object, &members, now));
        assert_eq!(one, other, "{object} {json}");
    }
}

/// Whether each field is given once and by no list or object: of members that differ in case only, the two readers may
/// take another one, and what is nested is left to be asked for.
fn plain(members: &Map<String, Value>) -> bool {
    if members.values().any(|value| value.is_array() || value.is_object()) {
        return false;
    }
    let folded: std::collections::BTreeSet<String> =
        members.keys().map(|name| name.to_ascii_lowercase()).collect();
    folded.len() == members.len()
}

/// Flat records of JSON hold what those of the values in it hold; the order of their texts may differ.
fn check_flat(members: &Map<String, Value>, flat: &[u8]) {
    let mut record = Values::new();
    for (path, given) in FIELDS {
        let member = members.iter().find(|(name, _)| name.eq_ignore_ascii_case(path));
        if let Some(Ok(value)) = member.map(|(_, json)| Known::read_json(given, json)) {
            record.set(path, value);
        }
    }
    let mut expected = Vec::new();
    LAYOUT.write(&record, &environment(), &mut expected);
    for ((slot, found), expected) in LAYOUT.slots().iter().zip(held(flat)).zip(held(&expected)) {
        assert_eq!(found, expected, "{slot:?} of {members:?}");
    }
}

/// What the slots hold: tag and value, or the text (see the head of `formula/src/flat/layout.rs`).
fn held(flat: &[u8]) -> Vec<Vec<u8>> {
    const TEXT: u32 = 4;
    let word = |at: usize| u32::from_le_bytes(flat[at..at + 4].try_into().expect("four bytes"));
    let size = |at: usize| usize::try_from(word(at)).expect("it lies in the record");
    let slot = |number: usize| {
        let at = 8 + 16 * number;
        match word(at) {
            TEXT => [&flat[at..at + 8], &flat[size(at + 12)..][..size(at + 8)]].concat(),
            _ => flat[at..at + 16].to_vec(),
        }
    };
    (0..LAYOUT.slots().len()).map(slot).collect()
}
