//! Hostile components: `component/rule.wat` with one of its parts replaced.

use host::component::{Answer, Context, Event, Offer, Phase, PluginConfig, Row, User, Value};
use host::{Host, PluginFailure};

use crate::{check_failure, host, plugin_failure};

const RULE: &str = include_str!("component/rule.wat");

/// The part of the mould with its new text.
type Part = (&'static str, &'static str);

#[test]
fn the_mould_keeps_the_contract() {
    let plugin = host().plugin("by-hand", &component(&[])).expect("it is good");
    let description = plugin.description();
    let found = (description.name.as_str(), &description.objects[..], &description.fields[..]);
    assert_eq!(found, ("by-hand", &["Lead".to_owned()][..], &["Email".to_owned()][..]));
    assert_eq!(plugin.evaluate(&context(), &rows(3)), Ok(vec![Answer::Accept; 3]));
    assert_eq!(plugin.evaluate(&context(), &rows(450)), Ok(vec![Answer::Accept; 450]), "in calls of 200");
    assert_eq!(plugin.evaluate(&context(), &[]), Ok(Vec::new()));
}

#[test]
fn a_record_without_its_fields_is_not_even_asked_about() {
    let plugin = host().plugin("by-hand", &component(&[])).expect("it is good");
    let short = Row { values: Vec::new(), prior: None };
    let failure = plugin.evaluate(&context(), &[short]).expect_err("a field is missing");
    check_failure("by-hand", &failure, "Contract", "does not have its 1 fields");
}

#[test]
fn what_runs_or_grows_without_end_is_stopped() {
    let spin = "(loop $again (br $again)) (unreachable)";
    check(&[("evaluate", EVALUATE), ("BODY", spin)], "Time { milliseconds: 10 }", "10 ms");
    check(&[("describe", DESCRIBE), ("BODY", spin)], "Time", "10 ms");
    check(&[("realloc", REALLOC), ("BODY", spin)], "Time", "10 ms");
    check(&[("imports", "(func $start (loop $again (br $again))) (start $start)")], "Time", "10 ms");
    let grow = "(loop $again (drop (memory.grow (i32.const 1))) (br $again)) (unreachable)";
    check(
        &[("evaluate", EVALUATE), ("BODY", grow)],
        "Memory { asked: 16842752, limit: 16777216",
        "bytes of memory",
    );
    let recurse = "(call $describe)";
    check(&[("describe", DESCRIBE), ("BODY", recurse)], "Stack", "recursion");
    check(&[("evaluate", EVALUATE), ("BODY", "(unreachable)")], "Trap", "unreachable");
    check(
        &[("memory", "(memory (export \"memory\") 65536)")],
        "Memory { asked: 4294967296,",
        "bytes of memory",
    );
    check(
        &[("imports", "(table 10000000 funcref)")],
        "Memory { asked: 10000000, limit: 10000",
        "entries of a table",
    );
}

#[test]
fn garbage_in_answers_is_refused() {
    // The result itself lies outside of memory, or is not aligned.
    check(&[("evaluate", EVALUATE), ("BODY", "(i32.const -8)")], "Output", "out of bounds");
    check(&[("evaluate", EVALUATE), ("BODY", "(i32.const 4097)")], "Output", "not aligned");
    check(&[("describe", DESCRIBE), ("BODY", "(i32.const -8)")], "Output", "out of bounds");
    // A list of answers: where, how many.
    check_answers("(i32.const 8192)", "(i32.const 2)", "", "2 answers for 1 records");
    check_answers("(i32.const 8192)", "(i32.const 0)", "", "0 answers for 1 records");
    check_answers("(i32.const 8192)", "(i32.const -1)", "", "out of bounds");
    check_answers("(i32.const -4)", "(i32.const 1)", "", "out of bounds");
    check_answers("(i32.const 8193)", "(i32.const 1)", "", "not aligned");
    // One answer: its case, its list of refusals.
    let one = |stores: &'static str, words| check_answers("(i32.const 8192)", "(i32.const 1)", stores, words);
    one("(i32.store8 (i32.const 8192) (i32.const 9))", "unexpected discriminant: 9");
    one("(i32.store8 (i32.const 8192) (i32.const 1))", "0 refusals, 1 to 100 are possible");
    one(
        "(i32.store8 (i32.const 8192) (i32.const 1)) (i32.store (i32.const 8196) (i32.const 12288))
         (i32.store (i32.const 8200) (i32.const 1000))",
        "1000 refusals, 1 to 100 are possible",
    );
    one(
        "(i32.store8 (i32.const 8192) (i32.const 1)) (i32.store (i32.const 8196) (i32.const 12288))
         (i32.store (i32.const 8200) (i32.const 1))",
        "a code must be of capitals, digits and `_`",
    );
    // A reason of half the memory, and one that is not UTF-8.
    one(
        "(i32.store8 (i32.const 8192) (i32.const 3)) (i32.store (i32.const 8196) (i32.const 131072))
         (i32.store (i32.const 8200) (i32.const 131072))",
        "the reason of 131072 bytes, 1 to 4000 are possible",
    );
    one(
        "(i32.store8 (i32.const 8192) (i32.const 3)) (i32.store (i32.const 8196) (i32.const 12288))
         (i32.store (i32.const 8200) (i32.const 1)) (i32.store8 (i32.const 12288) (i32.const 255))",
        "utf-8",
    );
    check(
        &[("realloc", REALLOC), ("BODY", "(i32.const -8)")],
        "Output",
        "realloc return: beyond end of memory",
    );
}

