//! Pages, the records that clients ask for first, columns, tables.

use serde_json::{Value, json};

use super::super::run::QueryAnswer;
use super::super::{QueryOptions, columns, more, run, table};
use super::crm::{ANN, BOB, CYD, Crm};

#[test]
fn answers_come_in_pages() {
    let crm = Crm::empty();
    for number in 0..450_u64 {
        crm.add("Account", &crate::ids::make("001", number), json!({"Name": format!("A{number:03}")}));
    }
    let options = QueryOptions::default().with_header(Some("client=x, batchSize=1"));
    let first = run(&crm.view(), "SELECT Name FROM Account ORDER BY Name DESC", options).unwrap();
    let shape = |answer: QueryAnswer| {
        let body = answer.to_json();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let records = body["records"].as_array().unwrap();
        (
            body["totalSize"].clone(),
            body["done"].clone(),
            text(&body["nextRecordsUrl"]),
            records.len(),
            text(&records[0]["Name"]),
        )
    };
    let locator = |from: usize| format!("{}-{from}", crate::ids::make("01g", 1));
    let path = |from: usize| format!("/services/data/v59.0/query/{}", locator(from));
    assert_eq!(shape(first), (json!(450), json!(false), path(200), 200, "A449".into()));
    let second = more(&crm.view(), &locator(200)).unwrap();
    assert_eq!(shape(second), (json!(450), json!(false), path(400), 200, "A249".into()));
    let last = more(&crm.view(), &locator(400)).unwrap();
    assert_eq!(shape(last), (json!(450), json!(true), String::new(), 50, "A049".into()));
    for unknown in [&locator(450), &crate::ids::make("01g", 1), "01gSB0000000009YAA-200", "x-y", ""] {
        let error = more(&crm.view(), unknown).unwrap_err();
        let expected = json!([{"message": "invalid query locator", "errorCode": "INVALID_QUERY_LOCATOR"}]);
        assert_eq!((error.status, error.to_json()), (400, expected), "{unknown}");
    }
}

#[test]
fn clients_find_the_organization_and_their_user() {
    let crm = Crm::new();
    let answer = crm.run("SELECT IsSandbox FROM Organization LIMIT 1").unwrap();
    assert_eq!((answer.total, answer.records[0]["IsSandbox"].clone()), (1, json!(true)));
    let sf = "SELECT Name, InstanceName, IsSandbox, TrialExpirationDate, NamespacePrefix, OrganizationType FROM Organization";
    assert_eq!(crm.run(sf).unwrap().total, 1);
    assert_eq!(crm.run("SELECT Username FROM User WHERE IsActive = true").unwrap().total, 1);
}

#[test]
fn columns_describe_an_answer() {
    let crm = Crm::new();
    let names = |soql: &str| {
        let described = columns(&crm.view(), soql).unwrap();
        let name = |column: &Value| {
            let inside: Vec<String> = column["joinColumns"]
                .as_array()
                .unwrap()
                .iter()
                .map(|inside| inside["columnName"].as_str().unwrap().to_owned())
                .collect();
            format!(
                "{}[{}] {}",
                column["columnName"].as_str().unwrap(),
                inside.join(","),
                column["aggregate"]
            )
        };
        described["columnMetadata"].as_array().unwrap().iter().map(name).collect::<Vec<_>>()
    };
    assert_eq!(
        names("SELECT Id, Account.Name, Account.Ext__c FROM Contact"),
        ["Id[] false", "Account[Name,Ext__c] false"]
    );
    assert_eq!(
        names("SELECT Name, (SELECT LastName FROM Contacts) FROM Account"),
        ["Name[] false", "Contacts[LastName] true"]
    );
    assert_eq!(
        names("SELECT LastName, COUNT(Id) n FROM Contact GROUP BY LastName"),
        ["LastName[] false", "n[] true"]
    );
}

#[test]
fn bulk_queries_are_tables() {
    let crm = Crm::new();
    let view = crm.view();
    let table = table(&view, "SELECT Id, Account.Name, Score__c, Active__c FROM Contact", false).unwrap();
    assert_eq!(table.header(), ["Id", "Account.Name", "Score__c", "Active__c"]);
    let ids = table.ids().unwrap();
    let cells: Vec<_> = ids.iter().map(|id| table.cells(id).unwrap().unwrap().join("|")).collect();
    assert_eq!(
        cells,
        [format!("{ANN}|Acme|7.5|true"), format!("{BOB}|Acme|2.0|false"), format!("{CYD}|beta||false"),]
    );
    for soql in [
        "SELECT COUNT() FROM Contact",
        "SELECT COUNT(Id) FROM Contact",
        "SELECT (SELECT Id FROM Contacts) FROM Account",
    ] {
        assert!(super::super::table(&view, soql, false).is_err(), "{soql}");
    }
}
