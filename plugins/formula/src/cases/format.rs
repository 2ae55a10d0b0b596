//! The JSON of formula cases, as `conformance/README.md` describes it, with three members more for rules: a row's
//! `prior` record, and types Picklist, MultiPicklist and Id.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::types::{NumberStyle, Type};

/// A formula with rows of records and expectations.
#[derive(Debug, Clone, Deserialize)]
pub struct Case {
    /// Its name.
    pub name: String,
    /// The type of its result.
    #[serde(deserialize_with = "read_type")]
    pub returns: Type,
    /// The formula.
    pub formula: String,
    /// The fields that it may use.
    #[serde(default)]
    pub fields: Vec<CaseField>,
    /// The records.
    pub rows: Vec<CaseRow>,
}

/// A field of a case.
#[derive(Debug, Clone, Deserialize)]
pub struct CaseField {
    /// Its name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type", deserialize_with = "read_type")]
    pub given: Type,
    /// For a formula field, its formula over the other fields.
    #[serde(default)]
    pub formula: Option<String>,
}

/// A record with what the formula must give.
#[derive(Debug, Clone, Deserialize)]
pub struct CaseRow {
    /// Stored values by field; a field that is not there is not known.
    #[serde(default)]
    pub record: BTreeMap<String, Option<String>>,
    /// The record before the change; without it the record is new.
    #[serde(default)]
    pub prior: Option<BTreeMap<String, Option<String>>>,
    /// What a formula gives that treats blanks as zeros.
    #[serde(default)]
    pub blank_as_zero: Option<Expected>,
    /// What a formula gives that treats blanks as blanks.
    #[serde(default)]
    pub blank_as_blank: Option<Expected>,
}

/// What a formula must give.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Expected {
    /// A stored value, or null.
    Value(Option<String>),
    /// Any error; its name need not be the same.
    Error(String),
    /// Unknown, with a reason that contains this.
    Unknown(String),
}

/// A file of cases cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the file is not a list of formula cases: {0}")]
pub struct CasesError(#[from] serde_json::Error);

/// Reads a file of cases.
pub fn read_cases(json: &str) -> Result<Vec<Case>, CasesError> {
    Ok(serde_json::from_str(json)?)
}

fn read_type<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Type, D::Error> {
    let name = String::deserialize(deserializer)?;
    Ok(match name.as_str() {
        "Text" => Type::Text,
        "Double" | "Number" => Type::NUMBER,
        "Currency" => Type::Number(NumberStyle::Currency),
        "Percent" => Type::Number(NumberStyle::Percent),
        "Boolean" => Type::Boolean,
        "DateOnly" | "Date" => Type::Date,
        "DateTime" => Type::DateTime,
        "TimeOnly" | "Time" => Type::Time,
        "Picklist" => Type::Picklist,
        "MultiPicklist" => Type::MultiPicklist,
        "Id" => Type::Id,
        other => return Err(serde::de::Error::custom(format!("{other} is not a type of formula cases"))),
    })
}
