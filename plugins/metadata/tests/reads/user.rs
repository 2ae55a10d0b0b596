//! The export user: `export-user.json`, and rights from profiles, permission sets and groups.

use metadata::Org;
use metadata::org::{FieldRights, ObjectRights};

use crate::folder::{org, warnings, write, xml};

const TIER: &str = "<fullName>Tier__c</fullName><type>Text</type><length>9</length>";
const PLACE: &str = "<fullName>Place__c</fullName><type>Location</type><scale>5</scale>";

/// Object permission with these flags set.
fn object(name: &str, flags: &[&str]) -> String {
    let flags: String = flags.iter().map(|flag| format!("<{flag}>true</{flag}>")).collect();
    format!("<objectPermissions>{flags}<object>{name}</object></objectPermissions>")
}

fn field(name: &str, readable: bool, editable: bool) -> String {
    format!(
        "<fieldPermissions><editable>{editable}</editable><field>{name}</field><readable>{readable}</readable>\
         </fieldPermissions>"
    )
}

/// Adds to `files` an account with two custom fields.
fn with_account(files: &[(&str, &str)]) -> Vec<(String, String)> {
    let account = format!("<fields>{TIER}</fields><fields>{PLACE}</fields>");
    let account = ("objects/Account.object".to_string(), xml("CustomObject", &account));
    let files = files.iter().map(|(path, content)| ((*path).to_string(), (*content).to_string()));
    files.chain([account]).collect()
}

fn read(files: &[(&str, &str)]) -> Org {
    let files = with_account(files);
    org(&files.iter().map(|(path, content)| (path.as_str(), content.as_str())).collect::<Vec<_>>())
}

/// Rights as letters: read, create, edit, delete, view all fields.
fn on_object(org: &Org, name: &str) -> String {
    let ObjectRights { read, create, edit, delete, view_all_fields } =
        org.user.object_rights(org.object(name).unwrap());
    let letters = [(read, 'r'), (create, 'c'), (edit, 'e'), (delete, 'd'), (view_all_fields, 'v')];
    letters.iter().filter(|(has, _)| *has).map(|(_, letter)| *letter).collect()
}

/// Rights as letters: readable, editable.
fn on_field(org: &Org, name: &str) -> String {
    let (object, field) = name.split_once('.').unwrap();
    let object = org.object(object).unwrap();
    let FieldRights { readable, editable } = org.user.field_rights(object, object.field(field).unwrap());
    [(readable, 'r'), (editable, 'e')].iter().filter(|(has, _)| *has).map(|(_, letter)| *letter).collect()
}

#[test]
fn without_profile_and_permission_set_everything_is_allowed() {
    let org = read(&[]);
    assert!(org.user.rights.is_none());
    assert_eq!(
        (on_object(&org, "Account"), on_field(&org, "Account.Tier__c")),
        ("rcedv".into(), "re".into())
    );
    assert_eq!((org.user.username.as_str(), &org.user.profile), ("crm-export@org.invalid", &None));
}

#[test]
fn rights_of_profile_and_permission_sets_add_up() {
    let profile = object("Account", &["allowRead", "allowEdit"]) + &field("Account.Phone", true, false);
    let set = object("Account", &["allowCreate"])
        + &field("Account.Tier__c", false, true)
        + &field("Account.Place__c", true, false)
        + &field("Account.BillingAddress", true, true)
        + "<customPermissions><enabled>true</enabled><name>Bypass</name></customPermissions>"
        + "<customPermissions><enabled>false</enabled><name>Off</name></customPermissions>";
    let other = object("Contact", &["modifyAllRecords"])
        + &object("Lead", &["viewAllRecords", "viewAllFields"])
        + &object("Opportunity", &["allowRead"]);
    let org = read(&[
        ("profiles/Admin.profile-meta.xml", &xml("Profile", &profile)),
        ("permissionsets/A.permissionset-meta.xml", &xml("PermissionSet", &set)),
        ("permissionsets/B.permissionset", &xml("PermissionSet", &other)),
    ]);
    assert_eq!(warnings(&org), [""; 0]);
    assert_eq!(org.user.profile.as_deref(), Some("System Administrator"));
    assert_eq!(org.user.permission_sets, ["A", "B"]);
    assert_eq!(org.user.custom_permissions, ["Bypass"]);
    let objects =
        ["Account", "Contact", "Lead", "Opportunity", "OpportunityLineItem", "Case", "User", "Task"];
    let found: Vec<_> = objects.iter().map(|name| on_object(&org, name)).collect();
    assert_eq!(found, ["rce", "red", "rv", "r", "r", "", "r", "rced"]);
    let fields = [
        "Account.Name",
        "Account.Phone",
        "Account.Fax",
        "Account.Tier__c",
        "Account.Place__c",
        "Account.Place__Latitude__s",
        "Account.BillingCity",
        "Account.ShippingCity",
        "Lead.Title",
    ];
    let found: Vec<_> = fields.iter().map(|name| on_field(&org, name)).collect();
    assert_eq!(found, ["re", "r", "", "re", "r", "r", "re", "", "r"]);
}

