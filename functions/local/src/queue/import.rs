//! Brings a file into the queue, a few messages at a time, each record exactly once however often the program is killed.
//!
//! The messages and how far the file is are written in one transaction. A file whose import was cut short goes on there
//! when its bytes up to that place are still the same; else it begins anew.

use std::collections::HashMap;
use std::io;

use domain::{AccountName, Record};
use thiserror::Error;

use super::error::QueueError;
use super::prefix::Prefix;
use super::store::{Draft, ImportKey, Imported, Queue};
use crate::input::{FieldTypes, InputFile, Mark, Reader, ReaderError};

/// The most records in a message: a CRM call takes as many (reference §2.3).
const MESSAGE_RECORDS: u32 = 200;

/// The most bytes in a message, but for a single record that is larger. 200 records of 1 KB fit well, so that messages
/// are cut where CRM calls are.
const MESSAGE_BYTES: usize = 512 * 1024;

/// How many records, or bytes, are queued before the jobs run: look-ahead beyond that is only memory and disk.
const LOOK_AHEAD_RECORDS: u32 = 20 * MESSAGE_RECORDS;
const LOOK_AHEAD_BYTES: usize = 20 * MESSAGE_BYTES;

/// An import that failed. What is queued stays queued, and the same command goes on behind it.
#[derive(Debug, Error)]
pub(crate) enum ImportError {
    #[error(transparent)]
    Queue(#[from] QueueError),
    #[error(transparent)]
    Reader(#[from] ReaderError),
    #[error("read {file}: {error}")]
    File { file: String, error: io::Error },
    #[error(
        "read {file}: it was changed while it was exported ({problem}); the lines before are exported, mend the file and run the \
         command again"
    )]
    Changed { file: String, problem: String },
}

/// How an import begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Beginning {
    /// At the first line.
    New,
    /// Behind this line, where it was cut short.
    GoesOn { lines: u64 },
    /// At the first line, although it was cut short behind this one: the file is another one now.
    Anew { lines: u64 },
}

/// Spellings of object names by their lower-case form: `contact` and `Contact` are one job.
pub(crate) type Spellings = HashMap<String, String>;

/// One file on its way into the queue.
pub(crate) struct Importer<'a> {
    file: &'a InputFile,
    key: ImportKey,
    reader: Reader<'a>,
    prefix: Prefix,
    drafts: Vec<Draft>,
    ended: bool,
}

impl<'a> Importer<'a> {
    /// Opens a file where its import was cut short, or at its beginning.
    pub(crate) fn open(
        queue: &Queue,
        account: &AccountName,
        file: &'a InputFile,
        types: &'a FieldTypes,
    ) -> Result<(Self, Beginning), ImportError> {
        let key =
            ImportKey { account: account.clone(), file: file.identity.clone(), occurrence: file.occurrence };
        let (mark, beginning) = match queue.imported(&key)? {
            None => (Mark::default(), Beginning::New),
            Some(imported) if same(file, &imported)? => {
                (imported.mark, Beginning::GoesOn { lines: imported.mark.line })
            }
            Some(imported) => (Mark::default(), Beginning::Anew { lines: imported.mark.line }),
        };
        let mut prefix = open_prefix(file)?;
        digest_at(&mut prefix, file, mark)?;
        let reader = Reader::open(file, types, mark)?;
        Ok((Self { file, key, reader, prefix, drafts: Vec::new(), ended: false }, beginning))
    }

    /// Queues the next few messages. Answers how many bytes of the file are in, or `None` when the whole file was in
    /// already.
    pub(crate) fn fill(
        &mut self,
        queue: &mut Queue,
        spellings: &mut Spellings,
    ) -> Result<Option<u64>, ImportError> {
        if self.ended {
            return Ok(None);
        }
        let (mut records, mut bytes) = (0, 0);
        while records < LOOK_AHEAD_RECORDS && bytes < LOOK_AHEAD_BYTES {
            let Some(row) = self.reader.next()? else {
                self.ended = true;
                break;
            };
            let record = row.record.map_err(|problem| {
                let problem = format!("line {}: {problem}", row.line);
                ImportError::Changed { file: self.file.name.clone(), problem }
            })?;
            records += 1;
            bytes += add(&mut self.drafts, record, spellings);
        }
        let mark = self.reader.mark();
        let digest = digest_at(&mut self.prefix, self.file, mark)?;
        for draft in &mut self.drafts {
            draft.body.push(']');
        }
        queue.put(&self.key, &self.file.name, &self.drafts, &Imported { mark, digest })?;
        self.drafts.clear();
        Ok(Some(mark.offset))
    }

