//! A loaded plugin: compiled, linked, and held to its limits at every call.

use std::sync::Arc;

use wasmtime::component::{Component, ComponentExportIndex, Instance, InstancePre, Linker};
use wasmtime::{Store, Trap};

use crate::component::types::{Answer, Context, Description, Row};
use crate::component::{Offer, answers, description, imports};
use crate::engine::{Host, Shared};
#[cfg(feature = "compile")]
use crate::failure::HostError;
use crate::failure::{FailureKind, PluginFailure};
use crate::limits::{Limiter, Limits};
use crate::patience::Patience;

/// Records of one call; more are split.
pub const ROWS_MAX: usize = 200;

/// What one plugin may use and import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginConfig {
    /// Its limits.
    pub limits: Limits,
    /// What it may import.
    pub offer: Offer,
}

/// An author's rule. Cheap to clone; may be used from many threads.
#[derive(Clone)]
pub struct Plugin {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    name: String,
    limits: Limits,
    pre: InstancePre<State>,
    evaluate: ComponentExportIndex,
    description: Description,
}

/// What the store of one call holds.
struct State {
    limiter: Limiter,
    patience: Patience,
}

impl Default for PluginConfig {
    /// For rules in languages that compile to WASM: small and fast, no imports.
    fn default() -> Self {
        Self { limits: Limits::component(), offer: Offer::Nothing }
    }
}

impl PluginConfig {
    /// For rules that bring their language's interpreter along, such as JavaScript: more time and memory. They still
    /// import nothing unless `offer` says so.
    pub fn interpreter() -> Self {
        Self { limits: Limits::interpreter(), offer: Offer::Nothing }
    }
}

impl Host {
    /// Compiles a component and asks it to describe itself, within the limits of [`PluginConfig::default`]. `name`
    /// stands in its failures: usually the file's name.
    #[cfg(feature = "compile")]
    pub fn plugin(&self, name: &str, wasm: &[u8]) -> Result<Plugin, HostError> {
        self.plugin_with(name, wasm, &PluginConfig::default())
    }

    /// [`Host::plugin`] with limits and imports of its own.
    #[cfg(feature = "compile")]
    pub fn plugin_with(&self, name: &str, wasm: &[u8], config: &PluginConfig) -> Result<Plugin, HostError> {
        let failure = |kind| PluginFailure::new(name, kind);
        config.limits.check_size(wasm.len() as u64).map_err(failure)?;
        crate::wasm::check(wasm, crate::wasm::Form::Component).map_err(failure)?;
        let engine = &self.shared().engine;
        let component = crate::wasm::compiled(|| Component::from_binary(engine, wasm)).map_err(failure)?;
        Ok(self.link_plugin(name, &component, config)?)
    }

    pub(crate) fn link_plugin(
        &self,
        name: &str,
        component: &Component,
        config: &PluginConfig,
    ) -> Result<Plugin, PluginFailure> {
        let limits = &config.limits;
        let failure = |error: &wasmtime::Error| PluginFailure::from_wasmtime(name, error);
        if let Some(needs) = component.resources_required() {
            limits.check_declared(&needs).map_err(|kind| PluginFailure::new(name, kind))?;
        }
        let engine = &self.shared().engine;
        let mut linker = Linker::new(engine);
        imports::link(&mut linker, component, engine, config.offer).map_err(|error| failure(&error))?;
        let pre = linker.instantiate_pre(component).map_err(|error| failure(&error))?;
        let export = |export: &str| {
            component.get_export_index(None, export).ok_or_else(|| {
                let words = format!("it exports no function {export}; build it for the world crm:rules/rule");
                PluginFailure::new(name, FailureKind::Contract(words))
            })
        };
        let (describe, evaluate) = (export("describe")?, export("evaluate")?);
        let shared = self.shared().clone();
        let description = describe_itself(&shared, name, limits, &pre, &describe)?;
        let (name, limits) = (name.to_owned(), limits.clone());
        Ok(Plugin { inner: Arc::new(Inner { shared, name, limits, pre, evaluate, description }) })
    }
}

