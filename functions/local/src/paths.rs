//! Where files lie: what stands beside the ledger, and the sample of the source checkout.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// `crm-export.db` and `.lock` make `crm-export.db.lock`.
pub(crate) fn beside(db: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(db);
    name.push(ending);
    PathBuf::from(name)
}

/// The sandbox's records: `crm-export.sandbox.db` for `crm-export.db`.
pub(crate) fn sandbox_db(db: &Path) -> PathBuf {
    db.with_extension("sandbox.db")
}

/// The sandbox's certificate: `crm-export.sandbox.pem`.
pub(crate) fn sandbox_certificate(db: &Path) -> PathBuf {
    db.with_extension("sandbox.pem")
}

/// The sample's folder in the checkout that this program was built from, when it is still there.
pub(crate) fn sample() -> Option<PathBuf> {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2)?;
    Some(checkout.join("tests").join("sample")).filter(|folder| folder.is_dir())
}

/// A path as a person in this folder would write it.
pub(crate) fn shown(path: &Path) -> String {
    let here = std::env::current_dir().ok();
    let relative = here.as_deref().and_then(|here| path.strip_prefix(here).ok());
    relative.filter(|path| !path.as_os_str().is_empty()).unwrap_or(path).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_beside_the_ledger() {
        let db = Path::new("data/crm-export.db");
        assert_eq!(beside(db, ".lock"), Path::new("data/crm-export.db.lock"));
        assert_eq!(sandbox_db(db), Path::new("data/crm-export.sandbox.db"));
        assert_eq!(sandbox_certificate(db), Path::new("data/crm-export.sandbox.pem"));
    }

    #[test]
    fn a_path_below_this_folder_is_shown_short() {
        let here = std::env::current_dir().expect("a folder");
        assert_eq!(shown(&here.join("a.ndjson")), "a.ndjson");
        assert_eq!(shown(Path::new("/x/a.ndjson")), "/x/a.ndjson");
        assert_eq!(shown(&here), here.display().to_string());
    }
}
