//! Objects and fields in either format, custom and standard.

use metadata::org::FieldKind;

use crate::folder::{org, warnings, xml};

const OBJECT: &str = "<label>Touch</label><pluralLabel>Touches</pluralLabel><enableActivities>true</enableActivities>\
    <nameField><label>Touch No</label><type>AutoNumber</type><displayFormat>T-{0000}</displayFormat></nameField>";
const STATUS: &str = "<fullName>Status__c</fullName><label>Stätus</label><type>Picklist</type>\
    <valueSet><restricted>true</restricted><valueSetName>Tiers</valueSetName></valueSet>";
const CONTACT: &str = "<fullName>Contact__c</fullName><label>Contact</label><type>Lookup</type><referenceTo>Contact</referenceTo>";
const TIERS: &str = "<masterLabel>Tiers</masterLabel><customValue><fullName>Gold</fullName></customValue>";

#[test]
fn both_formats_give_the_same_objects() {
    let (object, status, contact) =
        (xml("CustomObject", OBJECT), xml("CustomField", STATUS), xml("CustomField", CONTACT));
    let tiers = xml("GlobalValueSet", TIERS);
    let app = "force-app/main/default";
    let source = org(&[
        (&format!("{app}/objects/Touch__c/Touch__c.object-meta.xml"), &object),
        (&format!("{app}/objects/Touch__c/fields/Status__c.field-meta.xml"), &status),
        ("force-app/other/objects/Touch__c/fields/Contact__c.field-meta.xml", &format!("\u{feff}{contact}")),
        (&format!("{app}/globalValueSets/Tiers.globalValueSet-meta.xml"), &tiers),
    ]);
    let inline =
        format!("<fields>{CONTACT}</fields><unknown><x/></unknown>{OBJECT}<fields>{STATUS}</fields>");
    let older = org(&[
        ("objects/Touch__c.object", &xml("CustomObject", &inline)),
        ("globalValueSets/Tiers.globalValueSet", &tiers),
    ]);
    assert_eq!(format!("{:#?}", source.objects), format!("{:#?}", older.objects));
    assert_eq!((warnings(&source), warnings(&older)), (vec![], vec![]));

    let touch = source.object("touch__C").unwrap();
    assert_eq!((touch.label.as_str(), touch.plural_label.as_str(), touch.custom), ("Touch", "Touches", true));
    let fields: Vec<_> = touch.fields.values().map(|field| field.api_name.as_str()).collect();
    assert_eq!(
        fields,
        [
            "Contact__c",
            "CreatedById",
            "CreatedDate",
            "Id",
            "IsDeleted",
            "LastActivityDate",
            "LastModifiedById",
            "LastModifiedDate",
            "Name",
            "OwnerId",
            "Status__c",
            "SystemModstamp",
        ]
    );
    let name = touch.field("Name").unwrap();
    assert_eq!(name.kind, FieldKind::AutoNumber { format: "T-{0000}".into() });
    assert_eq!(
        (name.label.as_str(), name.required, name.read_only, name.securable),
        ("Touch No", false, true, false)
    );
    assert_eq!(touch.field("status__c").unwrap().label, "Stätus");
    assert_eq!(touch.relationship("contact__R").unwrap().api_name, "Contact__c");
    let what = source.object("Task").unwrap().relationship("What").unwrap();
    let FieldKind::Reference(what) = &what.kind else { panic!("{what:?}") };
    assert_eq!(what.to.last().unwrap(), "Touch__c", "an object with activities can be what a task is about");
}

#[test]
fn a_name_is_required_text_unless_described_otherwise() {
    let object = |name_field: &str| org(&[("objects/A__c.object", &xml("CustomObject", name_field))]);
    let check = |name_field: &str, kind: FieldKind, required: bool| {
        let org = object(name_field);
        let name = org.object("A__c").unwrap().field("Name").unwrap();
        assert_eq!((&name.kind, name.required, name.securable), (&kind, required, false), "{name_field}");
    };
    let text = FieldKind::Text { length: 80 };
    check("<nameField><label>A</label><type>Text</type></nameField>", text.clone(), true);
    check("<nameField><label>A</label></nameField>", text.clone(), true);
    check("<label>A</label>", text, false);
}

