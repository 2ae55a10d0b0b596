//! Tests of rules, run natively: a [`Case`] is a record with its context, judged as the host would have it judged.

use crate::answer::Answer;
use crate::description::{Event, Phase};
use crate::record::{Context, Record, User};
use crate::rule::Rule;
use crate::value::Value;

/// A record to be judged. A field that is not given is blank.
#[derive(Debug, Clone)]
pub struct Case {
    context: Context,
    values: Vec<(String, Value)>,
    prior: Option<Vec<(String, Value)>>,
}

impl Case {
    /// A new record of an object, before it is saved.
    pub fn create(object: &str) -> Self {
        Self::on(object, Phase::BeforeSave, Event::Create, None)
    }

    /// A change of a record; what it was before is given by [`Case::prior`].
    pub fn update(object: &str) -> Self {
        Self::on(object, Phase::BeforeSave, Event::Update, Some(Vec::new()))
    }

    fn on(object: &str, phase: Phase, event: Event, prior: Option<Vec<(String, Value)>>) -> Self {
        let now = "2026-11-23T12:00:00.000Z".to_owned();
        let context = Context { object: object.to_owned(), phase, event, user: User::default(), now };
        Self { context, values: Vec::new(), prior }
    }

    /// Changes the context: step, user, time.
    pub fn context(mut self, change: impl FnOnce(&mut Context)) -> Self {
        change(&mut self.context);
        self
    }

    /// Gives a field a value.
    pub fn value(mut self, field: &str, value: Value) -> Self {
        self.values.push((field.to_owned(), value));
        self
    }

    /// Gives a field a text.
    pub fn text(self, field: &str, text: &str) -> Self {
        self.value(field, text.into())
    }

    /// Makes a field unknown.
    pub fn unknown(self, field: &str) -> Self {
        self.value(field, Value::Unknown)
    }

    /// Gives a field a value before the update.
    pub fn prior(mut self, field: &str, value: Value) -> Self {
        self.prior.get_or_insert_default().push((field.to_owned(), value));
        self
    }

    /// What the rule answers. Fields that its description does not name are not given to it.
    pub fn judge<R: Rule>(&self) -> Answer {
        let fields = R::describe().fields;
        let of = |given: &[(String, Value)]| -> Vec<Value> {
            let value = |field: &String| given.iter().rfind(|(name, _)| name == field);
            fields.iter().map(|field| value(field).map_or(Value::Null, |(_, value)| value.clone())).collect()
        };
        let (values, prior) = (of(&self.values), self.prior.as_deref().map(of));
        R::answer(&Record::new(&self.context, &fields, &values, prior.as_deref()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::description::Description;
    use crate::record::Unknown;

    struct Probe;

    impl Rule for Probe {
        fn describe() -> Description {
            Description::new("probe").object("Lead").fields(&["Name", "Rating"]).before_update()
        }

        fn judge(record: &Record<'_>) -> Result<Answer, Unknown> {
            if record.is_changed("Rating")? {
                return Ok(Answer::change("Rating", record.text("name")?.unwrap_or("blank")));
            }
            if record.is_blank("Name")? {
                record.text("Phone").map(|_| Answer::Accept)
            } else {
                Ok(Answer::Accept)
            }
        }
    }

    #[track_caller]
    fn check(case: &Case, expected: &Answer) {
        assert_eq!(case.judge::<Probe>(), *expected);
    }

    #[test]
    fn a_record_is_read_by_names() {
        let named = Case::update("Lead").text("Name", "Ann");
        check(&named, &Answer::Accept);
        check(&named.clone().prior("Rating", "Hot".into()), &Answer::change("Rating", "Ann"));
        check(&named.clone().unknown("Rating"), &Answer::Unknown("Rating is not known".to_owned()));
        check(&Case::create("Lead"), &Answer::change("Rating", "blank"));
        let reason = "the rule's description does not name the field Phone".to_owned();
        check(&Case::update("Lead").text("Phone", "1"), &Answer::Unknown(reason));
    }
}
