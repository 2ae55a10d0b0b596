//! Stdin, kept in a file beside the ledger while it is exported: it is read twice, and a killed export goes on in it.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::file::InputFile;
use crate::paths::beside;

/// The file. Removed when it is dropped; one that a killed program left behind is written over.
#[derive(Debug)]
pub(crate) struct Spool {
    path: PathBuf,
}

impl Spool {
    /// Copies `stdin` beside the ledger when it is among the files. The caller holds the ledger's lock.
    pub(crate) fn take(db: &Path, files: &mut [InputFile], stdin: impl Read) -> io::Result<Option<Self>> {
        let Some(file) = files.iter_mut().find(|file| file.path.is_none()) else { return Ok(None) };
        let spool = Self { path: beside(db, ".stdin") };
        file.bytes =
            io::copy(&mut io::BufReader::with_capacity(1 << 18, stdin), &mut File::create(&spool.path)?)?;
        file.path = Some(spool.path.clone());
        Ok(Some(spool))
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        // What is left lies beside the ledger and is written over by the next export from stdin.
        let _ = std::fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::ReadingArgs;

    #[test]
    fn stdin_becomes_a_file_for_a_while() {
        let folder = tempfile::tempdir().expect("a folder");
        let db = folder.path().join("a.db");
        let mut files = InputFile::all(&["-".into()], &ReadingArgs::default()).expect("stdin");
        let spool = Spool::take(&db, &mut files, &b"{}\n"[..]).expect("written").expect("stdin is there");
        let path = files[0].path.clone().expect("a file");
        assert_eq!((std::fs::read(&path).expect("there"), files[0].bytes), (b"{}\n".to_vec(), 3));
        drop(spool);
        assert!(!path.exists());
    }
}
