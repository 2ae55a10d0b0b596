//! An org folder for one case.

use metadata::Org;
use tempfile::TempDir;

pub const NAMESPACE: &str = "http://soap.sforce.com/2006/04/metadata";

/// Writes `files` (path and content) to a new folder.
pub fn write(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, content) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    folder
}

/// The org of these files.
pub fn org(files: &[(&str, &str)]) -> Org {
    Org::read(write(files).path()).unwrap_or_else(|error| panic!("{error}"))
}

/// A whole metadata file.
pub fn xml(root: &str, inner: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"{NAMESPACE}\">\n{inner}\n</{root}>\n"
    )
}

/// Warnings as `file:line message`.
pub fn warnings(org: &Org) -> Vec<String> {
    let shown = org.warnings.iter();
    shown.map(|warning| format!("{}:{} {}", warning.file, warning.line, warning.message)).collect()
}
