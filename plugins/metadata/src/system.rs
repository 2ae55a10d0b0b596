//! Fields that an object has without any metadata: the record id, audit fields, owner, record type.
//!
//! Source: Object Reference, "System Fields". The owner is not `required` here, although it is never null: the CRM
//! fills it in with the user who creates the record.

use crate::org::{Field, FieldKind, OnDelete, Reference};

/// A field that the CRM alone writes and nothing can hide.
pub(crate) fn system(api_name: &str, label: &str, kind: FieldKind) -> Field {
    Field { read_only: true, securable: false, ..Field::new(api_name, label, kind) }
}

/// A plain lookup.
pub(crate) fn lookup(to: &[&str], relationship_name: &str) -> FieldKind {
    FieldKind::Reference(Reference {
        to: to.iter().map(ToString::to_string).collect(),
        relationship_name: relationship_name.to_string(),
        child_relationship_name: None,
        master_detail: false,
        on_delete: OnDelete::SetNull,
    })
}

/// `Id` and the audit fields, and `IsDeleted` when its records go to the recycle bin.
pub(crate) fn audit_fields(recycle: bool) -> Vec<Field> {
    let user = |relationship| {
        FieldKind::Reference(Reference {
            to: vec!["User".to_string()],
            relationship_name: String::from(relationship),
            child_relationship_name: None,
            master_detail: false,
            on_delete: OnDelete::Restrict,
        })
    };
    let mut fields = vec![
        system("Id", "Record ID", FieldKind::Id),
        system("CreatedDate", "Created Date", FieldKind::DateTime),
        system("CreatedById", "Created By ID", user("CreatedBy")),
        system("LastModifiedDate", "Last Modified Date", FieldKind::DateTime),
        system("LastModifiedById", "Last Modified By ID", user("LastModifiedBy")),
        system("SystemModstamp", "System Modstamp", FieldKind::DateTime),
    ];
    if recycle {
        fields.push(system("IsDeleted", "Deleted", FieldKind::Checkbox));
    }
    fields
}

/// `OwnerId`, pointing to `to`.
pub(crate) fn owner(to: &[&str]) -> Field {
    Field { securable: false, ..Field::new("OwnerId", "Owner ID", lookup(to, "Owner")) }
}

/// `RecordTypeId`, which an object has once it has record types.
pub(crate) fn record_type() -> Field {
    Field {
        securable: false,
        ..Field::new("RecordTypeId", "Record Type ID", lookup(&["RecordType"], "RecordType"))
    }
}

/// `LastActivityDate`, which a custom object has when it allows activities.
pub(crate) fn last_activity() -> Field {
    system("LastActivityDate", "Last Activity Date", FieldKind::Date)
}

/// What a custom metadata type (`__mdt`) has in place of a name, an owner and audit users.
pub(crate) fn metadata_type_fields() -> Vec<Field> {
    let text = |api_name, label, length| system(api_name, label, FieldKind::Text { length });
    vec![
        system("Id", "Record ID", FieldKind::Id),
        text("DeveloperName", "Custom Metadata Record Name", 40),
        text("MasterLabel", "Label", 40),
        text("Label", "Label", 40),
        text("Language", "Master Language", 40),
        text("NamespacePrefix", "Namespace Prefix", 15),
        text("QualifiedApiName", "Qualified API Name", 70),
        system("SystemModstamp", "System Modstamp", FieldKind::DateTime),
    ]
}

/// What a platform event (`__e`) has.
pub(crate) fn event_fields() -> Vec<Field> {
    vec![
        system("CreatedDate", "Created Date", FieldKind::DateTime),
        system("CreatedById", "Created By ID", lookup(&["User"], "CreatedBy")),
        system("EventUuid", "Event UUID", FieldKind::Text { length: 36 }),
        system("ReplayId", "Replay ID", FieldKind::Text { length: 1000 }),
    ]
}
