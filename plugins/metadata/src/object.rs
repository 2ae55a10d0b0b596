//! Puts the objects of an org together: the standard ones, what the folder adds to them, and custom objects.
//!
//! Object files are read before field files; within a kind, in the order of paths. Of two definitions the later wins.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::OrgError;
use crate::field;
use crate::folder::{FileKind, Folder, Source};
use crate::org::{Field, FieldKind, Object};
use crate::picklist::ValueSets;
use crate::prefix;
use crate::read::Findings;
use crate::rule_files;
use crate::standard;
use crate::system;
use crate::xml::Element;

/// Length of a custom object's name (Object Reference, "Name"), and of a standard object's that has no table.
const NAME_LENGTH: u32 = 80;
const STANDARD_NAME_LENGTH: u32 = 255;

/// Names in `objects/` that stand for other objects: tasks and events together, accounts that are persons.
const ALIASES: &[&str] = &["activity", "personaccount"];

/// Objects while they are being put together.
struct Schema<'a> {
    sets: &'a ValueSets,
    objects: BTreeMap<String, Object>,
    /// Lower-cased names of every object there will be, to know a lookup that leads nowhere when it is read.
    known: BTreeSet<String>,
    /// The first file about an object that is not in the tables, by lower-cased name.
    met: BTreeMap<String, String>,
    /// The file that described a custom object, by lower-cased name.
    described: BTreeMap<String, String>,
    /// The file that defined a field, by lower-cased `object.field`.
    defined: BTreeMap<String, String>,
    /// Lower-cased names of objects without an owner, apart from detail objects.
    ownerless: BTreeSet<String>,
    /// API names of custom objects that tasks and events can be related to.
    with_activities: BTreeSet<String>,
    /// Lower-cased names of objects that have a record type.
    with_record_types: BTreeSet<String>,
}

/// The objects of the folder and the standard objects.
pub(crate) fn read(
    folder: &Folder,
    sets: &ValueSets,
    findings: &mut Findings,
) -> Result<BTreeMap<String, Object>, OrgError> {
    let objects =
        standard::objects(sets).map(|object| (object.api_name.to_ascii_lowercase(), object)).collect();
    let mut schema = Schema::new(objects, sets);
    let described = folder.of(FileKind::Object).map(|source| source.name.clone());
    let extended = folder.of(FileKind::Field).filter_map(Source::object);
    schema.known.extend(described.chain(extended).map(|name| name.to_ascii_lowercase()));

    for source in folder.of(FileKind::Object) {
        source.read(findings, |root, findings| schema.add_object(&source.name, root, findings))?;
    }
    for source in folder.of(FileKind::Field) {
        let Some(object) = source.object() else {
            let message = "not read: a field lies in objects/<Object>/fields/, this file does not";
            findings.warnings.push(source.warning(message));
            continue;
        };
        source
            .read(findings, |root, findings| schema.add_field(&object, Some(&source.name), root, findings))?;
    }
    schema.with_record_types.extend(
        folder.of(FileKind::RecordType).filter_map(Source::object).map(|object| object.to_ascii_lowercase()),
    );
    schema.warn_of_undescribed(findings);
    let met = schema.met.keys();
    findings.undescribed = met.filter(|key| !schema.described.contains_key(*key)).cloned().collect();
    Ok(schema.finish())
}

impl<'a> Schema<'a> {
    fn new(objects: BTreeMap<String, Object>, sets: &'a ValueSets) -> Self {
        Schema {
            sets,
            known: objects.keys().cloned().collect(),
            objects,
            met: BTreeMap::new(),
            described: BTreeMap::new(),
            defined: BTreeMap::new(),
            ownerless: BTreeSet::new(),
            with_activities: BTreeSet::new(),
            with_record_types: BTreeSet::new(),
        }
    }

