//! WASM of people we do not know: any bytes, any text of a module, and valid modules that misbehave. Each is refused or
//! stopped by a limit that it is told, in time, and the next module runs as ever.

use std::sync::LazyLock;

use host::component::{Context, Event, Phase, Row, User, Value};
use host::core::Imports;
use host::{FailureKind, Host, HostConfig, HostError, Limits, PluginFailure};

use crate::choices::Choices;
use crate::run::Target;
use crate::wasm_text::module;

#[test]
fn modules() {
    let target = Target {
        name: "modules",
        inputs: 200,
        check,
        words: &[
            "(func",
            "(memory 1)",
            "(table 1 funcref)",
            "(start 0)",
            "(loop (br 0))",
            "unreachable",
            "(memory.grow (i32.const 1))",
            "(import \"crm\" \"answer\"",
            "(export \"run\"",
            "i64",
            "f64",
            "v128",
            "(param i32)",
            "(result i32)",
            "(component",
            "(data (i32.const 0) \"x\")",
            "(elem",
            "(i32.const -1)",
            "65536",
            "\0asm\x01\0\0\0",
            "\0asm\x0d\0\x01\0",
        ],
        also: &["plugins/host/tests/hostile/core", "plugins/host/tests/hostile/component"],
    };
    target.run();
}

static HOST: LazyLock<Host> = LazyLock::new(|| Host::new(HostConfig::default()).expect("the engine starts"));

/// Answers its argument plus one while that lies in the memory.
struct Answers;

impl Imports for Answers {
    fn call(&mut self, _: usize, arguments: &[i32], memory: &mut [u8]) -> Result<i32, String> {
        let at = arguments.first().and_then(|at| usize::try_from(*at).ok()).filter(|at| *at < memory.len());
        at.and_then(|at| i32::try_from(at + 1).ok()).ok_or_else(|| "outside of the memory".to_owned())
    }
}

fn check(bytes: &[u8]) {
    // Text as well as binary.
    let given = wat::parse_bytes(bytes).map(|wasm| wasm.into_owned()).unwrap_or_else(|_| bytes.to_vec());
    check_both(&given);
    let text = module(&mut Choices::new(bytes));
    let grown = wat::parse_str(&text).expect("what is grown is well-formed");
    if let Err(HostError::Plugin(failure)) = run(&grown) {
        let refused = matches!(
            failure.kind,
            FailureKind::NotWasm(_) | FailureKind::Import(_) | FailureKind::Contract(_)
        );
        assert!(!refused, "it is valid: {failure}: {text}");
    }
    let good = wat::parse_str("(module (func (export \"run\") (param i32) (result i32) (i32.const 41)))");
    assert_eq!(run(&good.expect("it is well-formed")).ok(), Some(41), "the next one runs as ever");
}

fn run(wasm: &[u8]) -> Result<i32, HostError> {
    let module = HOST.compile_core_within("fuzzed", wasm, &[("answer", 1)], Limits::core())?;
    let mut instance = module.instantiate(Answers)?;
    let first = instance.call("run", &[20]).map_err(told);
    let again = instance.call("run", &[21]).map_err(told);
    first.and(again)
}

fn check_both(wasm: &[u8]) {
    let _ = run(wasm).map_err(|error| assert!(!error.to_string().is_empty()));
    match HOST.plugin("fuzzed", wasm) {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(plugin) => {
            let rows =
                vec![Row { values: vec![Value::Null; plugin.description().fields.len()], prior: None }; 3];
            if let Ok(answers) = plugin.evaluate(&context(), &rows) {
                assert_eq!(answers.len(), rows.len());
            }
        }
    }
}

/// Every failure of a plugin is in words that name the limit.
fn told(failure: PluginFailure) -> HostError {
    assert!(failure.to_string().starts_with("run the plugin fuzzed: "), "{failure}");
    HostError::Plugin(failure)
}

fn context() -> Context {
    let user = User {
        username: "exporter@example.com".to_owned(),
        profile: "Integration".to_owned(),
        permission_sets: Vec::new(),
        custom_permissions: Vec::new(),
    };
    let now = "2026-11-23T19:05:00.000Z".to_owned();
    Context { object: "Lead".to_owned(), phase: Phase::BeforeSave, event: Event::Create, user, now }
}
