//! Reads a file record by record, from its beginning or from a mark, with what is wrong with each line.

use std::io;

use domain::Record;
use thiserror::Error;

use super::cells::Header;
use super::csv::{Cells, Rows};
use super::file::{Content, InputFile};
use super::lines::{Line, Lines, Mark};
use super::ndjson;
use super::problem::LineProblem;
use super::types::FieldTypes;

/// A file that could not be read.
#[derive(Debug, Error)]
#[error("read {file}: {error}")]
pub(crate) struct ReaderError {
    file: String,
    error: io::Error,
}

/// One record, or why a line is none.
#[derive(Debug)]
pub(crate) struct Row {
    /// Its line, from 1.
    pub(crate) line: u64,
    /// The record.
    pub(crate) record: Result<Record, LineProblem>,
}

/// Reads a file.
pub(crate) struct Reader<'a> {
    file: &'a InputFile,
    types: &'a FieldTypes,
    lines: Lines,
    format: Reading,
}

enum Reading {
    Ndjson {
        object: Option<String>,
        buffer: Vec<u8>,
    },
    Csv {
        rows: Box<Rows>,
        header: Header,
    },
    /// The rest cannot be read, but for the problems that say why.
    Over(Vec<Row>),
}

impl<'a> Reader<'a> {
    /// Opens a file at a mark that an earlier reader of the same file gave.
    pub(crate) fn open(file: &'a InputFile, types: &'a FieldTypes, from: Mark) -> Result<Self, ReaderError> {
        let fail = |error| ReaderError { file: file.name.clone(), error };
        let path = file.path();
        let mut lines = Lines::open(path, Mark::default()).map_err(fail)?;
        let format = match &file.content {
            Content::Ndjson(object) => Reading::Ndjson { object: object.clone(), buffer: Vec::new() },
            Content::Csv(options) => {
                let mut rows = Box::new(Rows::new());
                match rows.next(&mut lines).map_err(fail)? {
                    None => Reading::Over(Vec::new()),
                    Some(Cells { line, cells: Err(problem), .. }) => {
                        Reading::Over(vec![Row { line, record: Err(problem) }])
                    }
                    Some(Cells { line, cells: Ok(cells), .. }) => match Header::read(&cells, options) {
                        Ok(header) => Reading::Csv { rows, header },
                        Err(problems) => {
                            let row = |problem| Row { line, record: Err(problem) };
                            Reading::Over(problems.into_iter().rev().map(row).collect())
                        }
                    },
                }
            }
        };
        if from.offset > 0 {
            lines = Lines::open(path, from).map_err(fail)?;
        }
        Ok(Self { file, types, lines, format })
    }

    /// Behind the last row.
    pub(crate) fn mark(&self) -> Mark {
        self.lines.mark()
    }

    /// The next record or problem; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Row>, ReaderError> {
        let row = match &mut self.format {
            Reading::Over(problems) => return Ok(problems.pop()),
            Reading::Ndjson { object, buffer } => {
                next_ndjson(&mut self.lines, buffer, &self.file.source, object.as_deref())
            }
            Reading::Csv { rows, header } => {
                let row = rows.next(&mut self.lines);
                row.map(|row| {
                    row.map(|row| {
                        let last = row.last;
                        (csv_row(row, header, &self.file.source, self.types), last)
                    })
                })
            }
        };
        let row = row.map_err(|error| ReaderError { file: self.file.name.clone(), error })?;
        Ok(row.map(|(row, last)| {
            if last {
                self.format = Reading::Over(Vec::new());
            }
            row
        }))
    }
}

/// The next row, and whether it is the last that can be read.
type Next = io::Result<Option<(Row, bool)>>;

fn next_ndjson(lines: &mut Lines, buffer: &mut Vec<u8>, source: &str, object: Option<&str>) -> Next {
    loop {
        buffer.clear();
        let read = lines.read(buffer)?;
        let line = lines.mark().line;
        let record = match read {
            Line::End => return Ok(None),
            Line::TooLong { bytes } => Err(LineProblem::TooLarge { bytes }),
            Line::Whole => match ndjson::read(buffer, &format!("{source}:{line}"), object) {
                None => continue,
                Some(record) => record,
            },
        };
        // A file that is one JSON list has no line that is a record: saying it once is enough.
        let last = matches!(record, Err(LineProblem::JsonList));
        return Ok(Some((Row { line, record }, last)));
    }
}

