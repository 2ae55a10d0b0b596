//! Which files are exported and how each is read. Looks at names and sizes, never at content.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use domain::record::RecordProblem;
use thiserror::Error;

use super::cells::check_options;
use crate::args::{Format, ReadingArgs};
use crate::paths::shown;

/// What CSV rows do not say themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CsvOptions {
    /// Their object.
    pub(crate) object: String,
    /// The column that is the external id.
    pub(crate) external_id: String,
}

/// How a file's content is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Content {
    /// One JSON record per line; the object of records that name none.
    Ndjson(Option<String>),
    /// CSV.
    Csv(CsvOptions),
}

/// A file to export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InputFile {
    /// Where it is read. `None`: stdin, not spooled yet.
    pub(crate) path: Option<PathBuf>,
    /// Its name for people, in messages.
    pub(crate) name: String,
    /// Its name in the `source` of its records: short.
    pub(crate) source: String,
    /// Who it is in the queue's record of imports: the same file on the next call of the program.
    pub(crate) identity: String,
    /// How often the same file stands before it in this command.
    pub(crate) occurrence: u32,
    /// How it is read.
    pub(crate) content: Content,
    /// Its size; 0 for stdin.
    pub(crate) bytes: u64,
}

/// A file that cannot be exported. Nothing was exported then.
#[derive(Debug, Error)]
pub(crate) enum FileError {
    #[error("read {path}: {error}; check the name")]
    Missing { path: String, error: std::io::Error },
    #[error("read {0}: it is a folder; name the files in it")]
    Folder(String),
    #[error("read {0}: its ending says neither NDJSON nor CSV; say --format ndjson or --format csv")]
    Format(String),
    #[error("read {file}: a CSV file needs {missing}: it does not say {what} by itself")]
    CsvOption { file: String, missing: &'static str, what: &'static str },
    #[error("read the options: {0}")]
    Option(#[from] RecordProblem),
    #[error("read stdin: - stands twice among the files; it can be read once")]
    StdinTwice,
}

impl InputFile {
    /// Where it is read.
    pub(crate) fn path(&self) -> &Path {
        self.path.as_deref().expect("stdin is spooled before it is read")
    }

    /// The object of its rows, for CSV.
    pub(crate) fn csv_object(&self) -> Option<&str> {
        match &self.content {
            Content::Csv(options) => Some(&options.object),
            Content::Ndjson(_) => None,
        }
    }

    /// Looks at every file that was named, in order.
    pub(crate) fn all(paths: &[PathBuf], options: &ReadingArgs) -> Result<Vec<Self>, FileError> {
        let mut files = Vec::with_capacity(paths.len());
        let mut occurrences: HashMap<String, u32> = HashMap::new();
        for path in paths {
            let mut file = Self::one(path, options)?;
            let occurrence = occurrences.entry(file.identity.clone()).or_default();
            file.occurrence = *occurrence;
            *occurrence += 1;
            if file.path.is_none() && file.occurrence > 0 {
                return Err(FileError::StdinTwice);
            }
            files.push(file);
        }
        name_alike_files_in_full(&mut files);
        Ok(files)
    }

    fn one(path: &Path, options: &ReadingArgs) -> Result<Self, FileError> {
        if path.as_os_str() == "-" {
            let content = content("stdin", stdin_format(options), options)?;
            return Ok(Self {
                path: None,
                name: "stdin".to_owned(),
                source: "stdin".to_owned(),
                identity: "-".to_owned(),
                occurrence: 0,
                content,
                bytes: 0,
            });
        }
        let name = shown(path);
        let missing = |error| FileError::Missing { path: name.clone(), error };
        let about = std::fs::metadata(path).map_err(missing)?;
        if about.is_dir() {
            return Err(FileError::Folder(name));
        }
        let format = options.format.or_else(|| format_of(path));
        let format = format.ok_or_else(|| FileError::Format(name.clone()))?;
        let content = content(&name, format, options)?;
        let whole = path.canonicalize().map_err(missing)?;
        let source =
            path.file_name().map_or_else(|| name.clone(), |file| file.to_string_lossy().into_owned());
        let identity = whole.to_string_lossy().into_owned();
        Ok(Self { path: Some(whole), name, source, identity, occurrence: 0, content, bytes: about.len() })
    }
}

/// Without `--format`, stdin is CSV when a column was said to be the external id.
fn stdin_format(options: &ReadingArgs) -> Format {
    let guess = if options.external_id.is_some() { Format::Csv } else { Format::Ndjson };
    options.format.unwrap_or(guess)
}

fn format_of(path: &Path) -> Option<Format> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "csv" => Some(Format::Csv),
        "ndjson" | "jsonl" | "json" => Some(Format::Ndjson),
        _ => None,
    }
}