    /// Which import it is, for [`Queue::finish`].
    pub(crate) fn key(&self) -> &ImportKey {
        &self.key
    }
}

/// Adds a record to its job's last message. Answers how many bytes it has.
pub(super) fn add(drafts: &mut Vec<Draft>, mut record: Record, spellings: &mut Spellings) -> usize {
    let folded = record.object.to_lowercase();
    record.object = spellings.entry(folded).or_insert_with(|| record.object.clone()).clone();
    let text = serde_json::to_string(&record).expect("a record came from JSON and is JSON again");
    let last = drafts.iter_mut().rev().find(|draft| draft.object == record.object);
    let draft = match last {
        Some(draft) if draft.records < MESSAGE_RECORDS && draft.body.len() + text.len() < MESSAGE_BYTES => {
            draft
        }
        _ => {
            drafts.push(Draft { object: record.object, records: 0, body: String::new() });
            drafts.last_mut().expect("it was pushed just now")
        }
    };
    draft.body.push(if draft.records == 0 { '[' } else { ',' });
    draft.body.push_str(&text);
    draft.records += 1;
    text.len()
}

fn open_prefix(file: &InputFile) -> Result<Prefix, ImportError> {
    Prefix::open(file.path()).map_err(|error| ImportError::File { file: file.name.clone(), error })
}

fn same(file: &InputFile, imported: &Imported) -> Result<bool, ImportError> {
    let digest = open_prefix(file)?.digest_at(imported.mark.offset);
    let digest = digest.map_err(|error| ImportError::File { file: file.name.clone(), error })?;
    Ok(digest.as_ref() == Some(&imported.digest))
}

