//! A folder of artifacts: what was compiled once is loaded from then on.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::artifact::file::{ArtifactError, ArtifactErrorKind, Key};
#[cfg(feature = "compile")]
use crate::component::{Plugin, PluginConfig};
#[cfg(feature = "compile")]
use crate::core::CoreModule;
#[cfg(feature = "compile")]
use crate::engine::Host;
#[cfg(feature = "compile")]
use crate::failure::HostError;
#[cfg(feature = "compile")]
use crate::limits::Limits;
#[cfg(feature = "compile")]
use crate::wasm::Form;

/// A folder of artifacts, named by their keys. Several programs may use it at the same time.
#[derive(Debug, Clone)]
pub struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// The cache in a folder, which is made when something is stored. Nobody else may write to it: see
    /// [`crate::artifact`].
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    fn path(&self, key: &Key) -> PathBuf {
        self.folder.join(key.file_name())
    }

    #[cfg_attr(
        not(feature = "compile"),
        expect(dead_code, reason = "only a program with the compiler stores")
    )]
    fn store(&self, plugin: &str, key: &Key, artifact: &[u8]) -> Result<(), ArtifactError> {
        store(&self.folder, &self.path(key), artifact).map_err(|error| ArtifactError {
            plugin: plugin.to_owned(),
            kind: ArtifactErrorKind::Unreadable(error),
        })
    }
}

#[cfg(feature = "compile")]
impl Cache {
    /// Loads a core module, or compiles and stores it. An artifact that is damaged or cannot be loaded any more is
    /// replaced.
    pub fn core(
        &self,
        host: &Host,
        name: &str,
        wasm: &[u8],
        imports: &[(&str, usize)],
        limits: &Limits,
    ) -> Result<CoreModule, HostError> {
        let key = host.key(wasm, Form::Core);
        if let Ok(artifact) = fs::read(self.path(&key)) {
            match host.load_core(name, wasm, &artifact, imports, limits.clone()) {
                Err(HostError::Artifact(_)) => {}
                loaded => return loaded,
            }
        }
        let artifact = host.core_artifact(name, wasm, limits)?;
        self.store(name, &key, &artifact)?;
        host.load_core(name, wasm, &artifact, imports, limits.clone())
    }

    /// Loads a plugin, or compiles and stores it. An artifact that is damaged or cannot be loaded any more is replaced.
    pub fn plugin(
        &self,
        host: &Host,
        name: &str,
        wasm: &[u8],
        config: &PluginConfig,
    ) -> Result<Plugin, HostError> {
        let key = host.key(wasm, Form::Component);
        if let Ok(artifact) = fs::read(self.path(&key)) {
            match host.load_plugin(name, wasm, &artifact, config) {
                Err(HostError::Artifact(_)) => {}
                loaded => return loaded,
            }
        }
        let artifact = host.plugin_artifact(name, wasm, &config.limits)?;
        self.store(name, &key, &artifact)?;
        host.load_plugin(name, wasm, &artifact, config)
    }
}

/// Writes beside and renames: whoever reads meanwhile finds the old file or the new one, never a part.
fn store(folder: &Path, path: &Path, artifact: &[u8]) -> std::io::Result<()> {
    static STORED: AtomicU64 = AtomicU64::new(0);
    fs::create_dir_all(folder)?;
    let number = STORED.fetch_add(1, Ordering::Relaxed);
    let beside = path.with_extension(format!("{}-{number}.part", std::process::id()));
    fs::write(&beside, artifact)?;
    fs::rename(&beside, path).inspect_err(|_| {
        // What is left over is of no use; that it cannot be removed changes nothing.
        let _ = fs::remove_file(&beside);
    })
}
