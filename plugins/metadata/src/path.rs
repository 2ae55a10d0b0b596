//! Follows a path from an object to a field: `Amount__c`, `Account.Owner.Profile.Name`, `Owner:User.Name`.
//!
//! An org folder rarely holds everything: packages that it depends on, and most of the standard objects, are elsewhere.
//! So a name that is missing is a mistake only on a custom object that the folder describes.

use crate::org::{Field, FieldKind, Object, Org};

/// Fields and relationships that the CRM gives to custom objects in some orgs, so that no file names them.
const SOMETIMES_THERE: &[&str] = &[
    "connectionreceivedid",
    "connectionsentid",
    "currencyisocode",
    "division",
    "lastactivitydate",
    "lastreferenceddate",
    "lastvieweddate",
    "setupowner",
    "setupownerid",
];

/// Where a path leads.
#[derive(Debug, Clone, Copy)]
pub enum Resolved<'a> {
    /// To this field of this object.
    Field(&'a Object, &'a Field),
    /// To a field that may exist, but is not described in the folder.
    Undescribed,
    /// Nowhere: this object has no field or relationship of this name.
    Missing {
        /// The object that the path had come to.
        object: &'a Object,
        /// How many of the path's steps before the missing one lead somewhere.
        steps: usize,
    },
}

impl Org {
    /// Follows `path` from the object `object`; case is ignored. Globals (`$User.Email`) are not followed.
    ///
    /// Of a lookup to several objects the first that has the rest of the path is taken, unless the path names one
    /// (`Owner:Queue.Name`).
    pub fn resolve(&self, object: &str, path: &str) -> Resolved<'_> {
        self.follow(object, path, 0)
    }

    fn follow(&self, object: &str, path: &str, steps: usize) -> Resolved<'_> {
        let Some(object) = self.object(object) else { return Resolved::Undescribed };
        let Some((step, rest)) = path.split_once('.') else {
            return match object.field(path) {
                Some(field) => Resolved::Field(object, field),
                None => self.without(object, path, steps),
            };
        };
        let (relationship, wanted) = step.split_once(':').map_or((step, None), |(name, to)| (name, Some(to)));
        let to: &[String] = match object.relationship(relationship).map(|field| &field.kind) {
            Some(FieldKind::Reference(reference)) => &reference.to,
            _ if relationship.eq_ignore_ascii_case("RecordType") => {
                return self.follow("RecordType", rest, steps + 1);
            }
            _ => return self.without(object, relationship, steps),
        };
        match (wanted, to) {
            (Some(wanted), _) => self.follow(target(wanted), rest, steps + 1),
            (None, [only]) => self.follow(only, rest, steps + 1),
            (None, several) => self.follow_any(several, rest, steps + 1),
        }
    }

    fn follow_any(&self, to: &[String], path: &str, steps: usize) -> Resolved<'_> {
        let mut best = Resolved::Undescribed;
        for to in to {
            match self.follow(to, path, steps) {
                found @ Resolved::Field(..) => return found,
                other => best = other,
            }
        }
        best
    }

    /// What the lack of `name` on `object` means.
    fn without<'a>(&'a self, object: &'a Object, name: &str, steps: usize) -> Resolved<'a> {
        let key = object.api_name.to_ascii_lowercase();
        let whole = object.custom && matches!(key.rsplit_once("__"), Some((_, "c" | "mdt")));
        let name = name.to_ascii_lowercase();
        let known = SOMETIMES_THERE.contains(&name.as_str()) || name == "recordtypeid";
        if !whole || self.undescribed.contains(&key) || known || is_packaged(&name) {
            return Resolved::Undescribed;
        }
        Resolved::Missing { object, steps }
    }
}

/// The object that a path's `Owner:Queue` means.
fn target(name: &str) -> &str {
    if name.eq_ignore_ascii_case("Queue") { "Group" } else { name }
}

/// Whether a name has a namespace (`ns__Field__c`): it belongs to a package, whose files are not the folder's.
fn is_packaged(name: &str) -> bool {
    name.rsplit_once("__").is_some_and(|(stem, _)| stem.contains("__"))
}
