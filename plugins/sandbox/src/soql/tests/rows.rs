//! Which records a query chooses, and in which order.

use super::super::run::{QueryOptions, run};
use super::crm::Crm;

#[test]
fn conditions_choose_records() {
    let crm = Crm::new();
    let check = |condition: &str, expected: &str| {
        assert_eq!(crm.names(&format!("WHERE {condition}")), expected, "{condition}");
    };
    check("LastName = 'LEE'", "Lee lee");
    check("LastName = 'O\\'Neil'", "O'Neil");
    check("LastName != 'lee'", "O'Neil");
    check("LastName LIKE '_e%'", "Lee lee");
    check("Account.Name LIKE 'ac%'", "Lee O'Neil");
    check("Account.Name = 'ACME' AND FirstName = 'bob'", "O'Neil");
    check("FirstName = null", "lee");
    check("FirstName = ''", "lee");
    check("FirstName != null", "Lee O'Neil");
    check("FirstName NOT IN ('Ann')", "O'Neil lee");
    check("NOT FirstName = 'Ann'", "O'Neil lee");
    check("NOT (FirstName = 'Ann' OR FirstName = 'Bob')", "lee");
    check("Score__c = 7.50", "Lee");
    check("Score__c > 2", "Lee");
    check("Score__c <= 7.5 AND Score__c >= 2e0", "Lee O'Neil");
    check("Score__c < 100", "Lee O'Neil");
    check("Score__c != 2", "Lee lee");
    check("Active__c = false", "O'Neil lee");
    check("Active__c = TRUE", "Lee");
    check("Rating__c IN ('hot', null)", "Lee O'Neil lee");
    check("Interests__c INCLUDES ('b')", "Lee O'Neil");
    check("Interests__c INCLUDES ('A;B', 'X')", "Lee");
    check("Interests__c EXCLUDES ('A')", "O'Neil lee");
    check("Id = '003SB0000000002'", "O'Neil");
    check("Id IN ('003SB0000000003YAA', '003SB0000000001')", "Lee lee");
    check("Id != '003SB0000000002'", "Lee lee");
    check("AccountId = '001SB0000000001'", "Lee O'Neil");
    check("AccountId IN (SELECT Id FROM Account WHERE Ext__c = 'A-2')", "lee");
    check("Id IN (SELECT Contact__c FROM Touchpoint__c)", "Lee");
    check("Id NOT IN (SELECT Contact__c FROM Touchpoint__c WHERE Type__c = 'web')", "O'Neil lee");
    check("Ext__c = 'C-1' OR Ext__c = 'c-2'", "Lee O'Neil");
    check("Ext__c = 'C-9'", "");
    check("Contact.FirstName = 'Ann'", "Lee");
}

#[test]
fn dates_compare_with_days_instants_and_literals() {
    let crm = Crm::new();
    let check = |condition: &str, expected: &str| {
        assert_eq!(crm.names(&format!("WHERE {condition}")), expected, "{condition}");
    };
    check("Day__c = 2026-11-22", "Lee");
    check("Day__c > 2026-10-31", "Lee");
    check("Day__c = YESTERDAY", "Lee");
    check("Day__c = LAST_N_DAYS:1", "Lee");
    check("Day__c < THIS_MONTH", "O'Neil");
    check("Day__c >= LAST_MONTH", "Lee O'Neil");
    check("Day__c != TODAY", "Lee O'Neil lee");
    check("Day__c IN (YESTERDAY, 2026-10-31)", "Lee O'Neil");
    check("CreatedDate = TODAY", "Lee");
    check("CreatedDate <= YESTERDAY", "O'Neil");
    check("CreatedDate >= 2026-11-23T10:00:00+01:00", "Lee");
    check("CreatedDate > 2026-11-22T23:59:59Z", "Lee");
}

#[test]
fn order_limit_and_offset() {
    let crm = Crm::new();
    let check = |clauses: &str, expected: &str| assert_eq!(crm.names(clauses), expected, "{clauses}");
    check("ORDER BY Score__c", "lee O'Neil Lee");
    check("ORDER BY Score__c DESC", "lee Lee O'Neil");
    check("ORDER BY Score__c DESC NULLS LAST", "Lee O'Neil lee");
    check("ORDER BY LastName, FirstName NULLS LAST", "Lee lee O'Neil");
    check("ORDER BY Account.Name DESC, Score__c ASC", "lee O'Neil Lee");
    check("LIMIT 2", "Lee O'Neil");
    check("LIMIT 1 OFFSET 1", "O'Neil");
    check("ORDER BY LastName DESC LIMIT 1 OFFSET 1", "Lee");
    check("LIMIT 0", "");
    check("OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE");
    check("ALL ROWS", "Lee O'Neil lee Gone");
    check("WHERE Ext__c = 'C-9' ALL ROWS", "Gone");
    let deleted_too = QueryOptions { deleted_too: true, ..QueryOptions::default() };
    let all = run(&crm.view(), "SELECT COUNT() FROM Contact", deleted_too).unwrap();
    assert_eq!(all.total, 4);
}