#[test]
fn details_settings_and_types_have_no_owner() {
    let check = |file: &str, inner: &str, expected: bool| {
        let name = file.split('.').next().unwrap();
        let org = org(&[(&format!("objects/{file}"), &xml("CustomObject", inner))]);
        assert_eq!(org.object(name).unwrap().field("OwnerId").is_some(), expected, "{file}");
    };
    let detail = "<fields><fullName>M__c</fullName><type>MasterDetail</type><referenceTo>Account</referenceTo></fields>";
    check("A__c.object", "<label>A</label>", true);
    check("A__c.object", detail, false);
    check("A__c.object", "<customSettingsType>Hierarchy</customSettingsType>", false);
    check("A__mdt.object", "<label>A</label>", false);
    check("A__e.object", "<label>A</label>", false);
}

#[test]
fn standard_objects_take_the_folders_changes() {
    let tier = "<fullName>bizible2__Tier__c</fullName><type>Lookup</type><referenceTo>Account</referenceTo>";
    let site = "<fullName>Industry</fullName><type>Picklist</type><valueSet><restricted>true</restricted></valueSet>";
    let stages = "<standardValue><fullName>Won %26 done</fullName><label>Vunnet</label></standardValue>";
    let shared = "<fullName>Note__c</fullName><type>TextArea</type>";
    let org = org(&[
        ("objects/Contact/fields/bizible2__Tier__c.field-meta.xml", &xml("CustomField", tier)),
        ("objects/Account/fields/Industry.field-meta.xml", &xml("CustomField", site)),
        ("objects/Activity/fields/Note__c.field-meta.xml", &xml("CustomField", shared)),
        ("standardValueSets/OpportunityStage.standardValueSet-meta.xml", &xml("StandardValueSet", stages)),
        (
            "objects/Contact/recordTypes/Partner.recordType-meta.xml",
            &xml("RecordType", "<active>true</active>"),
        ),
    ]);
    assert_eq!(warnings(&org), [""; 0]);
    let contact = org.object("Contact").unwrap();
    assert_eq!(contact.key_prefix, "003");
    assert_eq!(contact.relationship("bizible2__Tier__r").unwrap().api_name, "bizible2__Tier__c");
    assert!(contact.field("RecordTypeId").is_some() && contact.field("LastName").unwrap().required);
    assert!(org.object("Account").unwrap().field("RecordTypeId").is_none());
    let picklist = |object: &str, field: &str| match &org.object(object).unwrap().field(field).unwrap().kind {
        FieldKind::Picklist(picklist) => picklist.clone(),
        kind => panic!("{kind:?}"),
    };
    let industry = picklist("Account", "Industry");
    assert_eq!((industry.values.len(), industry.restricted), (32, true));
    let stage = picklist("Opportunity", "StageName");
    let shown: Vec<_> =
        stage.values.iter().map(|value| (value.value.as_str(), value.label.as_str())).collect();
    assert_eq!((shown, stage.restricted), (vec![("Won %26 done", "Vunnet")], false));
    assert!(["Task", "Event"].iter().all(|object| org.object(object).unwrap().field("Note__c").is_some()));
    assert!(org.object("Activity").is_none());
}

#[test]
fn names_of_files_are_url_decoded() {
    let field = xml("CustomField", "<type>Email</type>");
    let org = org(&[("objects/A%5F%5Fc/fields/M%C3%A5l__c.field-meta.xml", &field)]);
    assert_eq!(org.object("A__c").unwrap().field("Mål__c").unwrap().kind, FieldKind::Email);
}

#[test]
fn adding_an_object_changes_no_other_prefix() {
    let object = xml("CustomObject", "<label>A</label>");
    let one = org(&[("objects/B__c.object", &object)]);
    let two = org(&[("objects/A__c.object", &object), ("objects/B__c.object", &object)]);
    let prefix = |org: &metadata::Org, name: &str| org.object(name).unwrap().key_prefix.clone();
    assert_eq!(prefix(&one, "B__c"), prefix(&two, "B__c"));
    assert_ne!(prefix(&two, "A__c"), prefix(&two, "B__c"));
}
