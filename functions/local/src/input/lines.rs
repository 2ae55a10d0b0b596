//! Physical lines of a file, with their number and the offset behind them. A line of any length needs bounded memory.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

/// A line (or a CSV row of several lines) longer than this is not kept, only measured. Far above
/// `domain::record::RECORD_BYTES_MAX`, so that escapes and blanks do not count against a record that fits.
pub(crate) const ROW_BYTES_MAX: usize = 2_000_000;

const BUFFER: usize = 256 * 1024;

/// A place between two lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Mark {
    /// Bytes before it.
    pub(crate) offset: u64,
    /// Lines before it.
    pub(crate) line: u64,
}

/// Reads a file line by line.
pub(crate) struct Lines {
    file: BufReader<File>,
    mark: Mark,
}

/// What was read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// A line was appended to the buffer.
    Whole,
    /// The line (with what was in the buffer) is longer than [`ROW_BYTES_MAX`]; it was passed over.
    TooLong {
        /// Its length in bytes.
        bytes: u64,
    },
    /// There is no more.
    End,
}

impl Lines {
    /// Opens a file at a mark.
    pub(crate) fn open(path: &Path, from: Mark) -> io::Result<Self> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(from.offset))?;
        Ok(Self { file: BufReader::with_capacity(BUFFER, file), mark: from })
    }

    /// Behind the last line that was read.
    pub(crate) fn mark(&self) -> Mark {
        self.mark
    }

    /// Appends the next line to `buffer`, its line end included.
    pub(crate) fn read(&mut self, buffer: &mut Vec<u8>) -> io::Result<Line> {
        let room = (ROW_BYTES_MAX + 1).saturating_sub(buffer.len());
        let mut read = self.file.by_ref().take(room as u64).read_until(b'\n', buffer)? as u64;
        let cut = buffer.len() > ROW_BYTES_MAX;
        if cut && buffer.last() != Some(&b'\n') {
            read += self.file.skip_until(b'\n')? as u64;
        }
        if read == 0 {
            return Ok(Line::End);
        }
        if self.mark.offset == 0 && buffer.starts_with(b"\xEF\xBB\xBF") {
            buffer.drain(..3);
        }
        self.mark.offset += read;
        self.mark.line += 1;
        Ok(if cut { Line::TooLong { bytes: read } } else { Line::Whole })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), bytes).expect("written");
        file
    }

    #[test]
    fn lines_have_marks() {
        let file = file(b"\xEF\xBB\xBFone\r\ntwo\n\nthree");
        let mut lines = Lines::open(file.path(), Mark::default()).expect("opens");
        let mut seen = Vec::new();
        loop {
            let mut buffer = Vec::new();
            if lines.read(&mut buffer).expect("reads") == Line::End {
                break;
            }
            seen.push((String::from_utf8(buffer).expect("text"), lines.mark().offset, lines.mark().line));
        }
        let expected = [("one\r\n", 8, 1), ("two\n", 12, 2), ("\n", 13, 3), ("three", 18, 4)];
        assert_eq!(seen, expected.map(|(text, offset, line)| (text.to_owned(), offset, line)));

        let mut lines = Lines::open(file.path(), Mark { offset: 12, line: 2 }).expect("opens");
        let mut buffer = Vec::new();
        assert_eq!(lines.read(&mut buffer).expect("reads"), Line::Whole);
        assert_eq!((buffer.as_slice(), lines.mark()), (&b"\n"[..], Mark { offset: 13, line: 3 }));
    }

    #[test]
    fn a_long_line_is_measured_and_passed_over() {
        let mut bytes = vec![b'x'; ROW_BYTES_MAX * 2];
        bytes.extend(b"\nnext\n");
        let file = file(&bytes);
        let mut lines = Lines::open(file.path(), Mark::default()).expect("opens");
        let mut buffer = Vec::new();
        let long = lines.read(&mut buffer).expect("reads");
        assert_eq!(long, Line::TooLong { bytes: ROW_BYTES_MAX as u64 * 2 + 1 });
        assert!(buffer.capacity() < ROW_BYTES_MAX * 3);
        buffer.clear();
        assert_eq!(lines.read(&mut buffer).expect("reads"), Line::Whole);
        assert_eq!((buffer.as_slice(), lines.mark().line), (&b"next\n"[..], 2));
    }
}
