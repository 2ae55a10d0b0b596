//! Describe: what the export user sees of the org. A field that is hidden from the user is absent, one that the user
//! may not write says so.

use metadata::org::{Field, FieldKind, NumberStyle, Object, Picklist};
use serde_json::{Value, json};

use super::answer::Answer;
use super::dispatch::Context;
use super::request::ApiRequest;
use crate::error::ApiError;
use crate::store::is_id_lookup;
use crate::values;
use crate::view::View;

/// `/sobjects`.
pub fn global(context: &Context<'_>, _: &ApiRequest) -> Result<Answer, ApiError> {
    let view = &context.view;
    let readable = view.org.objects.values().filter(|object| view.rights(object).read);
    let objects: Vec<Value> = readable.map(|object| summary(view, object)).collect();
    Ok(Answer::ok(json!({ "encoding": "UTF-8", "maxBatchSize": 200, "sobjects": objects })))
}

/// `/sobjects/Account`.
pub fn basic(context: &Context<'_>, request: &ApiRequest) -> Result<Answer, ApiError> {
    let object = context.view.object(&request.path[1]).ok_or_else(ApiError::not_found)?;
    Ok(Answer::ok(json!({ "objectDescribe": summary(&context.view, object), "recentItems": [] })))
}

/// `/sobjects/Account/describe`.
pub fn full(context: &Context<'_>, request: &ApiRequest) -> Result<Answer, ApiError> {
    let view = &context.view;
    let object = view.object(&request.path[1]).ok_or_else(ApiError::not_found)?;
    let mut described = summary(view, object);
    described["fields"] = view.fields(object).map(|shown| field(view, object, shown)).collect();
    described["childRelationships"] = children(view, object);
    described["recordTypeInfos"] = json!([{
        "active": true, "available": true, "defaultRecordTypeMapping": true, "developerName": "Master",
        "master": true, "name": "Master", "recordTypeId": "012000000000000AAA",
    }]);
    Ok(Answer::ok(described))
}

fn summary(view: &View<'_>, object: &Object) -> Value {
    let rights = view.rights(object);
    let url = format!("{}/sobjects/{}", view.base_path(), object.api_name);
    json!({
        "name": object.api_name,
        "label": object.label,
        "labelPlural": object.plural_label,
        "keyPrefix": object.key_prefix,
        "custom": object.custom,
        "customSetting": false,
        "createable": rights.create,
        "updateable": rights.edit,
        "deletable": rights.delete,
        "undeletable": false,
        "queryable": true,
        "retrieveable": true,
        "replicateable": true,
        "searchable": false,
        "mergeable": false,
        "triggerable": true,
        "layoutable": true,
        "urls": {
            "sobject": url,
            "describe": format!("{url}/describe"),
            "rowTemplate": format!("{url}/{{ID}}"),
        },
    })
}

fn children(view: &View<'_>, object: &Object) -> Value {
    let child = |child: &crate::view::Child<'_>| {
        json!({
            "cascadeDelete": child.reference.master_detail,
            "childSObject": child.object.api_name,
            "deprecatedAndHidden": false,
            "field": child.field.api_name,
            "relationshipName": child.relationship_name(),
            "restrictedDelete": child.reference.on_delete == metadata::org::OnDelete::Restrict,
        })
    };
    view.children(object).iter().map(child).collect()
}

