//! The names of a flow and their types: what a reference leads to, for formulas and for reading values.

use std::collections::BTreeMap;

use formula::{Schema, Type, global};
use metadata::Org;
use metadata::flow::{
    Condition, Conditions, Criteria, DataType, Element, ElementKind, FieldValue, Flow, FlowValue,
    ResourceKind,
};

use super::read::OWN;
use super::types;
use crate::stored::StoredType;

/// What a reference leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Leads {
    /// A value of a type.
    Value(Type),
    /// A record of an object.
    Record(String),
    /// Records of an object.
    Records(String),
}

/// The names of a flow.
pub(super) struct Scope<'a> {
    pub org: &'a Org,
    pub flow: &'a Flow,
}

/// Loops over what loops give are not followed deeper.
const DEPTH_MAX: usize = 8;

impl Scope<'_> {
    fn object(&self) -> &str {
        self.flow.object().unwrap_or_default()
    }

    /// What a reference leads to; none when there is nothing of that name.
    pub(super) fn leads(&self, reference: &str) -> Option<Leads> {
        let (root, rest) = reference.split_once('.').unwrap_or((reference, ""));
        let start = self.root(root, reference, 0)?;
        match start {
            start if rest.is_empty() || root.starts_with('$') && !is_record(root) => Some(start),
            Leads::Record(object) => Some(match types::field(self.org, &object, rest) {
                Some(given) => Leads::Value(given),
                None => Leads::Record(types::parent(self.org, &object, rest)?.1),
            }),
            Leads::Value(Type::Any) => Some(Leads::Value(Type::Any)),
            Leads::Value(_) | Leads::Records(_) => None,
        }
    }

    fn root(&self, root: &str, reference: &str, depth: usize) -> Option<Leads> {
        if is_record(root) {
            return Some(Leads::Record(self.object().to_owned()));
        }
        if root.starts_with('$') {
            return global_type(reference).map(Leads::Value);
        }
        if let Some(resource) = self.flow.resource(root) {
            return Some(match (&resource.kind, &resource.data_type) {
                (ResourceKind::Variable { collection: true, .. }, DataType::Record(object)) => {
                    Leads::Records(object.clone())
                }
                (_, DataType::Record(object)) => Leads::Record(object.clone()),
                (ResourceKind::Variable { collection: true, .. } | ResourceKind::Other(_), _) => {
                    Leads::Value(Type::Any)
                }
                (_, data_type) => Leads::Value(type_of(data_type)),
            });
        }
        if let Some(element) = self.flow.element(root) {
            return Some(self.output(element, depth));
        }
        let outcome = |element: &Element| match &element.kind {
            ElementKind::Decision(outcomes) => outcomes.iter().any(|at| at.name.eq_ignore_ascii_case(root)),
            _ => false,
        };
        self.flow.elements.iter().any(outcome).then_some(Leads::Value(Type::Boolean))
    }

    /// What an element's name stands for.
    fn output(&self, element: &Element, depth: usize) -> Leads {
        match &element.kind {
            ElementKind::Lookup(lookup) if lookup.first_only => Leads::Record(lookup.object.clone()),
            ElementKind::Lookup(lookup) => Leads::Records(lookup.object.clone()),
            ElementKind::Create(_) => Leads::Value(Type::Id),
            ElementKind::Loop(each) if depth < DEPTH_MAX => {
                let root = each.collection.split('.').next().unwrap_or_default();
                match self.root(root, &each.collection, depth + 1) {
                    Some(Leads::Records(object)) if root == each.collection => Leads::Record(object),
                    _ => Leads::Value(Type::Any),
                }
            }
            _ => Leads::Value(Type::Any),
        }
    }

    /// The object and path of a record's field that a reference names.
    fn field<'r>(&self, reference: &'r str) -> Option<(String, &'r str)> {
        let (root, rest) = reference.split_once('.')?;
        match self.root(root, reference, 0)? {
            Leads::Record(object) => Some((object, rest)),
            _ => None,
        }
    }

    /// The types of all fields that the flow reads or writes, by `object.path` in lower case.
    pub(super) fn types(&self) -> BTreeMap<String, StoredType> {
        let mut found = BTreeMap::new();
        let mut add = |object: &str, path: &str| {
            if let Some(given) = types::field(self.org, object, path) {
                found.insert(format!("{object}.{path}").to_ascii_lowercase(), StoredType(given));
            }
        };
        for reference in references(self.flow) {
            if let Some((object, path)) = self.field(&reference) {
                add(&object, path);
            }
        }
        for element in &self.flow.elements {
            let (object, input, fields) = written(element);
            let object = object.or_else(|| match self.leads(&input?)? {
                Leads::Record(object) | Leads::Records(object) => Some(object),
                Leads::Value(_) => None,
            });
            for field in fields {
                add(object.as_deref().unwrap_or_default(), field);
            }
        }
        found
    }

    /// The parent records of the triggering record that the flow writes: by reference in lower case the path of the
    /// parent's id, and its object.
    pub(super) fn parents(&self) -> BTreeMap<String, (String, String)> {
        let inputs = self.flow.elements.iter().filter_map(|element| written(element).1);
        let parent = |input: String| {
            let (root, rest) = input.split_once('.')?;
            let found = is_record(root).then(|| types::parent(self.org, self.object(), rest))??;
            Some((input.to_ascii_lowercase(), found))
        };
        inputs.filter_map(parent).collect()
    }
}

fn is_record(root: &str) -> bool {
    root.eq_ignore_ascii_case("$Record") || root.eq_ignore_ascii_case("$Record__Prior")
}

