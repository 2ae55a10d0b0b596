//! Workflow rules and their field updates.

use metadata::Org;
use metadata::rules::WorkflowRule;

use crate::folder::{org, warnings, xml};

const FILE: &str = "workflows/Account.workflow-meta.xml";

fn read(inner: &str) -> Org {
    let org = org(&[(FILE, &xml("Workflow", inner))]);
    assert_eq!(warnings(&org), [""; 0]);
    org
}

fn unknown(org: &Org) -> Vec<String> {
    org.rules.unknown.iter().map(|rule| format!("{} {}: {}", rule.kind, rule.name, rule.reason)).collect()
}

fn update(name: &str, inner: &str) -> String {
    format!("<fieldUpdates><fullName>{name}</fullName><field>Rating</field>{inner}</fieldUpdates>\n")
}

fn action(kind: &str, name: &str) -> String {
    format!("<actions><name>{name}</name><type>{kind}</type></actions>")
}

/// A rule that always holds, with these actions.
fn rule(name: &str, actions: &str) -> String {
    format!(
        "<rules><fullName>{name}</fullName><active>true</active>{actions}<formula>TRUE</formula>\
         <triggerType>onAllChanges</triggerType></rules>"
    )
}

fn updates(rule: &WorkflowRule) -> Vec<String> {
    let updates = rule.updates.iter();
    updates
        .map(|update| {
            let (target, again) = (update.target.as_deref().unwrap_or("self"), update.reevaluate);
            format!(
                "{} {target}.{} {:?} {again} :{}",
                update.name, update.field, update.value, update.place.line
            )
        })
        .collect()
}

#[test]
fn every_kind_of_update() {
    let literal = "<literalValue>Hot</literalValue><operation>Literal</operation><reevaluateOnChange>true\
                   </reevaluateOnChange>";
    let lookup = "<lookupValue>a@b.test</lookupValue><lookupValueType>User</lookupValueType>\
                  <operation>LookupValue</operation>";
    let file = [
        update("A", literal),
        update("B", "<formula>\nUPPER(Name)</formula><operation>Formula</operation>"),
        update("C", lookup),
        update("D", "<operation>Null</operation><targetObject>ParentId</targetObject>"),
        update("E", "<operation>NextValue</operation>"),
        update("F", "<operation>PreviousValue</operation>"),
        rule("R", &"ABCDEF".chars().map(|name| action("FieldUpdate", &name.to_string())).collect::<String>()),
    ];
    let org = read(&file.concat());
    assert_eq!(
        updates(&org.rules.workflow[0]),
        [
            "A self.Rating Literal(\"Hot\") true :3",
            "B self.Rating Formula(\"UPPER(Name)\") false :5",
            "C self.Rating Lookup(\"a@b.test\", Some(\"User\")) false :6",
            "D ParentId.Rating Null false :7",
            "E self.Rating Step(1) false :8",
            "F self.Rating Step(-1) false :9",
        ]
    );
    assert_eq!(unknown(&org), [""; 0]);
}

#[test]
fn conditions_and_triggers() {
    let criteria = "<criteriaItems><field>Account.Type</field><operation>equals</operation><value>A,B</value>\
                    </criteriaItems><criteriaItems><field>Account.Rating</field><operation>notEqual</operation>\
                    </criteriaItems><booleanFilter>1 OR 2</booleanFilter>";
    let check = |inner: &str, expected: &str| {
        let org = read(&format!("<rules><fullName>R</fullName><active>true</active>{inner}</rules>"));
        let found = org.rules.workflow.iter().map(|rule| format!("{:?} {:?}", rule.trigger, rule.condition));
        let found: Vec<_> = found.chain(unknown(&org)).collect();
        assert_eq!(found, [expected], "{inner}");
    };
    check("<formula>A</formula><triggerType>onCreateOnly</triggerType>", "Create Formula(\"A\")");
    check(
        &format!("{criteria}<triggerType>onCreateOrTriggeringUpdate</triggerType>"),
        "CreateOrTurnsTrue Criteria(Filter { items: [FilterItem { field: \"Account.Type\", operation: \"equals\", \
         value: Some(\"A,B\"), value_field: None }, FilterItem { field: \"Account.Rating\", operation: \"notEqual\", \
         value: None, value_field: None }], logic: Some(\"1 OR 2\") })",
    );
    check("<formula>A</formula><triggerType>onAllChanges</triggerType>", "EverySave Formula(\"A\")");
    check(
        "<formula>A</formula><triggerType>onTuesdays</triggerType>",
        "workflow rule Account.R: its <triggerType> is not one that is known",
    );
    check(
        "<triggerType>onAllChanges</triggerType>",
        "workflow rule Account.R: it has neither a formula nor criteria",
    );
}

#[test]
fn other_actions_and_what_is_not_known() {
    let later = "<workflowTimeTriggers><actions><name>A</name><type>FieldUpdate</type></actions>\
                 <actions><name>M</name><type>Alert</type></actions></workflowTimeTriggers>";
    let alert_later = "<workflowTimeTriggers><actions><name>M</name><type>Alert</type></actions>\
                       </workflowTimeTriggers>";
    let file = [
        update("A", "<operation>Null</operation>"),
        update("Odd", "<operation>Guess</operation>"),
        rule("Quiet%2E", &(action("Alert", "Mail") + &action("Task", "Call") + alert_later)),
        rule("Later", later),
        rule("Holes", &["Odd", "Gone", "A", "Away"].map(|name| action("FieldUpdate", name)).concat()),
        "<rules><fullName>Off</fullName><active>false</active></rules>".to_string(),
    ];
    let org = read(&file.concat());
    let rules: Vec<_> =
        org.rules.workflow.iter().map(|rule| (rule.name.as_str(), updates(rule).len())).collect();
    assert_eq!(rules, [("Quiet.", 0), ("Later", 0), ("Holes", 1)]);
    assert_eq!(org.rules.workflow[0].other_actions, ["Alert Mail", "Task Call"]);
    assert_eq!(
        unknown(&org),
        [
            "workflow time trigger Account.Later: it changes fields some time after the save: A",
            "workflow rule Account.Holes: its field update Odd does not say what Rating becomes",
            "workflow rule Account.Holes: field updates that are not in the file: Gone, Away",
        ]
    );
}
