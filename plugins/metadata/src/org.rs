//! The model of an org: what its metadata says, resolved and ready to be asked.
//!
//! Names keep the spelling of the metadata; look-ups ignore case, as Salesforce's API does.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use crate::rules::{RecordType, RuleSet, UnknownRule};

/// An org: its objects and the export user.
#[derive(Debug, Clone, Default)]
pub struct Org {
    /// Objects by lower-cased API name.
    pub objects: BTreeMap<String, Object>,
    /// Who writes to this org.
    pub user: ExportUser,
    /// Its active rules.
    pub rules: RuleSet,
    /// What was found in the folder but could not be used, with file and line. Never silently skipped.
    pub warnings: Vec<Warning>,
    /// Active rules of the folder whose effect is not known: a copy of [`RuleSet::unknown`].
    pub unchecked: Vec<UnknownRule>,
    /// Lower-cased names of objects of which only a part is known: custom ones without their object file, standard ones
    /// without a table. They may have more fields than the model.
    pub undescribed: BTreeSet<String>,
}

impl Org {
    /// The object of this API name, whatever its case.
    pub fn object(&self, api_name: &str) -> Option<&Object> {
        self.objects.get(&api_name.to_ascii_lowercase())
    }

    /// The record type that a new record of `object` gets when it names none; none when the user's profile has none.
    pub fn default_record_type(&self, object: &str) -> Option<&RecordType> {
        let mut own =
            self.rules.record_types.iter().filter(|found| found.object.eq_ignore_ascii_case(object));
        own.find(|found| self.user.default_record_types.iter().any(|name| found.is_named(name)))
    }
}

/// Something in the folder that was read past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Path relative to the org folder.
    pub file: String,
    /// 1-based; 0 when the whole file is meant.
    pub line: u32,
    /// What and why.
    pub message: String,
}

/// One object (standard or custom).
#[derive(Debug, Clone)]
pub struct Object {
    /// `Contact`, `Touchpoint__c`.
    pub api_name: String,
    /// Shown name.
    pub label: String,
    /// Shown plural name.
    pub plural_label: String,
    /// Whether it ends in `__c` (or another custom suffix).
    pub custom: bool,
    /// First three characters of its records' ids, for example `003`.
    pub key_prefix: String,
    /// Fields by lower-cased API name, system fields (`Id`, `CreatedDate`, ...) included.
    pub fields: BTreeMap<String, Field>,
}

impl Object {
    /// The field of this API name, whatever its case.
    pub fn field(&self, api_name: &str) -> Option<&Field> {
        self.fields.get(&api_name.to_ascii_lowercase())
    }

    /// The reference field reached by this relationship name (`Account` for `AccountId`, `Contact__r` for `Contact__c`).
    pub fn relationship(&self, name: &str) -> Option<&Field> {
        self.fields.values().find(|field| match &field.kind {
            FieldKind::Reference(reference) => reference.relationship_name.eq_ignore_ascii_case(name),
            _ => false,
        })
    }
}

/// One field.
#[derive(Debug, Clone)]
pub struct Field {
    /// `LastName`, `Score__c`.
    pub api_name: String,
    /// Shown name; Salesforce's messages use it.
    pub label: String,
    /// Type with its limits.
    pub kind: FieldKind,
    /// Must have a value on save (`<required>`, a Name field, a master-detail or required lookup).
    pub required: bool,
    /// No two records may share a value.
    pub unique: bool,
    /// Unique and external id values that differ in case are different.
    pub case_sensitive: bool,
    /// Can be an upsert key.
    pub external_id: bool,
    /// May never be written by an API user (system, formula, roll-up, auto-number field).
    pub read_only: bool,
    /// Whether field-level security can hide it. Required, master-detail, name and system fields cannot be hidden.
    pub securable: bool,
    /// Literal default on create, when the metadata's default is a literal.
    pub default_value: Option<serde_json::Value>,
    /// Text of the default formula when it is not a literal.
    pub default_formula: Option<String>,
}