/// Two thousand refusals of which each code and message is the same 64 KiB would be 250 MiB of the host's.
#[test]
fn texts_that_overlap_do_not_fill_the_hosts_memory() {
    let stores = "(local.set $at (i32.const 12288))
        (loop $again
          (i32.store (local.get $at) (i32.const 131072)) (i32.store offset=4 (local.get $at) (i32.const 65536))
          (i32.store offset=8 (local.get $at) (i32.const 131072)) (i32.store offset=12 (local.get $at) (i32.const 65536))
          (local.set $at (i32.add (local.get $at) (i32.const 24)))
          (br_if $again (i32.lt_u (local.get $at) (i32.const 60000))))
        (i32.store8 (i32.const 8192) (i32.const 1)) (i32.store (i32.const 8196) (i32.const 12288))
        (i32.store (i32.const 8200) (i32.const 1900))";
    check_answers(
        "(i32.const 8192)",
        "(i32.const 1)",
        stores,
        "fuel allocated for hostcalls has been exhausted",
    );
}

#[test]
fn garbage_in_the_description_is_refused() {
    let described = |stores, words| {
        check(&[("describe", DESCRIBE), ("BODY", stores)], "Contract", words);
    };
    described("(i32.store (i32.const 4) (i32.const 0)) (i32.const 0)", "its name must be 1 to 80 letters");
    described("(i32.store8 (i32.const 64) (i32.const 10)) (i32.const 0)", "its name must be 1 to 80 letters");
    described("(i32.store (i32.const 12) (i32.const 0)) (i32.const 0)", "it names 0 objects");
    described("(i32.store (i32.const 28) (i32.const 0)) (i32.const 0)", "it names 0 triggers");
    described("(i32.store (i32.const 28) (i32.const 7)) (i32.const 0)", "it names 7 triggers");
    described("(i32.store8 (i32.const 116) (i32.const 46)) (i32.const 0)", "field 1 is no API name");
}

#[test]
fn imports_are_refused_by_name() {
    let function = r#"(import "read-file" (func (param "path" string) (result u32)))"#;
    check_import(function, Offer::SealedWasi, "it needs read-file, which is not offered");
    let interface = r#"(import "crm:orgs/store@1.0.0" (instance (export "query" (func (result u32)))))"#;
    check_import(interface, Offer::SealedWasi, "it needs crm:orgs/store@1.0.0#query, which is not offered");
    let wasi =
        r#"(import "wasi:random/random@0.2.0" (instance (export "get-random-u64" (func (result u64)))))"#;
    check_import(
        wasi,
        Offer::Nothing,
        "it needs wasi:random/random@0.2.0#get-random-u64, which is not offered",
    );
}

#[test]
fn the_sealed_wasi_answers_zero_and_stops_the_rest_by_name() {
    let config = PluginConfig { offer: Offer::SealedWasi, ..PluginConfig::default() };
    let load = |body| {
        let wasm = component(&[
            ("offered", OFFERED_WASI),
            ("imports", IMPORTED_WASI),
            ("instance", LOWERED_WASI),
            ("describe", DESCRIBE),
            ("BODY", body),
        ]);
        host().plugin_with("sealed", &wasm, &config).map(|plugin| plugin.description().name.clone())
    };
    // The random number is the pointer to the answer: it must be zero.
    assert_eq!(load("(i32.wrap_i64 (call $random))").expect("it is linked"), "by-hand");
    let failure = plugin_failure(load("(call $exit (i32.const 1)) (i32.const 0)").expect_err("it exits"));
    check_failure("sealed", &failure, "Import", "wasi:cli/exit@0.2.0#exit-with-code, which is not offered");
}

const OFFERED_WASI: &str = r#"
    (import "wasi:random/random@0.2.0" (instance $random (export "get-random-u64" (func (result u64)))))
    (import "wasi:cli/exit@0.2.0" (instance $exit (export "exit-with-code" (func (param "code" u8)))))"#;
