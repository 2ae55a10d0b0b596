//! Queries over HTTP: paths, pages, errors and the questions that clients ask first.

use std::path::Path;
use std::sync::Arc;

use reqwest::Client;
use sandbox::{Config, DAILY_API_CALLS, Database, Running};
use serde_json::{Value, json};
use time::OffsetDateTime;

struct Crm {
    running: Running,
    client: Client,
}

impl Crm {
    async fn start() -> Crm {
        let config = Config {
            org: Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/org"),
            database: Database::Memory,
            listen: ([127, 0, 0, 1], 0).into(),
            tls: false,
            now: Arc::new(|| OffsetDateTime::from_unix_timestamp(1_795_428_000).unwrap()),
            daily_api_calls: DAILY_API_CALLS,
            faults: Vec::new(),
        };
        // Two tests may come here at once; the second finds a provider in place.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Crm { running: sandbox::start(config).await.unwrap(), client: Client::new() }
    }

    /// Status and body; `path` as `nextRecordsUrl` has it.
    async fn get(&self, path: &str, query: &[(&str, &str)], options: &str) -> (u16, Value) {
        let request = self.client.get(format!("{}{path}", self.running.url)).query(query);
        let request = request.bearer_auth("00Dx").header("Sforce-Query-Options", options);
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    async fn query(&self, soql: &str) -> (u16, Value) {
        self.get("/services/data/v59.0/query/", &[("q", soql)], "").await
    }

    async fn create(&self, names: &[String]) {
        let url = format!("{}/services/data/v59.0/composite/sobjects", self.running.url);
        let record = |name: &String| json!({"attributes": {"type": "Account"}, "Name": name, "Ext__c": name});
        let body = json!({"records": names.iter().map(record).collect::<Vec<_>>()});
        let request = self.client.post(url).bearer_auth("00Dx").body(body.to_string());
        assert_eq!(request.send().await.unwrap().status(), 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_come_in_pages_of_the_wanted_size() {
    let crm = Crm::start().await;
    for hundred in 0..3 {
        let names: Vec<String> = (0..100).map(|number| format!("A{hundred}{number:02}")).collect();
        crm.create(&names).await;
    }
    let soql = "SELECT Name FROM Account ORDER BY Name DESC";
    let (status, first) = crm.get("/services/data/v59.0/query", &[("q", soql)], "batchSize=200").await;
    assert_eq!((status, &first["totalSize"], &first["done"]), (200, &json!(300), &json!(false)));
    assert_eq!(first["records"].as_array().map(Vec::len), Some(200));
    let next = first["nextRecordsUrl"].as_str().unwrap();
    assert!(next.starts_with("/services/data/v59.0/query/01g") && next.ends_with("-200"), "{next}");
    let (_, last) = crm.get(next, &[], "").await;
    assert_eq!(
        (&last["totalSize"], &last["done"], &last["nextRecordsUrl"]),
        (&json!(300), &json!(true), &Value::Null)
    );
    assert_eq!(
        (last["records"].as_array().map(Vec::len), &last["records"][99]["Name"]),
        (Some(100), &json!("A000"))
    );
    let wrong = crm.get("/services/data/v59.0/query/01gSB0000000099AAA-200", &[], "").await;
    assert_eq!(
        wrong,
        (400, json!([{"message": "invalid query locator", "errorCode": "INVALID_QUERY_LOCATOR"}]))
    );
    let found =
        crm.query("SELECT Name FROM Account WHERE Ext__c IN ('a007', 'A299', 'A300') ORDER BY Name").await.1;
    let names: Vec<&Value> =
        found["records"].as_array().unwrap().iter().map(|record| &record["Name"]).collect();
    assert_eq!(names, ["A007", "A299"]);
    assert_eq!(
        crm.query("SELECT COUNT() FROM Account").await,
        (200, json!({"totalSize": 300, "done": true, "records": []}))
    );
    crm.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_ask_for_the_organization_first() {
    let crm = Crm::start().await;
    let (status, answer) = crm.query("SELECT IsSandbox FROM Organization LIMIT 1").await;
    assert_eq!(
        (status, &answer["totalSize"], &answer["records"][0]["IsSandbox"]),
        (200, &json!(1), &json!(true))
    );
    let soql = "SELECT Name, InstanceName, IsSandbox, TrialExpirationDate, NamespacePrefix, OrganizationType \
                FROM Organization";
    let (_, answer) = crm.query(soql).await;
    let names: Vec<&String> = answer["records"][0].as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        [
            "attributes",
            "Name",
            "InstanceName",
            "IsSandbox",
            "TrialExpirationDate",
            "NamespacePrefix",
            "OrganizationType"
        ]
    );
    let (status, refused) = crm.query("SELECT Id FROM ScratchOrgInfo").await;
    assert_eq!((status, &refused[0]["errorCode"]), (400, &json!("INVALID_TYPE")));
    let columns = crm.get("/services/data/v59.0/query", &[("q", soql), ("columns", "true")], "").await.1;
    assert_eq!(columns["columnMetadata"].as_array().map(Vec::len), Some(6));
    crm.running.stop().await;
}