    fn add_object(
        &mut self,
        api_name: &str,
        root: Element<'_>,
        findings: &mut Findings,
    ) -> Result<(), OrgError> {
        let key = api_name.to_ascii_lowercase();
        if is_custom(api_name) {
            self.describe(api_name, root, findings)?;
        } else if !ALIASES.contains(&key.as_str()) {
            self.object(api_name, root.file());
        }
        for element in root.children("fields") {
            self.add_field(api_name, None, element, findings)?;
        }
        if root.child("recordTypes").is_some() {
            self.with_record_types.insert(key);
        }
        rule_files::of_object(api_name, root, findings)
    }

    /// Takes what a custom object's own file says about it, fields apart.
    fn describe(
        &mut self,
        api_name: &str,
        root: Element<'_>,
        findings: &mut Findings,
    ) -> Result<(), OrgError> {
        let key = api_name.to_ascii_lowercase();
        if let Some(first) = self.described.insert(key.clone(), root.file().to_string()) {
            let message =
                format!("object {api_name} is described again (first in {first}); this file is used");
            findings.warnings.push(root.warning(message));
        }
        let name = root.child("nameField").map(name_field).transpose()?;
        let object = self.object(api_name, root.file());
        if let Some(label) = root.text("label") {
            object.plural_label = root.text("pluralLabel").unwrap_or_else(|| label.clone());
            object.label = label;
        }
        if let Some(name) = name {
            insert(object, name);
        }
        if root.flag("enableActivities")?.unwrap_or(false) {
            self.with_activities.insert(api_name.to_string());
        }
        if root.child("customSettingsType").is_some() {
            self.ownerless.insert(key);
        }
        Ok(())
    }

    /// Adds the field of `element`, named by its `<fullName>` or else by its file.
    fn add_field(
        &mut self,
        object: &str,
        file_name: Option<&str>,
        element: Element<'_>,
        findings: &mut Findings,
    ) -> Result<(), OrgError> {
        let full_name = element.text("fullName").or_else(|| file_name.map(str::to_string));
        let Some(full_name) = full_name else {
            findings
                .warnings
                .push(element.warning(format!("a field of {object} without <fullName>: not used")));
            return Ok(());
        };
        let api_name = full_name.rsplit('.').next().unwrap_or(&full_name);
        // Custom fields of tasks and events are kept on the object they share.
        if object.eq_ignore_ascii_case("Activity") {
            self.add_field_to("Task", api_name, element, findings)?;
            return self.add_field_to("Event", api_name, element, findings);
        }
        self.add_field_to(object, api_name, element, findings)
    }

    fn add_field_to(
        &mut self,
        object: &str,
        api_name: &str,
        element: Element<'_>,
        findings: &mut Findings,
    ) -> Result<(), OrgError> {
        let name = format!("{object}.{api_name}");
        if let Some(first) = self.defined.insert(name.to_ascii_lowercase(), element.file().to_string()) {
            let message =
                format!("field {name} is defined again (first in {first}); this definition is used");
            findings.warnings.push(element.warning(message));
        }
        rule_files::of_field(object, api_name, element, findings)?;
        let sets = self.sets;
        let known = self.object(object, element.file()).fields.get_mut(&api_name.to_ascii_lowercase());
        if let Some(standard) = known.filter(|field| !is_custom(&field.api_name)) {
            return field::customise(standard, element, sets, findings);
        }
        let fields = field::define(api_name, object, element, sets, findings)?;
        self.warn_of_unknown_parent(object, &fields[0], element, findings);
        let object = self.object(object, element.file());
        fields.into_iter().for_each(|field| insert(object, field));
        Ok(())
    }

    fn warn_of_unknown_parent(
        &self,
        object: &str,
        field: &Field,
        element: Element<'_>,
        findings: &mut Findings,
    ) {
        let FieldKind::Reference(reference) = &field.kind else { return };
        // These point to the definitions of objects and fields, which are no records.
        if element.text("type").as_deref() == Some("MetadataRelationship") {
            return;
        }
        for to in reference.to.iter().filter(|to| !self.known.contains(&to.to_ascii_lowercase())) {
            let message = format!(
                "{object}.{} points to {to}, which is neither in the folder nor a known standard object: \
                 any id is taken",
                field.api_name
            );
            findings.warnings.push(element.warning(message));
        }
    }

