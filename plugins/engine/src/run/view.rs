//! A record as formulas see it: with formula fields, its own and those of records that it points to, computed.
//!
//! Everything else comes from the record that the world gives.

use formula::{Environment, Lookup, Record, Value};

use super::judge::lookup_of;
use crate::formulas::{Formulas, Session};
use crate::plan::{ComputedPlan, Decision};

/// Formula fields may use each other; Salesforce allows 10 levels, and a circle never compiles there.
const DEPTH_MAX: usize = 20;

/// A record with its formula fields.
#[derive(Clone)]
pub(crate) struct View<'a> {
    formulas: &'a Formulas,
    /// The object whose fields the paths name.
    object: &'a str,
    record: &'a dyn Record,
    environment: &'a Environment<'a>,
    /// From the record to the object: empty, or `Account.Parent.`.
    prefix: String,
    /// Whether the values before the change are meant.
    before: bool,
    depth: usize,
}

impl<'a> View<'a> {
    /// A record of an object.
    pub fn new(
        formulas: &'a Formulas,
        object: &'a str,
        record: &'a dyn Record,
        environment: &'a Environment<'a>,
    ) -> Self {
        Self { formulas, object, record, environment, prefix: String::new(), before: false, depth: 0 }
    }

    /// The value of a formula field of the object itself.
    pub fn formula_field(&self, decision: &Decision) -> Lookup {
        match decision {
            Decision::Always => Lookup::Known(Value::Boolean(true)),
            Decision::Unknown(reason) => Lookup::Unknown(reason.clone()),
            Decision::Formula(_) if self.depth > DEPTH_MAX => {
                Lookup::Unknown(format!("formula fields refer to each other more than {DEPTH_MAX} deep"))
            }
            Decision::Formula(number) => {
                lookup_of(Session::new(self.formulas).evaluate(*number, self, self.environment))
            }
        }
    }

    /// The plain value at a path, from the world.
    fn stored(&self, path: &str) -> Lookup {
        let whole = self.whole(path);
        if self.before { self.record.prior_value(&whole) } else { self.record.value(&whole) }
    }

    fn whole(&self, path: &str) -> String {
        if path.starts_with('$') { path.to_owned() } else { format!("{}{path}", self.prefix) }
    }

    fn computed(&self, path: &str) -> Option<&'a ComputedPlan> {
        self.formulas.plan().object(self.object)?.computed.get(&path.to_ascii_lowercase())
    }

    /// A formula field's value. That of a record which is not there is null, whatever its formula says.
    fn compute(&self, found: &'a ComputedPlan, before: bool) -> Lookup {
        let mut view = self.clone();
        view.before = before;
        if let Some(through) = &found.through {
            match view.stored(&through.lookup) {
                Lookup::Known(value) if value.is_blank() => return Lookup::Known(Value::Null),
                Lookup::Known(_) => {}
                other => return other,
            }
            view.prefix.push_str(&through.prefix);
        }
        view.object = &found.object;
        view.depth += 1;
        let field = self.formulas.plan().object(&found.object);
        match field.and_then(|object| object.formula_fields.get(&found.field)) {
            Some(field) => view.formula_field(&field.value),
            None => Lookup::Unknown("the formula of the field is not known".to_owned()),
        }
    }
}

impl Record for View<'_> {
    fn value(&self, path: &str) -> Lookup {
        match self.computed(path) {
            Some(found) => self.compute(found, self.before),
            None => self.stored(path),
        }
    }

    fn at_hand(&self, path: &str) -> bool {
        self.computed(path).is_none() && self.record.at_hand(&self.whole(path))
    }

    fn prior_value(&self, path: &str) -> Lookup {
        match self.computed(path) {
            Some(found) => self.compute(found, true),
            None => self.record.prior_value(&self.whole(path)),
        }
    }

    fn is_new(&self) -> Option<bool> {
        self.record.is_new()
    }

    fn is_clone(&self) -> Option<bool> {
        self.record.is_clone()
    }

    fn changed(&self, path: &str) -> Result<bool, String> {
        match self.computed(path) {
            Some(_) => Compared(self).changed(path),
            None => self.record.changed(&self.whole(path)),
        }
    }
}

/// The view with the usual comparison of a value with the one before.
struct Compared<'a>(&'a View<'a>);

impl Record for Compared<'_> {
    fn value(&self, path: &str) -> Lookup {
        self.0.value(path)
    }

    fn prior_value(&self, path: &str) -> Lookup {
        self.0.prior_value(path)
    }

    fn is_new(&self) -> Option<bool> {
        self.0.is_new()
    }
}
