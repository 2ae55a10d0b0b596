//! A small org with flows: its folder, its rules.

use std::fs;
use std::sync::Arc;

use engine::{CompileOptions, Compiled, Evaluator, Rules, compile_with};

const FIELDS: &[(&str, &str)] = &[
    ("Tier__c", "<type>Text</type><length>20</length>"),
    ("Score__c", "<type>Number</type><precision>18</precision><scale>2</scale>"),
    ("Share__c", "<type>Percent</type><precision>5</precision><scale>2</scale>"),
    ("Open__c", "<type>Checkbox</type>"),
    ("Since__c", "<type>Date</type>"),
    (
        "Double__c",
        "<type>Number</type><precision>18</precision><scale>2</scale><formula>Score__c * 2</formula>",
    ),
];

/// An org, compiled for the reference evaluator and for WASM.
pub struct Org {
    pub reference: Compiled,
    pub wasm: Compiled,
}

impl Org {
    /// The org with these flows, named `Flow1`, `Flow2` and so on.
    pub fn new(flows: &[&str]) -> Self {
        let named = flows.iter().enumerate().map(|(at, flow)| (format!("Flow{}", at + 1), *flow));
        Self::named(&named.collect::<Vec<_>>())
    }

    /// The org with these flows.
    pub fn named(flows: &[(String, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let write = |file: String, kind: &str, inner: &str| {
            let file = folder.path().join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            let text = format!("<{kind} xmlns=\"http://soap.sforce.com/2006/04/metadata\">{inner}</{kind}>");
            fs::write(file, text).unwrap();
        };
        for (name, inner) in FIELDS {
            let inner = format!("<fullName>{name}</fullName><label>{name}</label>{inner}");
            write(format!("objects/Account/fields/{name}.field-meta.xml"), "CustomField", &inner);
        }
        for (name, flow) in flows {
            write(format!("flows/{name}.flow-meta.xml"), "Flow", flow);
        }
        let org = Arc::new(metadata::Org::read(folder.path()).unwrap());
        let compile = |evaluator| compile_with(&org, &CompileOptions { evaluator, ..Default::default() });
        Self { reference: compile(Evaluator::Reference), wasm: compile(Evaluator::Wasm) }
    }

    /// Its rules by both evaluators.
    pub fn evaluators(&self) -> impl Iterator<Item = &Rules> {
        [&self.reference.rules, &self.wasm.rules].into_iter()
    }
}
