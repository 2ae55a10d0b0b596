//! One row through all steps.

use super::draft::{Refusal, stop_if_any};
use super::row::{Operation, Row, RowResult, SaveOptions};
use super::{defaults, delete, overlay, references, target, unique, validate, write};
use crate::view::View;

/// Saves or deletes one row. What a delete did before it was refused is undone by the caller.
pub fn save(view: &View<'_>, row: &Row, options: SaveOptions) -> Result<RowResult, Refusal> {
    let target = target::find(view, row, options.update_only)?;
    if let (Operation::Delete { .. }, Some(record)) = (&row.operation, &target.prior) {
        delete::delete(view, target.object, record)?;
        return Ok(RowResult { id: Some(record.id.clone()), ..RowResult::default() });
    }
    let created = target.prior.is_none();
    let mut draft = overlay::overlay(view, target, row)?;
    defaults::fill(&mut draft);
    // Before-save flows and triggers belong here (reference §4, steps 3 and 4).
    let mut errors = validate::failures(&draft);
    errors.extend(references::failures(view, &draft)?);
    stop_if_any(errors)?;
    stop_if_any(unique::failures(view, &draft)?)?;
    let id = write::write(view, draft)?;
    Ok(RowResult { id: Some(id), created, errors: Vec::new() })
}
