//! The setting `preflight`: the rules of the org folder are asked before the CRM, and the CRM has the last word.

use serde_json::json;
use tests::program::Workplace;
use tests::sample::{copy_org, mend, record_files};
use tests::sandbox::Sandbox;

const RULE: &str = "objects/Touchpoint__c/validationRules/Refunds_For_Gold.validationRule-meta.xml";

/// A touchpoint that a rule without look at its contact refuses.
const REFUND: &str = r#"{"object":"Touchpoint__c","externalId":{"field":"Ext__c","value":"T-1"},"fields":{"Channel__c":"Social","Touched_At__c":"2026-10-01T00:00:00Z","Cost__c":-5}}"#;

/// The rule, as a payload alone can answer it.
fn without_the_contact(org: &str) {
    mend(
        org,
        "objects/Touchpoint__c/fields/Contact__c.field-meta.xml",
        "<required>true<",
        "<required>false<",
    );
    mend(org, RULE, "TEXT(Contact__r.Account.Tier__c) &lt;&gt; &quot;Gold&quot;", "NOT($Permission.Refunds)");
}

#[test]
fn enforce_halts_without_a_call() {
    let workplace = Workplace::default();
    let org = copy_org(&workplace);
    without_the_contact(&org);
    assert_eq!(workplace.run(&["settings", "set", "preflight=enforce"]).status, 0);
    workplace.write("refund.ndjson", REFUND);
    let ran = workplace.run(&["export", "--json", "--org", &org, "refund.ndjson"]);
    let hold = ran.job("Touchpoint__c")["hold"].clone();
    assert_eq!((ran.status, ran.json()["crmCalls"].clone()), (10, json!(0)), "{ran:?}");
    assert_eq!(
        (&hold["crmCode"], &hold["foretoldBy"]),
        (&json!("FIELD_CUSTOM_VALIDATION_EXCEPTION"), &json!("Touchpoint__c.Refunds_For_Gold"))
    );
    // A person's resume brings the head before the CRM, whatever the rules say; here the CRM says the same.
    let ran = workplace.run(&["resume", "--json"]);
    assert_eq!((ran.status, ran.json()["crmCalls"].clone()), (10, json!(1)), "{ran:?}");
    mend(&org, RULE, "<active>true<", "<active>false<");
    let ran = workplace.run(&["resume", "--json"]);
    assert_eq!((ran.status, &ran.job("Touchpoint__c")["exported"]), (0, &json!(1)), "{ran:?}");
}

#[test]
fn report_counts_where_the_folder_and_the_crm_differ() {
    let workplace = Workplace::default();
    let org = copy_org(&workplace);
    without_the_contact(&org);
    // The CRM has the sample's own org, whose rule asks for the contact; the folder says otherwise.
    let elsewhere = Workplace::default();
    let crm = Sandbox::start(&elsewhere, &[]);
    let [accounts, contacts, _] = record_files();
    workplace.run(&["settings", "set", "preflight=report"]);
    let to_crm = ["export", "--json", "--crm", &crm.url, "--rules", &org];
    assert_eq!(workplace.run(&[&to_crm[..], &[&accounts, &contacts]].concat()).status, 10);
    workplace.write(
        "gold.ndjson",
        REFUND.replace("\"Cost__c\"", "\"Contact__r\":{\"Ext__c\":\"C-0001\"},\"Cost__c\""),
    );
    let ran = workplace.run(&[&to_crm[..], &["gold.ndjson"]].concat());
    assert_eq!(ran.job("Touchpoint__c")["exported"], 1, "the CRM has the last word: {ran:?}");
    assert_eq!(ran.json()["disagreements"], json!({"falseAlarms": 1, "misses": 0}), "{ran:?}");
}
