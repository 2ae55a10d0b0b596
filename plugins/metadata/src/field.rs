//! Turns a `CustomField` element into fields of the model, and applies one to a standard field.
//!
//! Source: Metadata API, "CustomField"; reference §6.2. What a field points to is not resolved here.

use crate::compound;
use crate::default::{self, DefaultValue};
use crate::error::OrgError;
use crate::org::{Field, FieldKind, NumberStyle, OnDelete, Reference};
use crate::picklist::{self, ValueSets};
use crate::read::Findings;
use crate::xml::Element;

/// Lengths that the CRM gives when the metadata has none.
const TEXT_LENGTH: u32 = 255;
const LONG_TEXT_LENGTH: u32 = 32_768;
/// The longest text there is: what nobody knows the type of refuses nothing.
const ANY_LENGTH: u32 = 131_072;
/// Digits of a number field without `<precision>`, the most there can be.
const PRECISION: u32 = 18;

impl Field {
    /// An optional field that anybody may write, if nothing hides it. A checkbox is false until it is set.
    pub(crate) fn new(api_name: &str, label: &str, kind: FieldKind) -> Field {
        Field {
            api_name: api_name.to_string(),
            label: label.to_string(),
            required: false,
            unique: false,
            case_sensitive: false,
            external_id: false,
            read_only: matches!(
                kind,
                FieldKind::AutoNumber { .. }
                    | FieldKind::Compound
                    | FieldKind::Formula { .. }
                    | FieldKind::Location { .. }
                    | FieldKind::Summary
            ),
            securable: true,
            default_value: (kind == FieldKind::Checkbox).then_some(serde_json::Value::Bool(false)),
            default_formula: None,
            kind,
        }
    }
}

/// The field `api_name` of `object` that `element` defines, then its parts when it is made of parts.
pub(crate) fn define(
    api_name: &str,
    object: &str,
    element: Element<'_>,
    sets: &ValueSets,
    findings: &mut Findings,
) -> Result<Vec<Field>, OrgError> {
    let kind = kind(api_name, object, element, sets, findings)?;
    let label = element.text("label").unwrap_or_else(|| api_name.to_string());
    let mut field = Field::new(api_name, &label, kind);
    apply_rules(&mut field, element)?;
    let parts = match field.kind {
        FieldKind::Location { scale } => compound::location_parts(&field, scale),
        FieldKind::Compound => compound::custom_address_parts(&field),
        _ => return Ok(vec![field]),
    };
    // The parts are what must be sent; the compound cannot be.
    field.required = false;
    Ok([field].into_iter().chain(parts).collect())
}

/// Changes the standard field `field` by what `element` says about it. Its type stays.
pub(crate) fn customise(
    field: &mut Field,
    element: Element<'_>,
    sets: &ValueSets,
    findings: &mut Findings,
) -> Result<(), OrgError> {
    if let Some(label) = element.text("label") {
        field.label = label;
    }
    let new_length = element.number("length")?;
    let (new_precision, new_scale) = (element.number("precision")?, element.number("scale")?);
    match &mut field.kind {
        FieldKind::Text { length } | FieldKind::LongText { length, .. } | FieldKind::Url { length } => {
            *length = new_length.unwrap_or(*length);
        }
        FieldKind::Number { precision, scale, .. } => {
            *precision = new_precision.unwrap_or(*precision);
            *scale = new_scale.unwrap_or(*scale);
        }
        FieldKind::Picklist(known) | FieldKind::MultiselectPicklist(known) => {
            if let Some(found) = picklist::of_field(element, sets, findings)? {
                known.restricted = found.restricted;
                if !found.values.is_empty() {
                    known.values = found.values;
                }
            }
        }
        _ => {}
    }
    apply_rules(field, element)
}

