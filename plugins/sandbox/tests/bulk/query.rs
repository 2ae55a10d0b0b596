//! Query jobs and their pages of CSV.

use reqwest::Method;
use serde_json::json;

use crate::world::*;

#[tokio::test(flavor = "multi_thread")]
async fn query_jobs_answer_in_pages_of_csv() {
    let crm = Crm::start().await;
    crm.load(insert(), "Ext__c,Type__c,Score__c\nT-1,\"a,\"\"b\"\"\",1\nT-2,Web,\nT-3,Web,3\n").await;
    let soql = "SELECT Ext__c, Type__c, Score__c, Account__r.Name FROM Touchpoint__c ORDER BY Ext__c";
    let created = crm.post("jobs/query", json!({"operation": "query", "query": soql})).await;
    let id = created.json()["id"].as_str().unwrap_or_else(|| panic!("{}", created.body)).to_owned();
    let brief = |state: &str| {
        format!(
            r#"{{"id":"{id}","operation":"query","object":"Touchpoint__c","createdById":"{USER}","createdDate":"{INSTANT}","systemModstamp":"{INSTANT}","state":"{state}","concurrencyMode":"Parallel","contentType":"CSV","apiVersion":59.0,"lineEnding":"LF","columnDelimiter":"COMMA""#
        )
    };
    assert_eq!((created.status, created.body), (200, format!("{}}}", brief("UploadComplete"))));
    let progress = r#","jobType":"V2Query","numberRecordsProcessed":3,"retries":0,"totalProcessingTime":0,"isPkChunkingSupported":false}"#;
    let path = format!("jobs/query/{id}");
    assert_eq!(crm.get(&path).await.body, brief("JobComplete") + progress);
    let header = "\"Ext__c\",\"Type__c\",\"Score__c\",\"Account__r.Name\"\n";
    let first = crm.get(&format!("{path}/results?maxRecords=2")).await;
    let rows = "\"T-1\",\"a,\"\"b\"\"\",\"1.0\",\"\"\n\"T-2\",\"Web\",\"\",\"\"\n";
    assert_eq!((first.status, first.rows.as_str(), first.body), (200, "2", format!("{header}{rows}")));
    // jsforce asks for the next page with two slashes.
    for slash in ["/", "//"] {
        let last = crm.get(&format!("jobs/query{slash}{id}/results?locator={}", first.locator)).await;
        let rows = "\"T-3\",\"Web\",\"3.0\",\"\"\n";
        assert_eq!(
            (last.locator.as_str(), last.rows.as_str(), last.body),
            ("null", "1", format!("{header}{rows}"))
        );
    }
    let wrong = crm.get(&format!("{path}/results?locator=xyz")).await;
    check_refused(&wrong, 400, "INVALID_QUERY_LOCATOR", "invalid query locator");
    assert_eq!(crm.get("jobs/query").await.json()["records"][0]["id"], json!(id));
    assert_eq!(crm.get(&format!("jobs/ingest/{id}")).await.status, 404);
    assert_eq!(crm.call(Method::DELETE, &path, "").await.status, 204);
    assert_eq!(crm.get(&path).await.status, 404);

    let refused =
        crm.post("jobs/query", json!({"operation": "query", "query": "SELECT Foo FROM Account"})).await;
    assert_eq!((refused.status, refused.json()[0]["errorCode"].clone()), (400, json!("INVALID_FIELD")));
    let none = crm.post("jobs/query", json!({"operation": "queryAll"})).await;
    check_refused(&none, 400, "INVALIDJOB", "InvalidJob : Must specify query");
    crm.running.stop().await;
}
