//! What profiles and permission sets grant, and what the export user may do when all of it is put together.
//!
//! Rights only ever add up; a muting permission set takes away within its group. Sharing of single records, sessions
//! (`hasActivationRequired`) and tab or page settings are not looked at. Source: reference §6.3.

use std::collections::{BTreeMap, BTreeSet};

use crate::compound;
use crate::error::OrgError;
use crate::org::{FieldKind, FieldRights, Object, ObjectRights, Rights};
use crate::read::Findings;
use crate::xml::Element;

const ALL: ObjectRights =
    ObjectRights { read: true, create: true, edit: true, delete: true, view_all_fields: false };
const READ: ObjectRights =
    ObjectRights { read: true, create: false, edit: false, delete: false, view_all_fields: false };

/// Objects that permissions do not list because every user reads them.
const READ_BY_ALL: &[&str] = &["Group", "Organization", "Profile", "RecordType", "User", "UserRole"];
/// Objects that permissions do not list because access follows the records they are attached to.
const OPEN_TO_ALL: &[&str] = &["ContentVersion", "Event", "Note", "Task"];
/// Objects that permissions do not list because access comes from another object: read from read, the rest from edit.
const FOLLOWERS: &[(&str, &str)] = &[
    ("CampaignMember", "Campaign"),
    ("OpportunityContactRole", "Opportunity"),
    ("OpportunityLineItem", "Opportunity"),
    ("PricebookEntry", "Pricebook2"),
];

/// What one or more profiles and permission sets grant.
#[derive(Debug, Default)]
pub(crate) struct Grants {
    objects: BTreeMap<String, ObjectRights>,
    fields: BTreeMap<String, FieldRights>,
    user_permissions: BTreeSet<String>,
    custom_permissions: BTreeSet<String>,
    /// `Account.Partner`.
    record_types: BTreeSet<String>,
    default_record_types: BTreeSet<String>,
}

impl Grants {
    /// Reads a profile or permission set. Rights on custom objects and fields that are not there make a warning.
    pub fn read(
        root: Element<'_>,
        objects: &BTreeMap<String, Object>,
        findings: &mut Findings,
    ) -> Result<Grants, OrgError> {
        let mut grants = Grants::default();
        for element in root.children("objectPermissions") {
            let Some(object) = element.text("object") else { continue };
            if object.contains("__") && !objects.contains_key(&object.to_ascii_lowercase()) {
                let message = format!("permission for {object}, which is not in the folder: not used");
                findings.warnings.push(element.warning(message));
            }
            let granted = object_rights(element)?;
            grants.objects.entry(object.to_ascii_lowercase()).or_default().add(granted);
        }
        grants.read_fields(root, objects, findings)?;
        grants.user_permissions = enabled(root, "userPermissions")?;
        grants.custom_permissions = enabled(root, "customPermissions")?;
        grants.read_record_types(root)?;
        Ok(grants)
    }

    fn read_record_types(&mut self, root: Element<'_>) -> Result<(), OrgError> {
        for element in root.children("recordTypeVisibilities") {
            let Some(name) = element.text("recordType") else { continue };
            if element.flag("default")?.unwrap_or(false) {
                self.default_record_types.insert(name.clone());
            }
            if element.flag("visible")?.unwrap_or(false) {
                self.record_types.insert(name);
            }
        }
        Ok(())
    }

