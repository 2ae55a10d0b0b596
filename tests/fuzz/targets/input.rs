//! Record files, NDJSON and CSV, through the program's own readers: whatever they hold, every record that comes out is
//! whole, every line that is none is told, and an import that goes on at a mark sees what it would have seen.

use std::fs;
use std::path::{Path, PathBuf};

use domain::Record;

use crate::readers::{FieldTypes, InputFile, Mark, Reader};
use crate::run::Target;

#[test]
fn input() {
    let target = Target {
        name: "input",
        inputs: 2_000,
        check,
        words: &[
            "\n",
            "\r\n",
            ",",
            "\"",
            "\"\"",
            "#N/A",
            "Ext__c",
            "Ext__r.Name",
            "Account.Ext__c",
            "AccountId",
            "\u{feff}",
            "{\"object\":\"Lead\",\"externalId\":{\"field\":\"E__c\",\"value\":\"1\"},\"fields\":{}}\n",
            "[",
            "{",
            ";",
            "\t",
            "Ext__c,LastName\n",
            "1,x\n",
            "true",
            "1e5",
        ],
        also: &[],
    };
    target.run();
}

fn check(bytes: &[u8]) {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    let folder = made.expect("a folder can be made");
    for (name, object) in [("a.ndjson", None), ("b.ndjson", Some("Lead")), ("c.csv", Some("Lead"))] {
        let path = folder.path().join(name);
        fs::write(&path, bytes).expect("it can be written");
        check_file(&path, object);
    }
}

fn check_file(path: &PathBuf, object: Option<&str>) {
    let options = crate::args::ReadingArgs {
        object: object.map(str::to_owned),
        external_id: object.map(|_| "Ext__c".to_owned()),
        format: None,
    };
    let files = InputFile::all(std::slice::from_ref(path), &options).expect("the file is there");
    let (seen, marks) = read(&files[0], Mark::default());
    // A file with a problem is never begun, so nothing goes on in one.
    let whole = seen.iter().all(|(_, record)| record.is_ok());
    for (behind, mark) in marks.iter().enumerate().step_by(1 + marks.len() / 3).filter(|_| whole) {
        assert_eq!(read(&files[0], *mark).0, seen[behind + 1..], "from mark {behind}");
    }
    let bytes = fs::read(path).expect("it is there");
    let lines = bytes.iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
    for (line, record) in &seen {
        assert!((1..=lines).contains(line), "line {line} of {lines}");
        match record {
            Ok(record) => assert_whole(record),
            Err(problem) => assert!(!problem.is_empty()),
        }
    }
}

type Seen = Vec<(u64, Result<Record, String>)>;

fn read(file: &InputFile, from: Mark) -> (Seen, Vec<Mark>) {
    let mut types = FieldTypes::default();
    types.number("Score__c");
    types.boolean("Active__c");
    types.reference("AccountId", "Account");
    let mut reader = Reader::open(file, &types, from).expect("it opens");
    let (mut seen, mut marks) = (Vec::new(), Vec::new());
    while let Some(row) = reader.next().expect("it reads") {
        seen.push((row.line, row.record.map_err(|problem| problem.to_string())));
        marks.push(reader.mark());
    }
    (seen, marks)
}

/// What a reader gives is what a message may carry.
fn assert_whole(record: &Record) {
    let json = serde_json::to_value(record).expect("a record is JSON");
    assert_eq!(Record::from_json(json).as_ref(), Ok(record));
    assert!(record.source.is_some());
}