/// What holds for a field of any type. A flag that is already set stays: `LastName` is required whatever a file says.
fn apply_rules(field: &mut Field, element: Element<'_>) -> Result<(), OrgError> {
    field.unique |= element.flag("unique")?.unwrap_or(false);
    field.case_sensitive |= element.flag("caseSensitive")?.unwrap_or(false);
    field.external_id |= element.flag("externalId")?.unwrap_or(false);
    // What the CRM computes cannot be asked for.
    let computed = field.read_only && !matches!(field.kind, FieldKind::Location { .. } | FieldKind::Compound);
    field.required |= element.flag("required")?.unwrap_or(false) && !computed;
    if let FieldKind::Reference(reference) = &mut field.kind {
        field.required |= reference.master_detail;
        // A lookup that must have a value cannot lose it (Metadata API, `deleteConstraint`).
        if field.required && reference.on_delete == OnDelete::SetNull {
            reference.on_delete = OnDelete::Restrict;
        }
    }
    field.securable &= !field.required;
    let Some(text) = element.text("defaultValue") else { return Ok(()) };
    let percent = matches!(field.kind, FieldKind::Number { style: NumberStyle::Percent, .. });
    match default::parse(&text, percent) {
        DefaultValue::Nothing => {}
        DefaultValue::Literal(value) => field.default_value = Some(value),
        DefaultValue::Formula(formula) => {
            field.default_value = None;
            field.default_formula = Some(formula);
        }
    }
    Ok(())
}

fn kind(
    api_name: &str,
    object: &str,
    element: Element<'_>,
    sets: &ValueSets,
    findings: &mut Findings,
) -> Result<FieldKind, OrgError> {
    let field_type = element.text("type").unwrap_or_default();
    if let Some(formula) = element.text("formula") {
        let blank_as_zero =
            element.text("formulaTreatBlanksAs").is_none_or(|blanks| blanks != "BlankAsBlank");
        return Ok(FieldKind::Formula { formula, returns: field_type, blank_as_zero });
    }
    let length = element.number("length")?;
    let long = |html| FieldKind::LongText { length: length.unwrap_or(LONG_TEXT_LENGTH), html };
    Ok(match field_type.as_str() {
        // The value of an external lookup is the other system's key, not a record id.
        "Text" | "EncryptedText" | "ExternalLookup" => {
            FieldKind::Text { length: length.unwrap_or(TEXT_LENGTH) }
        }
        "TextArea" => FieldKind::LongText { length: length.unwrap_or(TEXT_LENGTH), html: false },
        "LongTextArea" => long(false),
        "Html" => long(true),
        "Email" => FieldKind::Email,
        "Phone" => FieldKind::Phone,
        "Url" => FieldKind::Url { length: length.unwrap_or(TEXT_LENGTH) },
        "Checkbox" => FieldKind::Checkbox,
        "Number" => number(element, NumberStyle::Number)?,
        "Currency" => number(element, NumberStyle::Currency)?,
        "Percent" => number(element, NumberStyle::Percent)?,
        "Date" => FieldKind::Date,
        "DateTime" => FieldKind::DateTime,
        "Time" => FieldKind::Time,
        "Picklist" | "MultiselectPicklist" => picklist_kind(&field_type, element, sets, findings)?,
        "Lookup" | "MasterDetail" | "Hierarchy" | "MetadataRelationship" | "IndirectLookup" => {
            reference(api_name, object, &field_type, element, findings)
        }
        "AutoNumber" => FieldKind::AutoNumber {
            format: element.text("displayFormat").unwrap_or_else(|| "{0}".to_string()),
        },
        "Summary" => FieldKind::Summary,
        "Location" => FieldKind::Location { scale: element.number("scale")?.unwrap_or(0) },
        "Address" => FieldKind::Compound,
        unknown => {
            let found = if unknown.is_empty() { "no type" } else { &format!("the unknown type {unknown}") };
            let message = format!("{object}.{api_name} has {found}: taken as text of any length");
            findings.warnings.push(element.warning(message));
            FieldKind::LongText { length: ANY_LENGTH, html: false }
        }
    })
}

/// An auto-number field, or a name that is one.
pub(crate) fn auto_number(element: Element<'_>) -> FieldKind {
    FieldKind::AutoNumber { format: element.text("displayFormat").unwrap_or_else(|| "{0}".to_string()) }
}

fn number(element: Element<'_>, style: NumberStyle) -> Result<FieldKind, OrgError> {
    let precision = element.number("precision")?.unwrap_or(PRECISION);
    Ok(FieldKind::Number { precision, scale: element.number("scale")?.unwrap_or(0), style })
}

