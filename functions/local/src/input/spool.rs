//! Stdin, kept in a file while it is exported or sent, because it is read twice. A killed export goes on in it.

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
        let create = |path: &Path| File::create(path);
        Self::fill(beside(db, ".stdin"), create, files, stdin)
    }

    /// Copies `stdin` into a file of its own among the system's temporary ones, readable by its owner alone.
    #[cfg(feature = "aws")]
    pub(crate) fn take_aside(files: &mut [InputFile], stdin: impl Read) -> io::Result<Option<Self>> {
        use std::os::unix::fs::OpenOptionsExt;

        let path = std::env::temp_dir().join(format!("crm-export-{}.stdin", std::process::id()));
        let create = |path: &Path| File::options().write(true).create_new(true).mode(0o600).open(path);
        Self::fill(path, create, files, stdin)
    }

    fn fill(
        path: PathBuf,
        create: impl FnOnce(&Path) -> io::Result<File>,
        files: &mut [InputFile],
        stdin: impl Read,
    ) -> io::Result<Option<Self>> {
        let Some(file) = files.iter_mut().find(|file| file.path.is_none()) else { return Ok(None) };
        let mut copy = create(&path)?;
        let spool = Self { path };
        file.bytes = io::copy(&mut io::BufReader::with_capacity(1 << 18, stdin), &mut copy)?;
        file.path = Some(spool.path.clone());
        Ok(Some(spool))
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        // What is left beside the ledger is written over by the next export from stdin.
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

    #[cfg(feature = "aws")]
    #[test]
    fn aside_it_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;

        let mut files = InputFile::all(&["-".into()], &ReadingArgs::default()).expect("stdin");
        let spool = Spool::take_aside(&mut files, &b"{}\n"[..]).expect("written").expect("stdin is there");
        let path = files[0].path.clone().expect("a file");
        let mode = std::fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!((mode & 0o777, files[0].bytes), (0o600, 3));
        assert!(Spool::take_aside(&mut files[..0], &b""[..]).expect("no stdin").is_none());
        drop(spool);
        assert!(!path.exists());
    }
}
