//! An update of one item: what is set, added and removed, and on which condition. Names are always given as
//! placeholders, since DynamoDB reserves some 600 words.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};

use super::item::{Item, Key};

/// An update in the making.
#[derive(Debug, Clone)]
pub(super) struct Change {
    pub(super) key: Key,
    sets: Vec<String>,
    adds: Vec<String>,
    removes: Vec<String>,
    pub(super) condition: Option<String>,
    pub(super) names: HashMap<String, String>,
    pub(super) values: Item,
}

impl Change {
    pub(super) fn of(key: Key) -> Self {
        Self {
            key,
            sets: Vec::new(),
            adds: Vec::new(),
            removes: Vec::new(),
            condition: None,
            names: HashMap::new(),
            values: Item::new(),
        }
    }

    /// Sets an attribute.
    pub(super) fn set(mut self, name: &str, value: AttributeValue) -> Self {
        let (name, value) = (self.name(name), self.value(value));
        self.sets.push(format!("{name} = {value}"));
        self
    }

    /// Sets an attribute that is not there to what another one holds.
    pub(super) fn set_once_from(mut self, name: &str, other: &str) -> Self {
        let (name, other) = (self.name(name), self.name(other));
        self.sets.push(format!("{name} = if_not_exists({name}, {other})"));
        self
    }

    /// Adds to a number, which begins at 0.
    pub(super) fn add(mut self, name: &str, by: impl ToString) -> Self {
        let (name, by) = (self.name(name), self.value(AttributeValue::N(by.to_string())));
        self.adds.push(format!("{name} {by}"));
        self
    }

    /// Removes an attribute.
    pub(super) fn remove(mut self, name: &str) -> Self {
        let name = self.name(name);
        self.removes.push(name);
        self
    }

    /// Makes the change depend on a condition as well. Its names are written `#name`, its values as they are given here.
    pub(super) fn when<const N: usize>(
        mut self,
        condition: &str,
        values: [(&str, AttributeValue); N],
    ) -> Self {
        for name in condition.split(|c: char| !c.is_ascii_alphanumeric() && c != '#') {
            if let Some(plain) = name.strip_prefix('#') {
                self.names.insert(name.to_owned(), plain.to_owned());
            }
        }
        self.values.extend(values.map(|(name, value)| (name.to_owned(), value)));
        self.condition = Some(match self.condition {
            None => condition.to_owned(),
            Some(before) => format!("({before}) AND ({condition})"),
        });
        self
    }

    /// Makes the change depend on an attribute's value as well.
    pub(super) fn when_same(mut self, name: &str, value: AttributeValue) -> Self {
        let (name, value) = (self.name(name), self.value(value));
        let condition = format!("{name} = {value}");
        self.condition = Some(match self.condition {
            None => condition,
            Some(before) => format!("{before} AND {condition}"),
        });
        self
    }

    fn name(&mut self, name: &str) -> String {
        if let Some((known, _)) = self.names.iter().find(|(_, of)| *of == name) {
            return known.clone();
        }
        let placeholder = format!("#n{}", self.names.len());
        self.names.insert(placeholder.clone(), name.to_owned());
        placeholder
    }

    fn value(&mut self, value: AttributeValue) -> String {
        let placeholder = format!(":v{}", self.values.len());
        self.values.insert(placeholder.clone(), value);
        placeholder
    }

    /// The update expression; `None` when nothing is changed.
    pub(super) fn expression(&self) -> Option<String> {
        let clauses = [("SET", &self.sets), ("REMOVE", &self.removes), ("ADD", &self.adds)];
        let written = clauses.iter().filter(|(_, parts)| !parts.is_empty());
        let written: Vec<String> =
            written.map(|(word, parts)| format!("{word} {}", parts.join(", "))).collect();
        (!written.is_empty()).then(|| written.join(" "))
    }

    /// As an action of a transaction: an update, or a mere check when nothing is changed.
    pub(super) fn action(self, table: &str) -> TransactWriteItem {
        let expression = self.expression();
        let old = ReturnValuesOnConditionCheckFailure::AllOld;
        let values = (!self.values.is_empty()).then_some(self.values);
        let action = TransactWriteItem::builder();
        match expression {
            Some(expression) => action.update(
                Update::builder()
                    .table_name(table)
                    .set_key(Some(self.key.item()))
                    .update_expression(expression)
                    .set_condition_expression(self.condition)
                    .set_expression_attribute_names(Some(self.names))
                    .set_expression_attribute_values(values)
                    .return_values_on_condition_check_failure(old)
                    .build()
                    .expect("table, key and expression are given"),
            ),
            None => action.condition_check(
                ConditionCheck::builder()
                    .table_name(table)
                    .set_key(Some(self.key.item()))
                    .condition_expression(self.condition.unwrap_or_default())
                    .set_expression_attribute_names(Some(self.names))
                    .set_expression_attribute_values(values)
                    .return_values_on_condition_check_failure(old)
                    .build()
                    .expect("table, key and condition are given"),
            ),
        }
        .build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::dynamo::item::{number, text};

    #[test]
    fn an_expression_has_its_clauses_and_placeholders() {
        let change = Change::of(Key::new("P".to_owned(), "S"))
            .set("cursor", text("1.0"))
            .set_once_from("since", "at")
            .remove("hold")
            .add("epoch", 1)
            .when("#epoch = :epoch", [(":epoch", number(7))])
            .when("attribute_exists(#pk)", []);
        let expression = "SET #n0 = :v0, #n1 = if_not_exists(#n1, #n2) REMOVE #n3 ADD #n4 :v1";
        assert_eq!(change.expression().as_deref(), Some(expression));
        assert_eq!(change.condition.as_deref(), Some("(#epoch = :epoch) AND (attribute_exists(#pk))"));
        assert_eq!((change.names["#n3"].as_str(), change.names["#epoch"].as_str()), ("hold", "epoch"));
        assert_eq!((change.names.len(), change.values.len()), (7, 3));
        let check = Change::of(Key::new("P".to_owned(), "S")).when("#a = :a", [(":a", text("x"))]);
        assert_eq!(check.expression(), None);
        assert!(check.action("t").condition_check.is_some(), "nothing to change is a check");
    }
}