fn picklist_kind(
    field_type: &str,
    element: Element<'_>,
    sets: &ValueSets,
    findings: &mut Findings,
) -> Result<FieldKind, OrgError> {
    let picklist = picklist::of_field(element, sets, findings)?.unwrap_or_default();
    let single = field_type == "Picklist";
    Ok(if single { FieldKind::Picklist(picklist) } else { FieldKind::MultiselectPicklist(picklist) })
}

fn reference(
    api_name: &str,
    object: &str,
    field_type: &str,
    element: Element<'_>,
    findings: &mut Findings,
) -> FieldKind {
    let mut to: Vec<String> = element.children("referenceTo").map(|child| child.own_text()).collect();
    if field_type == "Hierarchy" {
        to = vec![object.to_string()];
    }
    if to.is_empty() {
        let message = format!("{object}.{api_name} is a {field_type} without <referenceTo>: any id is taken");
        findings.warnings.push(element.warning(message));
    }
    let master_detail = field_type == "MasterDetail";
    let on_delete = match element.text("deleteConstraint").as_deref() {
        _ if master_detail => OnDelete::Cascade,
        Some("Restrict") => OnDelete::Restrict,
        Some("Cascade") => OnDelete::Cascade,
        _ => OnDelete::SetNull,
    };
    FieldKind::Reference(Reference {
        to,
        relationship_name: relationship_name(api_name),
        child_relationship_name: element.text("relationshipName").map(|name| child_name(api_name, name)),
        master_detail,
        on_delete,
    })
}

/// `Contact__r` for `Contact__c`, `Parent` for `ParentId`.
fn relationship_name(api_name: &str) -> String {
    match api_name.strip_suffix("__c") {
        Some(stem) => format!("{stem}__r"),
        None => api_name.strip_suffix("Id").unwrap_or(api_name).to_string(),
    }
}

