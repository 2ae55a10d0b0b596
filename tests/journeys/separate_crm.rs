//! A CRM that is a program of its own, reached by `--crm`: over TLS too, and with CSV whose types the CRM describes.

use serde_json::json;
use tests::program::Workplace;
use tests::sample::{account_line, sample};
use tests::sandbox::Sandbox;

#[test]
fn csv_goes_out_in_the_types_that_the_crm_describes() {
    let (crm, workplace) = (Workplace::default(), Workplace::default());
    let sandbox = Sandbox::start(&crm, &[]);
    let file = sample().join("more-accounts.csv").to_string_lossy().into_owned();
    let export =
        ["export", "--json", "--crm", &sandbox.url, "--object", "Account", "--external-id", "Ext__c", &file];
    let ran = workplace.run(&export);
    assert_eq!((ran.status, &ran.job("Account")["exported"]), (0, &json!(20)), "{ran:?}");
    assert_eq!(ran.stderr, "", "nothing to warn of");
    let found = workplace.run(&[
        "query",
        "--json",
        "SELECT Name, NumberOfEmployees FROM Account WHERE Ext__c = 'A-0305'",
    ]);
    let record = found.json()["records"][0].clone();
    assert_eq!(
        (&record["NumberOfEmployees"], &record["Name"]),
        (&json!(305), &json!("Novák, O'Neill and Partners"))
    );
}

#[test]
fn deletes_and_upserts_keep_their_order_over_tls() {
    let (crm, workplace) = (Workplace::default(), Workplace::default());
    let sandbox = Sandbox::start(&crm, &["--tls"]);
    let certificate = sandbox.certificate.clone().expect("--tls makes a certificate");
    let delete = account_line("A-1", "x").replace(r#""fields""#, r#""operation":"delete","fields""#);
    let lines =
        [account_line("A-1", "One"), account_line("A-2", "Two"), delete, account_line("A-3", "Three")];
    workplace.write("a.ndjson", lines.join("\n"));
    let trusted = [("CRM_EXPORT_CA_FILE", certificate.as_str())];
    let ran = workplace.run_in(&trusted, &["export", "--json", "--crm", &sandbox.url, "a.ndjson"]);
    assert_eq!((ran.status, &ran.job("Account")["exported"]), (0, &json!(4)), "{ran:?}");
    let found =
        workplace.run_in(&trusted, &["query", "--json", "SELECT Name FROM Account ORDER BY Name"]).json();
    let names: Vec<_> =
        found["records"].as_array().expect("records").iter().map(|r| r["Name"].clone()).collect();
    assert_eq!(names, ["Three", "Two"]);
    let untrusted = workplace.run(&["export", "--crm", &sandbox.url, "--db", "other.db", "a.ndjson"]);
    assert_ne!(untrusted.status, 0, "a certificate that nobody vouches for is not trusted: {untrusted:?}");
}

#[test]
fn an_injected_fault_holds_a_job_until_it_is_over() {
    let crm = Workplace::default();
    let workplace = Workplace::default();
    let sandbox = Sandbox::start(&crm, &["--fault", "INACTIVE_OWNER_OR_USER:Account.Ext__c=A-2,first=4"]);
    let lines = ["A-1", "A-2", "A-3"].map(|id| account_line(id, id)).join("\n");
    workplace.write("a.ndjson", lines);
    let ran = workplace.run(&["export", "--json", "--crm", &sandbox.url, "a.ndjson"]);
    let job = ran.job("Account");
    assert_eq!(
        (ran.status, &job["hold"]["crmCode"], &job["hold"]["externalId"], &job["parked"]),
        (10, &json!("INACTIVE_OWNER_OR_USER"), &json!("A-2"), &json!(2)),
        "{ran:?}"
    );
    let drained = (0..4).map(|_| workplace.run(&["resume", "--json"])).find(|ran| ran.status == 0);
    assert_eq!(drained.expect("the fault ends").job("Account")["openErrors"], 0);
    let wrong = crm.run(&["sandbox", "--fault", "UNABLE_TO_LOCK_ROW"]);
    assert_eq!(wrong.status, 2);
    assert!(wrong.stderr.contains("CODE:when"), "{wrong:?}");
}
