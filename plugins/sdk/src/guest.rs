//! The border to the host, in the `.wasm` file only: wit-bindgen's types and functions, turned into ours.
//!
//! Authors do not use it: [`crate::export!`] does.

use std::marker::PhantomData;

use crate::answer::Answer;
use crate::description::{Event, Phase};
use crate::record::{Context, Record, User};
use crate::rule::Rule;
use crate::value::Value;

#[expect(missing_docs, reason = "written by wit-bindgen")]
pub mod bindings {
    wit_bindgen::generate!({ path: "../wit/v1", world: "rule", pub_export_macro: true });
}

use bindings::crm::rules::types;

/// A rule as the host calls it.
#[derive(Debug)]
pub struct Exported<R>(PhantomData<R>);

impl<R: Rule> bindings::Guest for Exported<R> {
    fn describe() -> types::Description {
        let description = R::describe();
        let trigger = |trigger: crate::Trigger| types::Trigger {
            phase: match trigger.phase {
                Phase::BeforeSave => types::Phase::BeforeSave,
                Phase::AfterSave => types::Phase::AfterSave,
            },
            event: match trigger.event {
                Event::Create => types::Event::Create,
                Event::Update => types::Event::Update,
                Event::Delete => types::Event::Delete,
            },
        };
        types::Description {
            name: description.name,
            objects: description.objects,
            fields: description.fields,
            triggers: description.triggers.into_iter().map(trigger).collect(),
        }
    }

    fn evaluate(context: types::Context, rows: Vec<types::Row>) -> Vec<types::Answer> {
        let (context, fields) = (known(context), R::describe().fields);
        let values = |values: Vec<types::Value>| values.into_iter().map(from_host).collect::<Vec<_>>();
        let judge = |row: types::Row| {
            let (now, prior) = (values(row.values), row.prior.map(values));
            to_host(R::answer(&Record::new(&context, &fields, &now, prior.as_deref())))
        };
        rows.into_iter().map(judge).collect()
    }
}

fn known(context: types::Context) -> Context {
    let user = context.user;
    Context {
        object: context.object,
        phase: match context.phase {
            types::Phase::BeforeSave => Phase::BeforeSave,
            types::Phase::AfterSave => Phase::AfterSave,
        },
        event: match context.event {
            types::Event::Create => Event::Create,
            types::Event::Update => Event::Update,
            types::Event::Delete => Event::Delete,
        },
        user: User {
            username: user.username,
            profile: user.profile,
            permission_sets: user.permission_sets,
            custom_permissions: user.custom_permissions,
        },
        now: context.now,
    }
}

fn from_host(value: types::Value) -> Value {
    match value {
        types::Value::Null => Value::Null,
        types::Value::Boolean(value) => Value::Boolean(value),
        types::Value::Decimal(text) => Value::Decimal(text),
        types::Value::Text(text) => Value::Text(text),
        types::Value::Date(text) => Value::Date(text),
        types::Value::Datetime(text) => Value::DateTime(text),
        types::Value::Time(text) => Value::Time(text),
        types::Value::Unknown => Value::Unknown,
    }
}

fn value_to_host(value: Value) -> types::Value {
    match value {
        Value::Null => types::Value::Null,
        Value::Boolean(value) => types::Value::Boolean(value),
        Value::Decimal(text) => types::Value::Decimal(text),
        Value::Text(text) => types::Value::Text(text),
        Value::Date(text) => types::Value::Date(text),
        Value::DateTime(text) => types::Value::Datetime(text),
        Value::Time(text) => types::Value::Time(text),
        Value::Unknown => types::Value::Unknown,
    }
}

fn to_host(answer: Answer) -> types::Answer {
    match answer {
        Answer::Accept => types::Answer::Accept,
        Answer::Unknown(reason) => types::Answer::Unknown(reason),
        Answer::Refuse(refusals) => types::Answer::Refuse(
            refusals
                .into_iter()
                .map(|refusal| types::Refusal {
                    code: refusal.code,
                    message: refusal.message,
                    fields: refusal.fields,
                })
                .collect(),
        ),
        Answer::Change(changes) => types::Answer::Change(
            changes
                .into_iter()
                .map(|change| types::Change { field: change.field, value: value_to_host(change.value) })
                .collect(),
        ),
    }
}
