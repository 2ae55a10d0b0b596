//! What the rules cost: `cargo bench -p engine`. Each line is the least of some rounds, so that other programs disturb it
//! little. Records have 30 fields, batches 200 records.

use std::fmt::Write;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use engine::{Artifact, CompileOptions, Compiled, Evaluator, Rules, compile_with};
use formula::emit::Emitter;
use formula::flat::{JsonWriter, Layout, RECORDS_AT, STATES_AT, State};
use formula::{DateTime, Environment, Fields, Formula, Options, Record, Type, Value, Values};
use host::core::{CoreInstance, Imports};
use host::{Host, HostConfig, Limits};
use metadata::Org;
use metadata::rules::{Place, RuleSet, ValidationRule};
use serde_json::Value as Json;

const RECORDS: usize = 200;
const ROUNDS: usize = 200;

/// The rules whose logic is also written in Rust below.
const RULES: [&str; 5] = [
    "AND(ISPICKVAL(Status__c, \"Closed\"), Amount__c > 1000)",
    "AND(ISBLANK(Email), NOT(Opt__c))",
    "OR(Score__c > 100, Score__c < 0)",
    "AND(ISPICKVAL(Type__c, \"Partner\"), ISBLANK(Tier__c))",
    "AND(Opt__c, Amount__c > 5000, Score__c <= 50)",
];

fn main() {
    println!("{:<66} {:>14}", "what", "least");
    let batch = Batch::new(5);
    batch.native();
    batch.json_values();
    batch.wasm("5 rules, one call for 200 records, copied in");
    Batch::new(100).wasm("100 rules, one call for 200 records, copied in");
    batch.json_to_flat();
    engines(5);
    engines(100);
    compilation(100);
    compilation(1000);
    start_up();
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn now() -> Instant {
    Instant::now()
}

/// The least time of some rounds.
fn least(rounds: usize, mut work: impl FnMut()) -> Duration {
    let round = |_| {
        let start = now();
        work();
        start.elapsed()
    };
    (0..rounds).map(round).min().unwrap_or_default()
}

fn line(what: &str, time: Duration, of: usize, unit: &str) {
    let nanoseconds = time.as_nanos() as f64 / of as f64;
    let shown = if nanoseconds < 10_000.0 {
        format!("{nanoseconds:.1} ns")
    } else if nanoseconds < 10_000_000.0 {
        format!("{:.1} us", nanoseconds / 1e3)
    } else {
        format!("{:.1} ms", nanoseconds / 1e6)
    };
    println!("{what:<66} {shown:>14} {unit}");
}

/// `count` rules: those above over and over, with other numbers.
fn sources(count: usize) -> Vec<String> {
    let one = |at: usize| RULES[at % RULES.len()].replace("1000", &(1000 + at / RULES.len()).to_string());
    (0..count).map(one).collect()
}

fn schema() -> Fields {
    let mut fields = Fields::new()
        .with("Status__c", Type::Picklist)
        .with("Type__c", Type::Picklist)
        .with("Email", Type::Text)
        .with("Tier__c", Type::Text)
        .with("Amount__c", Type::NUMBER)
        .with("Score__c", Type::NUMBER)
        .with("Opt__c", Type::Boolean);
    for at in 0..23 {
        fields.add(&format!("Other{at}__c"), Type::Text);
    }
    fields
}

/// A record of 30 fields as the exporter sends it.
fn payload(at: usize) -> String {
    let status = ["Open", "Closed", "Held"][at % 3];
    let kind = ["Partner", "Customer"][at % 2];
    let mut json = format!(
        "{{\"Status__c\":\"{status}\",\"Type__c\":\"{kind}\",\"Email\":\"a{at}@example.com\",\"Tier__c\":\"Gold\",\
         \"Amount__c\":{}.25,\"Score__c\":{},\"Opt__c\":{}",
        at * 7,
        at % 90,
        at.is_multiple_of(4)
    );
    for other in 0..23 {
        let _ = write!(json, ",\"Other{other}__c\":\"some text {other} of {at}\"");
    }
    json.push('}');
    json
}

fn record(json: &str) -> Values {
    let schema = schema();
    let json: serde_json::Map<String, Json> = serde_json::from_str(json).expect("a payload is an object");
    let mut values = Values::new().changed_from(Values::new());
    for (name, json) in &json {
        let given = formula::Schema::field(&schema, name).expect("all fields are described");
        values.set(name, Value::read_json(given, json).expect("the value fits"));
    }
    values
}

fn environment() -> Environment<'static> {
    Environment::at(DateTime::from_ms(1_706_702_400_000).expect("it is in range"))
}

