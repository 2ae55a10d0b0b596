//! A delete through its steps: before-delete flows and triggers, the store with all that follows and the parents'
//! summaries, after triggers.

use engine::Event;
use metadata::org::Object;

use super::delete;
use super::draft::{Draft, Refusal, heed, stop_if_any};
use super::nested::Nest;
use super::world::Acting;
use crate::store::Record;
use crate::view::View;

/// Deletes a record. What it did before it was refused is undone by the caller.
pub fn remove<'a>(view: &View<'a>, object: &'a Object, record: &Record, nest: &Nest) -> Result<(), Refusal> {
    let inner = nest.around(Some(&record.id));
    let mut draft = Draft::change(object, record.clone());
    let mut acting = Acting::new(view, &mut draft, &inner, false);
    let verdict = view.rules.before_delete(&object.api_name, &mut acting);
    acting.ground().check()?;
    let wrote = acting.wrote;
    stop_if_any(heed(view, &object.api_name, verdict, &acting))?;
    // The flow may have changed or deleted it.
    let now = if wrote { view.store.get(&record.id)? } else { Some(record.clone()) };
    let Some(now) = now.filter(|now| !now.deleted) else { return Ok(()) };
    delete::delete(view, object, &now, &inner)?;
    let mut draft = Draft::change(object, now);
    let mut acting = Acting::new(view, &mut draft, &inner, false);
    let verdict = view.rules.after_trigger(&object.api_name, Event::Delete, &mut acting);
    acting.ground().check()?;
    stop_if_any(heed(view, &object.api_name, verdict, &acting))
}
