//! How answers look: records, parents, children, groups.

use serde_json::{Value, json};

use super::crm::{ACME, ANN, BOB, CYD, Crm, GAMMA, TOUCH, attributes, check, check_refused};

#[test]
fn records_have_attributes_first_and_the_metadata_s_spelling() {
    let crm = Crm::new();
    check(
        &crm,
        "select id, NAME, ext__C from account where ext__c = 'a-1'",
        json!({
            "totalSize": 1, "done": true, "records": [
                {"attributes": attributes("Account", ACME), "Id": ACME, "Name": "Acme", "Ext__c": "A-1"},
            ],
        }),
    );
    check(
        &crm,
        "SELECT Active__c, Score__c, Day__c, CreatedDate, Rating__c FROM Contact WHERE Ext__c IN ('C-1','c-3')",
        json!({
            "totalSize": 2, "done": true, "records": [
                {"attributes": attributes("Contact", ANN), "Active__c": true, "Score__c": 7.5, "Day__c": "2026-11-22",
                 "CreatedDate": "2026-11-23T09:00:00.000+0000", "Rating__c": "Hot"},
                {"attributes": attributes("Contact", CYD), "Active__c": false, "Score__c": null, "Day__c": null,
                 "CreatedDate": null, "Rating__c": null},
            ],
        }),
    );
    check(
        &crm,
        "SELECT Id FROM Account WHERE Name = 'nobody'",
        json!({"totalSize": 0, "done": true, "records": []}),
    );
}

#[test]
fn parents_are_nested_and_children_are_lists() {
    let crm = Crm::new();
    check(
        &crm,
        "SELECT t.Contact__r.Account.Name, Contact__r.LastName, Account__r.Name, Id FROM Touchpoint__c t",
        json!({"totalSize": 1, "done": true, "records": [{
            "attributes": attributes("Touchpoint__c", TOUCH),
            "Contact__r": {
                "attributes": attributes("Contact", ANN),
                "Account": {"attributes": attributes("Account", ACME), "Name": "Acme"},
                "LastName": "Lee",
            },
            "Account__r": null,
            "Id": TOUCH,
        }]}),
    );
    check(
        &crm,
        "SELECT Name, (SELECT LastName FROM contacts WHERE Score__c > 1 ORDER BY Score__c LIMIT 1), \
         (SELECT Id FROM Touchpoints__r) FROM Account WHERE Id IN ('001SB0000000001','001SB0000000003')",
        json!({"totalSize": 2, "done": true, "records": [
            {"attributes": attributes("Account", ACME), "Name": "Acme", "Contacts": {
                "totalSize": 1, "done": true, "records": [
                    {"attributes": attributes("Contact", BOB), "LastName": "O'Neil"}]},
             "Touchpoints__r": null},
            {"attributes": attributes("Account", GAMMA), "Name": "Gamma 100%", "Contacts": null,
             "Touchpoints__r": null},
        ]}),
    );
}

#[test]
fn counts_and_groups() {
    let crm = Crm::new();
    check(&crm, "SELECT COUNT() FROM Contact", json!({"totalSize": 3, "done": true, "records": []}));
    check(
        &crm,
        "SELECT COUNT() FROM Contact WHERE Score__c != null LIMIT 1",
        json!({
            "totalSize": 1, "done": true, "records": [],
        }),
    );
    let group = |members: Value| {
        let Value::Object(members) = members else { panic!("an object") };
        let mut group = serde_json::Map::new();
        group.insert("attributes".into(), json!({"type": "AggregateResult"}));
        group.extend(members);
        Value::Object(group)
    };
    check(
        &crm,
        "SELECT COUNT(Id), COUNT(Score__c) scored, SUM(Score__c), AVG(Score__c), MIN(LastName), MAX(Day__c) day, \
         COUNT_DISTINCT(LastName) FROM Contact",
        json!({"totalSize": 1, "done": true, "records": [group(json!({
            "expr0": 3, "scored": 2, "expr1": 9.5, "expr2": 4.75, "expr3": "Lee", "day": "2026-11-22", "expr4": 2,
        }))]}),
    );
    check(
        &crm,
        "SELECT SUM(Score__c), COUNT(Id) FROM Contact WHERE Ext__c = 'x'",
        json!({
            "totalSize": 1, "done": true, "records": [group(json!({"expr0": null, "expr1": 0}))],
        }),
    );
    check(
        &crm,
        "SELECT Account.Name account, COUNT(Id) FROM Contact GROUP BY Account.Name HAVING COUNT(Id) >= 1 \
         ORDER BY COUNT(Id) DESC",
        json!({"totalSize": 2, "done": true, "records": [
            group(json!({"account": "Acme", "expr0": 2})),
            group(json!({"account": "beta", "expr0": 1})),
        ]}),
    );
    check(
        &crm,
        "SELECT Group__c FROM Account GROUP BY Group__c HAVING COUNT(Id) > 1 AND Group__c LIKE 'n%'",
        json!({"totalSize": 1, "done": true, "records": [group(json!({"Group__c": "north"}))]}),
    );
}

#[test]
fn fields_stands_for_what_the_user_may_read() {
    let crm = Crm::new();
    check(
        &crm,
        "SELECT FIELDS(CUSTOM) FROM Account WHERE Id = '001SB0000000001' LIMIT 200",
        json!({
            "totalSize": 1, "done": true, "records": [
                {"attributes": attributes("Account", ACME), "Ext__c": "A-1", "Group__c": "north"},
            ],
        }),
    );
    let standard = crm.run("SELECT FIELDS(STANDARD) FROM Account LIMIT 1").unwrap().records[0].clone();
    let names: Vec<&String> = standard.as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        [
            "attributes",
            "Id",
            "CreatedById",
            "CreatedDate",
            "IsDeleted",
            "LastModifiedById",
            "LastModifiedDate",
            "Name",
            "OwnerId",
            "SystemModstamp"
        ]
    );
    let limit = "The SOQL FIELDS function must have a LIMIT of at most 200";
    check_refused(&crm, "SELECT FIELDS(ALL) FROM Account", "MALFORMED_QUERY", limit);
    check_refused(&crm, "SELECT FIELDS(CUSTOM) FROM Account LIMIT 201", "MALFORMED_QUERY", limit);
}