/// Imports that a batch never calls.
struct Silent;

impl Imports for Silent {
    fn call(&mut self, import: usize, _: &[i32], _: &mut [u8]) -> Result<i32, String> {
        Err(format!("import {import} was called"))
    }
}

struct Batch {
    layout: Layout,
    payloads: Vec<String>,
    flat: Vec<u8>,
    instance: std::cell::RefCell<CoreInstance<Silent>>,
    rules: usize,
}

impl Batch {
    fn new(rules: usize) -> Self {
        let (schema, payloads) = (schema(), (0..RECORDS).map(payload).collect::<Vec<_>>());
        let compile =
            |source: &String| formula::compile(source, &schema, &Options::RULE).expect("it compiles");
        let formulas: Vec<Formula> = sources(rules).iter().map(compile).collect();
        let mut emitter = Emitter::new(&[]);
        let layout = emitter.add_batch("batch", &formulas.iter().collect::<Vec<_>>());
        let module = emitter.finish();
        let host = Host::new(HostConfig::default()).expect("the host starts");
        let module = host.compile_core(&module.wasm, &imports()).expect("the module compiles");
        let instance = module.instantiate(Silent).expect("it starts").into();
        let mut writer = JsonWriter::new(layout.clone());
        let mut flat = Vec::new();
        for payload in &payloads {
            writer.write(payload, Some(false), &environment(), &mut flat).expect("it is JSON");
        }
        assert!(layout.fits(RECORDS, flat.len()));
        Self { layout, payloads, flat, instance, rules }
    }

    fn wasm(&self, what: &str) {
        let mut instance = self.instance.borrow_mut();
        let (records_at, states_at) = (RECORDS_AT as usize, STATES_AT as usize);
        let states = self.layout.states_bytes(RECORDS);
        let mut fired = 0;
        let time = least(ROUNDS, || {
            instance.memory_mut()[records_at..][..self.flat.len()].copy_from_slice(&self.flat);
            let count = RECORDS as i32;
            instance.call("batch", &[RECORDS_AT, count, STATES_AT]).expect("it runs");
            let states = &instance.memory_mut()[states_at..][..states];
            fired = self.layout.states(states).filter(|(.., state)| *state == State::Yes).count();
        });
        assert!(fired > 0 && fired < RECORDS * self.rules);
        line(what, time, RECORDS, "per record");
    }

    /// The five rules in Rust over the same bytes; see `formula::flat` for the layout.
    fn native(&self) {
        let slot = |name: &str| {
            let found = self
                .layout
                .slots()
                .iter()
                .position(|slot| matches!(&slot.ask, formula::flat::Ask::Value(path) if path == name));
            8 + 16 * found.expect("a rule reads it")
        };
        let names = ["Status__c", "Amount__c", "Email", "Opt__c", "Score__c", "Type__c", "Tier__c"].map(slot);
        let mut fired = 0;
        let time = least(ROUNDS, || {
            fired = 0;
            let mut rest = &black_box(&self.flat)[..];
            while let Some(length) = rest.first_chunk::<4>() {
                let length = u32::from_le_bytes(*length) as usize;
                fired += native_rules(&rest[..length], &names);
                rest = &rest[length..];
            }
        });
        assert!(fired > 0);
        line("5 rules as native Rust over the same flat bytes", time, RECORDS, "per record");
    }

