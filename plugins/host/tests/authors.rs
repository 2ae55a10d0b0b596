//! The example rules as their authors' tools build them, loaded and asked: two in Rust, one in JavaScript.
//!
//! They are built before, into `$CRM_EXPORT_CACHE/rules`, by `plugins/rules/build` and `plugins/rules/javascript/build`;
//! this test needs the feature `authors`, so that nobody runs it by chance without them.

use std::fs;
use std::path::{Path, PathBuf};

use host::component::{
    Answer, Change, Context, Event, Phase, Plugin, PluginConfig, Refusal, Row, Trigger, User, Value,
};
use host::{Host, HostConfig};

const BEFORE_SAVE: [Trigger; 2] = [
    Trigger { phase: Phase::BeforeSave, event: Event::Create },
    Trigger { phase: Phase::BeforeSave, event: Event::Update },
];

#[test]
fn no_free_mail_refuses() {
    let plugin = load("no-free-mail", &PluginConfig::default());
    assert_eq!(plugin.description().fields, ["Email", "Company", "Account.Name"]);
    let lead = |email, company| vec![email, company, Value::Null];
    check(
        &plugin,
        &[
            (
                lead(text("ann@gmail.com"), text("Initech")),
                refusal("Use the business address, not one of a free provider.", "Email"),
            ),
            (lead(text("ann@example.com"), text("Initech")), Answer::Accept),
            (lead(text("ann@gmail.com"), Value::Unknown), Answer::Unknown("Company is not known".to_owned())),
        ],
    );
}

#[test]
fn normalise_phone_changes() {
    let plugin = load("normalise-phone", &PluginConfig::default());
    assert_eq!(plugin.description().objects, ["Lead", "Contact", "Account"]);
    let change = Change { field: "Phone".to_owned(), value: text("+14155550100") };
    check(
        &plugin,
        &[
            (vec![text("+1 (415) 555-0100")], Answer::Change(vec![change])),
            (vec![text("+14155550100")], Answer::Accept),
            (vec![Value::Null], Answer::Accept),
        ],
    );
}

#[test]
fn a_rule_in_javascript_keeps_the_same_contract() {
    let plugin = load("require-campaign-note", &PluginConfig::interpreter());
    assert_eq!(plugin.description().fields, ["LeadSource", "Description"]);
    check(
        &plugin,
        &[
            (
                vec![text("Campaign"), text("too short")],
                refusal("Say in at least 20 characters what came of the campaign.", "Description"),
            ),
            (vec![text("Campaign"), text("They want an offer by May.")], Answer::Accept),
            (vec![text("Web"), Value::Null], Answer::Accept),
            (vec![text("Web"), Value::Unknown], Answer::Accept),
            (vec![text("Campaign"), Value::Unknown], Answer::Unknown("Description is not known".to_owned())),
        ],
    );
}

#[track_caller]
fn check(plugin: &Plugin, cases: &[(Vec<Value>, Answer)]) {
    assert_eq!(plugin.description().name, plugin.name().trim_end_matches(".wasm"));
    assert_eq!(plugin.description().triggers, BEFORE_SAVE);
    let rows: Vec<Row> =
        cases.iter().map(|(values, _)| Row { values: values.clone(), prior: None }).collect();
    let now = "2026-11-23T19:05:00.000Z".to_owned();
    let user = User::default();
    let context =
        Context { object: "Lead".to_owned(), phase: Phase::BeforeSave, event: Event::Create, user, now };
    let expected: Vec<Answer> = cases.iter().map(|(_, answer)| answer.clone()).collect();
    assert_eq!(plugin.evaluate(&context, &rows), Ok(expected));
}

fn load(name: &str, config: &PluginConfig) -> Plugin {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let cache = std::env::var_os("CRM_EXPORT_CACHE").map_or_else(|| repository.join(".cache"), PathBuf::from);
    let file = cache.join("rules").join(name).with_extension("wasm");
    let wasm = fs::read(&file)
        .unwrap_or_else(|error| panic!("{}: {error}; run plugins/rules/build", file.display()));
    let host = Host::new(HostConfig::default()).expect("the engine starts");
    host.plugin_with(&format!("{name}.wasm"), &wasm, config).unwrap_or_else(|error| panic!("{error}"))
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn refusal(message: &str, field: &str) -> Answer {
    let code = "FIELD_CUSTOM_VALIDATION_EXCEPTION".to_owned();
    Answer::Refuse(vec![Refusal { code, message: message.to_owned(), fields: vec![field.to_owned()] }])
}
