//! An org made by hand for unit tests: accounts, contacts, and a custom object.

use std::sync::LazyLock;

use metadata::Org;
use metadata::org::{Field, FieldKind, NumberStyle, Object, OnDelete, Picklist, PicklistValue, Reference};

use crate::watch::Watch;

fn field(name: &str, label: &str, kind: FieldKind) -> Field {
    Field {
        api_name: name.into(),
        label: label.into(),
        kind,
        required: false,
        unique: false,
        case_sensitive: false,
        external_id: false,
        read_only: false,
        securable: true,
        default_value: None,
        default_formula: None,
    }
}

fn system(name: &str, label: &str, kind: FieldKind) -> Field {
    Field { read_only: true, securable: false, ..field(name, label, kind) }
}

/// What a view of a test watches: no faults.
pub fn watch() -> &'static Watch {
    static WATCH: LazyLock<Watch> = LazyLock::new(Watch::default);
    &WATCH
}

/// A lookup.
pub fn lookup(to: &str, relationship: &str, on_delete: OnDelete) -> FieldKind {
    FieldKind::Reference(Reference {
        to: vec![to.into()],
        relationship_name: relationship.into(),
        child_relationship_name: None,
        master_detail: false,
        on_delete,
    })
}

fn choices(restricted: bool, values: &[&str]) -> Picklist {
    let value = |value: &&str| PicklistValue {
        value: value.to_string(),
        label: value.to_string(),
        active: true,
        default: *value == "Warm",
    };
    Picklist { restricted, values: values.iter().map(value).collect() }
}

fn object(name: &str, plural: &str, key_prefix: &str, own: Vec<Field>) -> Object {
    let user = || lookup("User", "CreatedBy", OnDelete::SetNull);
    let system = [
        system("Id", "Record ID", FieldKind::Id),
        system("IsDeleted", "Deleted", FieldKind::Checkbox),
        system("CreatedDate", "Created Date", FieldKind::DateTime),
        system("CreatedById", "Created By ID", user()),
        system("LastModifiedDate", "Last Modified Date", FieldKind::DateTime),
        system("LastModifiedById", "Last Modified By ID", user()),
        system("SystemModstamp", "System Modstamp", FieldKind::DateTime),
        Field {
            securable: false,
            ..field("OwnerId", "Owner ID", lookup("User", "Owner", OnDelete::SetNull))
        },
    ];
    let fields = system.into_iter().chain(own);
    Object {
        api_name: name.into(),
        label: name.trim_end_matches("__c").into(),
        plural_label: plural.into(),
        custom: name.ends_with("__c"),
        key_prefix: key_prefix.into(),
        fields: fields.map(|field| (field.api_name.to_ascii_lowercase(), field)).collect(),
    }
}

fn external_id() -> Field {
    Field { external_id: true, unique: true, ..field("Ext__c", "Ext", FieldKind::Text { length: 20 }) }
}

/// The org; everything is allowed.
pub fn org() -> Org {
    let text = |length| FieldKind::Text { length };
    let number = FieldKind::Number { precision: 4, scale: 2, style: NumberStyle::Number };
    let account = object(
        "Account",
        "Accounts",
        "001",
        vec![
            Field { required: true, securable: false, ..field("Name", "Account Name", text(80)) },
            external_id(),
            Field { external_id: true, ..field("Group__c", "Group", text(20)) },
        ],
    );
    let contact = object(
        "Contact",
        "Contacts",
        "003",
        vec![
            Field { required: true, securable: false, ..field("LastName", "Last Name", text(80)) },
            field("FirstName", "First Name", text(40)),
            system("Name", "Full Name", FieldKind::Compound),
            field("Email", "Email", FieldKind::Email),
            field("AccountId", "Account ID", lookup("Account", "Account", OnDelete::Cascade)),
            external_id(),
            field("Score__c", "Score", number),
            field("Active__c", "Active", FieldKind::Checkbox),
            field("Day__c", "Day", FieldKind::Date),
            field("Rating__c", "Rating", FieldKind::Picklist(choices(true, &["Hot", "Warm"]))),
            field("Interests__c", "Interests", FieldKind::MultiselectPicklist(choices(false, &["A", "B"]))),
        ],
    );
    let touchpoint = object(
        "Touchpoint__c",
        "Touchpoints",
        "a01",
        vec![
            system("Name", "Number", FieldKind::AutoNumber { format: "TP-{0000}".into() }),
            external_id(),
            Field { required: true, ..field("Type__c", "Type", text(20)) },
            field("Contact__c", "Contact", lookup("Contact", "Contact__r", OnDelete::SetNull)),
            field("Account__c", "Account", lookup("Account", "Account__r", OnDelete::Restrict)),
        ],
    );
    let objects = [account, contact, touchpoint];
    Org {
        objects: objects.into_iter().map(|object| (object.api_name.to_ascii_lowercase(), object)).collect(),
        ..Org::default()
    }
}