/// A field's type.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldKind {
    /// The record id.
    Id,
    /// Single-line text; length in characters. `Text`, `EncryptedText`, and name fields.
    Text {
        /// In characters.
        length: u32,
    },
    /// Multi-line text up to 255 (`TextArea`) or `length` (`LongTextArea`, `Html`).
    LongText {
        /// In characters, for `Html` its tags included.
        length: u32,
        /// `Html`, a rich text area.
        html: bool,
    },
    /// Email address, up to 80 characters.
    Email,
    /// Phone, up to 40 characters.
    Phone,
    /// URL, up to 255 characters.
    Url {
        /// In characters.
        length: u32,
    },
    /// True or false, never null.
    Checkbox,
    /// Number, currency or percent. `precision` counts all digits, `scale` those after the point.
    Number {
        /// All digits.
        precision: u32,
        /// Digits after the point.
        scale: u32,
        /// Number, currency or percent.
        style: NumberStyle,
    },
    /// Calendar date.
    Date,
    /// Instant, kept to the second (milliseconds in answers are `.000`).
    DateTime,
    /// Time of day.
    Time,
    /// One value of a list.
    Picklist(Picklist),
    /// Several values of a list, joined by `;`.
    MultiselectPicklist(Picklist),
    /// Lookup or master-detail.
    Reference(Reference),
    /// Numbered by the CRM; the display format, for example `INV-{0000}`.
    AutoNumber {
        /// `displayFormat`.
        format: String,
    },
    /// Computed from other fields (`formula`, `returns` as in metadata).
    Formula {
        /// Its text.
        formula: String,
        /// `<type>` of the field: the type of the result.
        returns: String,
        /// `formulaTreatBlanksAs` is not `BlankAsBlank`.
        blank_as_zero: bool,
    },
    /// Roll-up summary; what it sums up is told by [`RuleSet::roll_up`].
    Summary,
    /// Latitude and longitude.
    Location {
        /// Digits after the point.
        scale: u32,
    },
    /// Compound address or name of standard objects, read-only.
    Compound,
}

/// How a number is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberStyle {
    /// `Number`, described as `double` (or `int` when the standard field is an integer).
    Number,
    /// Standard integer fields, such as `NumberOfEmployees`.
    Integer,
    /// `Currency`.
    Currency,
    /// `Percent`.
    Percent,
}

/// Values of a picklist.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Picklist {
    /// In the metadata's order.
    pub values: Vec<PicklistValue>,
    /// Values that are not listed (or inactive) are refused.
    pub restricted: bool,
}

/// One picklist value.
#[derive(Debug, Clone, PartialEq)]
pub struct PicklistValue {
    /// API value.
    pub value: String,
    /// Shown text.
    pub label: String,
    /// `isActive` is not false.
    pub active: bool,
    /// Chosen on create when nothing is sent.
    pub default: bool,
}

/// A lookup.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// API names of the objects it can point to.
    pub to: Vec<String>,
    /// Name to reach the parent: `Account`, `Contact__r`.
    pub relationship_name: String,
    /// Name to reach the children from the parent, `Touchpoints__r`, when metadata gives one.
    pub child_relationship_name: Option<String>,
    /// Master-detail: the child's rights come from the parent, deleting the parent deletes the child.
    pub master_detail: bool,
    /// What deleting the parent does.
    pub on_delete: OnDelete,
}

/// `deleteConstraint`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDelete {
    /// The lookup becomes null (the default).
    SetNull,
    /// The parent cannot be deleted.
    Restrict,
    /// The child is deleted too.
    Cascade,
}