    fn read_fields(
        &mut self,
        root: Element<'_>,
        objects: &BTreeMap<String, Object>,
        findings: &mut Findings,
    ) -> Result<(), OrgError> {
        // Per object: the first element about a field that is not there, its name, and how many there are.
        let mut unknown: BTreeMap<String, (Element<'_>, String, usize)> = BTreeMap::new();
        for element in root.children("fieldPermissions") {
            let Some(name) = element.text("field") else { continue };
            let editable = element.flag("editable")?.unwrap_or(false);
            let readable = element.flag("readable")?.unwrap_or(false) || editable;
            let granted = FieldRights { readable, editable };
            let Some((object, field)) = name.split_once('.') else { continue };
            if object.eq_ignore_ascii_case("Activity") {
                self.add_field("Task", field, granted, objects);
                self.add_field("Event", field, granted, objects);
            } else if !self.add_field(object, field, granted, objects) && name.contains("__") {
                unknown.entry(object.to_string()).or_insert((element, field.to_string(), 0)).2 += 1;
            }
        }
        for (object, (element, field, count)) in unknown {
            let message = match count {
                1 => format!("permission for {object}.{field}, which is not in the folder: not used"),
                _ => format!(
                    "permissions for {count} fields that are not in the folder, first {object}.{field}: not used"
                ),
            };
            findings.warnings.push(element.warning(message));
        }
        Ok(())
    }

    /// Whether there is such a field. A permission for a compound field holds for its parts.
    fn add_field(
        &mut self,
        object: &str,
        field: &str,
        granted: FieldRights,
        objects: &BTreeMap<String, Object>,
    ) -> bool {
        let known = objects.get(&object.to_ascii_lowercase());
        let known = known.and_then(|known| known.field(field));
        let parts = match known.map(|field| &field.kind) {
            Some(FieldKind::Compound | FieldKind::Location { .. }) => compound::part_names(field),
            _ => Vec::new(),
        };
        for field in parts.iter().map(String::as_str).chain([field]) {
            self.fields.entry(format!("{object}.{field}").to_ascii_lowercase()).or_default().add(granted);
        }
        known.is_some()
    }

    /// Adds what `other` grants.
    pub fn add(&mut self, other: Grants) {
        for (object, granted) in other.objects {
            self.objects.entry(object).or_default().add(granted);
        }
        for (field, granted) in other.fields {
            self.fields.entry(field).or_default().add(granted);
        }
        self.user_permissions.extend(other.user_permissions);
        self.custom_permissions.extend(other.custom_permissions);
        self.record_types.extend(other.record_types);
        self.default_record_types.extend(other.default_record_types);
    }

    /// Takes away what `muted` names.
    pub fn mute(&mut self, muted: &Grants) {
        for (object, muted) in &muted.objects {
            if let Some(granted) = self.objects.get_mut(object) {
                granted.mute(*muted);
            }
        }
        for (field, muted) in &muted.fields {
            if let Some(granted) = self.fields.get_mut(field) {
                granted.readable &= !muted.readable;
                granted.editable &= !muted.editable;
            }
        }
        self.user_permissions.retain(|name| !muted.user_permissions.contains(name));
        self.custom_permissions.retain(|name| !muted.custom_permissions.contains(name));
        self.record_types.retain(|name| !muted.record_types.contains(name));
    }

    /// Enabled custom permissions, sorted.
    pub fn custom_permissions(&self) -> Vec<String> {
        self.custom_permissions.iter().cloned().collect()
    }

    /// Record types that may be given to a record, and those that a new record gets when none is named.
    pub fn record_types(&self) -> (Vec<String>, Vec<String>) {
        (self.record_types.iter().cloned().collect(), self.default_record_types.iter().cloned().collect())
    }

    /// The rights that come out. `profile_known`: a profile's file is among what was read.
    pub fn into_rights(mut self, objects: &BTreeMap<String, Object>, profile_known: bool) -> Rights {
        let mut add =
            |object: &str, rights| self.objects.entry(object.to_ascii_lowercase()).or_default().add(rights);
        READ_BY_ALL.iter().for_each(|object| add(object, READ));
        OPEN_TO_ALL.iter().for_each(|object| add(object, ALL));
        let everywhere = if self.user_permissions.contains("ModifyAllData") {
            Some(ALL)
        } else {
            self.user_permissions.contains("ViewAllData").then_some(READ)
        };
        if let Some(rights) = everywhere {
            objects.keys().for_each(|object| add(object, rights));
        }
        for (follower, leader) in FOLLOWERS {
            let leader = self.objects.get(&leader.to_ascii_lowercase()).copied().unwrap_or_default();
            let edit = leader.edit;
            let rights = ObjectRights { create: edit, edit, delete: edit, ..leader };
            self.objects.entry(follower.to_ascii_lowercase()).or_default().add(rights);
        }
        Rights { objects: self.objects, fields: self.fields, standard_fields_granted: !profile_known }
    }
}

impl ObjectRights {
    fn add(&mut self, other: ObjectRights) {
        self.read |= other.read;
        self.create |= other.create;
        self.edit |= other.edit;
        self.delete |= other.delete;
        self.view_all_fields |= other.view_all_fields;
    }

    fn mute(&mut self, muted: ObjectRights) {
        self.read &= !muted.read;
        self.create &= !muted.create;
        self.edit &= !muted.edit;
        self.delete &= !muted.delete;
        self.view_all_fields &= !muted.view_all_fields;
    }
}

impl FieldRights {
    fn add(&mut self, other: FieldRights) {
        self.readable |= other.readable;
        self.editable |= other.editable;
    }
}

fn object_rights(element: Element<'_>) -> Result<ObjectRights, OrgError> {
    let flag = |name| Ok::<_, OrgError>(element.flag(name)?.unwrap_or(false));
    let modify_all = flag("modifyAllRecords")?;
    Ok(ObjectRights {
        read: flag("allowRead")? || flag("viewAllRecords")? || modify_all,
        create: flag("allowCreate")?,
        edit: flag("allowEdit")? || modify_all,
        delete: flag("allowDelete")? || modify_all,
        view_all_fields: flag("viewAllFields")?,
    })
}

fn enabled(root: Element<'_>, permissions: &str) -> Result<BTreeSet<String>, OrgError> {
    let mut names = BTreeSet::new();
    for element in root.children(permissions) {
        if element.flag("enabled")?.unwrap_or(false) {
            names.extend(element.text("name"));
        }
    }
    Ok(names)
}
