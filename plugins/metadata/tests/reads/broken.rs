//! Folders and files that cannot be read, and what is read past.

use metadata::Org;

use crate::folder::{org, warnings, write, xml};

/// The error's text, with the folder's own path as `ORG`.
fn error(files: &[(&str, &str)], below: &str) -> String {
    let folder = write(files);
    let error = Org::read(&folder.path().join(below)).unwrap_err();
    error.to_string().replace(&folder.path().join(below).display().to_string(), "ORG")
}

fn check(path: &str, content: &str, expected: &str) {
    assert_eq!(error(&[(path, content)], ""), expected, "{path}: {content}");
}

#[test]
fn folders() {
    let profile = xml("Profile", "");
    assert_eq!(
        error(&[], "gone"),
        "read ORG: there is no such folder; give the folder that `sf project retrieve` wrote"
    );
    assert_eq!(
        error(&[("a.profile", &profile)], "a.profile"),
        "read ORG: it is a file; give the folder that holds the org's metadata"
    );
    let none = "read ORG: it holds no Salesforce metadata (no *.object-meta.xml, *.field-meta.xml, *.object, \
                *.profile, ...); give the folder that `sf project retrieve` wrote";
    check("README.md", "hello", none);
    check(".git/a.profile", &profile, none);
    check("node_modules/a.profile", &profile, none);
}

#[test]
fn files() {
    let field = "objects/A__c/fields/B__c.field-meta.xml";
    check(
        field,
        "<CustomField>\n  <label>B</lable>\n</CustomField>",
        "read objects/A__c/fields/B__c.field-meta.xml, line 2, column 11: broken XML: expected 'label' tag, not \
         'lable'; correct the file or retrieve it again",
    );
    check(
        field,
        "<CustomField>\n<type>Text</type>\n<length>8O</length></CustomField>",
        "read objects/A__c/fields/B__c.field-meta.xml, line 3: <length> is \"8O\"; give a whole number",
    );
    check(
        "objects/A__c.object",
        "<CustomObject><fields><fullName>B__c</fullName><type>Text</type>\n<required>ja</required></fields></CustomObject>",
        "read objects/A__c.object, line 2: <required> is \"ja\"; give true or false",
    );
    let folder = write(&[]);
    std::fs::write(folder.path().join("A.profile"), b"<Profile>\n<a>\xe5</a></Profile>").unwrap();
    let error = Org::read(folder.path()).unwrap_err().to_string();
    assert_eq!(error, "read A.profile, line 2: it is not UTF-8; save it as UTF-8");
}

#[test]
fn what_is_read_past_is_a_warning() {
    let lookup = xml(
        "CustomField",
        "<fullName>B__c</fullName>\n<type>Lookup</type><referenceTo>Gone__c</referenceTo>",
    );
    let text = xml("CustomField", "<fullName>B__c</fullName><type>Text</type><length>9</length>");
    let object = xml("CustomObject", "<label>A</label>");
    let field = "objects/A__c/fields/B__c.field-meta.xml";
    let check =
        |files: &[(&str, &str)], expected: &[&str]| assert_eq!(warnings(&org(files)), expected, "{files:?}");
    check(
        &[("objects/A__c.object", &object), (field, &lookup)],
        &[
            "objects/A__c/fields/B__c.field-meta.xml:2 A__c.B__c points to Gone__c, which is neither in the folder nor \
           a known standard object: any id is taken",
        ],
    );
    check(
        &[(field, &text)],
        &[
            "objects/A__c/fields/B__c.field-meta.xml:0 A__c: its object file is not in the folder: its name field is \
           taken as optional text",
        ],
    );
    check(
        &[("objects/Order.object", &object)],
        &[
            "objects/Order.object:0 Order: a standard object without a table: only its system fields and the fields \
           in the folder are known",
        ],
    );
    check(
        &[("a/objects/A__c.object", &object), ("b/objects/A__c.object", &object)],
        &[
            "b/objects/A__c.object:2 object A__c is described again (first in a/objects/A__c.object); this file is used",
        ],
    );
    check(
        &[("objects/A__c.object", &text)],
        &["objects/A__c.object:2 not read: its root element is <CustomField>, not <CustomObject>"],
    );
    check(
        &[("B__c.field-meta.xml", &text)],
        &["B__c.field-meta.xml:0 not read: a field lies in objects/<Object>/fields/, this file does not"],
    );
    check(
        &[("permissionsets/P/A.objectSettings-meta.xml", "")],
        &[
            "permissionsets/P/A.objectSettings-meta.xml:0 not read: permission sets in parts are not understood; \
           retrieve them as one file each",
        ],
    );
}

#[test]
fn the_later_of_two_definitions_wins() {
    let object = xml("CustomObject", "<label>A</label>");
    let field = |length: u32| {
        xml("CustomField", &format!("<fullName>B__c</fullName><type>Text</type><length>{length}</length>"))
    };
    let org = org(&[
        ("objects/A__c.object", &object),
        ("a/objects/A__c/fields/B__c.field-meta.xml", &field(1)),
        ("b/objects/A__c/fields/B__c.field-meta.xml", &field(2)),
    ]);
    let expected = "b/objects/A__c/fields/B__c.field-meta.xml:2 field A__c.B__c is defined again (first in \
                    a/objects/A__c/fields/B__c.field-meta.xml); this definition is used";
    assert_eq!(warnings(&org), [expected]);
    let kind = &org.object("A__c").unwrap().field("B__c").unwrap().kind;
    assert_eq!(format!("{kind:?}"), "Text { length: 2 }");
}
