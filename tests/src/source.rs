//! Reads the repository's own Rust files, for the tests that look at them.

use std::fs;
use std::path::{Path, PathBuf};

/// One Rust file of ours.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// Path from the repository's top, with `/`.
    pub path: String,
    /// Its lines.
    pub lines: Vec<String>,
}

impl SourceFile {
    /// Reads text as a file, for the house rules' own tests.
    pub fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), lines: text.lines().map(str::to_owned).collect() }
    }

    /// The lines before the file's unit tests.
    pub fn before_tests(&self) -> &[String] {
        let end = self.lines.iter().position(|line| line.trim_start().starts_with("#[cfg(test)]"));
        &self.lines[..end.unwrap_or(self.lines.len())]
    }

    /// Whether the whole file is test code: a `tests` folder, a bench, or an example.
    pub fn is_test(&self) -> bool {
        self.path.starts_with("tests/")
            || self.path.contains("/tests/")
            || self.path.ends_with("/tests.rs")
            || self.path.ends_with("/fixture.rs")
    }

    /// Whether it is only a map of its folder.
    pub fn is_map(&self) -> bool {
        self.path.ends_with("/lib.rs") || self.path.ends_with("/mod.rs")
    }
}

/// The repository's top folder.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package lies in the repository").to_owned()
}

/// Every Rust file of ours, sorted by path.
pub fn rust_files() -> Vec<SourceFile> {
    let top = repository();
    let mut found = Vec::new();
    for folder in ["functions", "plugins", "tests", "infra"] {
        collect(&top.join(folder), &mut found);
    }
    found.sort();
    let read = |path: &PathBuf| {
        let text = fs::read_to_string(path).expect("a source file is UTF-8");
        let shown = path.strip_prefix(&top).expect("below the top").to_string_lossy().replace('\\', "/");
        SourceFile::new(&shown, &text)
    };
    found.iter().map(read).collect()
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.expect("a folder can be listed").path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && name != "target" && name != "node_modules" && !name.starts_with('.') {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}
