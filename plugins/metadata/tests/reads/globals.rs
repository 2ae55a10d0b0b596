//! Values of global variables.

use formula::Lookup;
use metadata::{Org, global};

use crate::folder::{org, xml};

/// `= value`, `? reason`, or `none`.
fn shown(org: &Org, path: &str) -> String {
    match global(org, path) {
        Some(Lookup::Known(value)) => format!("= {value}"),
        Some(Lookup::Unknown(why)) => format!("? {why}"),
        Some(Lookup::Error(error)) => format!("! {error}"),
        None => "none".to_string(),
    }
}

const USER: &str = r#"{ "username": "export@a.test", "profile": "Integration", "permissionSets": ["Exporter"],
    "fields": { "Level__c": true, "Department": "IT", "Share__c": 50, "ProfileId": "00eD000000IRFmaIAH" },
    "profileFields": { "UserLicenseId": null }, "userRole": { "Name": "Robots" },
    "organization": { "IsSandbox": true },
    "setup": { "Bypass__c": { "Validation__c": true } } }"#;

fn sample() -> Org {
    let granted = "<customPermissions><enabled>true</enabled><name>Bypass</name></customPermissions>";
    let setting = "<customSettingsType>Hierarchy</customSettingsType><label>Bypass</label>\
        <fields><fullName>Validation__c</fullName><type>Checkbox</type></fields>";
    let rule = "<label>Rule</label><fields><fullName>On__c</fullName><type>Checkbox</type></fields>\
        <fields><fullName>Limit__c</fullName><type>Number</type></fields>\
        <fields><fullName>Day__c</fullName><type>Date</type></fields>";
    let record = "<values><field>Limit__c</field><value xsi:type=\"xsd:double\">10.0</value></values>\
        <values><field>Day__c</field><value xsi:nil=\"true\"/></values>\
        <values><field>Theirs__c</field><value>x</value></values>";
    let field = |kind: &str| xml("CustomField", &format!("<type>{kind}</type>"));
    org(&[
        ("export-user.json", USER),
        ("profiles/Integration.profile", &xml("Profile", "")),
        ("permissionsets/Exporter.permissionset", &xml("PermissionSet", granted)),
        ("objects/User/fields/Level__c.field-meta.xml", &field("Checkbox")),
        ("objects/User/fields/Share__c.field-meta.xml", &field("Percent")),
        ("objects/Bypass__c.object", &xml("CustomObject", setting)),
        ("objects/Rule__mdt.object", &xml("CustomObject", rule)),
        ("customMetadata/Rule.First.md-meta.xml", &xml("CustomMetadata", record)),
        (
            "labels/CustomLabels.labels",
            &xml("CustomLabels", "<labels><fullName>Hello</fullName><value>Hei</value></labels>"),
        ),
    ])
}

#[test]
fn what_the_folder_says() {
    let org = sample();
    let check = |path: &str, expected: &str| assert_eq!(shown(&org, path), expected, "{path}");
    check("$User.Username", "= export@a.test");
    check("$user.LEVEL__c", "= true");
    check("$User.Department", "= IT");
    check("$User.Share__c", "= 0.5");
    check("$User.ProfileId", "= 00eD000000IRFma");
    check("$User.IsActive", "= true");
    check("$Profile.Name", "= Integration");
    check("$Profile.UserLicenseId", "= ");
    check("$UserRole.Name", "= Robots");
    check("$Organization.IsSandbox", "= true");
    check("$Permission.bypass", "= true");
    check("$Permission.Other", "= false");
    check("$Setup.Bypass__c.Validation__c", "= true");
    check("$CustomMetadata.Rule__mdt.First.Limit__c", "= 10");
    check("$CustomMetadata.Rule__mdt.First.Day__c", "= ");
    check("$CustomMetadata.Rule__mdt.First.On__c", "= false");
    check("$CustomMetadata.Rule__mdt.First.DeveloperName", "= First");
    check("$Label.Hello", "= Hei");
    check("$System.OriginDateTime", "= 1900-01-01T00:00:00Z");
}

#[test]
fn what_the_folder_does_not_say() {
    let org = sample();
    let check = |path: &str, expected: &str| assert_eq!(shown(&org, path), expected, "{path}");
    check("$User.Id", "? export-user.json does not say it; add it to its \"fields\"");
    check("$UserRole.Id", "? export-user.json does not say it; add it to its \"userRole\"");
    check("$Profile.Id", "? export-user.json does not say it; add it to its \"profileFields\"");
    check("$Organization.Name", "? export-user.json does not say it; add it to its \"organization\"");
    check(
        "$Setup.Bypass__c.Flows__c",
        "? the folder does not hold values of custom settings; add Bypass__c with Flows__c to \"setup\" of \
         export-user.json",
    );
    check("$CustomMetadata.Rule__mdt.Second.On__c", "? the folder has no record Second of Rule__mdt");
    check(
        "$CustomMetadata.Rule__mdt.First.ns__X__c",
        "? record First of Rule__mdt in the folder does not say it",
    );
    check("$Label.Other", "? the folder has no such label");
    check("$Api.Session_ID", "? sessions and addresses of the CRM are not known locally");
    check("$Flow.CurrentDate", "? the folder does not say it");
    check("$RecordType.Name", "none");
    check("Name", "none");
}

#[test]
fn permissions_are_known_once_somebody_says_who_has_them() {
    let check = |files: &[(&str, &str)], expected: &str| {
        let labels = xml("CustomLabels", "");
        let files: Vec<_> = files.iter().copied().chain([("labels/A.labels", labels.as_str())]).collect();
        assert_eq!(shown(&org(&files), "$Permission.X"), expected, "{files:?}");
    };
    check(&[], "? the folder has no profile and no permission set that would say what the user may do");
    check(&[("export-user.json", "{\"permissionSets\":[]}")], "= false");
    check(&[("permissionsets/A.permissionset", &xml("PermissionSet", ""))], "= false");
}
