//! Reads flows of small org folders, through the crate's public door.

mod elements;
mod trigger;

use std::fs;

use metadata::Org;
use metadata::flow::Flow;

/// The flows of a folder with one flow file, `flows/My_Flow.flow-meta.xml`.
fn flows(body: &str) -> Vec<Flow> {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("flows")).unwrap();
    let text = format!("<Flow xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n{body}\n</Flow>");
    fs::write(folder.path().join("flows/My_Flow.flow-meta.xml"), text).unwrap();
    Org::read(folder.path()).unwrap().rules.flows
}

/// The one flow of an active, autolaunched file.
fn flow(body: &str) -> Flow {
    let mut flows =
        flows(&format!("<status>Active</status><processType>AutoLaunchedFlow</processType>{body}"));
    assert_eq!(flows.len(), 1);
    flows.remove(0)
}
