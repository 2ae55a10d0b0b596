//! `/composite/tree/Account`: new records with their children nested inside, all or none.
//!
//! Children stand under the name of their relationship. Where the org does not tell that name, the only lookup from the
//! children's object to the parent's is taken.

use metadata::org::Object;
use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::dispatch::Context;
use super::request::ApiRequest;
use super::rows::{MOST_RECORDS, list, object_of};
use crate::error::{ApiError, RowError};
use crate::save::{Operation, Row, SaveOptions, check_types};
use crate::store::StoreError;
use crate::view::View;

/// Deepest nesting of children.
const DEEPEST: usize = 5;

/// A record of the tree.
struct Node {
    reference: String,
    object: String,
    values: Map<String, Value>,
    /// Place of the parent in the list of nodes, and the lookup to it.
    parent: Option<(usize, String)>,
}

/// `POST /composite/tree/Account`: 201, or 400 with the errors when nothing was written.
pub fn run(context: &Context<'_>, request: &ApiRequest) -> Result<Answer, ApiError> {
    let view = &context.view;
    let object = object_of(view, &request.path[2])?;
    let body = request.object()?;
    let mut nodes = Vec::new();
    for record in list(&body, "records")? {
        read(view, object, record, None, 1, &mut nodes)?;
    }
    if nodes.len() > MOST_RECORDS {
        let message =
            format!("record limit reached. cannot submit more than {MOST_RECORDS} records into this call");
        return Err(ApiError::new(400, "EXCEEDED_ID_LIMIT", message));
    }
    let (results, refused) = save(view, request, nodes)?;
    let status = if refused { 400 } else { 201 };
    let body = json!({ "hasErrors": refused, "results": results });
    Ok(Answer { status, any_refused: refused, ..Answer::ok(body) })
}

/// Adds a record and then its children to the nodes.
fn read(
    view: &View<'_>,
    object: &Object,
    record: &Value,
    parent: Option<(usize, String)>,
    depth: usize,
    nodes: &mut Vec<Node>,
) -> Result<(), ApiError> {
    let reference = record["attributes"]["referenceId"].as_str();
    let (Some(record), Some(reference)) = (record.as_object(), reference) else {
        let message = "Each record must have attributes with a type and a referenceId at [line:1, column:1]";
        return Err(ApiError::unreadable(message));
    };
    if depth > DEEPEST {
        return Err(ApiError::new(
            400,
            "LIMIT_EXCEEDED",
            format!("Records are nested deeper than {DEEPEST} levels"),
        ));
    }
    let is_list = |value: &Value| value.get("records").is_some_and(Value::is_array);
    let values = record.iter().filter(|(_, value)| !is_list(value));
    let values = values.map(|(name, value)| (name.clone(), value.clone())).collect();
    let place = nodes.len();
    nodes.push(Node { reference: reference.to_owned(), object: object.api_name.clone(), values, parent });
    for (name, value) in record.iter().filter(|(_, value)| is_list(value)) {
        for child in value["records"].as_array().into_iter().flatten() {
            let (child_object, lookup) = relationship(view, object, name, child)?;
            read(view, child_object, child, Some((place, lookup)), depth + 1, nodes)?;
        }
    }
    Ok(())
}

/// The object of a child and its lookup to the parent.
fn relationship<'a>(
    view: &View<'a>,
    parent: &Object,
    name: &str,
    child: &Value,
) -> Result<(&'a Object, String), ApiError> {
    let children = view.children(parent);
    let named = children.iter().find(|child| child.relationship_name().eq_ignore_ascii_case(name));
    let wanted = child["attributes"]["type"].as_str().unwrap_or_default();
    let mut typed = children.iter().filter(|child| child.object.api_name.eq_ignore_ascii_case(wanted));
    let found = named.or_else(|| typed.next().filter(|_| typed.next().is_none()));
    found.map(|child| (child.object, child.field.api_name.clone())).ok_or_else(|| {
        let message = format!("No such relation '{name}' on sobject of type {}", parent.api_name);
        ApiError::new(400, "INVALID_FIELD", message)
    })
}

/// Why a tree is undone.
enum Undo {
    Refused,
    Api(ApiError),
}

impl From<StoreError> for Undo {
    fn from(error: StoreError) -> Undo {
        Undo::Api(error.into())
    }
}

/// Saves parents before their children. Says the results and whether any record was refused.
fn save(view: &View<'_>, request: &ApiRequest, nodes: Vec<Node>) -> Result<(Vec<Value>, bool), ApiError> {
    let references: Vec<String> = nodes.iter().map(|node| node.reference.clone()).collect();
    let mut links = Vec::with_capacity(nodes.len());
    let mut rows = Vec::with_capacity(nodes.len());
    for node in nodes {
        links.push(node.parent);
        rows.push(Row {
            object: node.object,
            operation: Operation::Insert,
            values: node.values,
            text: false,
        });
    }
    check_types(view, &rows, request.text())?;
    let mut ids: Vec<String> = Vec::with_capacity(rows.len());
    let mut errors: Vec<(usize, Vec<RowError>)> = Vec::new();
    let outcome = view.store.atomically(|| {
        for (place, (mut row, link)) in rows.into_iter().zip(links).enumerate() {
            if let Some((parent, lookup)) = link {
                let parent = ids[parent].as_str();
                if parent.is_empty() {
                    // The parent was refused: its own error says why.
                    ids.push(String::new());
                    continue;
                }
                row.values.insert(lookup, parent.into());
            }
            let result = view.save_rows(vec![row], SaveOptions::default()).map_err(Undo::Api)?;
            let result = result.into_iter().next().unwrap_or_default();
            if !result.success() {
                errors.push((place, result.errors));
            }
            ids.push(result.id.unwrap_or_default());
        }
        if errors.is_empty() { Ok(()) } else { Err(Undo::Refused) }
    });
    let refused = |(place, errors): &(usize, Vec<RowError>)| {
        let errors: Value = errors.iter().map(RowError::in_collection).collect();
        json!({ "referenceId": references[*place], "errors": errors })
    };
    match outcome {
        Err(Undo::Api(error)) => Err(error),
        Err(Undo::Refused) => Ok((errors.iter().map(refused).collect(), true)),
        Ok(()) => {
            let saved = references.iter().zip(&ids);
            Ok((saved.map(|(reference, id)| json!({ "referenceId": reference, "id": id })).collect(), false))
        }
    }
}
