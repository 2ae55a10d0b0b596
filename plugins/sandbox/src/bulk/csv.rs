//! CSV as Bulk API 2.0 reads and writes it: six delimiters, two line endings, every cell written in quotes.

use csv::{ByteRecord, Position, QuoteStyle, ReaderBuilder, StringRecord, Terminator, WriterBuilder};

/// U+FEFF in UTF-8.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// How a job's CSV is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// Between cells.
    pub delimiter: Delimiter,
    /// Lines end with CR LF.
    pub crlf: bool,
}

/// `columnDelimiter`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delimiter {
    /// `` ` ``
    Backquote,
    /// `^`
    Caret,
    /// `,`
    Comma,
    /// `|`
    Pipe,
    /// `;`
    Semicolon,
    /// Tab.
    Tab,
}

impl Delimiter {
    const ALL: [(Delimiter, &'static str, u8); 6] = [
        (Delimiter::Backquote, "BACKQUOTE", b'`'),
        (Delimiter::Caret, "CARET", b'^'),
        (Delimiter::Comma, "COMMA", b','),
        (Delimiter::Pipe, "PIPE", b'|'),
        (Delimiter::Semicolon, "SEMICOLON", b';'),
        (Delimiter::Tab, "TAB", b'\t'),
    ];

    /// The delimiter of this name.
    pub fn named(name: &str) -> Option<Delimiter> {
        Self::ALL.iter().find(|(_, known, _)| *known == name).map(|(delimiter, _, _)| *delimiter)
    }

    /// As jobs name it.
    pub fn name(self) -> &'static str {
        self.entry().1
    }

    fn entry(self) -> (Delimiter, &'static str, u8) {
        Self::ALL.into_iter().find(|(delimiter, _, _)| *delimiter == self).unwrap_or(Self::ALL[2])
    }
}

impl Dialect {
    /// `LF` or `CRLF`.
    pub fn ending_name(self) -> &'static str {
        if self.crlf { "CRLF" } else { "LF" }
    }

    /// Whether the first line ends as the job says; a text of one unfinished line does.
    pub fn fits(self, text: &[u8]) -> bool {
        match text.iter().position(|byte| *byte == b'\n') {
            Some(0) => !self.crlf,
            Some(end) => (text[end - 1] == b'\r') == self.crlf,
            None => true,
        }
    }

    /// The first row, and the byte offset of the second.
    ///
    /// # Errors
    /// The text is not UTF-8.
    pub fn header(self, text: &[u8]) -> Result<(Vec<String>, u64), csv::Error> {
        let plain = text.strip_prefix(BYTE_ORDER_MARK);
        let (rows, next) = self.rows(plain.unwrap_or(text), 0, 1)?;
        let mut names = rows.into_iter().next().unwrap_or_default();
        if plain.is_none() {
            return Ok((names, next));
        }
        // Salesforce takes the mark as part of the first name, and people do meet the error that follows.
        if let Some(first) = names.first_mut() {
            first.insert(0, '\u{feff}');
        }
        Ok((names, next + BYTE_ORDER_MARK.len() as u64))
    }

    /// At most `count` rows from this byte offset on, and the byte offset of the row after them. Lines without any
    /// cell are passed over.
    ///
    /// # Errors
    /// The text is not UTF-8.
    pub fn rows(self, text: &[u8], from: u64, count: usize) -> Result<(Vec<Vec<String>>, u64), csv::Error> {
        let start = usize::try_from(from).unwrap_or(usize::MAX).min(text.len());
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(self.entry_byte())
            .from_reader(&text[start..]);
        let mut rows = Vec::new();
        let mut row = ByteRecord::new();
        while rows.len() < count && reader.read_byte_record(&mut row)? {
            let row = StringRecord::from_byte_record(row.clone())
                .map_err(|error| utf8(error.into_byte_record(), from))?;
            rows.push(row.iter().map(str::to_owned).collect());
        }
        Ok((rows, from + reader.position().byte()))
    }

    fn entry_byte(self) -> u8 {
        self.delimiter.entry().2
    }

    /// Rows as text, one line each.
    pub fn write<'r>(self, rows: impl IntoIterator<Item = &'r [String]>) -> Vec<u8> {
        let terminator = if self.crlf { Terminator::CRLF } else { Terminator::Any(b'\n') };
        let mut writer = WriterBuilder::new()
            .delimiter(self.entry_byte())
            .terminator(terminator)
            .quote_style(QuoteStyle::Always)
            .flexible(true)
            .from_writer(Vec::new());
        for row in rows {
            writer.write_record(row).expect("memory takes every row of a flexible writer");
        }
        writer.into_inner().expect("memory is always flushed")
    }
}

/// The error of a row that is not UTF-8.
fn utf8(row: ByteRecord, from: u64) -> csv::Error {
    let mut position = Position::new();
    position.set_byte(from + row.position().map_or(0, Position::byte));
    let message = format!("the row at byte {} is not UTF-8", position.byte());
    csv::Error::from(std::io::Error::new(std::io::ErrorKind::InvalidData, message))
}