/// One field, as reference §2.1 shows it.
fn field(view: &View<'_>, object: &Object, field: &Field) -> Value {
    let rights = view.field_rights(object, field);
    let writable = rights.editable && !field.read_only && !is_made_of_others(field);
    let object_rights = view.rights(object);
    let size = Size::of(field);
    let (list, multiple) = match &field.kind {
        FieldKind::Picklist(list) => (Some(list), false),
        FieldKind::MultiselectPicklist(list) => (Some(list), true),
        _ => (None, false),
    };
    let reference = match &field.kind {
        FieldKind::Reference(reference) => Some(reference),
        _ => None,
    };
    json!({
        "name": field.api_name,
        "label": field.label,
        "type": values::type_name(field),
        "soapType": soap_type(field),
        "length": size.length,
        "byteLength": size.length * 3,
        "precision": size.precision,
        "digits": size.digits,
        "scale": size.scale,
        "nillable": !field.required && !is_never_null(field),
        "defaultedOnCreate": is_defaulted(field),
        "createable": writable && object_rights.create,
        "updateable": writable && object_rights.edit,
        "unique": field.unique,
        "caseSensitive": field.case_sensitive,
        "externalId": field.external_id,
        "idLookup": field.kind == FieldKind::Id || is_id_lookup(object, field),
        "nameField": field.api_name == "Name",
        "autoNumber": matches!(field.kind, FieldKind::AutoNumber { .. }),
        "calculated": matches!(field.kind, FieldKind::Formula { .. } | FieldKind::Summary),
        "custom": field.api_name.ends_with("__c"),
        "defaultValue": field.default_value,
        "defaultValueFormula": field.default_formula,
        "filterable": !is_made_of_others(field),
        "sortable": !multiple && !is_made_of_others(field),
        "groupable": !matches!(field.kind, FieldKind::LongText { .. }) && !multiple,
        "htmlFormatted": matches!(field.kind, FieldKind::LongText { html: true, .. }),
        "permissionable": field.securable,
        "restrictedPicklist": list.is_some_and(|list| list.restricted),
        "picklistValues": list.map(picklist_values).unwrap_or_else(|| json!([])),
        "referenceTo": reference.map(|reference| reference.to.clone()).unwrap_or_default(),
        "relationshipName": reference.map(|reference| &reference.relationship_name),
        "cascadeDelete": reference.is_some_and(|reference| reference.master_detail),
    })
}

fn is_made_of_others(field: &Field) -> bool {
    matches!(field.kind, FieldKind::Compound | FieldKind::Location { .. })
}

/// Not marked as required, because the CRM itself sees to it that there is a value.
fn is_never_null(field: &Field) -> bool {
    let by_name =
        ["OwnerId", "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp"];
    by_name.contains(&field.api_name.as_str())
        || matches!(field.kind, FieldKind::Checkbox | FieldKind::Id | FieldKind::AutoNumber { .. })
}

fn is_defaulted(field: &Field) -> bool {
    let picks = |list: &Picklist| list.values.iter().any(|value| value.default && value.active);
    let by_kind = match &field.kind {
        FieldKind::Checkbox | FieldKind::AutoNumber { .. } | FieldKind::Id => true,
        FieldKind::Picklist(list) | FieldKind::MultiselectPicklist(list) => picks(list),
        _ => false,
    };
    let by_crm = field.api_name == "OwnerId" || (field.read_only && !field.securable);
    by_kind || by_crm || field.default_value.is_some() || field.default_formula.is_some()
}

fn picklist_values(list: &Picklist) -> Value {
    let value = |value: &metadata::org::PicklistValue| {
        json!({
            "active": value.active, "defaultValue": value.default, "label": value.label, "validFor": null,
            "value": value.value,
        })
    };
    list.values.iter().map(value).collect()
}

#[derive(Default)]
struct Size {
    length: u32,
    precision: u32,
    digits: u32,
    scale: u32,
}

impl Size {
    fn of(field: &Field) -> Size {
        let long = |length| Size { length, ..Size::default() };
        match &field.kind {
            FieldKind::Id | FieldKind::Reference(_) => long(18),
            FieldKind::Text { length } | FieldKind::LongText { length, .. } | FieldKind::Url { length } => {
                long(*length)
            }
            FieldKind::Email => long(80),
            FieldKind::Phone => long(40),
            FieldKind::Picklist(_) => long(255),
            FieldKind::MultiselectPicklist(_) => long(4_099),
            FieldKind::AutoNumber { .. } => long(30),
            FieldKind::Number { precision, style: NumberStyle::Integer, .. } => {
                Size { digits: *precision, ..Size::default() }
            }
            FieldKind::Number { precision, scale, .. } => {
                Size { precision: *precision, scale: *scale, ..Size::default() }
            }
            FieldKind::Formula { .. } if values::type_name(field) == "string" => long(1_300),
            FieldKind::Formula { .. } | FieldKind::Summary => {
                Size { precision: 18, scale: 2, ..Size::default() }
            }
            FieldKind::Compound if field.api_name == "Name" => long(121),
            _ => Size::default(),
        }
    }
}

fn soap_type(field: &Field) -> &'static str {
    match values::type_name(field) {
        "id" | "reference" => "tns:ID",
        "boolean" => "xsd:boolean",
        "double" | "currency" | "percent" => "xsd:double",
        "int" => "xsd:int",
        "date" => "xsd:date",
        "datetime" => "xsd:dateTime",
        "time" => "xsd:time",
        "address" => "urn:address",
        "location" => "urn:location",
        _ => "xsd:string",
    }
}
