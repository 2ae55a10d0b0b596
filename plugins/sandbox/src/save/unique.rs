//! Step 7, the database's own: no two records share the value of a unique field.

use metadata::org::Field;

use super::draft::Draft;
use crate::error::RowError;
use crate::store::StoreError;
use crate::view::View;

/// Every unique field whose value another record has.
pub fn failures(view: &View<'_>, draft: &Draft<'_>) -> Result<Vec<RowError>, StoreError> {
    let mut errors = Vec::new();
    let is_free = |field: &&Field| draft.free.is_some_and(|free| std::ptr::eq(free, *field));
    let unique = draft.object.fields.values().filter(|field| field.unique && draft.changes(field));
    for field in unique.filter(|field| !is_free(field)) {
        let own = draft.id();
        let holders =
            view.store.find(&draft.object.api_name, &field.api_name, draft.get(&field.api_name), 2)?;
        if let Some(holder) = holders.iter().find(|holder| Some(holder.as_str()) != own) {
            let message = format!(
                "duplicate value found: {} duplicates value on record with id: {holder}",
                field.api_name
            );
            errors.push(RowError::new("DUPLICATE_VALUE", message));
        }
    }
    Ok(errors)
}
