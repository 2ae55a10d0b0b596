//! The org's WASM module in the host: instances are kept and used again, one for each record under judgment.

use std::cell::RefCell;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use formula::emit::FormulaId;
use formula::flat::{RECORDS_AT, STATES_AT};
use formula::library::{self, IMPORTS, Library, Tables};
use formula::{Environment, Outcome, ReasonKind, Record, Span};
use host::core::{CoreInstance, CoreModule, Imports, PreparedModule};
use host::{Limits, PluginFailure};

/// The name that failures of the module have.
pub(crate) const NAME: &str = "the compiled rules";
/// The code is our own and has no loops; its time goes into calls of the library, regular expressions among them. A
/// machine under load must not make rules unknown, so it has more time than authors' plugins.
const MILLISECONDS_MAX: u64 = 250;
/// Instances that wait for work; more are dropped.
const IDLE_MAX: usize = 16;

/// The limits of the module.
pub(crate) fn limits() -> Limits {
    Limits { milliseconds: MILLISECONDS_MAX, ..Limits::core() }
}

/// The imports of the module, as the host wants them.
pub(crate) fn imports() -> Vec<(&'static str, usize)> {
    IMPORTS.iter().map(|import| (import.name, import.arguments)).collect()
}

/// A module that is ready to run.
pub(crate) struct Machine {
    prepared: PreparedModule<Guest>,
    tables: Arc<Tables>,
    idle: Mutex<Vec<CoreInstance<Guest>>>,
}

/// Answers the imports of an instance: by the library of the call that is under way in this thread.
struct Guest;

thread_local! {
    /// A library is bound to its thread, which what lives in a store must not be. So it is here during a call.
    static CALLED: RefCell<Option<Library>> = const { RefCell::new(None) };
}

/// An instance with the library of its record.
pub(crate) struct Running {
    instance: CoreInstance<Guest>,
    /// None during a call.
    library: Option<Library>,
}

impl Machine {
    /// A module with its tables.
    pub fn new(module: &CoreModule, tables: Tables) -> Result<Self, PluginFailure> {
        Ok(Self { prepared: module.prepare()?, tables: Arc::new(tables), idle: Mutex::default() })
    }

    /// An instance for a record, with nothing of an earlier one in it.
    pub fn begin(&self, environment: &Environment<'_>) -> Result<Running, PluginFailure> {
        let instance = self.instance()?;
        let mut library = Library::new(&self.tables);
        library.begin(environment);
        Ok(Running { instance, library: Some(library) })
    }

    /// The instance is not needed any more.
    pub fn end(&self, running: Running) {
        self.keep(running.instance);
    }

    /// Calls a function that uses no import.
    pub fn call(&self, export: &str, arguments: &[i32]) -> Result<i32, PluginFailure> {
        let mut instance = self.instance()?;
        let answer = instance.call(export, arguments)?;
        self.keep(instance);
        Ok(answer)
    }

    /// Calls a batch function for flat records: their states.
    pub fn decide(
        &self,
        export: &str,
        count: usize,
        records: &[u8],
        states_bytes: usize,
    ) -> Result<Vec<u8>, PluginFailure> {
        let (records_at, states_at) = (place(RECORDS_AT), place(STATES_AT));
        let mut instance = self.instance()?;
        let memory = instance.memory_mut();
        memory[records_at..][..records.len()].copy_from_slice(records);
        let count = i32::try_from(count).expect("a batch is small");
        instance.call(export, &[RECORDS_AT, count, STATES_AT])?;
        let states = instance.memory_mut()[states_at..][..states_bytes].to_vec();
        self.keep(instance);
        Ok(states)
    }

    fn instance(&self) -> Result<CoreInstance<Guest>, PluginFailure> {
        let waiting = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        waiting.map_or_else(|| self.prepared.instantiate(Guest), Ok)
    }

    /// After a failure an instance is dropped instead.
    fn keep(&self, instance: CoreInstance<Guest>) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_MAX {
            idle.push(instance);
        }
    }
}

impl Running {
    /// What a formula gives; the record must be the one that the instance began with.
    pub fn evaluate(
        &mut self,
        number: usize,
        record: &dyn Record,
        environment: &Environment<'_>,
    ) -> Result<Outcome, PluginFailure> {
        library::evaluate(self, FormulaId(number), record, environment)
    }
}

impl Imports for Guest {
    fn call(&mut self, import: usize, arguments: &[i32], _: &mut [u8]) -> Result<i32, String> {
        CALLED.with_borrow_mut(|library| match library {
            Some(library) => library.call(import, arguments),
            None => Err("the library is not there".to_owned()),
        })
    }
}

impl library::Instance for Running {
    type Failure = PluginFailure;

    fn library(&mut self) -> &mut Library {
        self.library.as_mut().expect("it is asked between calls")
    }

    fn call(&mut self, export: &str, argument: i32) -> Result<i32, PluginFailure> {
        CALLED.set(self.library.take());
        let answer = self.instance.call(export, &[argument]);
        self.library = CALLED.take();
        answer
    }
}

fn place(at: i32) -> usize {
    usize::try_from(at).expect("places in memory are not negative")
}

/// A module that was stopped: nothing is known of the formula, and the limit is named.
pub(crate) fn stopped(failure: PluginFailure) -> Outcome {
    Outcome::unknown(ReasonKind::NotLocal(failure.kind.to_string()), failure.plugin, Span::default())
}

impl fmt::Debug for Machine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Machine").finish_non_exhaustive()
    }
}
