//! What is refused, with Salesforce's codes and words.

use metadata::org::{FieldRights, ObjectRights, Rights};

use super::crm::{Crm, check_refused};

#[test]
fn what_does_not_exist_is_refused_in_salesforce_s_words() {
    let crm = Crm::new();
    check_refused(
        &crm,
        "SELECT Idd FROM Account",
        "INVALID_FIELD",
        "\nSELECT Idd FROM Account\n       ^\nERROR at Row:1:Column:8\nNo such column 'Idd' on entity 'Account'. If you \
         are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please \
         reference your WSDL or the describe call for the appropriate names.",
    );
    check_refused(
        &crm,
        "SELECT Id FROM Acount",
        "INVALID_TYPE",
        "\nSELECT Id FROM Acount\n               ^\nERROR at Row:1:Column:16\nsObject type 'Acount' is not supported. \
         If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please \
         reference your WSDL or the describe call for the appropriate names.",
    );
    check_refused(
        &crm,
        "SELECT Id FROM Contact WHERE Score__c = '5'",
        "INVALID_FIELD",
        "\nFROM Contact WHERE Score__c = '5'\n                              ^\nERROR at \
         Row:1:Column:41\nvalue of filter criterion for field 'Score__c' must be of type double and should not be \
         enclosed in quotes",
    );
}

/// The code, and the message's last line.
#[track_caller]
fn check_last_line(crm: &Crm, soql: &str, code: &str, message: &str) {
    let error = crm.run(soql).map(|answer| answer.to_json()).unwrap_err();
    let last = error.errors[0].message.lines().last().unwrap_or_default().to_owned();
    assert_eq!((error.errors[0].code.as_str(), last.as_str()), (code, message), "{soql}");
}

#[test]
fn names_and_literals_that_do_not_fit() {
    let crm = Crm::new();
    let check = |soql: &str, code: &str, message: &str| check_last_line(&crm, soql, code, message);
    let relationship = "Didn't understand relationship 'Acount' in field path. If you are attempting to use a custom \
                        relationship, be sure to append the '__r' after the custom relationship name. Please \
                        reference your WSDL or the describe call for the appropriate names.";
    check("SELECT Acount.Name FROM Contact", "INVALID_FIELD", relationship);
    let children = relationship.replace("Acount", "Contact").replace("field path", "FROM part of query call");
    check("SELECT (SELECT Id FROM Contact) FROM Account", "INVALID_TYPE", &children);
    let typed = |field: &str, wanted: &str| {
        format!("value of filter criterion for field '{field}' must be of type {wanted}")
    };
    let text = "string and should be enclosed in quotes";
    check("SELECT Id FROM Contact WHERE LastName = 5", "INVALID_FIELD", &typed("LastName", text));
    let bare = |name: &str| format!("{name} and should not be enclosed in quotes");
    check(
        "SELECT Id FROM Contact WHERE Day__c = '2026-01-01'",
        "INVALID_FIELD",
        &typed("Day__c", &bare("date")),
    );
    check(
        "SELECT Id FROM Contact WHERE CreatedDate > 2026-01-01",
        "INVALID_FIELD",
        &typed("CreatedDate", &bare("dateTime")),
    );
    check(
        "SELECT Id FROM Contact WHERE Active__c = 'x'",
        "INVALID_FIELD",
        &typed("Active__c", &bare("boolean")),
    );
    check("SELECT Id FROM Contact WHERE LastName = TODAY", "INVALID_FIELD", &typed("LastName", text));
    check(
        "SELECT Id FROM Contact WHERE Id = '003x'",
        "INVALID_QUERY_FILTER_OPERATOR",
        "invalid ID field: 003x",
    );
    check("SELECT Id FROM Contact WHERE Id LIKE '003%'", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator");
    check(
        "SELECT Id FROM Contact WHERE LastName INCLUDES ('a')",
        "INVALID_QUERY_FILTER_OPERATOR",
        "invalid operator",
    );
}

#[test]
fn misuse_has_its_code() {
    let crm = Crm::new();
    let check = |soql: &str, code: &str, message: &str| check_last_line(&crm, soql, code, message);
    check("SELECT Id, Id FROM Contact", "INVALID_FIELD", "duplicate field selected: Id");
    check(
        "SELECT LastName n FROM Contact",
        "MALFORMED_QUERY",
        "only aggregate expressions use field aliasing",
    );
    check(
        "SELECT LastName, COUNT(Id) FROM Contact",
        "MALFORMED_QUERY",
        "Field must be grouped or aggregated: LastName",
    );
    check("SELECT COUNT(Id) a, SUM(Score__c) A FROM Contact", "MALFORMED_QUERY", "duplicate alias: A");
    check(
        "SELECT COUNT(Id) FROM Contact GROUP BY Score__c",
        "INVALID_FIELD",
        "field 'Score__c' can not be grouped in a query call",
    );
    check(
        "SELECT SUM(LastName) FROM Contact",
        "MALFORMED_QUERY",
        "field LastName does not support aggregate operator SUM",
    );
    check(
        "SELECT Id FROM Contact WHERE LastName = 'x",
        "MALFORMED_QUERY",
        "line 1:42 mismatched character '<EOF>' expecting '''",
    );
    check(
        "SELECT Id FROM Contact WHERE Id IN (SELECT Contact__c FROM Touchpoint__c WHERE Id IN (SELECT Id FROM Touchpoint__c))",
        "MALFORMED_QUERY",
        "Nesting of semi join sub-selects is not supported",
    );
}

#[test]
fn what_the_user_may_not_read_does_not_exist() {
    let mut crm = Crm::new();
    let read = ObjectRights { read: true, ..ObjectRights::default() };
    let readable = FieldRights { readable: true, editable: false };
    crm.restrict(Rights {
        objects: [("contact".into(), read)].into(),
        fields: [("contact.score__c".into(), readable)].into(),
        standard_fields_granted: true,
    });
    let code =
        |soql: &str| crm.run(soql).map(|answer| answer.total).map_err(|error| error.errors[0].code.clone());
    assert_eq!(code("SELECT Score__c FROM Contact"), Ok(3));
    assert_eq!(code("SELECT Ext__c FROM Contact"), Err("INVALID_FIELD".into()));
    assert_eq!(code("SELECT Id FROM Contact WHERE Ext__c = 'C-1'"), Err("INVALID_FIELD".into()));
    assert_eq!(code("SELECT Id FROM Contact ORDER BY Ext__c"), Err("INVALID_FIELD".into()));
    assert_eq!(code("SELECT Account.Name FROM Contact"), Err("INVALID_FIELD".into()));
    assert_eq!(code("SELECT Id FROM Account"), Err("INVALID_TYPE".into()));
    assert_eq!(
        code("SELECT Id FROM Contact WHERE AccountId IN (SELECT Id FROM Account)"),
        Err("INVALID_TYPE".into())
    );
    let all = crm.run("SELECT FIELDS(CUSTOM) FROM Contact LIMIT 1").unwrap().records[0].clone();
    assert_eq!(all.as_object().unwrap().keys().collect::<Vec<_>>(), ["attributes", "Score__c"]);
}
