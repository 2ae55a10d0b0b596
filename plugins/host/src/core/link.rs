//! Imports of core modules, resolved: every import becomes a function of its own, called without a table of types.

use wasmtime::{Caller, InstancePre, Linker, Memory, Result, Store};

use crate::core::{CoreInstance, CoreModule, IMPORT_MODULE, Imports};
use crate::failure::{FailureKind, PluginFailure, Stopped};
use crate::limits::Limiter;
use crate::patience::Patience;

/// A core module with its imports resolved for one type of [`Imports`]. Cheap to clone.
pub struct PreparedModule<I: 'static> {
    module: CoreModule,
    pre: InstancePre<State<I>>,
}

/// What a store of a core module holds.
pub(crate) struct State<I> {
    pub(crate) imports: I,
    pub(crate) memory: Option<Memory>,
    pub(crate) patience: Patience,
    limiter: Limiter,
}

impl<I> Clone for PreparedModule<I> {
    fn clone(&self) -> Self {
        Self { module: self.module.clone(), pre: self.pre.clone() }
    }
}

impl<I: Imports + Send + 'static> PreparedModule<I> {
    pub(crate) fn new(module: &CoreModule) -> std::result::Result<Self, PluginFailure> {
        let mut linker = Linker::new(&module.shared().engine);
        for (number, (name, arguments)) in module.imports().iter().enumerate() {
            link(&mut linker, number, name, *arguments).map_err(|error| module.failure(&error))?;
        }
        let pre = linker.instantiate_pre(module.module()).map_err(|error| module.failure(&error))?;
        Ok(Self { module: module.clone(), pre })
    }

    /// A fresh instance with its own memory; the module's start function runs, within the limits.
    pub fn instantiate(&self, imports: I) -> std::result::Result<CoreInstance<I>, PluginFailure> {
        let limits = self.module.limits();
        let state = State {
            imports,
            memory: None,
            patience: Patience::new(limits.milliseconds),
            limiter: Limiter::new(limits),
        };
        let mut store = Store::new(&self.module.shared().engine, state);
        store.limiter(|state| &mut state.limiter);
        store.epoch_deadline_callback(|mut context| context.data_mut().patience.ask());
        let ticks = store.data_mut().patience.begin();
        store.set_epoch_deadline(ticks);
        let instance = {
            let _running = self.module.shared().ticker.run();
            self.pre.instantiate(&mut store).map_err(|error| self.module.failure(&error))?
        };
        let memory = instance.get_memory(&mut store, "memory");
        store.data_mut().memory = memory;
        Ok(CoreInstance::new(self.module.clone(), store, instance))
    }
}

/// One closure per number of arguments: wasmtime calls it directly, with the arguments in registers.
fn link<I: Imports + 'static>(
    linker: &mut Linker<State<I>>,
    n: usize,
    name: &str,
    arguments: usize,
) -> Result<()> {
    type C<'a, I> = Caller<'a, State<I>>;
    match arguments {
        0 => linker.func_wrap(IMPORT_MODULE, name, move |c: C<I>| ask(c, n, &[])),
        1 => linker.func_wrap(IMPORT_MODULE, name, move |c: C<I>, p: i32| ask(c, n, &[p])),
        2 => linker.func_wrap(IMPORT_MODULE, name, move |c: C<I>, p: i32, q: i32| ask(c, n, &[p, q])),
        3 => linker
            .func_wrap(IMPORT_MODULE, name, move |c: C<I>, p: i32, q: i32, r: i32| ask(c, n, &[p, q, r])),
        4 => linker.func_wrap(IMPORT_MODULE, name, move |c: C<I>, p: i32, q: i32, r: i32, s: i32| {
            ask(c, n, &[p, q, r, s])
        }),
        5 => linker.func_wrap(IMPORT_MODULE, name, move |c: C<I>, p: i32, q: i32, r: i32, s: i32, t: i32| {
            ask(c, n, &[p, q, r, s, t])
        }),
        _ => linker.func_wrap(
            IMPORT_MODULE,
            name,
            move |c: C<I>, p: i32, q: i32, r: i32, s: i32, t: i32, u: i32| ask(c, n, &[p, q, r, s, t, u]),
        ),
    }
    .map(|_| ())
}

fn ask<I: Imports + 'static>(
    mut caller: Caller<'_, State<I>>,
    import: usize,
    arguments: &[i32],
) -> Result<i32> {
    let answer = match caller.data().memory {
        Some(memory) => {
            let (bytes, state) = memory.data_and_store_mut(&mut caller);
            state.imports.call(import, arguments, bytes)
        }
        None => caller.data_mut().imports.call(import, arguments, &mut []),
    };
    answer.map_err(|words| Stopped(FailureKind::Host(words)).into())
}