/// The user that crm-export signs in as, with rights resolved: profile plus permission sets.
#[derive(Debug, Clone, Default)]
pub struct ExportUser {
    /// Sign-in name.
    pub username: String,
    /// Profile's name, when the folder has one.
    pub profile: Option<String>,
    /// API names of the assigned permission sets.
    pub permission_sets: Vec<String>,
    /// Fields of `$User`, as given in `export-user.json`.
    pub fields: BTreeMap<String, serde_json::Value>,
    /// Enabled custom permissions.
    pub custom_permissions: Vec<String>,
    /// Whether a custom permission that is not among [`Self::custom_permissions`] is one the user lacks: a profile or
    /// permission sets were read, or `export-user.json` says that there are none.
    pub permissions_known: bool,
    /// Record types that the user may give to a record, as `Account.Partner`; see [`Self::may_use_record_type`].
    pub record_types: Vec<String>,
    /// Record types that the user's new records get when none is named, as `Account.Partner`.
    pub default_record_types: Vec<String>,
    /// Fields of `$Profile` besides `Name`.
    pub profile_fields: BTreeMap<String, serde_json::Value>,
    /// Fields of `$UserRole`.
    pub role_fields: BTreeMap<String, serde_json::Value>,
    /// Fields of `$Organization`.
    pub organization: BTreeMap<String, serde_json::Value>,
    /// `$Setup`: fields of hierarchy custom settings as they are for the user, by API name of the setting.
    pub setup: BTreeMap<String, BTreeMap<String, serde_json::Value>>,
    /// What it may do; `None` when the folder has no profile and no permission set: then everything is allowed.
    pub rights: Option<Rights>,
}

/// Rights of the export user.
#[derive(Debug, Clone, Default)]
pub struct Rights {
    /// By lower-cased object name. An object that is missing here is not visible at all.
    pub objects: BTreeMap<String, ObjectRights>,
    /// By lower-cased `object.field`. Fields that are not [`Field::securable`] are always editable.
    pub fields: BTreeMap<String, FieldRights>,
    /// No profile is known, so standard fields count as granted (a standard profile grants them).
    pub standard_fields_granted: bool,
}

/// Object permissions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ObjectRights {
    /// Query and describe.
    pub read: bool,
    /// Insert.
    pub create: bool,
    /// Update.
    pub edit: bool,
    /// Delete.
    pub delete: bool,
    /// Every field is readable.
    pub view_all_fields: bool,
}

/// Field permissions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FieldRights {
    /// Seen in describe and queries.
    pub readable: bool,
    /// May be written.
    pub editable: bool,
}

impl ExportUser {
    /// What the user may do with this object.
    pub fn object_rights(&self, object: &Object) -> ObjectRights {
        let all = ObjectRights { read: true, create: true, edit: true, delete: true, view_all_fields: true };
        let Some(rights) = &self.rights else { return all };
        rights.objects.get(&object.api_name.to_ascii_lowercase()).copied().unwrap_or_default()
    }

    /// Whether the user may give a record this record type. Without a profile it is not known, so nothing is refused.
    pub fn may_use_record_type(&self, record_type: &RecordType) -> bool {
        let profile_known = self.rights.as_ref().is_some_and(|rights| !rights.standard_fields_granted);
        !profile_known || self.record_types.iter().any(|name| record_type.is_named(name))
    }

    /// What the user may do with this field of this object (the object's own rights apart).
    pub fn field_rights(&self, object: &Object, field: &Field) -> FieldRights {
        let all = FieldRights { readable: true, editable: true };
        let Some(rights) = &self.rights else { return all };
        let custom = field.api_name.ends_with("__c") || field.api_name.ends_with("__s");
        if !field.securable || (rights.standard_fields_granted && !custom) {
            return all;
        }
        let key = format!("{}.{}", object.api_name, field.api_name).to_ascii_lowercase();
        let mut granted = rights.fields.get(&key).copied().unwrap_or_default();
        granted.readable |= granted.editable || self.object_rights(object).view_all_fields;
        granted
    }
}

/// The largest absolute value that a number field holds: `precision - scale` digits before the point.
pub fn number_limit(precision: u32, scale: u32) -> Decimal {
    (0..precision.saturating_sub(scale)).fold(Decimal::ONE, |limit, _| limit * Decimal::TEN)
}
