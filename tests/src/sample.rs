//! The sample org and its records, and small ones made for a test.

use std::fs;
use std::path::{Path, PathBuf};

use crate::program::Workplace;
use crate::source::repository;

/// `tests/sample`.
pub fn sample() -> PathBuf {
    repository().join("tests/sample")
}

/// The sample's record files, parents first.
pub fn record_files() -> [String; 3] {
    ["1-accounts.ndjson", "2-contacts.ndjson", "3-touchpoints.ndjson"]
        .map(|name| sample().join(name).to_string_lossy().into_owned())
}

/// Copies the sample org into a workplace, where a test may edit it. Answers its folder.
pub fn copy_org(workplace: &Workplace) -> String {
    let to = workplace.path().join("org");
    copy_folder(&sample().join("org"), &to);
    to.to_string_lossy().into_owned()
}

/// Replaces text in a file of the copied org, as a person mends it.
pub fn mend(org: &str, file: &str, from: &str, to: &str) {
    let path = Path::new(org).join("force-app/main/default").join(file);
    let text = fs::read_to_string(&path).expect("the file is there");
    assert!(text.contains(from), "{from} is not in {}", path.display());
    fs::write(&path, text.replace(from, to)).expect("the file can be written");
}

/// The four mends of `mend.patch`.
pub fn mend_everything(org: &str) {
    mend(org, "permissionsets/Exporter.permissionset-meta.xml", "<editable>false<", "<editable>true<");
    mend(org, "objects/Touchpoint__c/fields/Landing_Page__c.field-meta.xml", "<length>120<", "<length>255<");
    mend(
        org,
        "objects/Touchpoint__c/validationRules/Refunds_For_Gold.validationRule-meta.xml",
        "&quot;Events&quot;)),",
        "&quot;Events&quot;)),\n  NOT(ISPICKVAL(Channel__c, &quot;Web Direct&quot;)),",
    );
    let partner = "</value>\n            <value><fullName>Partner</fullName><label>Partner</label></value>\n        </valueSetDefinition>";
    mend(
        org,
        "objects/Contact/fields/Segment__c.field-meta.xml",
        "</value>\n        </valueSetDefinition>",
        partner,
    );
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("a folder can be listed") {
        let entry = entry.expect("a folder can be listed");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a file can be copied");
        }
    }
}

/// An NDJSON line for an Account of the sample org.
pub fn account_line(id: &str, name: &str) -> String {
    format!(
        r#"{{"object":"Account","externalId":{{"field":"Ext__c","value":"{id}"}},"fields":{{"Name":"{name}"}}}}"#
    )
}