/// `Touchpoints__r` for the `Touchpoints` of a custom lookup; a managed one has its package's namespace.
fn child_name(api_name: &str, name: String) -> String {
    let Some(stem) = api_name.strip_suffix("__c") else { return name };
    match stem.split_once("__") {
        Some((namespace, _)) if !name.contains("__") => format!("{namespace}__{name}__r"),
        _ => format!("{name}__r"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folder::Folder;
    use crate::xml;

    fn sets() -> ValueSets {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("A.profile"), "<Profile/>").unwrap();
        let mut findings = Findings::default();
        let folder = Folder::open(folder.path(), &mut findings).unwrap();
        ValueSets::read(&folder, &mut findings).unwrap()
    }

    /// One line per field: API name, flags, kind, default.
    fn shown(field: &Field) -> String {
        let flags = [
            (field.required, "required"),
            (field.unique, "unique"),
            (field.case_sensitive, "case-sensitive"),
            (field.external_id, "external-id"),
            (field.read_only, "read-only"),
            (!field.securable, "always"),
        ];
        let mut words = vec![field.api_name.clone()];
        words.extend(flags.iter().filter(|(set, _)| *set).map(|(_, word)| (*word).to_string()));
        words.push(format!("{:?}", field.kind));
        words.extend(field.default_value.as_ref().map(|value| format!("= {value}")));
        words.extend(field.default_formula.as_ref().map(|formula| format!("= formula {formula}")));
        words.join(" ")
    }

    fn check(api_name: &str, inner: &str, expected: &[&str]) {
        let text = format!("<CustomField>{inner}</CustomField>");
        let mut findings = Findings::default();
        let fields = xml::read("f.xml", &text, |root| define(api_name, "A__c", root, &sets(), &mut findings));
        let fields = fields.unwrap();
        let warnings = findings.warnings.iter().map(|warning| format!("warning: {}", warning.message));
        let found: Vec<_> = fields.iter().map(shown).chain(warnings).collect();
        assert_eq!(found, expected, "{inner}");
    }

    #[test]
    fn text_and_contact_types() {
        check(
            "K__c",
            "<type>Text</type><length>18</length><unique>true</unique><caseSensitive>true</caseSensitive>\
             <externalId>true</externalId><required>true</required>",
            &["K__c required unique case-sensitive external-id always Text { length: 18 }"],
        );
        check("A__c", "<type>EncryptedText</type><length>30</length>", &["A__c Text { length: 30 }"]);
        check("A__c", "<type>TextArea</type>", &["A__c LongText { length: 255, html: false }"]);
        check("A__c", "<type>LongTextArea</type>", &["A__c LongText { length: 32768, html: false }"]);
        check("A__c", "<type>Html</type><length>9</length>", &["A__c LongText { length: 9, html: true }"]);
        check("A__c", "<type>Email</type>", &["A__c Email"]);
        check("A__c", "<type>Phone</type>", &["A__c Phone"]);
        check("A__c", "<type>Url</type>", &["A__c Url { length: 255 }"]);
        check("A__c", "<type>ExternalLookup</type><length>20</length>", &["A__c Text { length: 20 }"]);
    }

    #[test]
    fn numbers_dates_and_flags() {
        let number = "<precision>10</precision><scale>2</scale>";
        for style in ["Number", "Currency", "Percent"] {
            let kind = format!("A__c Number {{ precision: 10, scale: 2, style: {style} }}");
            check("A__c", &format!("<type>{style}</type>{number}"), &[&kind]);
        }
        check(
            "A__c",
            "<type>Percent</type><defaultValue>0.5</defaultValue>",
            &["A__c Number { precision: 18, scale: 0, style: Percent } = 50"],
        );
        check("A__c", "<type>Checkbox</type>", &["A__c Checkbox = false"]);
        check("A__c", "<type>Checkbox</type><defaultValue>true</defaultValue>", &["A__c Checkbox = true"]);
        check(
            "A__c",
            "<type>Date</type><defaultValue>TODAY()</defaultValue>",
            &["A__c Date = formula TODAY()"],
        );
        check("A__c", "<type>DateTime</type>", &["A__c DateTime"]);
        check("A__c", "<type>Time</type>", &["A__c Time"]);
    }

    #[test]
    fn references() {
        let named = |to: &str, name: &str, children: Option<&str>, detail: bool, deleted: &str| {
            format!(
                "Reference(Reference {{ to: [{to}], relationship_name: \"{name}\", \
                 child_relationship_name: {children:?}, master_detail: {detail}, on_delete: {deleted} }})"
            )
        };
        let reference =
            |to: &str, name: &str, detail: bool, deleted: &str| named(to, name, None, detail, deleted);
        check(
            "ns__B__c",
            "<type>Lookup</type><referenceTo>B</referenceTo><relationshipName>As</relationshipName>",
            &[&format!("ns__B__c {}", named("\"B\"", "ns__B__r", Some("ns__As__r"), false, "SetNull"))],
        );
        check(
            "B__c",
            "<type>Lookup</type><referenceTo>B</referenceTo><required>true</required>\
             <relationshipName>As</relationshipName>",
            &[&format!("B__c required always {}", named("\"B\"", "B__r", Some("As__r"), false, "Restrict"))],
        );
        check(
            "B__c",
            "<type>Lookup</type><referenceTo>B</referenceTo><deleteConstraint>Cascade</deleteConstraint>",
            &[&format!("B__c {}", reference("\"B\"", "B__r", false, "Cascade"))],
        );
        check(
            "B__c",
            "<type>MasterDetail</type><referenceTo>B</referenceTo>",
            &[&format!("B__c required always {}", reference("\"B\"", "B__r", true, "Cascade"))],
        );
        check(
            "B__c",
            "<type>Hierarchy</type>",
            &[&format!("B__c {}", reference("\"A__c\"", "B__r", false, "SetNull"))],
        );
        check(
            "B__c",
            "<type>MetadataRelationship</type><referenceTo>EntityDefinition</referenceTo>",
            &[&format!("B__c {}", reference("\"EntityDefinition\"", "B__r", false, "SetNull"))],
        );
        check(
            "B__c",
            "<type>Lookup</type>",
            &[
                &format!("B__c {}", reference("", "B__r", false, "SetNull")),
                "warning: A__c.B__c is a Lookup without <referenceTo>: any id is taken",
            ],
        );
    }

    #[test]
    fn computed_fields_are_read_only() {
        let formula = |blank_as_zero| {
            format!(
                "A__c read-only Formula {{ formula: \"X__c + 1\", returns: \"Number\", \
                 blank_as_zero: {blank_as_zero} }}"
            )
        };
        let text = "<type>Number</type><formula>X__c + 1</formula><required>true</required>";
        check("A__c", text, &[&formula(true)]);
        let blank = format!("{text}<formulaTreatBlanksAs>BlankAsBlank</formulaTreatBlanksAs>");
        check("A__c", &blank, &[&formula(false)]);
        check("A__c", "<type>Summary</type>", &["A__c read-only Summary"]);
        check(
            "A__c",
            "<type>AutoNumber</type><displayFormat>I-{000}</displayFormat><externalId>true</externalId>",
            &["A__c external-id read-only AutoNumber { format: \"I-{000}\" }"],
        );
    }

    #[test]
    fn a_compound_field_brings_its_parts() {
        check(
            "Place__c",
            "<type>Location</type><scale>5</scale><required>true</required>",
            &[
                "Place__c read-only always Location { scale: 5 }",
                "Place__Latitude__s required always Number { precision: 8, scale: 5, style: Number }",
                "Place__Longitude__s required always Number { precision: 8, scale: 5, style: Number }",
            ],
        );
        check(
            "Home__c",
            "<type>Address</type>",
            &[
                "Home__c read-only Compound",
                "Home__Street__s LongText { length: 255, html: false }",
                "Home__City__s Text { length: 40 }",
                "Home__StateCode__s Text { length: 10 }",
                "Home__PostalCode__s Text { length: 20 }",
                "Home__CountryCode__s Text { length: 10 }",
                "Home__Latitude__s Number { precision: 18, scale: 15, style: Number }",
                "Home__Longitude__s Number { precision: 18, scale: 15, style: Number }",
            ],
        );
    }

    #[test]
    fn a_type_that_nobody_knows_refuses_nothing() {
        let kind = "A__c LongText { length: 131072, html: false }";
        let unknown = "warning: A__c.A__c has the unknown type Hologram: taken as text of any length";
        check("A__c", "<type>Hologram</type>", &[kind, unknown]);
        let none = "warning: A__c.A__c has no type: taken as text of any length";
        check("A__c", "<label>A</label>", &[kind, none]);
    }

    #[test]
    fn a_standard_field_keeps_its_type() {
        let check = |kind: FieldKind, inner: &str, expected: &str| {
            let mut field = Field::new("Site", "Site", kind);
            let text = format!("<CustomField>{inner}</CustomField>");
            let customised = xml::read("f.xml", &text, |root| {
                customise(&mut field, root, &sets(), &mut Findings::default())
            });
            customised.unwrap();
            assert_eq!(format!("{} | {}", shown(&field), field.label), expected, "{inner}");
        };
        let text = || FieldKind::Text { length: 80 };
        check(text(), "<trackHistory>true</trackHistory>", "Site Text { length: 80 } | Site");
        check(
            text(),
            "<type>Picklist</type><label>Ort</label><length>20</length><required>true</required>",
            "Site required always Text { length: 20 } | Ort",
        );
        let known = || FieldKind::Picklist(sets().standard("QuantityUnitOfMeasure"));
        let picklist = |values: &str, restricted: bool| {
            format!("Site Picklist(Picklist {{ values: [{values}], restricted: {restricted} }}) | Site")
        };
        let value = |name: &str| {
            format!("PicklistValue {{ value: \"{name}\", label: \"{name}\", active: true, default: false }}")
        };
        check(known(), "<type>Picklist</type>", &picklist(&value("Each"), false));
        let restricted = "<valueSet><restricted>true</restricted></valueSet>";
        check(known(), restricted, &picklist(&value("Each"), true));
        let older = "<picklist><picklistValues><fullName>Box</fullName></picklistValues></picklist>";
        check(known(), older, &picklist(&value("Box"), false));
    }
}
