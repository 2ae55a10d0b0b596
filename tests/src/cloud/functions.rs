//! The functions' programs, built once by cargo in the test's own profile and laid out as packages.
//!
//! Deliberately not by `sam build` or cargo-lambda: those build every dependency anew, for another target folder. That
//! `sam build` makes a package that runs is a test of its own (`tests/cloud/build.rs`).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::program::built;
use crate::source::repository;

/// The three functions.
pub const NAMES: [&str; 3] = ["export", "retry", "settings"];

/// A folder with `export/bootstrap` and so on, and the SAM template beside them.
#[derive(Debug, Clone)]
pub struct Functions {
    /// The folder.
    pub folder: PathBuf,
}

impl Functions {
    /// The SAM template whose functions are these.
    pub fn template(&self) -> PathBuf {
        self.folder.join("template.yaml")
    }

    /// A copy whose functions may be changed, in another folder.
    pub fn copy_to(&self, folder: &Path) -> Self {
        let functions = Self { folder: folder.to_owned() };
        for name in NAMES {
            copy(&self.folder.join(name).join("bootstrap"), &functions.folder.join(name));
        }
        functions.write_template();
        functions
    }

    fn write_template(&self) {
        let infra = repository().join("infra");
        let mut template = fs::read_to_string(infra.join("template.yaml")).expect("the template is there");
        for name in NAMES {
            let from = format!("CodeUri: ../functions/{name}\n");
            assert!(template.contains(&from), "no `{from}` in infra/template.yaml");
            template = template.replace(&from, &format!("CodeUri: {name}\n"));
        }
        let registry = infra.join("schemas/registry.yaml");
        template = template.replace("schemas/registry.yaml", &registry.to_string_lossy());
        fs::write(self.template(), template).expect("a file can be written");
    }
}

/// The functions as this workspace has them, built once per test binary.
pub fn bootstraps() -> &'static Functions {
    static BUILT: OnceLock<Functions> = OnceLock::new();
    BUILT.get_or_init(|| {
        let profile = built(&["crm-export", NAMES[0], NAMES[1], NAMES[2]]);
        let functions = Functions { folder: profile.join("lambda-packages") };
        for name in NAMES {
            copy(&profile.join(name), &functions.folder.join(name));
        }
        functions.write_template();
        functions
    })
}

/// Copies a program as a package's `bootstrap`, without its names when `strip` is here: packages are held in memory by the
/// local cloud.
fn copy(program: &Path, folder: &Path) {
    fs::create_dir_all(folder).expect("a folder can be made");
    let bootstrap = folder.join("bootstrap");
    let stripped = Command::new("strip").arg("-o").arg(&bootstrap).arg(program).status();
    if !stripped.is_ok_and(|status| status.success()) {
        fs::copy(program, &bootstrap).expect("a program can be copied");
    }
}
