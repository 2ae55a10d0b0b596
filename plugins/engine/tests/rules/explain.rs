//! Explanations, as data and as text.

use engine::{Evaluator, Event};
use metadata::rules::{LookupFilter, RuleSet, UnknownRule, ValidationRule};
use serde_json::json;

use crate::org::{BOTH, compiled, filter, place};
use crate::world::new;

fn rules() -> RuleSet {
    let condition = "AND(\n  ISPICKVAL(Tier__c, \"Gold\"),\n  Double__c > 5, OR(ISBLANK(Name), Open__c))";
    RuleSet {
        validation: vec![ValidationRule {
            object: "Account".into(),
            name: "Gold".into(),
            condition: condition.into(),
            message: "Gold is full.".into(),
            field: Some("Tier__c".into()),
            place: place("Gold"),
        }],
        lookup_filters: vec![LookupFilter {
            object: "Account".into(),
            field: "ParentId".into(),
            filter: filter(None, &["Account.Tier__c equals Gold"]),
            message: Some("Gold parents only.".into()),
            place: place("ParentId"),
        }],
        unknown: vec![UnknownRule {
            kind: "Apex trigger".into(),
            name: "Sync".into(),
            object: Some("Account".into()),
            reason: "what Apex does cannot be known from metadata".into(),
            file: "triggers/Sync.trigger".into(),
        }],
        ..RuleSet::default()
    }
}

const TEXT: &str = r#"lookup filter Account.ParentId
  objects/Account/ParentId.xml:7
  FIELD_FILTER_VALIDATION_EXCEPTION at ParentId: Gold parents only.

  ISPICKVAL(Parent.Tier__c, "Gold")  false
    Parent.Tier__c                   "Silver"

validation rule Account.Gold
  objects/Account/Gold.xml:7
  FIELD_CUSTOM_VALIDATION_EXCEPTION at Tier__c: Gold is full.

  AND( ISPICKVAL(Tier__c, "Gold"), Double__c > 5, OR(ISBLANK(Name), Open...  true
    ISPICKVAL(Tier__c, "Gold")                                               true
      Tier__c                                                                "Gold"
    Double__c > 5                                                            true
      Double__c                                                              6
    OR(ISBLANK(Name), Open__c)                                               true
      ISBLANK(Name)                                                          true
        Name                                                                 null
      Open__c                                                                not needed

Not known:
  automation Sync (triggers/Sync.trigger): Apex trigger Sync: what Apex does cannot be known from metadata
"#;

#[test]
fn a_refusal_is_explained_with_the_values_of_its_parts() {
    for evaluator in BOTH {
        let compiled = compiled(rules(), evaluator);
        let mut world = new(&[
            "Tier__c=Gold",
            "Score__c:number=3",
            "Name=",
            "ParentId=001000000000001",
            "Parent.Tier__c=Silver",
        ]);
        let explanation = compiled.rules.explain("Account", Event::Create, &mut world);
        assert_eq!(explanation.to_string(), TEXT, "by {evaluator:?}");

        let json = serde_json::to_value(&explanation).unwrap();
        let double = json!({
            "text": "Double__c > 5", "type": "boolean", "state": "value", "value": "true", "field": null,
            "parts": [
                { "text": "Double__c", "type": "number", "state": "value", "value": "6", "field": "Double__c", "parts": [] },
                { "text": "5", "type": "number", "state": "value", "value": "5", "field": null, "parts": [] },
            ],
        });
        assert_eq!(json["refused"][1]["tree"]["parts"][1], double);
        assert_eq!(json["refused"][1]["code"], "FIELD_CUSTOM_VALIDATION_EXCEPTION");
        assert_eq!(json["refused"][1]["rule"]["name"], "Account.Gold");
        assert_eq!(json["refused"][1]["line"], 7);
        assert_eq!(json["unknown"][0]["rule"]["kind"], "automation");
    }
}

#[test]
fn nothing_refuses_but_something_is_unknown() {
    let compiled = compiled(rules(), Evaluator::Wasm);
    let mut world = new(&["Tier__c=Silver"]);
    let text = compiled.rules.explain("Account", Event::Create, &mut world).to_string();
    let expected = "No rule refuses this Account.

Not known:
  lookup filter Account.ParentId (objects/Account/ParentId.xml): ParentId: the field was not sent
  automation Sync (triggers/Sync.trigger): Apex trigger Sync: what Apex does cannot be known from metadata
";
    assert_eq!(text, expected);
}
