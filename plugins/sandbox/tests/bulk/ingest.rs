//! Ingest jobs: whole answers and whole CSV files compared.

use reqwest::Method;
use serde_json::{Value, json};

use crate::world::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_job_tells_what_it_is_from_creation_to_end() {
    let crm = Crm::start().await;
    let created = crm.post("jobs/ingest/", upsert()).await;
    let id = created.json()["id"].as_str().unwrap().to_owned();
    assert!(id.starts_with("750") && id.len() == 18, "{id}");
    let brief = |state: &str| {
        format!(
            r#"{{"id":"{id}","operation":"upsert","object":"Touchpoint__c","createdById":"{USER}","createdDate":"{INSTANT}","systemModstamp":"{INSTANT}","state":"{state}","externalIdFieldName":"Ext__c","concurrencyMode":"Parallel","contentType":"CSV","apiVersion":59.0,"contentUrl":"services/data/v59.0/jobs/ingest/{id}/batches","lineEnding":"LF","columnDelimiter":"COMMA""#
        )
    };
    assert_eq!((created.status, created.body), (200, format!("{}}}", brief("Open"))));
    let progress = |processed: u32, failed: u32| {
        format!(
            r#","jobType":"V2Ingest","numberRecordsProcessed":{processed},"numberRecordsFailed":{failed},"retries":0,"totalProcessingTime":0,"apiActiveProcessingTime":0,"apexProcessingTime":0}}"#
        )
    };
    let path = format!("jobs/ingest/{id}");
    assert_eq!(crm.get(&path).await.body, brief("Open") + &progress(0, 0));
    let csv = "Ext__c,Type__c\nT-1,Web\nT-2,\n";
    let uploaded = crm.call(Method::PUT, &format!("{path}/batches/"), csv).await;
    assert_eq!((uploaded.status, uploaded.body.as_str()), (201, ""));
    let closed = crm.close(&id).await;
    assert_eq!((closed.status, closed.body), (200, format!("{}}}", brief("UploadComplete"))));
    crm.finished(&id).await;
    assert_eq!(crm.get(&path).await.body, brief("JobComplete") + &progress(2, 1));
    let list = crm.get("jobs/ingest").await.json();
    assert_eq!((list["done"].clone(), list["records"][0]["id"].clone()), (json!(true), json!(id)));
    let deleted = crm.call(Method::DELETE, &path, "").await;
    assert_eq!((deleted.status, deleted.body.as_str()), (204, ""));
    check_refused(&crm.get(&path).await, 404, "NOT_FOUND", "The requested resource does not exist");
    assert_eq!(crm.get("jobs/ingest").await.json()["records"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn results_repeat_the_columns_of_the_upload() {
    let crm = Crm::start().await;
    crm.load(upsert(), "Ext__c,Type__c\nT-1,Web\n").await;
    // jsforce sends an empty Id column first.
    let (id, job) = crm
        .load(upsert(), "Id,Ext__c,Type__c\n,t-1,\"Mail, \"\"x\"\"\"\n,T-2,Web\n,T-3,\n,T-4,Web\n,T-4,Web\n")
        .await;
    assert_eq!(
        (job["numberRecordsProcessed"].clone(), job["numberRecordsFailed"].clone()),
        (json!(5), json!(3))
    );
    let ids = crm.query("SELECT Id FROM Touchpoint__c ORDER BY Ext__c").await;
    let ids: Vec<&str> = ids.split(' ').collect();
    assert_eq!(
        crm.results(&id, "successfulResults").await,
        format!(
            "\"sf__Id\",\"sf__Created\",\"Id\",\"Ext__c\",\"Type__c\"\n\"{}\",\"false\",\"\",\"t-1\",\"Mail, \"\"x\"\"\"\n\
             \"{}\",\"true\",\"\",\"T-2\",\"Web\"\n",
            ids[0], ids[1]
        )
    );
    let failed = crm.results(&id, "failedresults").await;
    let lines: Vec<&str> = failed.lines().collect();
    assert_eq!(lines[0], r#""sf__Id","sf__Error","Id","Ext__c","Type__c""#);
    assert_eq!(
        lines[1],
        r#""","REQUIRED_FIELD_MISSING:Required fields are missing: [Type__c]:Type__c --","","T-3","""#
    );
    assert!(
        lines[2].starts_with("\"\",\"DUPLICATE_VALUE:") && lines[2].ends_with("\"\",\"T-4\",\"Web\""),
        "{failed}"
    );
    assert_eq!(lines.len(), 4);
    for name in ["unprocessedrecords", "unprocessedRecords"] {
        assert_eq!(crm.results(&id, name).await, "\"Id\",\"Ext__c\",\"Type__c\"\n");
    }
    assert_eq!(crm.get(&format!("jobs/ingest/{id}/otherResults")).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn cells_are_read_by_the_type_of_their_field() {
    let crm = Crm::start().await;
    crm.post("sobjects/Account", json!({"Name": "Acme", "Ext__c": "A-1"})).await;
    let csv = "Ext__c,Type__c,Score__c,Day__c,Moment__c,Active__c,Account__r.Ext__c\n\
        T-1,Web,7.456,2026-11-23,2026-11-23T10:00:00Z,TRUE,a-1\n\
        T-2,Web,abc,,,,\n\
        T-3,Web,,23.11.2026,,,\n\
        T-4,Web,,,,maybe,\n\
        T-5,Web,,,,,A-9\n\
        T-6,Web,1,2,3,4,5,6\n";
    let (id, _) = crm.load(insert(), csv).await;
    let all = "SELECT Ext__c, Score__c, Day__c, Moment__c, Active__c, Account__r.Name FROM Touchpoint__c";
    let saved = crm.query(all).await;
    assert!(saved.starts_with("T-1,7.46,2026-11-23,2026-11-23T10:00:00.000+0000,true,"), "{saved}");
    assert!(saved.ends_with("Name:Acme}"), "{saved}");
    let failed = crm.results(&id, "failedResults").await;
    let errors: Vec<&str> = failed.lines().skip(1).map(|line| line.split("\",\"").nth(1).unwrap()).collect();
    let unreadable = |column: u8, value: &str, kind: &str, field: &str| {
        format!(
            "INVALID_FIELD:Failed to deserialize field at col {column}. Due to, '{value}' is not a valid value for the \
             type xsd:{kind}:{field} --"
        )
    };
    assert_eq!(errors[0], unreadable(2, "abc", "double", "Score__c"));
    assert_eq!(errors[1], unreadable(3, "23.11.2026", "date", "Day__c"));
    assert_eq!(errors[2], unreadable(5, "maybe", "boolean", "Active__c"));
    assert!(errors[3].starts_with("INVALID_FIELD:Foreign key external ID: A-9 not found"), "{failed}");
    assert!(errors[4].starts_with("INVALID_FIELD:the row has 8 cells and the header 7:"), "{failed}");
    assert_eq!(errors.len(), 5);

    // An empty cell changes nothing, #N/A empties the field.
    let csv = "Ext__c,Score__c,Day__c,Account__r.Ext__c\nT-1,#N/A,,#N/A\n";
    crm.load(upsert(), csv).await;
    assert_eq!(crm.query(all).await, format!("T-1,null,2026-11-23,{INSTANT},true,null"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_csv_that_cannot_be_used_fails_as_a_whole() {
    let crm = Crm::start().await;
    let check = async |body: Value, csv: &str, message: &str| {
        let (id, job) = crm.load(body, csv).await;
        assert_eq!((&job["state"], &job["errorMessage"]), (&json!("Failed"), &json!(message)), "{csv}");
        assert_eq!(job["numberRecordsProcessed"], json!(0));
        id
    };
    let unknown = "InvalidBatch : Field name not found : Foo__c";
    let id = check(insert(), "Type__c,Foo__c\nWeb,1\nMail,2\n", unknown).await;
    assert_eq!(crm.results(&id, "unprocessedrecords").await, "\"Type__c\",\"Foo__c\"\nWeb,1\nMail,2\n");
    assert_eq!(crm.results(&id, "failedResults").await, "\"sf__Id\",\"sf__Error\",\"Type__c\",\"Foo__c\"\n");
    check(insert(), "Type__c,Account__r.Foo__c\n", "InvalidBatch : Field name not found : Account__r.Foo__c")
        .await;
    check(insert(), "\u{feff}Type__c\nWeb\n", "InvalidBatch : Field name not found : \u{feff}Type__c").await;
    check(insert(), "Type__c,type__c\nWeb,x\n", "InvalidBatch : Duplicate field name : type__c").await;
    check(insert(), "", "InvalidBatch : The CSV has no header row").await;
    let ids = json!({"object": "Touchpoint__c", "operation": "delete"});
    check(ids, "Id,Ext__c\na,b\n", "InvalidBatch : delete batch must contain only ids").await;
    let ending = "ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is";
    check(insert(), "Type__c\r\nWeb\r\n", &format!("{ending} LF")).await;
    let mut crlf = insert();
    crlf["lineEnding"] = "CRLF".into();
    check(crlf, "Type__c\nWeb\n", &format!("{ending} CRLF")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn six_delimiters_and_two_line_endings() {
    let crm = Crm::start().await;
    let delimiters = [
        ("BACKQUOTE", "`"),
        ("CARET", "^"),
        ("COMMA", ","),
        ("PIPE", "|"),
        ("SEMICOLON", ";"),
        ("TAB", "\t"),
    ];
    for (number, (name, delimiter)) in delimiters.into_iter().enumerate() {
        let body = json!({
            "object": "Touchpoint__c", "operation": "insert", "columnDelimiter": name, "lineEnding": "CRLF",
        });
        let csv = format!("Ext__c{delimiter}Type__c\r\nT-{number}{delimiter}\"a\r\nb\"\r\n");
        let (id, job) = crm.load(body, &csv).await;
        assert_eq!(job["numberRecordsFailed"], json!(0), "{name}");
        let saved = crm.query(&format!("SELECT Id FROM Touchpoint__c WHERE Ext__c = 'T-{number}'")).await;
        let head =
            ["sf__Id", "sf__Created", "Ext__c", "Type__c"].map(|cell| format!("\"{cell}\"")).join(delimiter);
        let row = [saved.as_str(), "true", &format!("T-{number}"), "a\r\nb"];
        let row = row.map(|cell| format!("\"{cell}\"")).join(delimiter);
        assert_eq!(crm.results(&id, "successfulResults").await, format!("{head}\r\n{row}\r\n"), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_rows_are_updated_and_deleted() {
    let crm = Crm::start().await;
    let mut csv = "Ext__c,Type__c\n".to_owned();
    for number in 0..450 {
        csv += &format!("T-{number:03},Web\n");
    }
    let (id, job) = crm.load(insert(), &csv).await;
    assert_eq!((&job["numberRecordsProcessed"], &job["numberRecordsFailed"]), (&json!(450), &json!(0)));
    let saved = crm.results(&id, "successfulResults").await;
    assert_eq!(saved.lines().count(), 451);
    let ids: Vec<&str> = saved.lines().skip(1).map(|line| &line[1..19]).collect();

    let update = json!({"object": "Touchpoint__c", "operation": "update"});
    let (id, _) = crm.load(update, &format!("Id,Type__c\n{},Mail\n,Mail\n", ids[0])).await;
    assert_eq!(crm.query("SELECT Ext__c FROM Touchpoint__c WHERE Type__c = 'Mail'").await, "T-000");
    assert!(crm.results(&id, "successfulResults").await.contains("\",\"false\",\""));
    assert!(crm.results(&id, "failedResults").await.contains("\"\",\"MISSING_ARGUMENT:Id not specified"));

    for operation in ["delete", "hardDelete"] {
        let id = if operation == "delete" { ids[1] } else { ids[2] };
        let body = json!({"object": "Touchpoint__c", "operation": operation});
        let (_, job) = crm.load(body, &format!("Id\n{id}\n")).await;
        assert_eq!(job["numberRecordsFailed"], json!(0), "{operation}");
    }
    let left = crm.get("query?q=SELECT+COUNT()+FROM+Touchpoint__c").await.json();
    assert_eq!(left["totalSize"], json!(448));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_job_cannot_do_is_refused() {
    let crm = Crm::start().await;
    let check = async |body: Value, code: &str, message: &str| {
        check_refused(&crm.post("jobs/ingest", body).await, 400, code, message);
    };
    check(json!({"operation": "insert"}), "INVALIDJOB", "InvalidJob : Must specify object").await;
    check(json!({"object": "Account"}), "INVALIDJOB", "InvalidJob : Must specify operation").await;
    check(
        json!({"object": "Account", "operation": "query"}),
        "INVALIDJOB",
        "InvalidJob : Unknown operation: query",
    )
    .await;
    let entity = "InvalidEntity : Entity 'Foo__c' is not supported by the Bulk API.";
    check(json!({"object": "Foo__c", "operation": "insert"}), "INVALIDENTITY", entity).await;
    let blank =
        "InvalidJob : External ID was blank for Account. An External ID must be specified for upsert.";
    check(json!({"object": "Account", "operation": "upsert"}), "INVALIDJOB", blank).await;
    let key = "InvalidJob : Field name provided, Industry does not match an External ID, Salesforce Id, or indexed \
               field for Account";
    let body = json!({"object": "Account", "operation": "upsert", "externalIdFieldName": "Industry"});
    check(body, "INVALIDJOB", key).await;

    let id = crm.open(insert()).await;
    let path = format!("jobs/ingest/{id}");
    let state = async |answer: Answer, message: &str| check_refused(&answer, 400, "INVALIDJOBSTATE", message);
    let no_content = format!("job {id} has no content: PUT its CSV before UploadComplete");
    state(crm.close(&id).await, &no_content).await;
    let early = format!("results of job {id} can be read when it is finished; it is Open");
    state(crm.get(&format!("{path}/failedResults")).await, &early).await;
    let open = format!("job {id} is Open: abort it before it is deleted");
    state(crm.call(Method::DELETE, &path, "").await, &open).await;
    assert_eq!(crm.call(Method::PUT, &format!("{path}/batches"), "Type__c\nWeb\n").await.status, 201);
    let twice = format!(
        "Found multiple contents for job: <{id}>, please 'Close' / 'Abort' / 'Delete' the current Job then create a \
         new Job and make sure you only do 'PUT' once on a given Job."
    );
    state(crm.call(Method::PUT, &format!("{path}/batches"), "Type__c\nWeb\n").await, &twice).await;
    let aborted = crm.call(Method::PATCH, &path, r#"{"state":"Aborted"}"#).await;
    assert_eq!((aborted.status, aborted.json()["state"].clone()), (200, json!("Aborted")));
    assert_eq!(crm.results(&id, "unprocessedrecords").await, "\"Type__c\"\nWeb\n");
    let closed = "Closing already Aborted Job not allowed";
    state(crm.close(&id).await, closed).await;
    let again = "Aborting already Completed Job not allowed";
    state(crm.call(Method::PATCH, &path, r#"{"state":"Aborted"}"#).await, again).await;
    let nothing = crm.get("jobs/ingest/750SIM0000000001AAA").await;
    check_refused(&nothing, 404, "NOT_FOUND", "The requested resource does not exist");
    let unreadable = crm.call(Method::POST, "jobs/ingest", "[]").await;
    assert_eq!(
        (unreadable.status, unreadable.json()[0]["errorCode"].clone()),
        (400, json!("JSON_PARSER_ERROR"))
    );
}
