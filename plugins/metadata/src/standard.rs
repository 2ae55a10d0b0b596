//! The standard objects that every org has, from the tables in `standard/` (its README says how to read them).
//!
//! The tables are ours and covered by a test, so a mistake in one is a bug and not an error of the reader.

use crate::compound;
use crate::org::{Field, FieldKind, NumberStyle, Object, OnDelete};
use crate::picklist::ValueSets;
use crate::system;

const TABLES: &[&str] = &[
    include_str!("../standard/Account.txt"),
    include_str!("../standard/Asset.txt"),
    include_str!("../standard/Campaign.txt"),
    include_str!("../standard/CampaignMember.txt"),
    include_str!("../standard/Case.txt"),
    include_str!("../standard/Contact.txt"),
    include_str!("../standard/ContentVersion.txt"),
    include_str!("../standard/Contract.txt"),
    include_str!("../standard/Event.txt"),
    include_str!("../standard/Group.txt"),
    include_str!("../standard/Lead.txt"),
    include_str!("../standard/Note.txt"),
    include_str!("../standard/Opportunity.txt"),
    include_str!("../standard/OpportunityContactRole.txt"),
    include_str!("../standard/OpportunityLineItem.txt"),
    include_str!("../standard/Organization.txt"),
    include_str!("../standard/Pricebook2.txt"),
    include_str!("../standard/PricebookEntry.txt"),
    include_str!("../standard/Product2.txt"),
    include_str!("../standard/Profile.txt"),
    include_str!("../standard/RecordType.txt"),
    include_str!("../standard/Task.txt"),
    include_str!("../standard/User.txt"),
    include_str!("../standard/UserRole.txt"),
];

/// The standard objects, with picklist values from `sets`.
pub(crate) fn objects(sets: &ValueSets) -> impl Iterator<Item = Object> {
    TABLES.iter().map(|table| object(table, sets))
}

fn object(table: &str, sets: &ValueSets) -> Object {
    let (head, lines) = table.split_once("\n\n").expect("a table has a head, an empty line and fields");
    let entry = |name| head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    let mut names = entry("object").expect("a table names its object").split(", ");
    let mut name = || names.next().expect("an object has three names").to_string();
    let (api_name, label, plural_label) = (name(), name(), name());

    let mut fields = system::audit_fields(entry("recycle") != Some("no"));
    let owner = entry("owner").expect("a table names the owner");
    if owner != "none" {
        fields.push(system::owner(&owner.split(',').collect::<Vec<_>>()));
    }
    fields.extend(lines.lines().flat_map(|line| fields_of(line, sets)));
    let fields = fields.into_iter().map(|field| (field.api_name.to_ascii_lowercase(), field)).collect();
    let key_prefix = entry("prefix").expect("a table gives the key prefix").to_string();
    Object { api_name, label, plural_label, custom: false, key_prefix, fields }
}

/// The field of one line, and its parts when it is an address.
fn fields_of(line: &str, sets: &ValueSets) -> Vec<Field> {
    let mut columns = line.split('|').map(str::trim);
    let mut column = || columns.next().unwrap_or_default();
    let (api_name, label, words, notes) = (column(), column(), column(), column());
    let mut field = Field::new(api_name, label, kind(words, sets));
    for note in notes.split(',').map(str::trim).filter(|note| !note.is_empty()) {
        apply(note, &mut field);
    }
    field.securable &= !field.required;
    let parts = match words {
        "address" => compound::address_parts(&field, sets.standard("GeocodeAccuracy")),
        _ => Vec::new(),
    };
    [field].into_iter().chain(parts).collect()
}

fn kind(words: &str, sets: &ValueSets) -> FieldKind {
    let (word, rest) = words.split_once(' ').unwrap_or((words, ""));
    let whole = |text: &str| text.parse().expect("a number follows the type");
    let number = |style| {
        let (precision, scale) = rest.split_once(',').unwrap_or((rest, "0"));
        FieldKind::Number { precision: whole(precision), scale: whole(scale), style }
    };
    match word {
        "text" => FieldKind::Text { length: whole(rest) },
        "textarea" => FieldKind::LongText { length: whole(rest), html: false },
        "url" => FieldKind::Url { length: whole(rest) },
        "email" => FieldKind::Email,
        "phone" => FieldKind::Phone,
        "checkbox" => FieldKind::Checkbox,
        "date" => FieldKind::Date,
        "datetime" => FieldKind::DateTime,
        "time" => FieldKind::Time,
        "integer" => number(NumberStyle::Integer),
        "number" => number(NumberStyle::Number),
        "currency" => number(NumberStyle::Currency),
        "percent" => number(NumberStyle::Percent),
        "picklist" => FieldKind::Picklist(sets.standard(rest)),
        "autonumber" => FieldKind::AutoNumber { format: rest.to_string() },
        "compound" | "address" => FieldKind::Compound,
        "lookup" => {
            let (to, relationship) = rest.split_once(" as ").expect("a lookup has a relationship name");
            system::lookup(&to.split(',').collect::<Vec<_>>(), relationship)
        }
        _ => unreachable!("type \"{words}\" in a standard table"),
    }
}

