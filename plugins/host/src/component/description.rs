//! What a rule says about itself, checked before anyone relies on it.

use crate::component::types::Description;
use crate::failure::FailureKind;

/// Letters of a name that the author gives.
const NAME_MAX: usize = 80;
/// Letters of an API name, or of a path of them.
pub(crate) const API_NAME_MAX: usize = 255;
const OBJECTS_MAX: usize = 100;
const FIELDS_MAX: usize = 500;
/// Two phases, three events.
const TRIGGERS_MAX: usize = 6;

/// Refuses a description that cannot be meant.
pub(crate) fn check(description: &Description) -> Result<(), FailureKind> {
    let Description { name, objects, fields, triggers } = description;
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || name.len() > NAME_MAX || !name.chars().all(letters) {
        return refused(format!("its name must be 1 to {NAME_MAX} letters, digits, `-` or `_`"));
    }
    count("objects", objects.len(), 1, OBJECTS_MAX)?;
    count("fields", fields.len(), 0, FIELDS_MAX)?;
    count("triggers", triggers.len(), 1, TRIGGERS_MAX)?;
    if let Some(at) = objects.iter().position(|object| !is_api_name(object)) {
        return refused(format!("object {} is no API name", at + 1));
    }
    if let Some(at) = fields.iter().position(|field| !is_path(field)) {
        return refused(format!("field {} is no API name and no path of them", at + 1));
    }
    Ok(())
}

/// An API name: a letter, then letters, digits and `_`.
pub(crate) fn is_api_name(text: &str) -> bool {
    text.len() <= API_NAME_MAX
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn is_path(text: &str) -> bool {
    text.len() <= API_NAME_MAX && text.split('.').all(is_api_name)
}

fn count(what: &str, found: usize, least: usize, most: usize) -> Result<(), FailureKind> {
    if (least..=most).contains(&found) {
        return Ok(());
    }
    refused(format!("it names {found} {what}, {least} to {most} are possible"))
}

fn refused(words: String) -> Result<(), FailureKind> {
    Err(FailureKind::Contract(words))
}
