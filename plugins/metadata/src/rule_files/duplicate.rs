//! Duplicate rules and the matching rules that they name: reference §6.6.
//!
//! Only exact matching is public. A rule that can neither refuse nor alert is no rule here: it only reports.

use super::collect::{add, place};
use super::filter;
use crate::error::OrgError;
use crate::read::Findings;
use crate::rules::{
    DuplicateAction, DuplicateMatch, DuplicateRule, Filter, MatchingItem, MatchingRule, RuleSet,
};
use crate::xml::Element;

const KIND: &str = "duplicate rule";

/// Takes the active matching rules of the file of `object`.
pub(super) fn matching(root: Element<'_>, object: &str, findings: &mut Findings) -> Result<(), OrgError> {
    for rule in root.children("matchingRules") {
        if rule.text("ruleStatus").as_deref() != Some("Active") {
            continue;
        }
        let items = rule.children("matchingRuleItems").filter_map(|item| {
            Some(MatchingItem {
                field: item.text("fieldName")?,
                method: item.text("matchingMethod").unwrap_or_default(),
                match_blanks: item.text("blankValueBehavior").as_deref() == Some("MatchBlanks"),
            })
        });
        let read = MatchingRule {
            object: object.to_string(),
            name: rule.text("fullName").unwrap_or_default(),
            logic: rule.text("booleanFilter"),
            items: items.collect(),
            place: place(rule),
        };
        findings.warnings.extend(add(&mut findings.rules.matching, read, rule));
    }
    Ok(())
}

/// Takes the rule of the file `name` (`Account.Org_no`) when it is active.
pub(super) fn read(root: Element<'_>, name: &str, findings: &mut Findings) -> Result<(), OrgError> {
    if !root.flag("isActive")?.unwrap_or(true) {
        return Ok(());
    }
    let Some((object, rule_name)) = name.split_once('.') else {
        findings.warnings.push(root.warning("not read: a duplicate rule's file is named <Object>.<Rule>"));
        return Ok(());
    };
    let rule = DuplicateRule {
        object: object.to_string(),
        name: rule_name.to_string(),
        on_insert: action(root, "actionOnInsert"),
        on_update: action(root, "actionOnUpdate"),
        alert_on_insert: alerts(root, "operationsOnInsert"),
        alert_on_update: alerts(root, "operationsOnUpdate"),
        alert_text: root.text("alertText"),
        filter: match root.child("duplicateRuleFilter") {
            Some(filter) => filter::of_duplicate_rule(filter)?,
            None => Filter::default(),
        },
        matches: root
            .children("duplicateRuleMatchRules")
            .filter_map(|found| matched(found, object))
            .collect(),
        sort_order: root.number("sortOrder")?.map_or(0, i64::from),
        place: place(root),
    };
    let silent = [rule.on_insert, rule.on_update] == [DuplicateAction::Allow; 2]
        && !rule.alert_on_insert
        && !rule.alert_on_update;
    if silent {
        return Ok(());
    }
    if let Some(reason) = unknown(&rule, &findings.rules) {
        findings.unknown(KIND, name.to_string(), Some(object), reason, root.file());
        return Ok(());
    }
    findings.warnings.extend(add(&mut findings.rules.duplicates, rule, root));
    Ok(())
}

/// Puts the rules in the order in which they run.
pub(super) fn sort(rules: &mut RuleSet) {
    rules
        .duplicates
        .sort_by(|a, b| (&a.object, a.sort_order, &a.name).cmp(&(&b.object, b.sort_order, &b.name)));
}

fn action(root: Element<'_>, element: &str) -> DuplicateAction {
    match root.text(element).as_deref() {
        Some("Block") => DuplicateAction::Block,
        _ => DuplicateAction::Allow,
    }
}

fn alerts(root: Element<'_>, element: &str) -> bool {
    root.children(element).any(|operation| operation.own_text() == "Alert")
}

fn matched(element: Element<'_>, own_object: &str) -> Option<DuplicateMatch> {
    let mapping = element.children("objectMapping").flat_map(|mapping| {
        let fields = mapping.children("mappingFields");
        fields
            .filter_map(|pair| Some((pair.text("inputField")?, pair.text("outputField")?)))
            .collect::<Vec<_>>()
    });
    Some(DuplicateMatch {
        object: element.text("matchRuleSObjectType").unwrap_or_else(|| own_object.to_string()),
        rule: element.text("matchingRule")?,
        mapping: mapping.collect(),
    })
}

/// Why what the rule matches is not known, if it is not.
fn unknown(rule: &DuplicateRule, rules: &RuleSet) -> Option<String> {
    if rule.matches.is_empty() {
        return Some("it names no matching rule".to_string());
    }
    rule.matches.iter().find_map(|found| {
        let same = |matching: &&MatchingRule| {
            matching.object.eq_ignore_ascii_case(&found.object)
                && matching.name.eq_ignore_ascii_case(&found.rule)
        };
        let Some(matching) = rules.matching.iter().find(same) else {
            if found.rule.starts_with("Standard_") {
                return Some(format!("{} uses fuzzy matching, which is not public", found.rule));
            }
            return Some(format!("its matching rule {} is not in the folder or not active", found.rule));
        };
        let fuzzy = matching.items.iter().find(|item| item.method != "Exact")?;
        Some(format!(
            "{} compares {} with the method {}: fuzzy matching is not public",
            matching.name, fuzzy.field, fuzzy.method
        ))
    })
}