fn apply(note: &str, field: &mut Field) {
    match (note, &mut field.kind) {
        ("required", _) => field.required = true,
        ("read-only", _) => field.read_only = true,
        ("always", _) => field.securable = false,
        ("unique", _) => field.unique = true,
        ("cascade", FieldKind::Reference(reference)) => reference.on_delete = OnDelete::Cascade,
        ("restrict", FieldKind::Reference(reference)) => reference.on_delete = OnDelete::Restrict,
        ("default true", _) => field.default_value = Some(true.into()),
        _ => match note.strip_prefix("default ") {
            Some(value) => field.default_value = Some(value.into()),
            None => unreachable!("note \"{note}\" on {} in a standard table", field.api_name),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::folder::Folder;
    use crate::read::Findings;

    fn all() -> BTreeMap<String, Object> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("A.profile"), "<Profile/>").unwrap();
        let mut findings = Findings::default();
        let folder = Folder::open(folder.path(), &mut findings).unwrap();
        let sets = ValueSets::read(&folder, &mut findings).unwrap();
        objects(&sets).map(|object| (object.api_name.clone(), object)).collect()
    }

    #[test]
    fn tables_agree_with_each_other() {
        let objects = all();
        let prefixes: BTreeSet<_> = objects.values().map(|object| object.key_prefix.clone()).collect();
        assert_eq!(prefixes.len(), TABLES.len(), "every object is there, with a prefix of its own");
        assert!(prefixes.iter().all(|prefix| prefix.len() == 3));
        for object in objects.values() {
            for field in object.fields.values() {
                let name = format!("{}.{}", object.api_name, field.api_name);
                if let FieldKind::Reference(reference) = &field.kind {
                    assert!(!reference.relationship_name.is_empty(), "{name}");
                    assert!(
                        reference.to.iter().all(|to| objects.contains_key(to)),
                        "{name}: {:?}",
                        reference.to
                    );
                }
                assert!(!field.label.is_empty(), "{name} has a label");
                assert!(!(field.required && field.read_only), "{name} can be given");
            }
            let names = object.fields.values().filter_map(|field| match &field.kind {
                FieldKind::Reference(reference) => Some(&reference.relationship_name),
                _ => None,
            });
            let names: Vec<_> = names.collect();
            assert_eq!(
                names.len(),
                names.iter().collect::<BTreeSet<_>>().len(),
                "{}: {names:?}",
                object.api_name
            );
        }
    }

    #[test]
    fn every_set_that_a_table_names_exists() {
        let named = TABLES.iter().flat_map(|table| table.lines()).filter_map(|line| {
            let words = line.split('|').nth(2)?.trim();
            Some((line, words.strip_prefix("picklist ")?))
        });
        let sets = include_str!("../standard/value-sets.txt");
        for (line, set) in named {
            assert!(
                sets.lines().any(|known| known.trim_start_matches('!').starts_with(&format!("{set}:"))),
                "{line}"
            );
        }
    }

    fn check(object: &str, field: &str, expected: &str) {
        let objects = all();
        let field = objects[object].field(field).unwrap();
        let kind = match &field.kind {
            FieldKind::Reference(reference) => {
                format!("{} as {}", reference.to.join("/"), reference.relationship_name)
            }
            FieldKind::Picklist(picklist) => format!("{} values", picklist.values.len()),
            kind => format!("{kind:?}"),
        };
        let flags =
            [(field.required, " required"), (field.read_only, " read-only"), (!field.securable, " always")];
        let flags: String = flags.iter().filter(|(set, _)| *set).map(|(_, word)| *word).collect();
        assert_eq!(format!("{}: {kind}{flags}", field.label), expected, "{object}.{}", field.api_name);
    }

    #[test]
    fn well_known_fields() {
        check("Account", "Name", "Account Name: Text { length: 255 } required always");
        check("Account", "BillingCity", "Billing City: Text { length: 40 }");
        check("Account", "BillingAddress", "Billing Address: Compound read-only");
        check("Account", "ParentId", "Parent Account ID: Account as Parent");
        check("Account", "Industry", "Industry: 32 values");
        check("Contact", "LastName", "Last Name: Text { length: 80 } required always");
        check("Contact", "Name", "Full Name: Compound read-only always");
        check("Contact", "ReportsToId", "Reports To ID: Contact as ReportsTo");
        check("Contact", "OwnerId", "Owner ID: User as Owner always");
        check("Contact", "CreatedById", "Created By ID: User as CreatedBy read-only always");
        check("Lead", "OwnerId", "Owner ID: User/Group as Owner always");
        check("Lead", "PostalCode", "Zip/Postal Code: Text { length: 20 }");
        check("Lead", "Status", "Status: 4 values required always");
        check("Opportunity", "Amount", "Amount: Number { precision: 18, scale: 2, style: Currency }");
        check("Case", "CaseNumber", "Case Number: AutoNumber { format: \"{00000000}\" } read-only always");
        check("Task", "WhoId", "Name ID: Contact/Lead as Who");
        assert!(all()["CampaignMember"].field("OwnerId").is_none());
        assert!(all()["User"].field("IsDeleted").is_none());
        assert!(all()["Contact"].field("isdeleted").is_some());
    }
}
