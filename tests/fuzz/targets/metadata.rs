//! Org folders: a whole small org with one file that is anything. Read, or refused by file and line; compiled whatever its
//! rules say, and asked about a record, with the same answer from both evaluators.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use engine::{CompileOptions, Evaluator, compile_with};
use formula::DateTime;
use metadata::{Org, OrgErrorKind};
use serde_json::{Value, json};

use crate::run::Target;

/// The places that a broken file may have, by the first byte of the input; a corpus file is `place-letter` and content.
const PLACES: [(char, &str); 17] = [
    ('o', "objects/Contact/Contact.object-meta.xml"),
    ('f', "objects/Contact/fields/Fuzzed__c.field-meta.xml"),
    ('v', "objects/Contact/validationRules/Fuzzed.validationRule-meta.xml"),
    ('r', "objects/Contact/recordTypes/Fuzzed.recordType-meta.xml"),
    ('F', "flows/Fuzzed.flow-meta.xml"),
    ('w', "workflows/Contact.workflow-meta.xml"),
    ('d', "duplicateRules/Contact.Fuzzed.duplicateRule-meta.xml"),
    ('m', "matchingRules/Contact.matchingRule-meta.xml"),
    ('g', "globalValueSets/Tiers.globalValueSet-meta.xml"),
    ('s', "standardValueSets/LeadSource.standardValueSet-meta.xml"),
    ('p', "profiles/Integration.profile-meta.xml"),
    ('P', "permissionsets/Exporter.permissionset-meta.xml"),
    ('G', "permissionsetgroups/Group.permissionsetgroup-meta.xml"),
    ('c', "customMetadata/Rule.A.md-meta.xml"),
    ('l', "labels/CustomLabels.labels-meta.xml"),
    ('t', "triggers/Sync.trigger"),
    ('u', "export-user.json"),
];

#[test]
fn metadata() {
    let target = Target {
        name: "metadata",
        inputs: 250,
        check,
        words: &[
            "<formula>",
            "</formula>",
            "<active>true</active>",
            "<type>Number</type>",
            "<type>Lookup</type>",
            "<length>",
            "<precision>99999999999</precision>",
            "<scale>-1</scale>",
            "<referenceTo>Contact</referenceTo>",
            "<decisions>",
            "<loops>",
            "<connector><targetReference>",
            "<!--",
            "<![CDATA[",
            "<!DOCTYPE x [<!ENTITY a \"&b;&b;\">]>",
            "&amp;",
            "&#0;",
            "xsi:type=\"x\"",
            "<a>",
            "</a>",
            "<a/>",
            "Contact.Ext__c",
            "1 AND (2 OR 3)",
            "{!$Record.LastName}",
            "<valueSet>",
            "<errorConditionFormula>",
            "<field>Fuzzed__c</field>",
        ],
        also: &[],
    };
    target.run();
}

fn check(bytes: &[u8]) {
    let Some((place, content)) = bytes.split_first() else { return };
    let place = PLACES.iter().find(|(letter, _)| *letter == char::from(*place)).copied();
    let (_, file) = place.unwrap_or_else(|| PLACES[usize::from(bytes[0]) % PLACES.len()]);
    let folder = folder();
    write(&folder.0.join(file), content);
    // Only a part of the org, too: what refers to what is missing.
    let org = match Org::read(&folder.0) {
        Ok(org) => org,
        Err(error) => return check_refused(&error, file),
    };
    for warning in &org.warnings {
        assert!(!warning.message.is_empty() && !warning.file.starts_with('/'), "{warning:?}");
    }
    let again = Org::read(&folder.0).expect("it was read before");
    assert_eq!(format!("{again:?}"), format!("{org:?}"), "the same folder is the same org");
    check_rules(&Arc::new(org));
}

fn check_refused(error: &metadata::OrgError, file: &str) {
    assert!(error.file == file || error.file == "export-user.json", "{error}: of {file}");
    let line = match &error.kind {
        OrgErrorKind::NotUtf8 { line }
        | OrgErrorKind::BrokenXml { line, .. }
        | OrgErrorKind::BadValue { line, .. } => *line,
        _ => 1,
    };
    assert!(line > 0, "{error}");
}

/// Both evaluators say the same of a payload.
fn check_rules(org: &Arc<Org>) {
    let rules = [Evaluator::Reference, Evaluator::Wasm]
        .map(|evaluator| compile_with(org, &CompileOptions { evaluator, ..CompileOptions::default() }).rules);
    let now = DateTime::from_ms(1_706_702_400_000).expect("2024-01-31T12:00:00Z");
    for payload in
        [json!({}), json!({"LastName": "Lee", "Ext__c": "C-1", "Fuzzed__c": 3, "Account": {"Ext__c": "A"}})]
    {
        let Value::Object(payload) = payload else { continue };
        let [one, other] = [0, 1].map(|at| rules[at].preflight("Contact", &payload, now));
        assert_eq!(one, other);
    }
}

/// A folder that is removed when it is dropped; in memory where there is a file system for it.
struct Removed(PathBuf, #[expect(dead_code, reason = "it removes the folder")] tempfile::TempDir);

fn folder() -> Removed {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    let made = made.expect("a folder can be made");
    let folder = made.path().to_owned();
    let field = "<CustomField><fullName>Ext__c</fullName><label>Ext</label><type>Text</type><length>20</length>\
                 <externalId>true</externalId><unique>true</unique></CustomField>";
    write(&folder.join("objects/Contact/fields/Ext__c.field-meta.xml"), field.as_bytes());
    Removed(folder, made)
}

fn write(file: &Path, content: &[u8]) {
    fs::create_dir_all(file.parent().expect("it lies in the folder")).expect("a folder can be made");
    fs::write(file, content).expect("a file can be written");
}