fn describe_itself(
    shared: &Shared,
    name: &str,
    limits: &Limits,
    pre: &InstancePre<State>,
    describe: &ComponentExportIndex,
) -> Result<Description, PluginFailure> {
    let _running = shared.ticker.run();
    let mut store = fresh_store(shared, limits);
    let instance = instantiate(pre, &mut store, name)?;
    let function = instance
        .get_typed_func::<(), (Description,)>(&mut store, describe)
        .map_err(|error| wrong_type(name, "describe", &error))?;
    let (answer,) = function.call(&mut store, ()).map_err(|error| stopped(name, &error))?;
    description::check(&answer).map_err(|kind| PluginFailure::new(name, kind))?;
    Ok(answer)
}

impl Plugin {
    /// The name it has in failures.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// What it says about itself.
    pub fn description(&self) -> &Description {
        &self.inner.description
    }

    /// Judges records: one answer for each. Each [`ROWS_MAX`] of them are a call of their own, in a fresh store and with
    /// the full time.
    pub fn evaluate(&self, context: &Context, rows: &[Row]) -> Result<Vec<Answer>, PluginFailure> {
        let fields = self.inner.description.fields.len();
        let fits = |values: &[_]| values.len() == fields;
        if rows.iter().any(|row| !fits(&row.values) || row.prior.as_deref().is_some_and(|prior| !fits(prior)))
        {
            let words = format!("it was asked with a record that does not have its {fields} fields");
            return Err(PluginFailure::new(self.name(), FailureKind::Contract(words)));
        }
        let mut answers = Vec::with_capacity(rows.len());
        for rows in rows.chunks(ROWS_MAX) {
            answers.extend(self.call(context, rows)?);
        }
        Ok(answers)
    }

    fn call(&self, context: &Context, rows: &[Row]) -> Result<Vec<Answer>, PluginFailure> {
        let Inner { shared, name, limits, pre, evaluate, .. } = &*self.inner;
        let _running = shared.ticker.run();
        let mut store = fresh_store(shared, limits);
        let instance = instantiate(pre, &mut store, name)?;
        let function = instance
            .get_typed_func::<(&Context, &[Row]), (Vec<Answer>,)>(&mut store, evaluate)
            .map_err(|error| wrong_type(name, "evaluate", &error))?;
        let called = function.call(&mut store, (context, rows));
        let (answers,) = called.map_err(|error| stopped(name, &error))?;
        answers::check(&answers, rows.len()).map_err(|kind| PluginFailure::new(name, kind))?;
        Ok(answers)
    }
}

fn fresh_store(shared: &Shared, limits: &Limits) -> Store<State> {
    let state = State { limiter: Limiter::new(limits), patience: Patience::new(limits.milliseconds) };
    let mut store = Store::new(&shared.engine, state);
    store.limiter(|state| &mut state.limiter);
    store.epoch_deadline_callback(|mut context| context.data_mut().patience.ask());
    let ticks = store.data_mut().patience.begin();
    store.set_epoch_deadline(ticks);
    store.set_hostcall_fuel(answers::OUTPUT_BYTES);
    store
}

fn instantiate(
    pre: &InstancePre<State>,
    store: &mut Store<State>,
    name: &str,
) -> Result<Instance, PluginFailure> {
    pre.instantiate(store).map_err(|error| PluginFailure::from_wasmtime(name, &error))
}

/// Names the limit. What is neither a stop nor a trap of the plugin's own code comes from reading its answer.
fn stopped(name: &str, error: &wasmtime::Error) -> PluginFailure {
    let reading = match error.downcast_ref::<Trap>() {
        Some(trap) => matches!(
            trap,
            Trap::StringOutOfBounds
                | Trap::ListOutOfBounds
                | Trap::InvalidDiscriminant
                | Trap::InvalidChar
                | Trap::UnalignedPointer
        ),
        None => !error.is::<crate::failure::Stopped>(),
    };
    if reading {
        return PluginFailure::new(name, FailureKind::Output(format!("{error:#}")));
    }
    PluginFailure::from_wasmtime(name, error)
}

fn wrong_type(name: &str, export: &str, error: &wasmtime::Error) -> PluginFailure {
    let words = format!("its function {export} has other types than plugins/wit/v1: {error:#}");
    PluginFailure::new(name, FailureKind::Contract(words))
}