    fn json_values(&self) {
        let values: Vec<Json> =
            self.payloads.iter().map(|json| serde_json::from_str(json).expect("JSON")).collect();
        let mut fired = 0;
        let time = least(ROUNDS, || fired = black_box(&values).iter().map(json_rules).sum());
        assert!(fired > 0);
        line("5 rules as native Rust over serde_json::Value", time, RECORDS, "per record");
    }

    fn json_to_flat(&self) {
        let mut writer = JsonWriter::new(self.layout.clone());
        let (environment, mut bytes) = (environment(), Vec::new());
        let time = least(ROUNDS, || {
            bytes.clear();
            for payload in &self.payloads {
                writer.write(payload, Some(false), &environment, &mut bytes).expect("it is JSON");
            }
        });
        line(
            &format!("JSON of {} bytes to a flat record", self.payloads[0].len()),
            time,
            RECORDS,
            "per record",
        );
        let time = least(ROUNDS, || {
            for payload in &self.payloads {
                black_box(serde_json::from_str::<Json>(payload).expect("JSON"));
            }
        });
        line("JSON to serde_json::Value", time, RECORDS, "per record");
    }
}

fn native_rules(record: &[u8], slots: &[usize; 7]) -> usize {
    let long = |slot: usize| i64::from_le_bytes(record[slot + 8..slot + 16].try_into().expect("eight bytes"));
    let part = |at: usize| u32::from_le_bytes(record[at..at + 4].try_into().expect("four bytes")) as usize;
    let text = |slot: usize| &record[part(slot + 12)..][..part(slot + 8)];
    let is = |slot: usize, tag: usize| part(slot) == tag;
    let [status, amount, email, opt, score, kind, tier] = *slots;
    let is_text = |slot: usize, wanted: &[u8]| is(slot, 4) && text(slot) == wanted;
    let is_number = |slot: usize| is(slot, 3);
    [
        is_text(status, b"Closed") && is_number(amount) && long(amount) > 1_000_000_000,
        is(email, 1) && long(opt) == 0,
        is_number(score) && (long(score) > 100_000_000 || long(score) < 0),
        is_text(kind, b"Partner") && is(tier, 1),
        long(opt) == 1
            && is_number(amount)
            && long(amount) > 5_000_000_000
            && is_number(score)
            && long(score) <= 50_000_000,
    ]
    .into_iter()
    .filter(|fires| *fires)
    .count()
}

fn json_rules(record: &Json) -> usize {
    let number = |name: &str| record[name].as_f64();
    let is = |name: &str, wanted: &str| record[name].as_str() == Some(wanted);
    let opt = record["Opt__c"].as_bool() == Some(true);
    let blank = |name: &str| record[name].as_str().is_none_or(str::is_empty);
    let (amount, score) = (number("Amount__c"), number("Score__c"));
    [
        is("Status__c", "Closed") && amount.is_some_and(|amount| amount > 1000.0),
        blank("Email") && !opt,
        score.is_some_and(|score| !(0.0..=100.0).contains(&score)),
        is("Type__c", "Partner") && blank("Tier__c"),
        opt && amount.is_some_and(|amount| amount > 5000.0) && score.is_some_and(|score| score <= 50.0),
    ]
    .into_iter()
    .filter(|fires| *fires)
    .count()
}

/// An org with one object and so many validation rules.
fn org(rules: usize) -> Arc<Org> {
    let folder = tempfile::tempdir().expect("a folder");
    let fields = [
        ("Status__c", "<type>Picklist</type>"),
        ("Type__c", "<type>Picklist</type>"),
        ("Email", "<type>Email</type>"),
        ("Tier__c", "<type>Text</type><length>80</length>"),
        ("Amount__c", "<type>Number</type><precision>18</precision><scale>2</scale>"),
        ("Score__c", "<type>Number</type><precision>18</precision><scale>0</scale>"),
        ("Opt__c", "<type>Checkbox</type>"),
    ];
    let dir = folder.path().join("objects/Contact/fields");
    std::fs::create_dir_all(&dir).expect("a folder");
    for (name, inner) in fields {
        let text = format!(
            "<CustomField xmlns=\"http://soap.sforce.com/2006/04/metadata\"><fullName>{name}</fullName>\
             <label>{name}</label>{inner}</CustomField>"
        );
        std::fs::write(dir.join(format!("{name}.field-meta.xml")), text).expect("a file");
    }
    let mut org = Org::read(folder.path()).expect("the org is read");
    let rule = |(at, condition)| ValidationRule {
        object: "Contact".into(),
        name: format!("R{at}"),
        condition,
        message: "No.".into(),
        field: None,
        place: Place::default(),
    };
    let validation = sources(rules).into_iter().enumerate().map(rule).collect();
    org.rules = RuleSet { validation, ..RuleSet::default() };
    Arc::new(org)
}

