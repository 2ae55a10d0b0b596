//! The two evaluators: what the reference says of a formula, the emitted code says in the host, reasons included.

use std::cell::RefCell;
use std::sync::LazyLock;

use formula::emit::Emitter;
use formula::library::{self, IMPORTS, Library, Tables};
use formula::{Blanks, Context, Formula, Options, compile};
use host::core::{CoreInstance, Imports};
use host::{Host, HostConfig, Limits, PluginFailure};

use crate::choices::{Choices, as_text};
use crate::formula_text::{environment, formula, records, schema};
use crate::run::Target;

/// Formulas of one module: compiling machine code is what costs.
const FORMULAS: usize = 6;

#[test]
fn engines() {
    let target = Target {
        name: "engines",
        inputs: 150,
        check,
        words: &[
            "AND(Active, ",
            "IF(Amount > 1, ",
            "CASE(Status, \"Open\", 1, 2)",
            "Name & ",
            ")",
            "Amount / 0",
            "IFERROR(",
        ],
        also: &["tests/fuzz/corpus/formulas"],
    };
    target.run();
}

fn check(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let mut sources: Vec<String> = (0..FORMULAS).map(|_| formula(&mut choices)).collect();
    sources.extend(
        as_text(bytes).into_iter().flat_map(|text| text.split('\n').take(FORMULAS).map(str::to_owned)),
    );
    let options = |blanks| Options::new(Context::Rule, blanks);
    let both = sources.iter().flat_map(|source| {
        [Blanks::AsZero, Blanks::AsBlank].map(|blanks| compile(source, &schema(), &options(blanks)))
    });
    let formulas: Vec<Formula> = both.filter_map(Result::ok).collect();
    if formulas.is_empty() {
        return;
    }
    let mut emitter = Emitter::new(&[]);
    let ids: Vec<_> = formulas.iter().map(|formula| emitter.add(formula)).collect();
    let module = emitter.finish();
    let environment = environment();
    let mut running = Running::of(&module.wasm, module.tables);
    for record in &records() {
        running.library.as_mut().expect("no call is under way").begin(&environment);
        for (formula, id) in formulas.iter().zip(&ids) {
            let found = library::evaluate(&mut running, *id, record, &environment)
                .expect("the code keeps its limits");
            assert_eq!(found, formula.evaluate(record, &environment), "{}", formula.source());
        }
    }
}

/// An instance of emitted code in the host, as the engine runs it.
struct Running {
    instance: CoreInstance<Guest>,
    library: Option<Library>,
}

struct Guest;

thread_local! {
    /// A library is bound to its thread, which what lives in a store must not be. So it is here during a call.
    static CALLED: RefCell<Option<Library>> = const { RefCell::new(None) };
}

impl Running {
    fn of(wasm: &[u8], tables: Tables) -> Self {
        static HOST: LazyLock<Host> =
            LazyLock::new(|| Host::new(HostConfig::default()).expect("the engine starts"));
        // Ten times the engine's own limit: a busy machine is no finding.
        let limits = Limits { milliseconds: 2_500, ..Limits::core() };
        let imports: Vec<_> = IMPORTS.iter().map(|import| (import.name, import.arguments)).collect();
        let module =
            HOST.compile_core_within("fuzzed", wasm, &imports, limits).expect("emitted code is valid");
        let instance = module.instantiate(Guest).expect("it has no start function");
        Self { instance, library: Some(Library::new(&tables.into())) }
    }
}

impl Imports for Guest {
    fn call(&mut self, import: usize, arguments: &[i32], _: &mut [u8]) -> Result<i32, String> {
        CALLED.with_borrow_mut(|library| {
            library.as_mut().ok_or("the library is not there")?.call(import, arguments)
        })
    }
}

impl library::Instance for Running {
    type Failure = PluginFailure;

    fn library(&mut self) -> &mut Library {
        self.library.as_mut().expect("no call is under way")
    }

    fn call(&mut self, export: &str, argument: i32) -> Result<i32, PluginFailure> {
        CALLED.set(self.library.take());
        let answer = self.instance.call(export, &[argument]);
        self.library = CALLED.take();
        answer
    }
}
