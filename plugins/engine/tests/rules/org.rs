//! A small org: objects from a folder of metadata, rules as the model holds them.

use std::fs;
use std::sync::Arc;

use engine::{CompileOptions, Compiled, Evaluator, compile_with};
use metadata::Org;
use metadata::rules::{Filter, FilterItem, Place, RuleSet};

/// Account and Contact with these custom fields, and a child of Account.
const FIELDS: &[(&str, &str)] = &[
    (
        "Account.Tier__c",
        "<type>Picklist</type><valueSet><valueSetDefinition><value><fullName>Gold</fullName></value>\
        <value><fullName>Silver</fullName></value><value><fullName>Old</fullName><isActive>false</isActive></value>\
        <value><fullName>Bronze</fullName></value></valueSetDefinition></valueSet>",
    ),
    (
        "Account.Colours__c",
        "<type>MultiselectPicklist</type><valueSet><valueSetDefinition><value><fullName>Red</fullName>\
        </value><value><fullName>Blue</fullName></value></valueSetDefinition></valueSet>",
    ),
    ("Account.Score__c", "<type>Number</type><precision>18</precision><scale>2</scale>"),
    ("Account.Share__c", "<type>Percent</type><precision>5</precision><scale>2</scale>"),
    ("Account.Open__c", "<type>Checkbox</type>"),
    ("Account.Since__c", "<type>Date</type><defaultValue>TODAY() + 7</defaultValue>"),
    (
        "Account.Double__c",
        "<type>Number</type><precision>18</precision><scale>2</scale><formula>Score__c * 2</formula>",
    ),
    (
        "Account.Four__c",
        "<type>Number</type><precision>18</precision><scale>2</scale><formula>Double__c * 2</formula>\
        <formulaTreatBlanksAs>BlankAsBlank</formulaTreatBlanksAs>",
    ),
    ("Account.Fixed__c", "<type>Text</type><formula>\"always\"</formula>"),
    (
        "Account.Loop__c",
        "<type>Number</type><precision>18</precision><scale>2</scale><formula>Loop__c + 1</formula>",
    ),
    (
        "Account.Bad__c",
        "<type>Number</type><precision>18</precision><scale>2</scale><formula>LENN(Name) + 1</formula>",
    ),
    ("Contact.Score__c", "<type>Number</type><precision>18</precision><scale>2</scale>"),
];

/// The org with these rules.
pub fn org(rules: RuleSet) -> Arc<Org> {
    let folder = tempfile::tempdir().unwrap();
    let write = |object: &str, kind: &str, name: &str, inner: &str| {
        let dir = folder.path().join("objects").join(object).join(kind);
        fs::create_dir_all(&dir).unwrap();
        let text =
            format!("<CustomField xmlns=\"http://soap.sforce.com/2006/04/metadata\">{inner}</CustomField>");
        fs::write(dir.join(format!("{name}.field-meta.xml")), text).unwrap();
    };
    for (name, inner) in FIELDS {
        let (object, field) = name.split_once('.').unwrap();
        write(object, "fields", field, &format!("<fullName>{field}</fullName><label>{field}</label>{inner}"));
    }
    let mut org = Org::read(folder.path()).unwrap();
    org.rules = rules;
    Arc::new(org)
}

/// The rules of an org, to be evaluated by the reference or by WASM.
pub fn compiled(rules: RuleSet, evaluator: Evaluator) -> Compiled {
    let compiled = compile_with(&org(rules), &CompileOptions { evaluator, ..CompileOptions::default() });
    assert_eq!((compiled.rules.evaluator(), &compiled.report.without_wasm), (evaluator, &None));
    compiled
}

/// Both evaluators: what one says the other must say.
pub const BOTH: [Evaluator; 2] = [Evaluator::Reference, Evaluator::Wasm];

/// Where a rule stands.
pub fn place(name: &str) -> Place {
    Place { file: format!("objects/Account/{name}.xml"), line: 7 }
}

/// A filter of `field operation value` conditions; `valueField` stands behind `@`, a value of `-` is none.
pub fn filter(logic: Option<&str>, items: &[&str]) -> Filter {
    let items = items.iter().map(|item| {
        let mut words = item.splitn(3, ' ').map(str::to_owned);
        let (field, operation) = (words.next().unwrap(), words.next().unwrap());
        let value = words.next().filter(|value| value != "-");
        let value_field = value.as_deref().and_then(|value| value.strip_prefix('@')).map(str::to_owned);
        FilterItem { field, operation, value: value.filter(|value| !value.starts_with('@')), value_field }
    });
    Filter { items: items.collect(), logic: logic.map(str::to_owned) }
}
