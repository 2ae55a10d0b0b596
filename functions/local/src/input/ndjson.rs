//! NDJSON: one record per line. A line that is none is a problem of its own; the lines behind it are read all the same.

use domain::Record;
use domain::record::RECORD_BYTES_MAX;
use serde_json::Value;

use super::problem::LineProblem;

/// What a record's JSON text may grow by when it is written again: its operation, its source.
const GROWTH: usize = 1_000;

/// Reads one line. Blank lines are no records. `object` is the object of a record that names none.
pub(crate) fn read(line: &[u8], source: &str, object: Option<&str>) -> Option<Result<Record, LineProblem>> {
    let text = match std::str::from_utf8(line) {
        Ok(text) => text,
        Err(error) => return Some(Err(not_utf8(line, error.valid_up_to()))),
    };
    // Without its end, so that a record that is cut off is so at the line's last column.
    let text = text.trim_end();
    (!text.is_empty()).then(|| record(text, source, object))
}

fn record(text: &str, source: &str, object: Option<&str>) -> Result<Record, LineProblem> {
    let mut value: Value = serde_json::from_str(text).map_err(|error| broken(text, &error))?;
    if let (Some(object), Value::Object(members)) = (object, &mut value) {
        members.entry("object").or_insert_with(|| Value::from(object));
    }
    if value.is_array() {
        return Err(LineProblem::JsonList);
    }
    let mut record = Record::from_json(value)?;
    record.source.get_or_insert_with(|| source.to_owned());
    check_size(record, text.len())
}

/// Refuses a record that is too large. `text_bytes` is the size of what it was read from: most need no second look.
pub(crate) fn check_size(record: Record, text_bytes: usize) -> Result<Record, LineProblem> {
    if text_bytes + GROWTH > RECORD_BYTES_MAX {
        let bytes = record.bytes();
        if bytes > RECORD_BYTES_MAX {
            return Err(LineProblem::TooLarge { bytes: bytes as u64 });
        }
    }
    Ok(record)
}

/// The problem of a line that is not UTF-8, with a hint at what the file may be.
pub(crate) fn not_utf8(line: &[u8], valid_up_to: usize) -> LineProblem {
    let hint = match line {
        [0x1f, 0x8b, ..] => "; it looks compressed: unpack it first (zcat FILE | crm-export export -)",
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "; it looks like UTF-16: save the file as UTF-8",
        _ => "; save the file as UTF-8",
    };
    LineProblem::NotUtf8 { byte: valid_up_to + 1, hint }
}

fn broken(text: &str, error: &serde_json::Error) -> LineProblem {
    if text.trim_start().starts_with('[') {
        return LineProblem::JsonList;
    }
    // serde_json ends its text with the place, which is told apart here.
    let reason = error.to_string();
    let reason = reason.rsplit_once(" at line ").map_or(reason.as_str(), |(reason, _)| reason);
    let reason = if error.is_eof() { "the line ends before the record does" } else { reason };
    LineProblem::BrokenJson { column: error.column(), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &[u8], expected: &str) {
        let problem = read(line, "a:1", None).expect("not blank").expect_err("no record").to_string();
        assert_eq!(problem, expected);
    }

    #[test]
    fn a_record_is_read() {
        let line =
            br#"{"object":"Contact","externalId":{"field":"Ext__c","value":"42"},"fields":{"N__c":1.50}}"#;
        let record = read(line, "a.ndjson:7", None).expect("not blank").expect("whole");
        assert_eq!((record.object.as_str(), record.source.as_deref()), ("Contact", Some("a.ndjson:7")));
        assert_eq!(record.fields["N__c"].to_string(), "1.50");
        let line = br#"{"externalId":{"field":"Ext__c","value":"42"},"fields":{},"source":"crm row 9"}"#;
        let record = read(line, "a.ndjson:7", Some("Lead")).expect("not blank").expect("whole");
        assert_eq!((record.object.as_str(), record.source.as_deref()), ("Lead", Some("crm row 9")));
        assert_eq!(read(b" \r\n", "a:1", None), None);
    }

    #[test]
    fn broken_lines_are_told() {
        check(br#"{"object":"Contact",}"#, "broken JSON at column 21: trailing comma");
        check(br#"{"object":"Contact""#, "broken JSON at column 19: the line ends before the record does");
        check(
            b"[",
            "the file is one JSON list; write one record per line instead: jq -c '.[]' FILE > FILE.ndjson",
        );
        check(
            b"[{}]",
            "the file is one JSON list; write one record per line instead: jq -c '.[]' FILE > FILE.ndjson",
        );
        check(b"{\"object\":\"\xff\"}", "invalid UTF-8 at byte 12 of the line; save the file as UTF-8");
        check(
            b"\x1f\x8b\x08",
            "invalid UTF-8 at byte 2 of the line; it looks compressed: unpack it first (zcat FILE | crm-export export -)",
        );
        check(
            b"\xff\xfe{\0",
            "invalid UTF-8 at byte 1 of the line; it looks like UTF-16: save the file as UTF-8",
        );
        check(
            br#"{"object":"Contact","fields":{}}"#,
            "not a whole record: externalId: is missing: without it a repeated write would make a second record",
        );
        check(
            br#"{"object":"Contact","externalId":{"field":"E","value":"1"},"fields":{"A":[1]}}"#,
            "not a whole record: fields.A: is a list: a field takes one value (join a multi-select by `;`)",
        );
    }

    #[test]
    fn the_size_is_that_of_the_record_and_not_of_the_line() {
        let line = |blank: usize, text: usize| {
            let (blank, text) = (" ".repeat(blank), "x".repeat(text));
            format!(
                r#"{{"object":"A",{blank}"externalId":{{"field":"E","value":"1"}},"fields":{{"T":"{text}"}}}}"#
            )
        };
        assert!(read(line(400_000, 10).as_bytes(), "a:1", None).expect("not blank").is_ok());
        check(
            line(0, RECORD_BYTES_MAX).as_bytes(),
            "the record has 300,107 bytes, the most is 300,000; shorten its fields or leave it out",
        );
    }
}
