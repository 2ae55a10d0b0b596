//! The types of `plugins/wit/v1/rules.wit` in Rust: the same names in the same order. What they mean is said there.
//!
//! wasmtime compares them with the component's own types when a plugin is loaded.

use serde::{Deserialize, Serialize};
use wasmtime::component::{ComponentType, Lift, Lower};

/// The value of a field. Texts are in the forms that the contract gives.
#[derive(Debug, Clone, PartialEq, Eq, ComponentType, Lift, Lower, Serialize, Deserialize)]
#[component(variant)]
pub enum Value {
    /// Blank.
    #[component(name = "null")]
    Null,
    /// A checkbox.
    #[component(name = "boolean")]
    Boolean(bool),
    /// A number in plain digits.
    #[component(name = "decimal")]
    Decimal(String),
    /// Any text.
    #[component(name = "text")]
    Text(String),
    /// `2026-11-23`
    #[component(name = "date")]
    Date(String),
    /// `2026-11-23T19:05:00.000Z`
    #[component(name = "datetime")]
    DateTime(String),
    /// `19:05:00.000`
    #[component(name = "time")]
    Time(String),
    /// Not known here.
    #[component(name = "unknown")]
    Unknown,
}

/// What happens to the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ComponentType, Lift, Lower, Serialize, Deserialize)]
#[component(enum)]
#[repr(u8)]
pub enum Event {
    /// They are created.
    #[component(name = "create")]
    Create,
    /// They are changed.
    #[component(name = "update")]
    Update,
    /// They are deleted.
    #[component(name = "delete")]
    Delete,
}

/// The step of the save.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ComponentType, Lift, Lower, Serialize, Deserialize)]
#[component(enum)]
#[repr(u8)]
pub enum Phase {
    /// Before validation rules.
    #[component(name = "before-save")]
    BeforeSave,
    /// After the record is stored.
    #[component(name = "after-save")]
    AfterSave,
}

/// When a rule wants to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ComponentType, Lift, Lower, Serialize, Deserialize)]
#[component(record)]
pub struct Trigger {
    /// At which step.
    pub phase: Phase,
    /// At what.
    pub event: Event,
}

/// What a rule says about itself.
#[derive(Debug, Clone, PartialEq, Eq, ComponentType, Lift, Lower, Serialize, Deserialize)]
#[component(record)]
pub struct Description {
    /// Its name.
    pub name: String,
    /// API names of objects.
    pub objects: Vec<String>,
    /// API names of fields, or paths over lookups, in the order in which their values are wanted.
    pub fields: Vec<String>,
    /// When it wants to be asked.
    pub triggers: Vec<Trigger>,
}

/// Who saves.
#[derive(Debug, Clone, Default, PartialEq, Eq, ComponentType, Lift, Lower, Serialize, Deserialize)]
#[component(record)]
pub struct User {
    /// Login name.
    pub username: String,
    /// Name of the profile.
    pub profile: String,
    /// API names of permission sets.
    #[component(name = "permission-sets")]
    pub permission_sets: Vec<String>,
    /// API names of custom permissions.
    #[component(name = "custom-permissions")]
    pub custom_permissions: Vec<String>,
}

/// What all records of a call have in common.
#[derive(Debug, Clone, PartialEq, Eq, ComponentType, Lift, Lower, Serialize, Deserialize)]
#[component(record)]
pub struct Context {
    /// API name of their object.
    pub object: String,
    /// At which step.
    pub phase: Phase,
    /// What happens.
    pub event: Event,
    /// Who saves.
    pub user: User,
    /// When: `2026-11-23T19:05:00.000Z`.
    pub now: String,
}

/// A record under judgment.
#[derive(Debug, Clone, PartialEq, Eq, ComponentType, Lift, Lower, Serialize, Deserialize)]
#[component(record)]
pub struct Row {
    /// Values in the order of [`Description::fields`].
    pub values: Vec<Value>,
    /// Values before the change; none on create.
    pub prior: Option<Vec<Value>>,
}

/// Why a record is refused.
#[derive(Debug, Clone, PartialEq, Eq, ComponentType, Lift, Lower, Serialize, Deserialize)]
#[component(record)]
pub struct Refusal {
    /// The CRM's status code.
    pub code: String,
    /// The message.
    pub message: String,
    /// API names of fields.
    pub fields: Vec<String>,
}

/// A field that gets another value.
#[derive(Debug, Clone, PartialEq, Eq, ComponentType, Lift, Lower, Serialize, Deserialize)]
#[component(record)]
pub struct Change {
    /// API name of the field.
    pub field: String,
    /// Its value, never [`Value::Unknown`].
    pub value: Value,
}

/// What a rule says about a record.
#[derive(Debug, Clone, PartialEq, Eq, ComponentType, Lift, Lower, Serialize, Deserialize)]
#[component(variant)]
pub enum Answer {
    /// Nothing against it.
    #[component(name = "accept")]
    Accept,
    /// For these reasons.
    #[component(name = "refuse")]
    Refuse(Vec<Refusal>),
    /// These fields change.
    #[component(name = "change")]
    Change(Vec<Change>),
    /// It cannot be said, and why.
    #[component(name = "unknown")]
    Unknown(String),
}
