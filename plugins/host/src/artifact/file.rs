//! The form of an artifact: a first line, the key as a line of JSON, then the code as wasmtime serialises it.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The first line; another form gets another number.
const FIRST_LINE: &str = "crm-export artifact 1\n";

/// The line of wasmtime that this host is written for. wasmtime itself compares the exact version.
const WASMTIME: &str = "48";

/// What an artifact was made from, and for. All of it must be equal where it is loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Key {
    /// SHA-256 of the `.wasm` file, in hex.
    pub(crate) wasm: String,
    pub(crate) form: String,
    pub(crate) wasmtime: String,
    pub(crate) target: String,
    /// wasmtime's hash over its version, configuration and features, in hex. Only a program with the compiler can make
    /// it; where it is none, wasmtime's own comparison while loading stands for it.
    pub(crate) compatibility: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Header {
    #[serde(flatten)]
    key: Key,
    /// SHA-256 of the code, in hex.
    code: String,
}

/// An artifact cannot be used. Its text fits after "failed to".
#[derive(Debug, thiserror::Error)]
#[error("load the compiled plugin {plugin}: {kind}")]
pub struct ArtifactError {
    /// The plugin's name.
    pub plugin: String,
    /// What is wrong.
    pub kind: ArtifactErrorKind,
}

/// What is wrong with an artifact.
#[derive(Debug, thiserror::Error)]
pub enum ArtifactErrorKind {
    /// It is something else, or was cut off or changed.
    #[error("the file is damaged ({0}); compile the plugin again")]
    Damaged(&'static str),
    /// It was made from something else or for something else.
    #[error("it was compiled for another {what} ({found}, and here is {expected}); compile the plugin again")]
    Key {
        /// Which part of the key.
        what: &'static str,
        /// In the artifact.
        found: String,
        /// Here.
        expected: String,
    },
    /// wasmtime refuses it: another version, other features, another processor.
    #[error("this program cannot run it ({0}); compile the plugin again with this version and target")]
    Refused(String),
    /// The operating system refuses.
    #[error("{0}; check that the folder exists and may be written")]
    Unreadable(#[from] std::io::Error),
}

impl Key {
    pub(crate) fn new(wasm: &[u8], form: &str, target: &str, compatibility: Option<String>) -> Self {
        let (form, wasmtime, target) = (form.to_owned(), WASMTIME.to_owned(), target.to_owned());
        Self { wasm: sha256(wasm), form, wasmtime, target, compatibility }
    }

    /// A file's name: different keys get different names.
    pub(crate) fn file_name(&self) -> String {
        let Self { wasm, form, wasmtime, target, .. } = self;
        format!("{}.cwasm", &sha256(format!("{wasm} {form} {wasmtime} {target}").as_bytes())[..32])
    }
}

/// The file's content.
#[cfg(feature = "compile")]
pub(crate) fn write(key: &Key, code: &[u8]) -> Vec<u8> {
    let header = Header { key: key.clone(), code: sha256(code) };
    let header = serde_json::to_string(&header).expect("a header of texts is JSON");
    [FIRST_LINE.as_bytes(), header.as_bytes(), b"\n", code].concat()
}

/// The code in a file, if the file is whole and of this key.
pub(crate) fn read<'a>(file: &'a [u8], key: &Key) -> Result<&'a [u8], ArtifactErrorKind> {
    use ArtifactErrorKind::Damaged;
    let rest =
        file.strip_prefix(FIRST_LINE.as_bytes()).ok_or(Damaged("it does not begin as an artifact does"))?;
    let end = rest.iter().position(|byte| *byte == b'\n').ok_or(Damaged("it ends in its key"))?;
    let (header, code) = (&rest[..end], &rest[end + 1..]);
    let header: Header = serde_json::from_slice(header).map_err(|_| Damaged("its key cannot be read"))?;
    let found = header.key.compatibility.unwrap_or_default();
    let parts = [
        ("plugin", &header.key.wasm, &key.wasm),
        ("form of plugin", &header.key.form, &key.form),
        ("wasmtime", &header.key.wasmtime, &key.wasmtime),
        ("target", &header.key.target, &key.target),
        ("configuration of wasmtime", &found, key.compatibility.as_ref().unwrap_or(&found)),
    ];
    if let Some((what, found, expected)) = parts.into_iter().find(|(_, found, expected)| found != expected) {
        return Err(ArtifactErrorKind::Key { what, found: found.clone(), expected: expected.clone() });
    }
    if sha256(code) != header.code {
        return Err(Damaged("its check sum is another"));
    }
    Ok(code)
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
