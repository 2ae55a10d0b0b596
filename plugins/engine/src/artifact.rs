//! Compiled rules as files, for loading without metadata and without a compiler.
//!
//! ```text
//! rules.json   plan (names, messages, fields, flows) and the tables of the code
//! rules.wasm   the code, for any machine
//! rules.cwasm  the code for one target, made ahead of time
//! ```
//!
//! Authors' plugins are not in it, and duplicate rules need the org: an artifact is for preflights.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use formula::library::Tables;
use host::core::CoreModule;
use host::{Host, HostError};
use serde::{Deserialize, Serialize};

use crate::formulas::Formulas;
use crate::machine::{self, Machine};
use crate::plan::Plan;
use crate::plugins::Plugins;
use crate::rules::Rules;

/// What another version writes is refused rather than misread.
const VERSION: u32 = 1;

/// Compiled rules.
#[derive(Debug, Clone)]
pub struct Artifact {
    /// What rules there are.
    pub plan: Arc<Plan>,
    /// What the code refers to.
    pub tables: Tables,
    /// The code.
    pub wasm: Vec<u8>,
    /// The code for one target, as [`Host::core_artifact`] makes it.
    pub machine_code: Option<Vec<u8>>,
}

/// An artifact cannot be written or read. Its text fits after "failed to".
#[derive(Debug, thiserror::Error)]
#[error("{doing} {}: {kind}", path.display())]
pub struct ArtifactError {
    /// `write` or `read`.
    pub doing: &'static str,
    /// Which file.
    pub path: PathBuf,
    /// Why.
    pub kind: ArtifactErrorKind,
}

/// Why an artifact cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum ArtifactErrorKind {
    /// The operating system refuses.
    #[error("{0}; check the folder and its rights")]
    Io(#[from] io::Error),
    /// The file is something else.
    #[error("it is not what `rules compile --out` writes ({0}); compile the rules again")]
    Json(#[from] serde_json::Error),
    /// Another version wrote it.
    #[error("it has version {0}, this program reads {VERSION}; compile the rules again")]
    Version(u32),
}

#[derive(Serialize)]
struct Written<'a> {
    version: u32,
    plan: &'a Plan,
    tables: &'a Tables,
}

#[derive(Deserialize)]
struct Stored {
    plan: Plan,
    tables: Tables,
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}

/// The plan with the tables.
const PLAN_FILE: &str = "rules.json";
/// The code for any machine.
const WASM_FILE: &str = "rules.wasm";
/// The code for one target.
const MACHINE_CODE_FILE: &str = "rules.cwasm";

impl Artifact {
    /// The same with machine code for the target of a host.
    ///
    /// # Errors
    /// The host does not take the code.
    #[cfg(feature = "compile")]
    pub fn ahead_of_time(mut self, host: &Host) -> Result<Self, HostError> {
        self.machine_code = Some(host.core_artifact(machine::NAME, &self.wasm, &machine::limits())?);
        Ok(self)
    }

    /// Writes `rules.json`, `rules.wasm` and, when there is machine code, `rules.cwasm` into a folder, which is made when
    /// it is not there.
    ///
    /// # Errors
    /// The folder or a file cannot be written.
    pub fn write(&self, dir: &Path) -> Result<(), ArtifactError> {
        let written = Written { version: VERSION, plan: &self.plan, tables: &self.tables };
        let json =
            serde_json::to_vec(&written).map_err(|error| failed("write", dir.join(PLAN_FILE), error))?;
        fs::create_dir_all(dir).map_err(|error| failed("write", dir.to_owned(), error))?;
        let files = [(PLAN_FILE, Some(&json)), (WASM_FILE, Some(&self.wasm))];
        for (file, bytes) in files.into_iter().chain([(MACHINE_CODE_FILE, self.machine_code.as_ref())]) {
            let path = dir.join(file);
            let Some(bytes) = bytes else { continue };
            fs::write(&path, bytes).map_err(|error| failed("write", path, error))?;
        }
        Ok(())
    }

    /// Reads what [`Artifact::write`] wrote.
    ///
    /// # Errors
    /// A file is not there, is something else, or another version wrote it.
    pub fn read(dir: &Path) -> Result<Self, ArtifactError> {
        let bytes = |file: &str| {
            let path = dir.join(file);
            fs::read(&path).map_err(|error| failed("read", path, error))
        };
        let json = bytes(PLAN_FILE)?;
        let refused = |error: serde_json::Error| failed("read", dir.join(PLAN_FILE), error);
        let Version { version } = serde_json::from_slice(&json).map_err(refused)?;
        if version != VERSION {
            let kind = ArtifactErrorKind::Version(version);
            return Err(ArtifactError { doing: "read", path: dir.join(PLAN_FILE), kind });
        }
        let Stored { plan, tables } = serde_json::from_slice(&json).map_err(refused)?;
        let machine_code = match fs::read(dir.join(MACHINE_CODE_FILE)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            found => Some(found.map_err(|error| failed("read", dir.join(MACHINE_CODE_FILE), error))?),
        };
        Ok(Self { plan: Arc::new(plan), tables, wasm: bytes(WASM_FILE)?, machine_code })
    }
}

fn failed(doing: &'static str, path: PathBuf, kind: impl Into<ArtifactErrorKind>) -> ArtifactError {
    ArtifactError { doing, path, kind: kind.into() }
}

impl Rules {
    /// The rules of an artifact. Without plugins, and without an org: [`Rules::org`] is empty and
    /// [`Rules::duplicate_rules`] knows none.
    ///
    /// Machine code is native code: load only what this program wrote, from a folder that nobody else writes to.
    ///
    /// # Errors
    /// The machine code is damaged, for something else or, in a program without a compiler, not there.
    pub fn of_artifact(artifact: Artifact, host: &Host) -> Result<Self, HostError> {
        let module = artifact.module(host)?;
        let machine = Machine::new(&module, artifact.tables)?;
        Ok(Self::new(Arc::default(), Formulas::loaded(artifact.plan, machine), Plugins::default()))
    }
}

impl Artifact {
    fn module(&self, host: &Host) -> Result<CoreModule, HostError> {
        let (imports, limits) = (machine::imports(), machine::limits());
        match &self.machine_code {
            Some(code) => host.load_core(machine::NAME, &self.wasm, code, &imports, limits),
            #[cfg(feature = "compile")]
            None => host.compile_core_within(machine::NAME, &self.wasm, &imports, limits),
            #[cfg(not(feature = "compile"))]
            None => Err(HostError::Artifact(host::artifact::ArtifactError {
                plugin: machine::NAME.to_owned(),
                kind: host::artifact::ArtifactErrorKind::Damaged("there is no rules.cwasm"),
            })),
        }
    }
}
