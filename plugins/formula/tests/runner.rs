//! Runs emitted modules in wasmtime, for tests only: no limits, and machine code is made on the spot.

use std::sync::Arc;

use formula::emit::{Emitter, FormulaId, Module};
use formula::flat::{Layout, MEMORY_BYTES, RECORDS_AT, STATES_AT, State};
use formula::library::{self, IMPORTS, Library, Tables};
use formula::{Environment, Formula, Outcome, Record};
use wasmtime::{Config, Engine, FuncType, Linker, Store, Val, ValType};

/// An instance of an emitted module.
pub struct Runner {
    store: Store<Library>,
    instance: wasmtime::Instance,
}

impl Runner {
    /// An instance of a module without imports of its own.
    pub fn new(module: Module) -> Self {
        let engine = Engine::new(&Config::new()).expect("the configuration is good");
        let compiled = wasmtime::Module::new(&engine, &module.wasm).expect("emitted code is valid");
        // The tables are used as they come back from a file.
        let json = serde_json::to_string(&module.tables).expect("tables can be written");
        let tables: Tables = serde_json::from_str(&json).expect("tables can be read");
        let mut linker = Linker::new(&engine);
        for (place, import) in IMPORTS.iter().enumerate() {
            let given = FuncType::new(&engine, vec![ValType::I32; import.arguments], [ValType::I32]);
            let call =
                move |mut caller: wasmtime::Caller<'_, Library>, arguments: &[Val], results: &mut [Val]| {
                    let arguments: Vec<i32> = arguments.iter().map(Val::unwrap_i32).collect();
                    let given = caller.data_mut().call(place, &arguments);
                    results[0] = Val::I32(given.map_err(wasmtime::Error::msg)?);
                    Ok(())
                };
            linker.func_new("crm", import.name, given, call).expect("names are used once");
        }
        let mut store = Store::new(&engine, Library::new(&Arc::new(tables)));
        let instance = linker.instantiate(&mut store, &compiled).expect("all imports are there");
        Self { store, instance }
    }

    /// An instance with one formula.
    pub fn of(formula: &Formula) -> (Self, FormulaId) {
        let mut emitter = Emitter::new(&[]);
        let id = emitter.add(formula);
        (Self::new(emitter.finish()), id)
    }

    /// Evaluates a formula for a record.
    pub fn evaluate(
        &mut self,
        formula: FormulaId,
        record: &dyn Record,
        environment: &Environment<'_>,
    ) -> Outcome {
        self.store.data_mut().begin(environment);
        library::evaluate(self, formula, record, environment).expect("the code runs")
    }

    /// Decides a batch of flat records.
    pub fn states(
        &mut self,
        export: &str,
        layout: &Layout,
        count: usize,
        records: &[u8],
    ) -> Vec<(usize, usize, State)> {
        assert!(layout.fits(count, records.len()), "{count} records of {} bytes", records.len());
        let memory = self.instance.get_memory(&mut self.store, "memory").expect("it is exported");
        assert_eq!(memory.data_size(&self.store), MEMORY_BYTES);
        memory.write(&mut self.store, 0, records).expect("they fit");
        let batch = self.instance.get_typed_func::<(i32, i32, i32), i32>(&mut self.store, export);
        let arguments = (RECORDS_AT, i32::try_from(count).expect("a small count"), STATES_AT);
        batch.expect("it is exported").call(&mut self.store, arguments).expect("the code runs");
        let start = usize::try_from(STATES_AT).expect("it is an address");
        let states = &memory.data(&self.store)[start..start + layout.states_bytes(count)];
        layout.states(states).collect()
    }
}

impl library::Instance for Runner {
    type Failure = wasmtime::Error;

    fn library(&mut self) -> &mut Library {
        self.store.data_mut()
    }

    fn call(&mut self, export: &str, argument: i32) -> Result<i32, wasmtime::Error> {
        let function = self.instance.get_typed_func::<i32, i32>(&mut self.store, export)?;
        function.call(&mut self.store, argument)
    }
}
