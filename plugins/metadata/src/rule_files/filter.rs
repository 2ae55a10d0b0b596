//! Conditions as lookup filters, workflow rules, duplicate rules and roll-up summaries write them.

use crate::error::OrgError;
use crate::rules::{Filter, FilterItem};
use crate::xml::Element;

/// The filter whose conditions are the children of `element` named `items`.
pub(super) fn read(element: Element<'_>, items: &str) -> Filter {
    let items = element.children(items).filter_map(|item| Some(one(item, item.text("field")?)));
    Filter { items: items.collect(), logic: logic(element) }
}

/// The filter of a duplicate rule: its conditions are numbered by `sortOrder`, and name their object apart.
pub(super) fn of_duplicate_rule(element: Element<'_>) -> Result<Filter, OrgError> {
    let mut items = Vec::new();
    for item in element.children("duplicateRuleFilterItems") {
        let Some(field) = item.text("field") else { continue };
        let field = match item.text("table").as_deref() {
            Some("User") if field.eq_ignore_ascii_case("ProfileName") => "$Profile.Name".to_string(),
            Some(table @ ("User" | "Profile" | "UserRole" | "Organization")) => format!("${table}.{field}"),
            Some(table) => format!("{table}.{field}"),
            None => field,
        };
        items.push((item.number("sortOrder")?, one(item, field)));
    }
    items.sort_by_key(|(order, _)| *order);
    Ok(Filter { items: items.into_iter().map(|(_, item)| item).collect(), logic: logic(element) })
}

fn one(item: Element<'_>, field: String) -> FilterItem {
    FilterItem {
        field,
        operation: item.text("operation").unwrap_or_else(|| "equals".to_string()),
        value: item.text("value"),
        value_field: item.text("valueField"),
    }
}

fn logic(element: Element<'_>) -> Option<String> {
    element.text("booleanFilter")
}
