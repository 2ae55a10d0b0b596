//! Where a path of a formula leads in an org: through which lookups, to which field.

use metadata::Org;
use metadata::org::{Field, FieldKind, Object};

use crate::plan::Through;

/// The end of a path.
pub(super) struct Found<'a> {
    /// The object that has the field.
    pub object: &'a Object,
    /// The field.
    pub field: &'a Field,
    /// How the object is reached, when it is another record.
    pub through: Option<Through>,
}

/// The field that a path leads to from an object's record; none for globals and for what the org does not describe.
/// A lookup to several objects leads to the first that has the rest of the path.
pub(super) fn field<'a>(org: &'a Org, object: &str, path: &str) -> Option<Found<'a>> {
    let object = org.object(object)?;
    let Some((relationship, rest)) = path.split_once('.') else {
        return object.field(path).map(|field| Found { object, field, through: None });
    };
    // `Owner:User.Name` names one of the objects.
    let lookup = object.relationship(relationship.split(':').next()?)?;
    let FieldKind::Reference(reference) = &lookup.kind else { return None };
    let mut found = reference.to.iter().find_map(|target| field(org, target, rest))?;
    let through = found.through.take();
    found.through = Some(match through {
        None => Through { prefix: format!("{relationship}."), lookup: lookup.api_name.clone() },
        Some(inner) => Through {
            prefix: format!("{relationship}.{}", inner.prefix),
            lookup: format!("{relationship}.{}", inner.lookup),
        },
    });
    Some(found)
}
