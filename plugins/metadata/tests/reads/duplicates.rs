//! Duplicate and matching rules.

use metadata::rules::{DuplicateAction, FilterItem};

use crate::folder::{org, warnings, xml};

/// A duplicate rule that names one matching rule.
fn duplicate(matching: &str, inner: &str) -> String {
    let named = format!(
        "<duplicateRuleMatchRules><matchRuleSObjectType>Account</matchRuleSObjectType><matchingRule>{matching}\
         </matchingRule><objectMapping xsi:nil=\"true\"/></duplicateRuleMatchRules>"
    );
    xml("DuplicateRule", &format!("<isActive>true</isActive>{named}{inner}"))
}

fn matching(name: &str, status: &str, method: &str) -> String {
    format!(
        "<matchingRules><fullName>{name}</fullName><ruleStatus>{status}</ruleStatus><matchingRuleItems>\
         <blankValueBehavior>MatchBlanks</blankValueBehavior><fieldName>Name</fieldName>\
         <matchingMethod>{method}</matchingMethod></matchingRuleItems><booleanFilter>1</booleanFilter></matchingRules>"
    )
}

const BLOCK: &str = "<actionOnInsert>Block</actionOnInsert><actionOnUpdate>Allow</actionOnUpdate>\
    <alertText>A copy?</alertText><operationsOnUpdate>Alert</operationsOnUpdate>\
    <operationsOnUpdate>Report</operationsOnUpdate>";

#[test]
fn a_rule_with_exact_matching_is_known() {
    let item = |order: u32, table: &str, field: &str| {
        format!(
            "<duplicateRuleFilterItems><field>{field}</field><operation>notEqual</operation><value>x</value>\
             <sortOrder>{order}</sortOrder><table>{table}</table></duplicateRuleFilterItems>"
        )
    };
    let items = item(2, "User", "ProfileName") + &item(3, "User", "Alias") + &item(1, "Account", "Site");
    let filter =
        format!("<duplicateRuleFilter><booleanFilter xsi:nil=\"true\"/>{items}</duplicateRuleFilter>");
    let contact = "<duplicateRuleMatchRules><matchRuleSObjectType>Contact</matchRuleSObjectType>\
        <matchingRule>C</matchingRule><objectMapping><inputObject>Account</inputObject><mappingFields>\
        <inputField>Name</inputField><outputField>LastName</outputField></mappingFields></objectMapping>\
        </duplicateRuleMatchRules>";
    let block = format!("{BLOCK}{filter}{contact}<sortOrder>2</sortOrder>");
    let first = format!("{BLOCK}<sortOrder>1</sortOrder>");
    let exact = xml("MatchingRules", &matching("Org_No", "Active", "Exact"));
    let org = org(&[
        ("duplicateRules/Account.A.duplicateRule-meta.xml", &duplicate("Org_No", &block)),
        ("duplicateRules/Account.B.duplicateRule", &duplicate("Org_No", &first)),
        ("matchingRules/Account.matchingRule-meta.xml", &exact),
        (
            "matchingRules/Contact.matchingRule",
            &xml("MatchingRules", &matching("C", "Active", "Exact").replace("MatchBlanks", "NullNotAllowed")),
        ),
    ]);
    assert_eq!((warnings(&org), &org.rules.unknown), (vec![], &vec![]));
    let names: Vec<_> = org.rules.duplicates.iter().map(|rule| rule.name.as_str()).collect();
    assert_eq!(names, ["B", "A"], "in the order of sortOrder");
    let rule = &org.rules.duplicates[1];
    assert_eq!((rule.object.as_str(), rule.alert_text.as_deref()), ("Account", Some("A copy?")));
    assert_eq!((rule.on_insert, rule.on_update), (DuplicateAction::Block, DuplicateAction::Allow));
    assert_eq!((rule.alert_on_insert, rule.alert_on_update), (false, true));
    let item = |field: &str| FilterItem {
        field: field.into(),
        operation: "notEqual".into(),
        value: Some("x".into()),
        value_field: None,
    };
    assert_eq!(rule.filter.items, ["Account.Site", "$Profile.Name", "$User.Alias"].map(item));
    assert_eq!(rule.filter.logic, None);
    let matches: Vec<_> = rule
        .matches
        .iter()
        .map(|found| format!("{} {} {:?}", found.object, found.rule, found.mapping))
        .collect();
    assert_eq!(matches, ["Account Org_No []", "Contact C [(\"Name\", \"LastName\")]"]);
    let matching = org.rules.matching.iter().map(|rule| {
        let items: Vec<_> = rule
            .items
            .iter()
            .map(|item| format!("{} {} {}", item.field, item.method, item.match_blanks))
            .collect();
        format!("{}.{} {:?} {}", rule.object, rule.name, rule.logic, items.join(", "))
    });
    assert_eq!(
        matching.collect::<Vec<_>>(),
        ["Account.Org_No Some(\"1\") Name Exact true", "Contact.C Some(\"1\") Name Exact false"]
    );
}

#[test]
fn what_a_rule_matches_may_not_be_known() {
    let check = |matching: &str, rule: &str, expected: &[&str]| {
        let org = org(&[
            ("duplicateRules/Account.D.duplicateRule", rule),
            ("matchingRules/Account.matchingRule", &xml("MatchingRules", matching)),
        ]);
        let unknown = org.rules.unknown.iter();
        let found: Vec<_> =
            unknown.map(|rule| format!("{} {}: {}", rule.kind, rule.name, rule.reason)).collect();
        assert_eq!(found, expected, "{rule}");
        assert!(org.rules.duplicates.is_empty(), "{rule}");
    };
    let rule = |matching: &str| duplicate(matching, BLOCK);
    check(
        &matching("M", "Active", "CompanyName"),
        &rule("M"),
        &[
            "duplicate rule Account.D: M compares Name with the method CompanyName: fuzzy matching is not public",
        ],
    );
    check(
        &matching("M", "Inactive", "Exact"),
        &rule("M"),
        &["duplicate rule Account.D: its matching rule M is not in the folder or not active"],
    );
    check(
        "",
        &rule("Standard_Account_Match_Rule_v1_0"),
        &[
            "duplicate rule Account.D: Standard_Account_Match_Rule_v1_0 uses fuzzy matching, which is not public",
        ],
    );
    check("", &xml("DuplicateRule", BLOCK), &["duplicate rule Account.D: it names no matching rule"]);
    let allow = "<actionOnInsert>Allow</actionOnInsert><operationsOnInsert>Report</operationsOnInsert>";
    check("", &duplicate("M", allow), &[]);
    check("", &rule("M").replace("<isActive>true", "<isActive>false"), &[]);
}
