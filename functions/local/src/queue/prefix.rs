//! The digest of a file's first bytes: tells whether a file is still the one whose import was cut short.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

const BUFFER: usize = 256 * 1024;

/// Reads along behind an import, on a handle of its own: the importer's reader is always ahead of the last whole line.
pub(super) struct Prefix {
    file: File,
    hasher: Sha256,
    offset: u64,
    buffer: Vec<u8>,
}

impl Prefix {
    /// The empty prefix of a file.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { file: File::open(path)?, hasher: Sha256::new(), offset: 0, buffer: vec![0; BUFFER] })
    }

    /// Grows the prefix to `offset` bytes and answers its digest; `None` when the file is shorter.
    pub(super) fn digest_at(&mut self, offset: u64) -> io::Result<Option<Vec<u8>>> {
        while self.offset < offset {
            let most = usize::try_from(offset - self.offset).unwrap_or(BUFFER).min(BUFFER);
            let read = self.file.read(&mut self.buffer[..most])?;
            if read == 0 {
                return Ok(None);
            }
            self.hasher.update(&self.buffer[..read]);
            self.offset += read as u64;
        }
        Ok(Some(self.hasher.clone().finalize().to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_grows_to_the_same_digest() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "x".repeat(BUFFER + 10)).expect("written");
        let mut by_steps = Prefix::open(file.path()).expect("opens");
        for offset in [0, 7, 7, BUFFER as u64 + 3] {
            let mut at_once = Prefix::open(file.path()).expect("opens");
            let expected = at_once.digest_at(offset).expect("read");
            assert_eq!(by_steps.digest_at(offset).expect("read"), expected, "{offset}");
            assert!(expected.is_some());
        }
        assert_eq!(by_steps.digest_at(BUFFER as u64 * 2).expect("read"), None);
    }
}
