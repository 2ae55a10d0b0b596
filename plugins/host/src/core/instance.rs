//! A running core module: its functions, its memory, and whoever answers its imports.

use std::collections::HashMap;

use wasmtime::{AsContextMut, Instance, Result, Store, TypedFunc};

use crate::core::link::State;
use crate::core::{ARGUMENTS_MAX, CoreModule};
use crate::failure::{FailureKind, PluginFailure};

/// An instance of a [`CoreModule`]. After a failure its memory may hold anything, but it may be called again.
pub struct CoreInstance<I: 'static> {
    module: CoreModule,
    store: Store<State<I>>,
    instance: Instance,
    functions: Vec<Function>,
    by_name: HashMap<String, CoreFunction>,
}

/// An exported function that was looked up: good for calls of the instance that gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CoreFunction(usize);

type I32 = i32;

#[derive(Clone)]
enum Function {
    F0(TypedFunc<(), I32>),
    F1(TypedFunc<I32, I32>),
    F2(TypedFunc<(I32, I32), I32>),
    F3(TypedFunc<(I32, I32, I32), I32>),
    F4(TypedFunc<(I32, I32, I32, I32), I32>),
    F5(TypedFunc<(I32, I32, I32, I32, I32), I32>),
    F6(TypedFunc<(I32, I32, I32, I32, I32, I32), I32>),
}

impl<I: Send + 'static> CoreInstance<I> {
    pub(crate) fn new(module: CoreModule, store: Store<State<I>>, instance: Instance) -> Self {
        Self { module, store, instance, functions: Vec::new(), by_name: HashMap::new() }
    }

    /// Looks up an exported function of `arity` `i32` arguments (at most [`ARGUMENTS_MAX`]) that answers an `i32`.
    pub fn function(
        &mut self,
        export: &str,
        arity: usize,
    ) -> std::result::Result<CoreFunction, PluginFailure> {
        let found = Function::find(&self.instance, &mut self.store, export, arity);
        let function = found.ok_or_else(|| {
            self.contract(format!("it exports no function {export} of {arity} i32 that answers an i32"))
        })?;
        self.functions.push(function);
        Ok(CoreFunction(self.functions.len() - 1))
    }

    /// Calls a function that was looked up, within the limits.
    pub fn call_function(
        &mut self,
        function: CoreFunction,
        arguments: &[i32],
    ) -> std::result::Result<i32, PluginFailure> {
        let Some(found) = self.functions.get(function.0) else {
            return Err(self.contract("a function of another instance was called".to_owned()));
        };
        let ticks = self.store.data_mut().patience.begin();
        self.store.set_epoch_deadline(ticks);
        let called = {
            let _running = self.module.shared().ticker.run();
            found.call(&mut self.store, arguments)
        };
        match called {
            Some(Ok(answer)) => Ok(answer),
            Some(Err(error)) => Err(self.module.failure(&error)),
            None => Err(self.contract(format!("it was called with {} arguments", arguments.len()))),
        }
    }

    /// Calls an exported function by its name. Dearer than [`CoreInstance::call_function`] by a look-up.
    pub fn call(&mut self, export: &str, arguments: &[i32]) -> std::result::Result<i32, PluginFailure> {
        let function = match self.by_name.get(export) {
            Some(function) => *function,
            None => {
                let function = self.function(export, arguments.len())?;
                self.by_name.insert(export.to_owned(), function);
                function
            }
        };
        self.call_function(function, arguments)
    }

    /// The exported memory; empty when there is none.
    pub fn memory_mut(&mut self) -> &mut [u8] {
        match self.store.data().memory {
            Some(memory) => memory.data_mut(&mut self.store),
            None => &mut [],
        }
    }

    /// The exported memory together with the imports, for filling one from the other.
    pub fn memory_and_imports_mut(&mut self) -> (&mut [u8], &mut I) {
        match self.store.data().memory {
            Some(memory) => {
                let (bytes, state) = memory.data_and_store_mut(&mut self.store);
                (bytes, &mut state.imports)
            }
            None => (&mut [], &mut self.store.data_mut().imports),
        }
    }

    /// Whoever answers the imports.
    pub fn imports(&self) -> &I {
        &self.store.data().imports
    }

    /// Whoever answers the imports.
    pub fn imports_mut(&mut self) -> &mut I {
        &mut self.store.data_mut().imports
    }

    fn contract(&self, words: String) -> PluginFailure {
        PluginFailure::new(self.module.name(), FailureKind::Contract(words))
    }
}

impl Function {
    fn find(instance: &Instance, mut store: impl AsContextMut, export: &str, arity: usize) -> Option<Self> {
        let function = instance.get_func(&mut store, export)?;
        match arity {
            0 => function.typed(&store).ok().map(Self::F0),
            1 => function.typed(&store).ok().map(Self::F1),
            2 => function.typed(&store).ok().map(Self::F2),
            3 => function.typed(&store).ok().map(Self::F3),
            4 => function.typed(&store).ok().map(Self::F4),
            5 => function.typed(&store).ok().map(Self::F5),
            ARGUMENTS_MAX => function.typed(&store).ok().map(Self::F6),
            _ => None,
        }
    }

    /// None when the number of arguments is another.
    fn call(&self, store: impl AsContextMut, arguments: &[i32]) -> Option<Result<i32>> {
        Some(match (self, arguments) {
            (Self::F0(function), []) => function.call(store, ()),
            (Self::F1(function), &[p]) => function.call(store, p),
            (Self::F2(function), &[p, q]) => function.call(store, (p, q)),
            (Self::F3(function), &[p, q, r]) => function.call(store, (p, q, r)),
            (Self::F4(function), &[p, q, r, s]) => function.call(store, (p, q, r, s)),
            (Self::F5(function), &[p, q, r, s, t]) => function.call(store, (p, q, r, s, t)),
            (Self::F6(function), &[p, q, r, s, t, u]) => function.call(store, (p, q, r, s, t, u)),
            _ => return None,
        })
    }
}
