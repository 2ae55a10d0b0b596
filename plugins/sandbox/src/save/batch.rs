//! Many rows in the order of the request: each stands for itself, or all together with `allOrNone`.
//!
//! Rows of one request that upsert by the same external id are all refused, as Salesforce refuses them: which of them
//! should win cannot be told.

use std::collections::HashMap;

use super::draft::Refusal;
use super::given;
use super::pipeline;
use super::row::{Operation, Row, RowResult, SaveOptions};
use super::target::duplicate_key;
use crate::error::{ApiError, RowError};
use crate::ids;
use crate::store::StoreError;
use crate::view::View;

/// Why a batch is undone.
enum Undo {
    Refused,
    Store(StoreError),
}

impl From<StoreError> for Undo {
    fn from(error: StoreError) -> Undo {
        Undo::Store(error)
    }
}

/// Saves rows in order; the results are in the same order. Fails only when the database does.
pub fn save_rows(view: &View<'_>, rows: Vec<Row>, options: SaveOptions) -> Result<Vec<RowResult>, ApiError> {
    let repeated = repeated_keys(view, &rows);
    let mut results = Vec::with_capacity(rows.len());
    let outcome = view.store.atomically(|| {
        for (row, repeated) in rows.iter().zip(repeated) {
            results.push(match repeated {
                Some(error) => refused(row, vec![error]),
                None => save_one(view, row, options)?,
            });
        }
        let any_refused = results.iter().any(|result| !result.success());
        if options.all_or_none && any_refused { Err(Undo::Refused) } else { Ok(()) }
    });
    match outcome {
        Ok(()) => {}
        Err(Undo::Store(error)) => return Err(error.into()),
        Err(Undo::Refused) => {
            for (row, result) in rows.iter().zip(&mut results).filter(|(_, result)| result.success()) {
                *result = refused(row, vec![rolled_back()]);
            }
        }
    }
    Ok(results)
}

/// Saves or deletes one row. Fails only when the database does.
pub fn save_one(view: &View<'_>, row: &Row, options: SaveOptions) -> Result<RowResult, StoreError> {
    // Rules may refuse a record after it was written: then all that it did is undone.
    match view.store.atomically(|| pipeline::save(view, row, options)) {
        Ok(result) => Ok(result),
        Err(Refusal::Row(errors)) => Ok(refused(row, errors)),
        Err(Refusal::Store(error)) => Err(error),
    }
}

/// Stores a row without any rule; see [`given::put`].
pub fn give(view: &View<'_>, row: &Row) -> Result<RowResult, StoreError> {
    match view.store.atomically(|| given::put(view, row)) {
        Ok(id) => Ok(RowResult { id: Some(id), created: true, errors: Vec::new() }),
        Err(Refusal::Row(errors)) => Ok(refused(row, errors)),
        Err(Refusal::Store(error)) => Err(error),
    }
}

fn refused(row: &Row, errors: Vec<RowError>) -> RowResult {
    let id = match &row.operation {
        Operation::Update { id } | Operation::Delete { id } if !id.is_empty() => {
            Some(ids::normalise(id).unwrap_or_else(|| id.clone()))
        }
        _ => None,
    };
    RowResult { id, created: false, errors }
}

/// The error of an innocent row of an `allOrNone` request (reference §2.3).
fn rolled_back() -> RowError {
    RowError::new(
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "Record rolled back because not all records were valid and the request was using AllOrNone header",
    )
}

/// For each row, the error when another row of the request has the same upsert key.
fn repeated_keys(view: &View<'_>, rows: &[Row]) -> Vec<Option<RowError>> {
    let keys: Vec<_> = rows.iter().map(|row| duplicate_key(view, row)).collect();
    let mut counts: HashMap<_, usize> = HashMap::new();
    for key in keys.iter().flatten() {
        *counts.entry(key.clone()).or_default() += 1;
    }
    let repeated = keys.iter().zip(rows).map(|(key, row)| {
        let Operation::Upsert { key: field } = &row.operation else { return None };
        let key = key.as_ref().filter(|key| counts[*key] > 1)?;
        let shown = row.values.iter().find(|(name, _)| name.eq_ignore_ascii_case(field));
        let shown = shown.map_or_else(
            || key.1.clone(),
            |(_, value)| match value.as_str() {
                Some(text) => text.to_owned(),
                None => value.to_string(),
            },
        );
        let message = format!("Duplicate external id specified: {shown}");
        Some(RowError::on(field, "DUPLICATE_VALUE", message))
    });
    repeated.collect()
}
