//! The record and what happens to it: picklists, changes, other records, patterns.

use super::row::{
    Body, Call, Computed, Event, Failure, Form, Function, ResultType, formed, of, row, strict, text,
};
use super::text::matched;
use crate::outcome::ErrorKind;
use crate::record::Lookup;
use crate::types::{Kinds, Type};
use crate::value::Value;

const BOOLEAN: ResultType = ResultType::Is(Type::Boolean);
const PICKLIST: Kinds = Kinds::PICKLIST;
const FIELD: Kinds = Kinds::ALL;

/// The rows of this family.
pub const FUNCTIONS: &[Function] = &[
    row("ISNEW", &[], BOOLEAN, Body::Event(Event::IsNew)).doc(
        "Whether the record is being created.",
        "ISNEW()",
        "true",
    ),
    row("ISCLONE", &[], BOOLEAN, Body::Event(Event::IsClone)).doc(
        "Whether the record is being created as a copy of another.",
        "ISCLONE()",
        "false",
    ),
    row("ISCHANGED", &[formed("field", FIELD, Form::Field)], BOOLEAN, Body::Event(Event::IsChanged)).doc(
        "Whether the field changes; FALSE for a new record.",
        "ISCHANGED(Amount)",
        "false",
    ),
    row(
        "PRIORVALUE",
        &[formed("field", FIELD, Form::Field)],
        ResultType::First,
        Body::Event(Event::PriorValue),
    )
    .doc(
        "The field's value before the change; for a new record its current one.",
        "PRIORVALUE(Amount)",
        "100",
    ),
    strict(
        "ISPICKVAL",
        &[of("picklist", PICKLIST), formed("value", Kinds::TEXT, Form::Literal)],
        Type::Boolean,
        is_picked,
    )
    .own_nulls()
    .doc(
        "Whether the picklist has this API value; a blank one equals \"\".",
        "ISPICKVAL(Status, \"Open\")",
        "true",
    ),
    strict(
        "INCLUDES",
        &[of("picklist", Kinds::MULTIPICKLIST), formed("value", Kinds::TEXT, Form::Literal)],
        Type::Boolean,
        includes,
    )
    .own_nulls()
    .doc("Whether the value is among those picked.", "INCLUDES(Colours, \"red\")", "true"),
    strict("PICKLISTCOUNT", &[of("picklist", Kinds::MULTIPICKLIST)], Type::NUMBER, picked_count)
        .own_nulls()
        .doc("How many values are picked.", "PICKLISTCOUNT(Colours)", "2"),
    strict("REGEX", &[text("text"), text("pattern")], Type::Boolean, regex).own_nulls().doc(
        "Whether the whole text matches a regular expression in Java's dialect. Blanks count as \"\".",
        "REGEX(\"12345-6789\", \"\\\\d{5}(-\\\\d{4})?\")",
        "true",
    ),
    strict(
        "VLOOKUP",
        &[
            formed("field_to_return", FIELD, Form::ObjectField),
            formed("field_on_lookup_object", FIELD, Form::ObjectField),
            of("lookup_value", Kinds::ALL.without(Kinds::LOCATION)),
        ],
        Type::Any,
        look_up,
    )
    .own_nulls()
    .doc(
        "A field of the record of another object that has this key. Unknown unless such records are given.",
        "VLOOKUP($ObjectType.Zip__c.Fields.State__c, $ObjectType.Zip__c.Fields.Name, \"94105\")",
        "unknown",
    ),
    row(
        "PREDICT",
        &[of("definition", FIELD)],
        ResultType::Is(Type::Any),
        Body::NotLocal("Einstein's predictions are not made locally"),
    )
    .taking(super::row::Arity::AtLeast(1))
    .doc("A prediction of Einstein Discovery.", "PREDICT(\"0ORx\")", "unknown"),
];

fn is_picked(call: &Call<'_>) -> Computed {
    let picked = call.text(0)?.unwrap_or_default();
    Ok(Value::Boolean(picked == call.text(1)?.unwrap_or_default()))
}

fn includes(call: &Call<'_>) -> Computed {
    let picked = call.text(0)?.unwrap_or_default();
    let wanted = call.text(1)?.unwrap_or_default();
    Ok(Value::Boolean(picked.split(';').any(|value| value.trim() == wanted)))
}

fn picked_count(call: &Call<'_>) -> Computed {
    let picked = call.text(0)?.unwrap_or_default();
    let count = picked.split(';').filter(|value| !value.trim().is_empty()).count();
    Ok(Value::Number(count.into()))
}

fn regex(call: &Call<'_>) -> Computed {
    matched(call.text(1)?.unwrap_or_default(), call.text(0)?.unwrap_or_default())
}

/// The checker replaces the two field arguments by literals of their paths.
fn look_up(call: &Call<'_>) -> Computed {
    let Some(records) = call.environment.records else {
        return Err(Failure::Unknown("other records are not known locally".to_owned()));
    };
    let parts = |at: usize| -> Option<(&str, &str)> { call.text(at).ok()??.split_once('.') };
    let (Some((object, field)), Some((_, key_field))) = (parts(0), parts(1)) else {
        return Err(Failure::error(ErrorKind::Argument, "VLOOKUP needs $ObjectType paths"));
    };
    match records.look_up(object, field, key_field, call.value(2)) {
        Lookup::Known(value) => Ok(value),
        Lookup::Error(error) => Err(Failure::Error(error.kind, error.message)),
        Lookup::Unknown(why) => Err(Failure::Unknown(why)),
    }
}