fn compiled(org: &Arc<Org>, evaluator: Evaluator) -> Compiled {
    let compiled = compile_with(org, &CompileOptions { evaluator, ..CompileOptions::default() });
    assert_eq!(compiled.report.errors, []);
    compiled
}

/// The engine as the sandbox asks it: records by trait, verdicts with names and messages.
fn engines(rules: usize) {
    let org = org(rules);
    let records: Vec<Values> = (0..RECORDS).map(|at| record(&payload(at))).collect();
    let records: Vec<&dyn Record> = records.iter().map(|record| record as &dyn Record).collect();
    let environment = environment();
    for (evaluator, name) in [(Evaluator::Wasm, "WASM"), (Evaluator::Reference, "reference")] {
        let rules_of = compiled(&org, evaluator).rules;
        let time = least(20, || {
            black_box(rules_of.validate_batch("Contact", &records, &environment));
        });
        line(&format!("{rules} rules, the whole engine, by {name}"), time, RECORDS, "per record");
    }
}

fn compilation(rules: usize) {
    let org = org(rules);
    let reference = least(3, || drop(black_box(compiled(&org, Evaluator::Reference))));
    line(&format!("{rules} rules: parse, check, emit"), reference, 1, "");
    let time = least(3, || drop(black_box(compiled(&org, Evaluator::Wasm))));
    line(&format!("{rules} rules: the same and machine code"), time, 1, "");
    let report = compiled(&org, Evaluator::Wasm).report;
    println!("{:<66} {:>14} bytes", format!("{rules} rules as WASM"), report.sizes.wasm_bytes);
}

/// Start-up with 100 rules that were compiled before.
fn start_up() {
    let folder = tempfile::tempdir().expect("a folder");
    compiled(&org(100), Evaluator::Wasm).artifact.write(folder.path()).expect("the artifact is written");
    let host = Host::new(HostConfig::default()).expect("the host starts");
    let read = least(20, || drop(black_box(Artifact::read(folder.path()).expect("it is read"))));
    line("100 rules: rules.json and rules.wasm read", read, 1, "");
    let time = least(3, || {
        let artifact = Artifact::read(folder.path()).expect("it is read");
        black_box(Rules::of_artifact(artifact, &host).expect("it loads"));
    });
    line("100 rules: the same and machine code", time, 1, "");
    let artifact = Artifact::read(folder.path()).expect("it is read");
    artifact.ahead_of_time(&host).expect("it compiles").write(folder.path()).expect("it is written");
    let time = least(20, || {
        let artifact = Artifact::read(folder.path()).expect("it is read");
        black_box(Rules::of_artifact(artifact, &host).expect("it loads"));
    });
    line("100 rules: read and loaded, compiled ahead of time", time, 1, "");
    let artifact = Artifact::read(folder.path()).expect("it is read");
    let (imports, code) = (imports(), artifact.machine_code.expect("it was compiled"));
    let time = least(50, || {
        let loaded = host.load_core("rules", &artifact.wasm, &code, &imports, Limits::core());
        black_box(loaded.expect("it loads"));
    });
    line("100 rules: machine code alone loaded", time, 1, "");
}

fn imports() -> Vec<(&'static str, usize)> {
    formula::library::IMPORTS.iter().map(|import| (import.name, import.arguments)).collect()
}