const IMPORTED_WASI: &str = r#"
    (import "wasi" "random" (func $random (result i64)))
    (import "wasi" "exit" (func $exit (param i32)))"#;
const LOWERED_WASI: &str = r#"
    (core func $lowered-random (canon lower (func $random "get-random-u64")))
    (core func $lowered-exit (canon lower (func $exit "exit-with-code")))
    (core instance $made (instantiate $rule (with "wasi" (instance
      (export "random" (func $lowered-random)) (export "exit" (func $lowered-exit))))))"#;

#[test]
fn another_world_is_refused_by_what_is_missing() {
    let failure = load(&host(), "other", &encode("(component)")).expect_err("it exports nothing");
    check_failure("other", &failure, "Contract", "it exports no function describe");
    let other = r#"(component
        (core module $m (func (export "describe") (result i32) (i32.const 0)))
        (core instance $i (instantiate $m))
        (func (export "describe") (result u32) (canon lift (core func $i "describe")))
        (func (export "evaluate") (result u32) (canon lift (core func $i "describe"))))"#;
    let failure = load(&host(), "other", &encode(other)).expect_err("its types are others");
    check_failure("other", &failure, "Contract", "its function describe has other types");
}

const EVALUATE: &str = r#"(func (export "evaluate") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)
    (result i32) (local $at i32) BODY)"#;
const DESCRIBE: &str = r#"(func $describe (export "describe") (result i32) BODY)"#;
const REALLOC: &str = r#"(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) BODY)"#;

/// Loads and asks the mould with some parts replaced; a good plugin runs afterwards.
#[track_caller]
fn check(parts: &[Part], kind: &str, words: &str) {
    let host = host();
    let failure = judge(&host, "hostile", &component(parts)).expect_err(words);
    check_failure("hostile", &failure, kind, words);
    assert_eq!(judge(&host, "good", &component(&[])), Ok(vec![Answer::Accept]));
}

/// `evaluate` that does some stores and answers a list of answers.
#[track_caller]
fn check_answers(pointer: &str, count: &str, stores: &str, words: &str) {
    let body = format!(
        "(i32.store (i32.const 4096) {pointer}) (i32.store (i32.const 4100) {count}) {stores} (i32.const 4096)"
    );
    let evaluate = EVALUATE.replace("BODY", &body);
    let host = host();
    let failure = judge(&host, "hostile", &component(&[("evaluate", &evaluate)])).expect_err(words);
    check_failure("hostile", &failure, "Output", words);
    assert_eq!(judge(&host, "good", &component(&[])), Ok(vec![Answer::Accept]));
}

#[track_caller]
fn check_import(import: &str, offer: Offer, words: &str) {
    let config = PluginConfig { offer, ..PluginConfig::default() };
    let loaded = host().plugin_with("importer", &component(&[("offered", import)]), &config);
    check_failure("importer", &plugin_failure(loaded.err().expect(words)), "Import", words);
}

fn load(host: &Host, name: &str, wasm: &[u8]) -> Result<(), PluginFailure> {
    host.plugin(name, wasm).map(|_| ()).map_err(plugin_failure)
}

fn judge(host: &Host, name: &str, wasm: &[u8]) -> Result<Vec<Answer>, PluginFailure> {
    let plugin = host.plugin(name, wasm).map_err(plugin_failure)?;
    plugin.evaluate(&context(), &rows(1))
}

/// The mould with each named part replaced; `BODY` is a part of the part before it.
pub fn component(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut wat = RULE.to_owned();
    for (part, text) in parts {
        if let Some((start, rest)) = wat.split_once(&format!(";;{{{part}\n")) {
            let (_, end) = rest.split_once(";;}").expect("a part has an end");
            wat = format!("{start}{text}\n{end}");
        } else {
            wat = wat.replace(part, text);
        }
    }
    encode(&wat)
}

fn encode(wat: &str) -> Vec<u8> {
    wat::parse_str(wat).unwrap_or_else(|error| panic!("{error}\n{wat}"))
}

fn context() -> Context {
    let user = User {
        username: "exporter@example.com".to_owned(),
        profile: "Integration".to_owned(),
        permission_sets: vec!["Export".to_owned()],
        custom_permissions: Vec::new(),
    };
    let now = "2026-11-23T19:05:00.000Z".to_owned();
    Context { object: "Lead".to_owned(), phase: Phase::BeforeSave, event: Event::Create, user, now }
}

fn rows(count: usize) -> Vec<Row> {
    let row = Row { values: vec![Value::Text("a@example.com".to_owned())], prior: None };
    vec![row; count]
}