#[test]
fn without_a_profile_standard_fields_are_granted() {
    let set = object("Account", &["allowRead"]);
    let org = read(&[("permissionsets/A.permissionset", &xml("PermissionSet", &set))]);
    let fields = ["Account.Fax", "Account.Tier__c", "Account.Place__Latitude__s"];
    assert_eq!(fields.map(|name| on_field(&org, name)), ["re", "", ""]);
}

#[test]
fn data_of_all_objects() {
    let check = |permission: &str, expected: &str| {
        let set =
            format!("<userPermissions><enabled>true</enabled><name>{permission}</name></userPermissions>");
        let org = read(&[("permissionsets/A.permissionset", &xml("PermissionSet", &set))]);
        assert_eq!(on_object(&org, "Case"), expected, "{permission}");
    };
    check("ApiEnabled", "");
    check("ViewAllData", "r");
    check("ModifyAllData", "rced");
}

#[test]
fn the_file_says_who_the_user_is() {
    let set = |name: &str| xml("PermissionSet", &object(name, &["allowRead"]));
    let (a, b, admin, other) = (set("Account"), set("Contact"), xml("Profile", ""), xml("Profile", ""));
    let check = |json: &str, profile: Option<&str>, sets: &[&str], standard_granted: Option<bool>| {
        let org = read(&[
            ("export-user.json", json),
            ("permissionsets/A.permissionset", &a),
            ("permissionsets/B.permissionset", &b),
            ("profiles/Admin.profile", &admin),
            ("profiles/Sales %26 more.profile", &other),
        ]);
        assert_eq!(org.user.profile.as_deref(), profile, "{json}");
        assert_eq!(org.user.permission_sets, sets, "{json}");
        assert_eq!(org.user.rights.map(|rights| rights.standard_fields_granted), standard_granted, "{json}");
    };
    check("{}", None, &["A", "B"], Some(true));
    check("{\"permissionSets\":[\"b\"]}", None, &["B"], Some(true));
    check("{\"permissionSets\":[]}", None, &[], None);
    check("{\"profile\":\"sales & more\",\"permissionSets\":[]}", Some("Sales & more"), &[], Some(false));
    check(
        "{\"profile\":\"System Administrator\",\"permissionSets\":[]}",
        Some("System Administrator"),
        &[],
        Some(false),
    );
    check("{\"profile\":\"Elsewhere\",\"permissionSets\":[]}", Some("Elsewhere"), &[], None);

    let org =
        read(&[("export-user.json", "\u{feff}{\"username\":\"a@b.test\",\"fields\":{\"Bypass__c\":true}}")]);
    assert_eq!(org.user.username, "a@b.test");
    assert_eq!(org.user.fields["Bypass__c"], true);
}

#[test]
fn a_profile_that_cannot_be_told_is_a_warning() {
    let profile = xml("Profile", "");
    let check = |json: &str, expected: &[&str]| {
        let files =
            [("export-user.json", json), ("profiles/A.profile", &profile), ("profiles/B.profile", &profile)];
        assert_eq!(warnings(&read(&files)), expected, "{json}");
    };
    check("{\"profile\":\"A\"}", &[]);
    check(
        "{}",
        &["export-user.json:0 names none of the folder's 2 profiles: what a profile grants is not known"],
    );
    check(
        "{\"profile\":\"C\"}",
        &["export-user.json:0 profile \"C\" is not in the folder: what a profile grants is not known"],
    );
}

#[test]
fn of_two_permission_sets_with_one_name_the_later_is_used() {
    let set = |flag: &str| xml("PermissionSet", &object("Account", &[flag]));
    let org = read(&[
        ("a/permissionsets/P.permissionset", &set("allowDelete")),
        ("b/permissionsets/P.permissionset-meta.xml", &set("allowRead")),
    ]);
    assert_eq!(on_object(&org, "Account"), "r");
    assert_eq!(
        warnings(&org),
        [
            "a/permissionsets/P.permissionset:0 not used: b/permissionsets/P.permissionset-meta.xml has the same name \
          and comes later"
        ]
    );
}

