//! The org that is being served: read from its folder, and read again when a file of the folder changed.
//!
//! A folder that can no longer be read is an error for every request until it is mended: nobody shall believe that
//! the last good state is what the folder says.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use engine::{CompileError, CompileOptions, Rules};
use metadata::{Org, OrgError, OrgErrorKind};

use crate::error::ApiError;
use crate::store::IndexPlan;
use crate::system;

/// An org, ready to be served.
pub struct Loaded {
    /// The org, completed with what every org has.
    pub org: Arc<Org>,
    /// Its rules, compiled.
    pub rules: Rules,
    /// What is wrong with those that do not compile.
    pub errors: Vec<CompileError>,
    /// What its records are found by.
    pub plan: IndexPlan,
}

impl Loaded {
    /// Completes an org that was read, and compiles its rules. A rule that does not compile is logged and keeps no other
    /// from it: for every record it is not known.
    pub fn new(mut org: Org, plugins: Vec<Plugin>) -> Loaded {
        system::complete(&mut org);
        let plan = IndexPlan::of(&org);
        let org = Arc::new(org);
        let compiled = engine::compile_with(&org, &CompileOptions { plugins, ..CompileOptions::default() });
        for error in &compiled.report.errors {
            let (rule, file, line) = (&error.rule.name, &error.file, error.line);
            tracing::warn!(%rule, %file, line, code = %error.code, message = %error.message, "a rule does not compile");
        }
        Loaded { org, rules: compiled.rules, errors: compiled.report.errors, plan }
    }
}

/// An author's plugin: its name and its WASM.
pub type Plugin = (String, Vec<u8>);

/// Reads the plugins of an org folder, `plugins/*.wasm`, in the order of their names.
///
/// # Errors
/// One of them cannot be read.
pub fn read_plugins(folder: &Path) -> Result<Vec<Plugin>, OrgError> {
    // A folder without plugins.
    let Ok(entries) = std::fs::read_dir(folder.join("plugins")) else { return Ok(Vec::new()) };
    let mut plugins = Vec::new();
    for path in entries.flatten().map(|entry| entry.path()) {
        let (Some(name), Some("wasm")) = (path.file_stem(), path.extension().and_then(|end| end.to_str()))
        else {
            continue;
        };
        let name = name.to_string_lossy().into_owned();
        let unreadable =
            |error| OrgError { file: format!("plugins/{name}.wasm"), kind: OrgErrorKind::Unreadable(error) };
        let wasm = std::fs::read(&path).map_err(unreadable)?;
        plugins.push((name, wasm));
    }
    plugins.sort();
    Ok(plugins)
}

/// Reads an org folder.
pub type Reader = fn(&Path) -> Result<Org, OrgError>;

/// The org folder and what was last read from it.
pub struct OrgFolder {
    folder: PathBuf,
    read: Reader,
    /// Set once a second by the server; the next request looks whether the folder changed.
    due: AtomicBool,
    state: Mutex<State>,
}

struct State {
    fingerprint: u64,
    /// Or why the folder cannot be read: the error of its reader, worded for a client.
    loaded: Result<Arc<Loaded>, String>,
}

impl OrgFolder {
    /// Reads the folder for the first time.
    pub fn open(folder: PathBuf, read: Reader) -> Result<OrgFolder, OrgError> {
        let fingerprint = fingerprint(&folder);
        let loaded = Ok(Arc::new(Loaded::new(read(&folder)?, read_plugins(&folder)?)));
        let state = Mutex::new(State { fingerprint, loaded });
        Ok(OrgFolder { folder, read, due: AtomicBool::new(false), state })
    }

    /// Lets the next request look at the folder.
    pub fn check_soon(&self) {
        self.due.store(true, Ordering::Relaxed);
    }

    /// The org as the folder says it now. 503 while the folder cannot be read.
    pub fn current(&self) -> Result<Arc<Loaded>, ApiError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if self.due.swap(false, Ordering::Relaxed) {
            let fingerprint = fingerprint(&self.folder);
            if fingerprint != state.fingerprint {
                state.fingerprint = fingerprint;
                state.loaded = self.load();
            }
        }
        state.loaded.clone().map_err(|message| ApiError::new(503, "SERVER_UNAVAILABLE", message))
    }

    fn load(&self) -> Result<Arc<Loaded>, String> {
        let read = (self.read)(&self.folder).and_then(|org| Ok((org, read_plugins(&self.folder)?)));
        match read {
            Ok((org, plugins)) => {
                tracing::info!(folder = %self.folder.display(), "read the org folder again");
                Ok(Arc::new(Loaded::new(org, plugins)))
            }
            Err(error) => {
                tracing::warn!(%error, "failed to read the org folder again");
                Err(format!("The sandbox failed to {error}. It serves again once the org folder is mended."))
            }
        }
    }
}

/// Changes when a file of the folder is added, removed, or written.
fn fingerprint(folder: &Path) -> u64 {
    let mut files = Vec::new();
    collect(folder, &mut files);
    files.sort();
    let mut hasher = DefaultHasher::new();
    files.hash(&mut hasher);
    hasher.finish()
}

fn collect(folder: &Path, files: &mut Vec<(PathBuf, u64, Option<std::time::SystemTime>)>) {
    // What cannot be listed is reported by whoever reads the folder.
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let Ok(about) = entry.metadata() else { continue };
        match about.is_dir() {
            true => collect(&entry.path(), files),
            false => files.push((entry.path(), about.len(), about.modified().ok())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use metadata::OrgErrorKind;

    fn read(folder: &Path) -> Result<Org, OrgError> {
        let label = std::fs::read_to_string(folder.join("label")).unwrap();
        if label.contains("broken") {
            return Err(OrgError { file: "label".into(), kind: OrgErrorKind::NotUtf8 { line: 7 } });
        }
        let mut org = fixture::org();
        org.objects.get_mut("contact").unwrap().label = label;
        Ok(org)
    }

    #[test]
    fn plugins_are_read_by_name() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read_plugins(folder.path()).unwrap(), []);
        std::fs::create_dir(folder.path().join("plugins")).unwrap();
        for (name, bytes) in [("b.wasm", "2"), ("a.wasm", "1"), ("notes.txt", "3")] {
            std::fs::write(folder.path().join("plugins").join(name), bytes).unwrap();
        }
        let plugin = |name: &str, bytes: &[u8]| (name.to_owned(), bytes.to_owned());
        assert_eq!(read_plugins(folder.path()).unwrap(), [plugin("a", b"1"), plugin("b", b"2")]);
    }

    #[test]
    fn an_edit_is_seen_and_a_broken_one_is_not_hidden() {
        let folder = tempfile::tempdir().unwrap();
        let write = |label: &str| std::fs::write(folder.path().join("label"), label).unwrap();
        write("One");
        let org = OrgFolder::open(folder.path().into(), read).unwrap();
        let label = || org.current().map(|loaded| loaded.org.object("contact").unwrap().label.clone());
        write("Second");
        assert_eq!(label(), Ok("One".into()), "nothing is looked at before it is due");
        org.check_soon();
        assert_eq!(label(), Ok("Second".into()));
        write("broken!");
        org.check_soon();
        let message = "The sandbox failed to read label, line 7: it is not UTF-8; save it as UTF-8. It serves again once the \
                       org folder is mended.";
        let broken = ApiError::new(503, "SERVER_UNAVAILABLE", message);
        assert_eq!((label(), label()), (Err(broken.clone()), Err(broken)));
        write("Mended");
        org.check_soon();
        assert_eq!(label(), Ok("Mended".into()));
    }
}
