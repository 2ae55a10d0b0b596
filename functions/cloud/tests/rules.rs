//! The rules in a package: the sample org's, compiled as the deploy step does it, and folders that hold something else.

#![cfg(feature = "rules")]

#[path = "support/log.rs"]
mod log;

use std::fs;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use cloud::PackagedRules;
use domain::{AccountName, Record};
use host::{Host, HostConfig};
use jobs::clock::{Clock, SystemClock};
use jobs::rules::{Forecast, Foretold, RuleBook as _};
use log::Lines;
use metadata::Org;
use serde_json::{Value, json};
use tempfile::TempDir;
use tracing::Level;

static LOG: LazyLock<Lines> = LazyLock::new(|| {
    let lines = Lines::default();
    let out = lines.clone();
    let log = cloud::telemetry::subscriber(Level::INFO, move || out.clone());
    tracing::subscriber::set_global_default(log).expect("the only one");
    lines
});

fn packaged(package: &Path) -> Option<PackagedRules> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    PackagedRules::find(package, &clock)
}

/// A rule that the payload alone decides.
const RULE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<ValidationRule xmlns="http://soap.sforce.com/2006/04/metadata">
    <fullName>Not_Negative</fullName>
    <active>true</active>
    <errorConditionFormula>Score__c &lt; 0</errorConditionFormula>
    <errorDisplayField>Score__c</errorDisplayField>
    <errorMessage>A score is not negative.</errorMessage>
</ValidationRule>"#;

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("made");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("read").path();
        let to = to.join(path.file_name().expect("a name"));
        if path.is_dir() { copy(&path, &to) } else { fs::copy(&path, &to).map(drop).expect("copied") }
    }
}

/// A package with the rules of the sample org and one more.
fn package() -> TempDir {
    let package = TempDir::new().expect("a folder");
    let org = package.path().join("org");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/sample/org"), &org);
    let rules = org.join("force-app/main/default/objects/Contact/validationRules");
    fs::create_dir_all(&rules).expect("made");
    fs::write(rules.join("Not_Negative.validationRule-meta.xml"), RULE).expect("written");
    let compiled = engine::compile(&Arc::new(Org::read(&org).expect("the org is read")));
    let host = Host::new(HostConfig::default()).expect("a host");
    let artifact = compiled.artifact.ahead_of_time(&host).expect("compiled");
    artifact.write(&package.path().join("rules")).expect("written");
    package
}

async fn forecast(rules: &PackagedRules, fields: Value) -> Forecast {
    let json =
        json!({"object": "Contact", "externalId": {"field": "Ext__c", "value": "C-1"}, "fields": fields});
    let record = Record::from_json(json).expect("whole");
    let account = AccountName::new("acme").expect("fits");
    let mut forecasts = rules.forecast(&account, &[&record]).await.expect("asked");
    assert_eq!(forecasts.len(), 1);
    forecasts.remove(0)
}

#[tokio::test]
async fn the_packages_rules_foretell() {
    let package = package();
    let rules = packaged(package.path()).expect("there");
    let refused = Foretold::new(
        "Contact.Not_Negative",
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "A score is not negative.",
        &["Score__c"],
    );
    assert_eq!(forecast(&rules, json!({"Score__c": -1})).await, Forecast::Refuse(vec![refused]));
    assert_eq!(forecast(&rules, json!({"Score__c": 1})).await, Forecast::Accept);
    let Forecast::Unknown(why) = forecast(&rules, json!({"LastName": "Roe"})).await else {
        panic!("a guess")
    };
    assert_eq!(why, "Contact.Not_Negative: Score__c: the field was not sent");
}

#[tokio::test]
async fn broken_rules_are_told_once_and_know_nothing() {
    let package = package();
    fs::write(package.path().join("rules/rules.json"), "{}").expect("written");
    let rules = packaged(package.path()).expect("there");
    LazyLock::force(&LOG);
    for _ in 0..3 {
        let unknown = Forecast::Unknown("the package's rules could not be loaded".to_owned());
        assert_eq!(forecast(&rules, json!({"LastName": "Doe"})).await, unknown);
    }
    let lines = LOG.take();
    assert_eq!(lines.len(), 1, "{lines:?}");
    let line: Value = serde_json::from_str(&lines[0]).expect("JSON");
    assert_eq!(
        (&line["level"], &line["message"]),
        (&json!("ERROR"), &json!("failed to load the package's rules; preflight knows nothing"))
    );
    assert!(line["error"].as_str().is_some_and(|error| error.starts_with("read ")), "{line}");
}

#[test]
fn a_package_without_rules_has_none() {
    let package = TempDir::new().expect("a folder");
    assert!(packaged(package.path()).is_none());
}
