//! Rules that were written to files and come back.

use std::fs;

use engine::{Artifact, Compiled, Evaluator, Event, Rules};
use host::{Host, HostConfig};
use metadata::rules::{LookupFilter, RuleSet, ValidationRule};
use serde_json::json;

use crate::org::{compiled, filter, place};
use crate::world::{new, words};

fn rules() -> RuleSet {
    let rule = |name: &str, condition: &str| ValidationRule {
        object: "Account".into(),
        name: name.into(),
        condition: condition.into(),
        message: format!("{name}!"),
        field: None,
        place: place(name),
    };
    RuleSet {
        validation: vec![
            rule("High", "Double__c > 5 && NOT($Permission.Bypass)"),
            rule("Bad", "LENN(Name) > 1"),
            rule("Name", "REGEX(Name, \"[a-z]+\") && ISPICKVAL(Parent.Tier__c, \"Gold\")"),
        ],
        lookup_filters: vec![LookupFilter {
            object: "Account".into(),
            field: "ParentId".into(),
            filter: filter(None, &["Account.Share__c greaterThan 50"]),
            message: None,
            place: place("ParentId"),
        }],
        ..RuleSet::default()
    }
}

#[test]
fn written_rules_judge_as_the_compiled_ones() {
    let compiled = compiled(rules(), Evaluator::Wasm);
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("out");
    let host = Host::new(HostConfig::default()).unwrap();
    compiled.artifact.write(&dir).unwrap();
    agree(&compiled, &Rules::of_artifact(Artifact::read(&dir).unwrap(), &host).unwrap());

    compiled.artifact.clone().ahead_of_time(&host).unwrap().write(&dir).unwrap();
    let artifact = Artifact::read(&dir).unwrap();
    assert!(artifact.machine_code.is_some());
    agree(&compiled, &Rules::of_artifact(artifact.clone(), &host).unwrap());
    let other = Artifact { wasm: b"other".to_vec(), ..artifact };
    let error = Rules::of_artifact(other, &host).unwrap_err().to_string();
    assert!(error.contains("compiled for another plugin"), "{error}");
}

fn agree(compiled: &Compiled, loaded: &Rules) {
    assert_eq!(loaded.plan(), compiled.rules.plan());
    assert_eq!(loaded.evaluator(), Evaluator::Wasm);
    let parent = ["ParentId=001000000000001", "Parent.Tier__c=Gold", "Parent.Share__c:percent=50"];
    let own = ["Score__c:number=3", "Name=abc", "$Permission.Bypass:boolean="];
    for fields in [&own[..], &[&parent[..], &own[..]].concat(), &["Name=ABC", "Score__c:number=0"], &[]] {
        let (mut one, mut other) = (new(fields), new(fields));
        let [one, other] = [(&compiled.rules, &mut one), (loaded, &mut other)]
            .map(|(rules, world)| rules.explain("Account", Event::Create, world));
        assert_eq!(one, other, "{fields:?}");
        assert_eq!(one.to_string(), other.to_string(), "{fields:?}");
    }
    let payload = json!({"Score__c": 3, "Name": "a"});
    let now = formula::DateTime::read("2024-01-31 12:00:00").unwrap();
    let verdict = loaded.preflight("account", payload.as_object().unwrap(), now);
    assert_eq!(verdict, compiled.rules.preflight("account", payload.as_object().unwrap(), now));
    assert!(words(&verdict).len() == 4, "{:?}", words(&verdict));
}

#[test]
fn what_is_no_artifact_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let check = |json: &str, expected: &str| {
        fs::write(folder.path().join("rules.json"), json).unwrap();
        let error = Artifact::read(folder.path()).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    assert!(Artifact::read(folder.path()).unwrap_err().to_string().starts_with("read "));
    check("{}", "missing field `version`");
    check("{\"version\": 9}", "it has version 9, this program reads 1; compile the rules again");
    check("{\"version\": 1}", "missing field `plan`");
}