fn content(file: &str, format: Format, options: &ReadingArgs) -> Result<Content, FileError> {
    if format == Format::Ndjson {
        return Ok(Content::Ndjson(options.object.clone()));
    }
    let missing = |missing, what| FileError::CsvOption { file: file.to_owned(), missing, what };
    let object =
        options.object.clone().ok_or_else(|| missing("--object NAME", "which object its rows are"))?;
    let external_id = options
        .external_id
        .clone()
        .ok_or_else(|| missing("--external-id FIELD", "which column is the external id"))?;
    let options = CsvOptions { object, external_id };
    check_options(&options)?;
    Ok(Content::Csv(options))
}

/// Two files of one name in different folders are told apart in their records' `source`.
fn name_alike_files_in_full(files: &mut [InputFile]) {
    for at in 0..files.len() {
        let alike =
            |other: &InputFile| other.source == files[at].source && other.identity != files[at].identity;
        if files.iter().any(alike) {
            for other in 0..files.len() {
                if other != at && files[other].source == files[at].source {
                    files[other].source = files[other].name.clone();
                }
            }
            files[at].source = files[at].name.clone();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, options: ReadingArgs, expected: Result<Content, &str>) {
        let folder = tempfile::tempdir().expect("a folder");
        for file in ["a.ndjson", "b.csv", "c.txt"] {
            std::fs::write(folder.path().join(file), "x").expect("written");
        }
        std::fs::create_dir(folder.path().join("d.csv")).expect("made");
        let path = if name == "-" { PathBuf::from("-") } else { folder.path().join(name) };
        let read = InputFile::all(&[path], &options).map(|files| files[0].content.clone());
        let prefix = format!("{}/", folder.path().display());
        let read = read.map_err(|error| error.to_string().replace(&prefix, ""));
        assert_eq!(read, expected.map_err(str::to_owned), "{name}");
    }

    fn csv() -> ReadingArgs {
        ReadingArgs { object: Some("Lead".into()), external_id: Some("Ext__c".into()), format: None }
    }

    #[test]
    fn the_ending_or_the_option_says_how_a_file_is_read() {
        let rows = CsvOptions { object: "Lead".into(), external_id: "Ext__c".into() };
        let none = ReadingArgs::default;
        check("a.ndjson", none(), Ok(Content::Ndjson(None)));
        check("a.ndjson", csv(), Ok(Content::Ndjson(Some("Lead".into()))));
        check("b.csv", csv(), Ok(Content::Csv(rows.clone())));
        check("c.txt", ReadingArgs { format: Some(Format::Csv), ..csv() }, Ok(Content::Csv(rows.clone())));
        check("-", none(), Ok(Content::Ndjson(None)));
        check("-", csv(), Ok(Content::Csv(rows)));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let none = ReadingArgs::default;
        check("e.csv", csv(), Err("read e.csv: No such file or directory (os error 2); check the name"));
        check("d.csv", csv(), Err("read d.csv: it is a folder; name the files in it"));
        check(
            "c.txt",
            none(),
            Err("read c.txt: its ending says neither NDJSON nor CSV; say --format ndjson or --format csv"),
        );
        check(
            "b.csv",
            none(),
            Err(
                "read b.csv: a CSV file needs --object NAME: it does not say which object its rows are by itself",
            ),
        );
        check(
            "b.csv",
            ReadingArgs { external_id: None, ..csv() },
            Err(
                "read b.csv: a CSV file needs --external-id FIELD: it does not say which column is the external id by itself",
            ),
        );
    }

    #[test]
    fn alike_files_are_told_apart() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir(path("x")).expect("made");
        for file in ["a.ndjson", "x/a.ndjson", "b.ndjson"] {
            std::fs::write(path(file), "").expect("written");
        }
        let files = InputFile::all(
            &["a.ndjson", "x/a.ndjson", "b.ndjson", "b.ndjson"].map(path),
            &ReadingArgs::default(),
        )
        .expect("there");
        let sources: Vec<(&str, u32)> =
            files.iter().map(|file| (file.source.as_str(), file.occurrence)).collect();
        let full = |name: &str| path(name).display().to_string();
        let (first, second) = (full("a.ndjson"), full("x/a.ndjson"));
        assert_eq!(sources, [(first.as_str(), 0), (second.as_str(), 0), ("b.ndjson", 0), ("b.ndjson", 1)]);
    }
}