fn global_type(reference: &str) -> Option<Type> {
    match reference.to_ascii_lowercase().as_str() {
        "$flow.currentdate" => Some(Type::Date),
        "$flow.currentdatetime" | "$flow.interviewstarttime" => Some(Type::DateTime),
        "$flow.faultmessage" => Some(Type::Text),
        "$flow.currentrecord" => Some(Type::Id),
        "$globalconstant.true" | "$globalconstant.false" => Some(Type::Boolean),
        "$globalconstant.emptystring" => Some(Type::Text),
        _ => global(reference),
    }
}

fn type_of(data_type: &DataType) -> Type {
    match data_type {
        DataType::Text => Type::Text,
        DataType::Number => Type::NUMBER,
        DataType::Boolean => Type::Boolean,
        DataType::Date => Type::Date,
        DataType::DateTime => Type::DateTime,
        DataType::Time => Type::Time,
        DataType::Picklist => Type::Picklist,
        DataType::MultiPicklist => Type::MultiPicklist,
        DataType::Record(_) | DataType::Other(_) => Type::Any,
    }
}

/// What formulas of the flow may name.
impl Schema for Scope<'_> {
    fn field(&self, path: &str) -> Option<Type> {
        let leads = match path.strip_prefix(OWN) {
            Some(own) => self.leads(own)?,
            None if path.starts_with('$') => {
                return global_type(path).or_else(|| is_record(path).then_some(Type::Any));
            }
            None => return types::field(self.org, self.object(), path),
        };
        Some(match leads {
            Leads::Value(given) => given,
            // ISBLANK() takes whole records: they are their ids.
            Leads::Record(_) | Leads::Records(_) => Type::Any,
        })
    }
}

/// The object, the input and the fields that an element reads or writes by name.
fn written(element: &Element) -> (Option<String>, Option<String>, Vec<&str>) {
    fn of<'e>(conditions: &'e Conditions, values: &'e [FieldValue]) -> Vec<&'e str> {
        let conditions = conditions.items.iter().map(|condition| condition.left.as_str());
        conditions.chain(values.iter().map(|value| value.field.as_str())).collect()
    }
    match &element.kind {
        ElementKind::Lookup(lookup) => (Some(lookup.object.clone()), None, of(&lookup.conditions, &[])),
        ElementKind::Update(write) | ElementKind::Create(write) => {
            (write.object.clone(), write.input.clone(), of(&write.conditions, &write.values))
        }
        ElementKind::Delete(delete) => {
            (delete.object.clone(), delete.input.clone(), of(&delete.conditions, &[]))
        }
        _ => (None, None, Vec::new()),
    }
}

/// Every reference of a flow, those of formulas included.
pub(super) fn references(flow: &Flow) -> Vec<String> {
    let mut found = Vec::new();
    match flow.trigger.as_ref().map(|trigger| &trigger.criteria) {
        Some(Criteria::Conditions(conditions)) => of_conditions(conditions, true, &mut found),
        Some(Criteria::Formula(text, _)) => found.extend(merged(text)),
        Some(Criteria::All) | None => {}
    }
    for element in &flow.elements {
        match &element.kind {
            ElementKind::Decision(outcomes) => {
                outcomes.iter().for_each(|outcome| of_conditions(&outcome.conditions, true, &mut found));
            }
            ElementKind::Assignment(items) => {
                for item in items {
                    found.push(item.to.clone());
                    of_value(item.value.as_ref(), &mut found);
                }
            }
            ElementKind::Lookup(lookup) => of_conditions(&lookup.conditions, false, &mut found),
            ElementKind::Update(write) | ElementKind::Create(write) => {
                of_conditions(&write.conditions, false, &mut found);
                write.values.iter().for_each(|value| of_value(value.value.as_ref(), &mut found));
            }
            ElementKind::Delete(delete) => of_conditions(&delete.conditions, false, &mut found),
            ElementKind::CustomError(messages) => {
                messages.iter().for_each(|message| found.extend(merged(&message.message)));
            }
            ElementKind::Subflow(subflow) => {
                subflow.inputs.iter().for_each(|input| of_value(input.value.as_ref(), &mut found));
            }
            ElementKind::Loop(_) | ElementKind::Action { .. } | ElementKind::Other(_) => {}
        }
    }
    for resource in &flow.resources {
        match &resource.kind {
            ResourceKind::Variable { value, .. } | ResourceKind::Constant(value) => {
                of_value(value.as_ref(), &mut found);
            }
            ResourceKind::Template(text) | ResourceKind::Formula(text) => found.extend(merged(text)),
            ResourceKind::Other(_) => {}
        }
    }
    found
}

fn of_conditions(conditions: &Conditions, left_is_reference: bool, found: &mut Vec<String>) {
    for Condition { left, right, .. } in &conditions.items {
        if left_is_reference {
            found.push(left.clone());
        }
        of_value(right.as_ref(), found);
    }
}

fn of_value(value: Option<&FlowValue>, found: &mut Vec<String>) {
    match value {
        Some(FlowValue::Reference(reference)) => found.push(reference.clone()),
        Some(FlowValue::Text(text)) => found.extend(merged(text)),
        _ => {}
    }
}

/// The references in a text with merge fields.
pub(super) fn merged(text: &str) -> Vec<String> {
    let parts = text.split("{!").skip(1);
    parts.filter_map(|part| part.split_once('}')).map(|(name, _)| name.trim().to_owned()).collect()
}
