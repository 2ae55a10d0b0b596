//! A compiled core module and what it may import.

use std::sync::Arc;

use wasmtime::{ExternType, Module, ValType};

use crate::core::{ARGUMENTS_MAX, CoreInstance, IMPORT_MODULE, Imports, PreparedModule};
use crate::engine::{Host, Shared};
use crate::failure::{FailureKind, HostError, PluginFailure};
use crate::limits::Limits;

/// A core module, compiled and checked. Cheap to clone; may be used from many threads.
#[derive(Debug, Clone)]
pub struct CoreModule {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    shared: Arc<Shared>,
    module: Module,
    name: String,
    imports: Vec<(String, usize)>,
    limits: Limits,
}

impl Host {
    /// Compiles a core module. `imports` are names with their numbers of `i32` arguments (at most
    /// [`ARGUMENTS_MAX`]), offered under [`IMPORT_MODULE`]; each answers an `i32`. A module that imports anything else
    /// is refused by the name of the import.
    #[cfg(feature = "compile")]
    pub fn compile_core(&self, wasm: &[u8], imports: &[(&str, usize)]) -> Result<CoreModule, HostError> {
        self.compile_core_within("the compiled rules", wasm, imports, Limits::core())
    }

    /// [`Host::compile_core`] with a name for its failures and limits of its own.
    #[cfg(feature = "compile")]
    pub fn compile_core_within(
        &self,
        name: &str,
        wasm: &[u8],
        imports: &[(&str, usize)],
        limits: Limits,
    ) -> Result<CoreModule, HostError> {
        let failure = |kind| PluginFailure::new(name, kind);
        limits.check_size(wasm.len() as u64).map_err(failure)?;
        crate::wasm::check(wasm, crate::wasm::Form::Core).map_err(failure)?;
        let engine = &self.shared().engine;
        let module = crate::wasm::compiled(|| Module::from_binary(engine, wasm)).map_err(failure)?;
        self.core_module(name, module, imports, limits)
    }

    pub(crate) fn core_module(
        &self,
        name: &str,
        module: Module,
        imports: &[(&str, usize)],
        limits: Limits,
    ) -> Result<CoreModule, HostError> {
        check_imports(&module, imports).map_err(|kind| PluginFailure::new(name, kind))?;
        limits.check_declared(&module.resources_required()).map_err(|kind| PluginFailure::new(name, kind))?;
        let imports = imports.iter().map(|(import, arguments)| ((*import).to_owned(), *arguments)).collect();
        let inner = Inner { shared: self.shared().clone(), module, name: name.to_owned(), imports, limits };
        Ok(CoreModule { inner: Arc::new(inner) })
    }
}

impl CoreModule {
    /// A fresh instance with its own memory; the module's start function runs, within the limits.
    pub fn instantiate<I: Imports + Send + 'static>(
        &self,
        imports: I,
    ) -> Result<CoreInstance<I>, PluginFailure> {
        self.prepare()?.instantiate(imports)
    }

    /// Resolves the imports once, for whoever makes many instances.
    pub fn prepare<I: Imports + Send + 'static>(&self) -> Result<PreparedModule<I>, PluginFailure> {
        PreparedModule::new(self)
    }

    /// The name it has in failures.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.inner.shared
    }

    pub(crate) fn module(&self) -> &Module {
        &self.inner.module
    }

    pub(crate) fn imports(&self) -> &[(String, usize)] {
        &self.inner.imports
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.inner.limits
    }

    pub(crate) fn failure(&self, error: &wasmtime::Error) -> PluginFailure {
        PluginFailure::from_wasmtime(self.name(), error)
    }
}

fn check_imports(module: &Module, offered: &[(&str, usize)]) -> Result<(), FailureKind> {
    if let Some((name, arguments)) = offered.iter().find(|(_, arguments)| *arguments > ARGUMENTS_MAX) {
        return Err(FailureKind::Contract(format!(
            "the import {name} has {arguments} arguments, at most {ARGUMENTS_MAX} are possible"
        )));
    }
    for import in module.imports() {
        let offer =
            offered.iter().find(|(name, _)| import.module() == IMPORT_MODULE && import.name() == *name);
        let fits = match (import.ty(), offer) {
            (ExternType::Func(function), Some((_, arguments))) => {
                function.params().len() == *arguments
                    && function.results().len() == 1
                    && function.params().chain(function.results()).all(|value| matches!(value, ValType::I32))
            }
            _ => false,
        };
        if !fits {
            let shape = if offer.is_some() { " with other types" } else { "" };
            return Err(FailureKind::Import(format!("{}::{}{shape}", import.module(), import.name())));
        }
    }
    Ok(())
}