#[test]
fn a_wrong_file_is_an_error() {
    let check = |json: &str, expected: &str| {
        let files = with_account(&[("export-user.json", json)]);
        let files: Vec<_> = files.iter().map(|(path, content)| (path.as_str(), content.as_str())).collect();
        assert_eq!(Org::read(write(&files).path()).unwrap_err().to_string(), expected, "{json}");
    };
    check(
        "{\"permissionSets\":[\"Gone\"]}",
        "read export-user.json: permission set \"Gone\" is not in the folder; add its file, correct the name or remove \
         it here",
    );
    check(
        "{\n \"permisionSets\": []}",
        "read export-user.json, line 2, column 16: unknown field `permisionSets`, expected one of `username`, \
         `profile`, `permissionSets`, `fields`, `profileFields`, `userRole`, `organization`, `setup`; it takes username, \
         profile, permissionSets, fields, profileFields, userRole, organization and setup",
    );
    check(
        "{",
        "read export-user.json, line 1, column 1: EOF while parsing an object; it takes username, profile, \
         permissionSets, fields, profileFields, userRole, organization and setup",
    );
}

#[test]
fn groups_stand_for_their_sets() {
    let set = |flags: &[&str]| xml("PermissionSet", &object("Account", flags));
    let group = "<permissionSets>A</permissionSets><permissionSets>Gone</permissionSets>\n\
                 <mutingPermissionSets>M</mutingPermissionSets>";
    let org = read(&[
        ("export-user.json", "{\"permissionSets\":[\"G\",\"B\"]}"),
        ("permissionsets/A.permissionset", &set(&["allowRead", "allowEdit", "allowDelete"])),
        ("permissionsets/B.permissionset", &set(&["allowDelete"])),
        ("permissionsets/C.permissionset", &set(&["allowCreate"])),
        ("permissionsetgroups/G.permissionsetgroup-meta.xml", &xml("PermissionSetGroup", group)),
        (
            "mutingpermissionsets/M.mutingpermissionset-meta.xml",
            &xml("MutingPermissionSet", &object("Account", &["allowEdit", "allowDelete"])),
        ),
    ]);
    assert_eq!(on_object(&org, "Account"), "rd", "muted in the group, but B grants to delete");
    assert_eq!(org.user.permission_sets, ["A", "B"]);
    let gone =
        "permissionsetgroups/G.permissionsetgroup-meta.xml:3 Gone of group G is not in the folder: not used";
    assert_eq!(warnings(&org), [gone]);
}

#[test]
fn rights_to_what_is_not_there_are_a_warning() {
    let set = object("Gone__c", &["allowRead"])
        + "\n"
        + &field("Account.Gone__c", true, true)
        + &field("Account.NotInTheTable", true, true)
        + "\n"
        + &field("Away__c.A__c", true, true)
        + &field("Away__c.B__c", true, true);
    let org = read(&[("permissionsets/A.permissionset", &xml("PermissionSet", &set))]);
    let file = "permissionsets/A.permissionset";
    assert_eq!(
        warnings(&org),
        [
            format!("{file}:3 permission for Gone__c, which is not in the folder: not used"),
            format!("{file}:4 permission for Account.Gone__c, which is not in the folder: not used"),
            format!(
                "{file}:5 permissions for 2 fields that are not in the folder, first Away__c.A__c: not used"
            ),
        ]
    );
}

#[test]
fn record_types_of_the_user() {
    let visible = |name: &str, default: bool| {
        format!(
            "<recordTypeVisibilities><default>{default}</default><recordType>Account.{name}</recordType>\
             <visible>true</visible></recordTypeVisibilities>"
        )
    };
    let set = xml("PermissionSet", &visible("Supplier", false));
    let profile = xml("Profile", &(visible("Partner", false) + &visible("Customer", true)));
    let types: String = ["Partner", "Customer", "Supplier", "Other"]
        .iter()
        .map(|name| format!("<recordTypes><fullName>{name}</fullName><active>true</active></recordTypes>"))
        .collect();
    let types = xml("CustomObject", &types);
    let check = |profile: Option<&str>, usable: &[&str], default: Option<&str>| {
        let mut files =
            vec![("objects/Account.object", types.as_str()), ("permissionsets/A.permissionset", &set)];
        files.extend(profile.map(|profile| ("profiles/P.profile", profile)));
        let org = org(&files);
        let found = org.rules.record_types.iter().filter(|found| org.user.may_use_record_type(found));
        assert_eq!(found.map(|found| found.name.as_str()).collect::<Vec<_>>(), usable);
        assert_eq!(org.default_record_type("account").map(|found| found.name.as_str()), default);
    };
    check(Some(&profile), &["Partner", "Customer", "Supplier"], Some("Customer"));
    check(None, &["Partner", "Customer", "Supplier", "Other"], None);
}
