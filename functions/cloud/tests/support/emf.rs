//! The rules of CloudWatch's embedded metric format, as its specification has them ("Specification: Embedded metric
//! format", CloudWatch user guide): a line that breaks one is dropped by CloudWatch without a word.

use std::collections::BTreeMap;

use serde_json::Value;

/// The metrics in a line: dimensions (`Stack=x,Code=y`) and name, with the value. Fails when CloudWatch would drop it.
pub fn metrics(line: &str) -> BTreeMap<(String, String), f64> {
    let root: Value = serde_json::from_str(line).expect("a line is one JSON object");
    let about = &root["_aws"];
    assert!(about["Timestamp"].as_u64().is_some_and(|at| at > 0), "milliseconds: {line}");
    let directives = about["CloudWatchMetrics"].as_array().expect("directives");
    assert!(!directives.is_empty(), "{line}");
    let mut found = BTreeMap::new();
    for directive in directives {
        let namespace = directive["Namespace"].as_str().expect("a namespace");
        assert!((1..=1024).contains(&namespace.len()) && namespace == "CrmExport", "{line}");
        let metrics = directive["Metrics"].as_array().expect("metrics");
        assert!((1..=100).contains(&metrics.len()), "{line}");
        for dimensions in directive["Dimensions"].as_array().expect("sets of dimensions") {
            let dimensions = dimensions.as_array().expect("a set");
            assert!(dimensions.len() <= 30, "{line}");
            let shown: Vec<String> = dimensions.iter().map(|name| dimension(&root, name)).collect();
            for metric in metrics {
                let name = metric["Name"].as_str().expect("a name");
                assert!((1..=1024).contains(&name.len()), "{line}");
                let value = root[name].as_f64().unwrap_or_else(|| panic!("no number {name}: {line}"));
                let twice = found.insert((shown.join(","), name.to_owned()), value);
                assert_eq!(twice, None, "{line}");
            }
        }
    }
    found
}

/// A dimension is a member of the root whose value is a text of 1 to 1024 characters.
fn dimension(root: &Value, name: &Value) -> String {
    let name = name.as_str().expect("the name of a dimension");
    assert!((1..=250).contains(&name.len()));
    let value = root[name].as_str().unwrap_or_else(|| panic!("no text {name}: {root}"));
    assert!((1..=1024).contains(&value.len()), "{root}");
    format!("{name}={value}")
}