fn csv_row(row: Cells, header: &Header, source: &str, types: &FieldTypes) -> Row {
    let (line, bytes) = (row.line, row.bytes);
    let record = row
        .cells
        .and_then(|cells| header.record(cells, format!("{source}:{line}"), types))
        .and_then(|record| ndjson::check_size(record, bytes * 2));
    Row { line, record }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::file::CsvOptions;
    use super::*;

    fn input(folder: &Path, content: Content, text: &str) -> InputFile {
        let path = folder.join("a");
        std::fs::write(&path, text).expect("written");
        InputFile {
            path: Some(path),
            name: "a".into(),
            source: "a".into(),
            identity: "a".into(),
            occurrence: 0,
            content,
            bytes: text.len() as u64,
        }
    }

    fn csv() -> Content {
        Content::Csv(CsvOptions { object: "Lead".into(), external_id: "E__c".into() })
    }

    fn ndjson(ids: &[&str]) -> String {
        ids.iter()
            .map(|id| {
                format!(r#"{{"object":"Lead","externalId":{{"field":"E__c","value":"{id}"}},"fields":{{}}}}"#)
                    + "\n"
            })
            .collect()
    }

    /// What is read from `from` on, `id@line` or the problem, and the marks behind each row.
    fn read(file: &InputFile, from: Mark) -> (Vec<String>, Vec<Mark>) {
        let types = FieldTypes::default();
        let mut reader = Reader::open(file, &types, from).expect("opens");
        let (mut seen, mut marks) = (Vec::new(), Vec::new());
        while let Some(row) = reader.next().expect("reads") {
            seen.push(match row.record {
                Ok(record) => {
                    assert_eq!(record.source, Some(format!("a:{}", row.line)));
                    format!("{}@{}", record.external_id.value, row.line)
                }
                Err(problem) => format!("{}: {problem}", row.line),
            });
            marks.push(reader.mark());
        }
        (seen, marks)
    }

    #[test]
    fn a_reader_goes_on_at_any_mark() {
        let folder = tempfile::tempdir().expect("a folder");
        let lines = format!("{}\n{}", ndjson(&["1", "2"]), ndjson(&["3"]));
        let rows = "E__c,T__c\r\n1,\"a\nb\"\r\n\r\n2,x\r\n3,y";
        for (content, text, expected) in [
            (Content::Ndjson(None), lines.as_str(), ["1@1", "2@2", "3@4"]),
            (csv(), rows, ["1@2", "2@5", "3@6"]),
        ] {
            let file = input(folder.path(), content, text);
            let (seen, marks) = read(&file, Mark::default());
            assert_eq!(seen, expected);
            for (behind, mark) in marks.iter().enumerate() {
                assert_eq!(read(&file, *mark).0, expected[behind + 1..], "behind {behind}");
            }
            assert_eq!(marks[2].offset, file.bytes);
        }
    }

    #[test]
    fn problems_have_their_lines() {
        let folder = tempfile::tempdir().expect("a folder");
        let check = |content: Content, text: &str, expected: &[&str]| {
            assert_eq!(read(&input(folder.path(), content, text), Mark::default()).0, expected);
        };
        check(Content::Ndjson(None), "", &[]);
        check(csv(), "", &[]);
        check(csv(), "E__c\n", &[]);
        let text = format!("{}{{\n{}", ndjson(&["1"]), ndjson(&["2"]));
        check(
            Content::Ndjson(None),
            &text,
            &["1@1", "2: broken JSON at column 1: the line ends before the record does", "2@3"],
        );
        check(
            Content::Ndjson(None),
            "[\n{},\n{}\n]\n",
            &[
                "1: the file is one JSON list; write one record per line instead: jq -c '.[]' FILE > FILE.ndjson",
            ],
        );
        check(
            csv(),
            "E__c,,E__c\n1,2,3\n",
            &[
                "1: column 2 of the header is empty; name its field or remove the column",
                "1: the header names E__c twice; remove one of the columns",
            ],
        );
        check(
            csv(),
            "E__c,T__c\n1\n2,b\n3,\"c\n4,d\n",
            &[
                "2: the row has 1 cell, the header has 2; leave a cell empty where there is no value, and close every quote",
                "2@3",
                "4: a quote (\") is opened in this row and never closed; what follows was not checked",
            ],
        );
        let large = format!("E__c,T__c\n1,{}\n", "x".repeat(400_000));
        check(
            csv(),
            &large,
            &["2: the record has 400,116 bytes, the most is 300,000; shorten its fields or leave it out"],
        );
    }
}