    /// The object of this name; one with nothing but system fields is made when it is new.
    fn object(&mut self, api_name: &str, file: &str) -> &mut Object {
        let key = api_name.to_ascii_lowercase();
        self.objects.entry(key.clone()).or_insert_with(|| {
            self.met.insert(key, file.to_string());
            let mut object = Object {
                api_name: api_name.to_string(),
                label: api_name.to_string(),
                plural_label: api_name.to_string(),
                custom: is_custom(api_name),
                key_prefix: String::new(),
                fields: BTreeMap::new(),
            };
            system_fields(api_name).into_iter().for_each(|field| insert(&mut object, field));
            object
        })
    }

    /// Says which objects are only partly known: something about them is in the folder, they themselves are not.
    fn warn_of_undescribed(&self, findings: &mut Findings) {
        for (key, file) in self.met.iter().filter(|(key, _)| !self.described.contains_key(*key)) {
            let object = &self.objects[key];
            let why = if object.custom {
                "its object file is not in the folder: its name field is taken as optional text"
            } else {
                "a standard object without a table: only its system fields and the fields in the folder are known"
            };
            findings.warn_file(file.clone(), format!("{}: {why}", object.api_name));
        }
    }

    /// Adds what depends on all that was read, and key prefixes.
    fn finish(mut self) -> BTreeMap<String, Object> {
        let mut taken: BTreeSet<String> =
            self.objects.values().map(|object| object.key_prefix.clone()).collect();
        for (key, object) in &mut self.objects {
            if object.key_prefix.is_empty() {
                object.key_prefix = prefix::key_prefix(&object.api_name, &taken);
                taken.insert(object.key_prefix.clone());
                if self.ownerless.contains(key) || object.fields.values().any(is_master_detail) {
                    object.fields.remove("ownerid");
                }
            }
            if self.with_record_types.contains(key) {
                insert(object, system::record_type());
            }
            if self.with_activities.contains(&object.api_name) {
                insert(object, system::last_activity());
            }
        }
        for activity in ["task", "event"] {
            let what = self.objects.get_mut(activity).and_then(|object| object.fields.get_mut("whatid"));
            if let Some(FieldKind::Reference(what)) = what.map(|field| &mut field.kind) {
                what.to.extend(self.with_activities.iter().cloned());
            }
        }
        self.objects
    }
}

/// Whether an API name ends in a custom suffix (`__c`, `__mdt`, `__e`, ...).
fn is_custom(api_name: &str) -> bool {
    api_name.contains("__")
}

fn insert(object: &mut Object, field: Field) {
    object.fields.insert(field.api_name.to_ascii_lowercase(), field);
}

fn is_master_detail(field: &Field) -> bool {
    matches!(&field.kind, FieldKind::Reference(reference) if reference.master_detail)
}

/// The `Name` that `<nameField>` describes.
fn name_field(element: Element<'_>) -> Result<Field, OrgError> {
    let label = element.text("label").unwrap_or_else(|| "Name".to_string());
    let kind = match element.text("type").as_deref() {
        Some("AutoNumber") => field::auto_number(element),
        _ => FieldKind::Text { length: element.number("length")?.unwrap_or(NAME_LENGTH) },
    };
    let required = matches!(kind, FieldKind::Text { .. });
    Ok(Field { required, securable: false, ..Field::new("Name", &label, kind) })
}

/// The fields that the CRM itself gives to a new object. Nothing is refused for lack of a name that nobody described.
fn system_fields(api_name: &str) -> Vec<Field> {
    match api_name.rsplit_once("__").map(|(_, suffix)| suffix) {
        Some("mdt") => return system::metadata_type_fields(),
        Some("e") => return system::event_fields(),
        _ => {}
    }
    let length = if is_custom(api_name) { NAME_LENGTH } else { STANDARD_NAME_LENGTH };
    let name = Field { securable: false, ..Field::new("Name", "Name", FieldKind::Text { length }) };
    let mut fields = system::audit_fields(true);
    fields.extend([system::owner(&["User", "Group"]), name]);
    fields
}