fn digest_at(prefix: &mut Prefix, file: &InputFile, mark: Mark) -> Result<Vec<u8>, ImportError> {
    let digest = prefix.digest_at(mark.offset);
    let digest = digest.map_err(|error| ImportError::File { file: file.name.clone(), error })?;
    digest.ok_or_else(|| ImportError::Changed {
        file: file.name.clone(),
        problem: "it is shorter now".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::args::ReadingArgs;

    struct Case {
        folder: tempfile::TempDir,
        file: PathBuf,
    }

    impl Case {
        fn new(text: &str) -> Self {
            let folder = tempfile::tempdir().expect("a folder");
            let file = folder.path().join("a.ndjson");
            std::fs::write(&file, text).expect("written");
            Self { folder, file }
        }

        fn queue(&self) -> Queue {
            Queue::open(&self.folder.path().join("a.db")).expect("opens")
        }

        /// Runs the program until it has filled the queue `fills` times and is killed; says how the import began.
        fn run(&self, fills: usize) -> Beginning {
            let files =
                InputFile::all(std::slice::from_ref(&self.file), &ReadingArgs::default()).expect("there");
            let (account, types) = (AccountName::new("local").expect("fits"), FieldTypes::default());
            let mut queue = self.queue();
            let (mut importer, beginning) =
                Importer::open(&queue, &account, &files[0], &types).expect("opens");
            for _ in 0..fills {
                if importer.fill(&mut queue, &mut Spellings::new()).expect("filled").is_none() {
                    queue.finish(std::slice::from_ref(importer.key())).expect("finished");
                    break;
                }
            }
            beginning
        }

        /// Takes everything out of the queue: external ids by object, and the size of each message.
        fn take(&self) -> (HashMap<String, Vec<String>>, Vec<usize>) {
            let (mut queue, account) = (self.queue(), AccountName::new("local").expect("fits"));
            let (mut ids, mut sizes) = (HashMap::<String, Vec<String>>::new(), Vec::new());
            loop {
                let messages = queue.next(&account, 10).expect("read");
                if messages.is_empty() {
                    return (ids, sizes);
                }
                for message in &messages {
                    sizes.push(message.records.len());
                    let taken = message.records.iter().map(|placed| placed.record.external_id.value.clone());
                    ids.entry(message.job.object.clone()).or_default().extend(taken);
                }
                queue.delete(&messages).expect("deleted");
            }
        }
    }

    fn lines(ids: std::ops::Range<u32>) -> String {
        ids.fold(String::new(), |mut text, id| {
            let object = if id % 3 == 0 { "Account" } else { "contact" };
            let _ = writeln!(
                text,
                r#"{{"object":"{object}","externalId":{{"field":"E__c","value":"{id}"}},"fields":{{}}}}"#
            );
            text
        })
    }

    fn expected(ids: std::ops::Range<u32>) -> HashMap<String, Vec<String>> {
        let of = |accounts: bool| {
            ids.clone().filter(|id| (id % 3 == 0) == accounts).map(|id| id.to_string()).collect()
        };
        HashMap::from([("Account".to_owned(), of(true)), ("contact".to_owned(), of(false))])
    }

    #[test]
    fn a_killed_import_goes_on_and_brings_every_record_once() {
        for killed_after in 0..4 {
            let case = Case::new(&lines(0..9_000));
            assert_eq!(case.run(killed_after), Beginning::New);
            let lines = (killed_after as u64 * u64::from(LOOK_AHEAD_RECORDS)).min(9_000);
            let goes_on = if killed_after == 0 { Beginning::New } else { Beginning::GoesOn { lines } };
            assert_eq!(case.run(usize::MAX), goes_on, "killed after {killed_after}");
            let (ids, sizes) = case.take();
            assert_eq!(ids, expected(0..9_000), "killed after {killed_after}");
            assert!(sizes.iter().all(|size| *size <= MESSAGE_RECORDS as usize));
            assert_eq!(case.run(1), Beginning::New, "after its end the same file is a new export");
        }
    }

    #[test]
    fn a_file_that_grew_goes_on_and_one_that_changed_begins_anew() {
        let case = Case::new(&lines(0..5_000));
        case.run(2);
        std::fs::write(&case.file, lines(0..6_000)).expect("written");
        assert_eq!(case.run(usize::MAX), Beginning::GoesOn { lines: 5_000 });
        assert_eq!(case.take().0, expected(0..6_000));

        let case = Case::new(&lines(0..5_000));
        case.run(2);
        case.take();
        std::fs::write(&case.file, lines(1..5_000)).expect("written");
        assert_eq!(case.run(usize::MAX), Beginning::Anew { lines: 5_000 });
        assert_eq!(case.take().0, expected(1..5_000));
    }

    #[test]
    fn messages_are_cut_by_size_too() {
        let text = "x".repeat(200_000);
        let line = |id| {
            format!(
                r#"{{"object":"Lead","externalId":{{"field":"E__c","value":"{id}"}},"fields":{{"T":"{text}"}}}}"#
            ) + "\n"
        };
        let case = Case::new(&(0..7).map(line).collect::<String>());
        case.run(usize::MAX);
        assert_eq!(case.take().1, [2, 2, 2, 1]);
    }

    #[test]
    fn a_file_that_breaks_under_way_is_told() {
        let case = Case::new(&(lines(0..3) + "{\n"));
        let files = InputFile::all(&[case.file.as_path()].map(Path::to_owned), &ReadingArgs::default())
            .expect("there");
        let (account, types) = (AccountName::new("local").expect("fits"), FieldTypes::default());
        let mut queue = case.queue();
        let (mut importer, _) = Importer::open(&queue, &account, &files[0], &types).expect("opens");
        let error = importer.fill(&mut queue, &mut Spellings::new()).expect_err("broken").to_string();
        assert!(error.contains("it was changed while it was exported (line 4: broken JSON"), "{error}");
    }
}
