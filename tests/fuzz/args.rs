//! The two types of the program's command line that its readers know, without the command line: a program is no library,
//! so its readers are compiled into this binary from their files (see `main.rs`).

/// How files are read.
#[derive(Debug, Clone, Default)]
pub(crate) struct ReadingArgs {
    /// The object of CSV rows, and of NDJSON records that name none.
    pub(crate) object: Option<String>,
    /// The column of CSV rows that is the external id.
    pub(crate) external_id: Option<String>,
    /// How every file is to be read, whatever its ending.
    pub(crate) format: Option<Format>,
}

/// How a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// One JSON record per line.
    Ndjson,
    /// Comma-separated, with a header.
    Csv,
}
