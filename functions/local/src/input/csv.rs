//! CSV: cuts rows of one or more lines into cells. What the cells mean is in [`super::cells`].

use std::io;

use csv_core::ReadRecordResult;

use super::lines::{Line, Lines};
use super::ndjson::not_utf8;
use super::problem::LineProblem;

/// Cuts rows into cells. Its buffers are kept from row to row.
pub(crate) struct Rows {
    core: csv_core::Reader,
    text: Vec<u8>,
    cells: Vec<u8>,
    ends: Vec<usize>,
}

/// One row.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Cells {
    /// The line at which it begins, from 1.
    pub(crate) line: u64,
    /// Its length in the file.
    pub(crate) bytes: usize,
    /// Its cells, or what is wrong with it.
    pub(crate) cells: Result<Vec<String>, LineProblem>,
    /// The rows behind it cannot be told apart.
    pub(crate) last: bool,
}

impl Rows {
    pub(crate) fn new() -> Self {
        let core = csv_core::ReaderBuilder::new().terminator(csv_core::Terminator::Any(b'\n')).build();
        Self { core, text: Vec::new(), cells: vec![0; 4096], ends: vec![0; 64] }
    }

    /// The next row that is not blank.
    pub(crate) fn next(&mut self, lines: &mut Lines) -> io::Result<Option<Cells>> {
        self.text.clear();
        self.core.reset();
        let mut output = Output::default();
        let mut begins = lines.mark().line + 1;
        loop {
            let fed = self.text.len();
            match lines.read(&mut self.text)? {
                Line::Whole => {}
                Line::TooLong { bytes } => return Ok(Some(too_long(begins, bytes, fed))),
                Line::End if fed == 0 => return Ok(None),
                Line::End => return Ok(Some(failed(begins, fed, LineProblem::OpenQuote, true))),
            }
            if self.text.trim_ascii().is_empty() {
                self.text.clear();
                begins = lines.mark().line + 1;
                continue;
            }
            let unended = self.text.last() != Some(&b'\n');
            if unended {
                self.text.push(b'\n');
            }
            if self.feed(fed, &mut output) {
                break;
            }
            if unended {
                self.text.pop();
            }
        }
        Ok(Some(self.row(begins, &output)))
    }

    /// Feeds the text behind `from`. Answers whether the row has ended.
    fn feed(&mut self, mut from: usize, output: &mut Output) -> bool {
        loop {
            let input = &self.text[from..];
            let (result, read, wrote, ended) =
                self.core.read_record(input, &mut self.cells[output.bytes..], &mut self.ends[output.cells..]);
            from += read;
            output.bytes += wrote;
            output.cells += ended;
            match result {
                ReadRecordResult::InputEmpty => return false,
                ReadRecordResult::OutputFull => self.cells.resize(self.cells.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record | ReadRecordResult::End => return true,
            }
        }
    }

    fn row(&self, line: u64, output: &Output) -> Cells {
        let mut bytes = output.bytes;
        // The line end is `\n` to the tokenizer; the `\r` before it went into the last cell.
        let carriage_return = self.text.ends_with(b"\r\n") && self.cells[..bytes].ends_with(b"\r");
        bytes -= usize::from(carriage_return);
        let text = match std::str::from_utf8(&self.cells[..bytes]) {
            Ok(text) => text,
            Err(_) => {
                let valid = std::str::from_utf8(&self.text).map_or_else(|e| e.valid_up_to(), str::len);
                return failed(line, self.text.len(), not_utf8(&self.text, valid), false);
            }
        };
        let mut begin = 0;
        let mut cells = Vec::with_capacity(output.cells);
        for end in &self.ends[..output.cells] {
            let end = (*end).min(bytes);
            cells.push(text.get(begin..end).unwrap_or_default().to_owned());
            begin = end;
        }
        Cells { line, bytes: self.text.len(), cells: Ok(cells), last: false }
    }
}

/// How far the buffers are filled.
#[derive(Default)]
struct Output {
    bytes: usize,
    cells: usize,
}

fn failed(line: u64, bytes: usize, problem: LineProblem, last: bool) -> Cells {
    Cells { line, bytes, cells: Err(problem), last }
}

/// A single line that is too long is a record that is too large; many lines are a quote that was not closed.
fn too_long(line: u64, bytes: u64, fed: usize) -> Cells {
    let open_quote = fed > 0;
    let problem = if open_quote { LineProblem::OpenQuote } else { LineProblem::TooLarge { bytes } };
    failed(line, fed, problem, open_quote)
}

#[cfg(test)]
mod tests {
    use super::super::lines::{Mark, ROW_BYTES_MAX};
    use super::*;

