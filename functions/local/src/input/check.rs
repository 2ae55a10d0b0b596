//! The check before anything is queued: reads every file to its end and collects what is wrong.
//!
//! It asks no CRM: whether a field exists or a value fits is for the CRM to say, record by record.

use domain::Record;

use super::file::InputFile;
use super::lines::Mark;
use super::problem::{BadInput, LineProblem};
use super::reader::{Reader, ReaderError};
use super::types::FieldTypes;

/// How many rows are read between two words on progress.
const TELL_EVERY: u64 = 1_000;

/// Checks every line. Answers how many records there are, or what is wrong. `progress` is told the bytes read so far.
pub(crate) fn check(
    files: &[InputFile],
    progress: impl FnMut(u64),
) -> Result<Result<u64, BadInput>, ReaderError> {
    check_with(files, |_| None, progress)
}

/// The same, with a check of one's own of each record.
pub(crate) fn check_with(
    files: &[InputFile],
    check: impl Fn(&Record) -> Option<LineProblem>,
    mut progress: impl FnMut(u64),
) -> Result<Result<u64, BadInput>, ReaderError> {
    let types = FieldTypes::default();
    let mut bad = BadInput::default();
    let (mut records, mut before) = (0, 0);
    for file in files {
        let mut reader = Reader::open(file, &types, Mark::default())?;
        while let Some(row) = reader.next()? {
            let problem = row.record.as_ref().map_or_else(|problem| Some(problem.clone()), &check);
            match problem {
                None => records += 1,
                Some(problem) => bad.add(&file.name, row.line, &problem),
            }
            if records % TELL_EVERY == 0 {
                progress(before + reader.mark().offset);
            }
        }
        before += reader.mark().offset;
        progress(before);
    }
    Ok(if bad.is_empty() { Ok(records) } else { Err(bad) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::ReadingArgs;

    #[test]
    fn every_file_is_checked_to_its_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let paths = ["a.ndjson", "b.ndjson"].map(|name| folder.path().join(name));
        let whole = r#"{"object":"Lead","externalId":{"field":"E__c","value":"1"},"fields":{}}"#;
        std::fs::write(&paths[0], format!("{whole}\n{{\n{whole}")).expect("written");
        std::fs::write(&paths[1], "x\n").expect("written");
        let files = InputFile::all(&paths, &ReadingArgs::default()).expect("there");
        let mut told = 0;
        let bad = check(&files, |bytes| told = bytes).expect("read").expect_err("two problems").to_string();
        assert!(bad.contains("a.ndjson:2: broken JSON") && bad.contains("b.ndjson:1: broken JSON"), "{bad}");
        assert_eq!(told, files.iter().map(|file| file.bytes).sum::<u64>());
        assert_eq!(check(&files[..0], |_| ()).expect("read"), Ok(0));
    }
}
