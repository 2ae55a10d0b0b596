//! Artifacts made and loaded.

use wasmtime::Module;
use wasmtime::component::Component;

use crate::artifact::file::{self, ArtifactError, ArtifactErrorKind, Key};
use crate::component::{Plugin, PluginConfig};
use crate::core::CoreModule;
use crate::engine::Host;
use crate::failure::HostError;
#[cfg(feature = "compile")]
use crate::failure::PluginFailure;
use crate::limits::Limits;
use crate::wasm::Form;

impl Host {
    /// Compiles a core module into an artifact, for the target of this host's configuration.
    #[cfg(feature = "compile")]
    pub fn core_artifact(&self, name: &str, wasm: &[u8], limits: &Limits) -> Result<Vec<u8>, HostError> {
        self.artifact(name, wasm, Form::Core, limits)
    }

    /// Compiles a component into an artifact, for the target of this host's configuration.
    #[cfg(feature = "compile")]
    pub fn plugin_artifact(&self, name: &str, wasm: &[u8], limits: &Limits) -> Result<Vec<u8>, HostError> {
        self.artifact(name, wasm, Form::Component, limits)
    }

    #[cfg(feature = "compile")]
    fn artifact(&self, name: &str, wasm: &[u8], form: Form, limits: &Limits) -> Result<Vec<u8>, HostError> {
        let failure = |kind| PluginFailure::new(name, kind);
        limits.check_size(wasm.len() as u64).map_err(failure)?;
        crate::wasm::check(wasm, form).map_err(failure)?;
        let engine = &self.shared().engine;
        let code = crate::wasm::compiled(|| match form {
            Form::Core => engine.precompile_module(wasm),
            Form::Component => engine.precompile_component(wasm),
        });
        let code = code.map_err(failure)?;
        Ok(file::write(&self.key(wasm, form), &code))
    }

    /// Loads a core module from its artifact. `wasm` is what it was compiled from. See [`Host::compile_core`] for the
    /// imports, and [`crate::artifact`] for whom to trust.
    pub fn load_core(
        &self,
        name: &str,
        wasm: &[u8],
        artifact: &[u8],
        imports: &[(&str, usize)],
        limits: Limits,
    ) -> Result<CoreModule, HostError> {
        let code = self.code(name, wasm, Form::Core, artifact)?;
        #[expect(unsafe_code, reason = "machine code cannot be checked")]
        // SAFETY: the code is what `Host::core_artifact` serialised: the check sum says that it is unchanged, and the
        // caller answers for where it comes from. wasmtime compares its version, features and processor itself.
        let module = unsafe { Module::deserialize(&self.shared().engine, code) };
        self.core_module(name, module.map_err(|error| refused(name, &error))?, imports, limits)
    }

    /// Loads a plugin from its artifact. `wasm` is what it was compiled from. See [`crate::artifact`] for whom to trust.
    pub fn load_plugin(
        &self,
        name: &str,
        wasm: &[u8],
        artifact: &[u8],
        config: &PluginConfig,
    ) -> Result<Plugin, HostError> {
        let code = self.code(name, wasm, Form::Component, artifact)?;
        #[expect(unsafe_code, reason = "machine code cannot be checked")]
        // SAFETY: as in `load_core`, with `Host::plugin_artifact`.
        let component = unsafe { Component::deserialize(&self.shared().engine, code) };
        Ok(self.link_plugin(name, &component.map_err(|error| refused(name, &error))?, config)?)
    }

    fn code<'a>(
        &self,
        name: &str,
        wasm: &[u8],
        form: Form,
        artifact: &'a [u8],
    ) -> Result<&'a [u8], ArtifactError> {
        file::read(artifact, &self.key(wasm, form))
            .map_err(|kind| ArtifactError { plugin: name.to_owned(), kind })
    }

    pub(crate) fn key(&self, wasm: &[u8], form: Form) -> Key {
        Key::new(wasm, form.word(), &self.shared().target, self.compatibility())
    }

    #[cfg(feature = "compile")]
    fn compatibility(&self) -> Option<String> {
        use std::hash::{DefaultHasher, Hash as _, Hasher as _};

        let mut hasher = DefaultHasher::new();
        self.shared().engine.precompile_compatibility_hash().hash(&mut hasher);
        Some(format!("{:016x}", hasher.finish()))
    }

    #[cfg(not(feature = "compile"))]
    fn compatibility(&self) -> Option<String> {
        None
    }
}

fn refused(name: &str, error: &wasmtime::Error) -> ArtifactError {
    ArtifactError { plugin: name.to_owned(), kind: ArtifactErrorKind::Refused(format!("{error:#}")) }
}