    fn rows(bytes: &[u8]) -> Vec<(u64, Result<Vec<String>, String>)> {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), bytes).expect("written");
        let mut lines = Lines::open(file.path(), Mark::default()).expect("opens");
        let mut rows = Rows::new();
        let mut seen = Vec::new();
        while let Some(row) = rows.next(&mut lines).expect("reads") {
            seen.push((row.line, row.cells.map_err(|problem| problem.to_string())));
            if row.last {
                break;
            }
        }
        seen
    }

    fn check(bytes: &[u8], expected: &[(u64, &[&str])]) {
        let expected: Vec<_> = expected
            .iter()
            .map(|(line, cells)| (*line, Ok(cells.iter().map(|cell| (*cell).to_owned()).collect())))
            .collect();
        assert_eq!(rows(bytes), expected, "{}", String::from_utf8_lossy(bytes));
    }

    #[test]
    fn rows_are_cut() {
        check(b"a,b\n1,2\n", &[(1, &["a", "b"]), (2, &["1", "2"])]);
        check(b"a,b\r\n1,2\r\n\r\n3,4", &[(1, &["a", "b"]), (2, &["1", "2"]), (4, &["3", "4"])]);
        check(b"\n\na,\n", &[(3, &["a", ""])]);
        check(b"\"x, \"\"y\"\"\",2\r\n", &[(1, &["x, \"y\"", "2"])]);
        check(b"\"one\r\ntwo\",2\r\n3,\"4\"\r\n", &[(1, &["one\r\ntwo", "2"]), (3, &["3", "4"])]);
        check("a\u{e9},ü".as_bytes(), &[(1, &["aé", "ü"])]);
        check(b"5\" pipe,2\n3,4\n", &[(1, &["5\" pipe", "2"]), (2, &["3", "4"])]);
        check(b"", &[]);
    }

    #[test]
    fn many_and_long_cells_fit() {
        let cells = vec!["x".repeat(100); 1000];
        let row: Vec<&str> = cells.iter().map(String::as_str).collect();
        check(cells.join(",").as_bytes(), &[(1, &row)]);
    }

    #[test]
    fn what_cannot_be_cut_is_told() {
        let error = |bytes: &[u8]| {
            let (line, row) = rows(bytes).pop().expect("a row");
            (line, row.expect_err("a problem"))
        };
        let open = "a quote (\") is opened in this row and never closed; what follows was not checked";
        assert_eq!(error(b"a,b\n1,\"2\n3,4\n"), (2, open.to_owned()));
        assert_eq!(error(b"a,b\n1,\"2"), (2, open.to_owned()));
        assert_eq!(
            error(b"a,b\n1,\xff\n"),
            (2, "invalid UTF-8 at byte 3 of the line; save the file as UTF-8".to_owned())
        );
        let mut long = b"a,b\n1,\"".to_vec();
        long.extend(b"0123456789\n".repeat(ROW_BYTES_MAX / 5));
        assert_eq!(error(&long), (2, open.to_owned()));
        let mut large = b"a,b\n1,".to_vec();
        large.extend(vec![b'x'; 5_000_000]);
        let text = "the record has 5,000,002 bytes, the most is 300,000; shorten its fields or leave it out";
        assert_eq!(error(&large), (2, text.to_owned()));
    }
}
