//! Conditions, choices and blanks.

use super::row::{
    Arity, Body, Branches, Call, Computed, Failure, Function, Lazy, Parameter, ResultType, condition, of,
    row, strict, text,
};
use crate::decimal::Decimal;
use crate::operators::equal;
use crate::outcome::ErrorKind;
use crate::types::{Kinds, Type};
use crate::value::Value;

const ANY: Kinds = Kinds::ALL;
/// What may be blank: checkboxes never are, and picklists go through TEXT.
const BLANKABLE: Kinds = Kinds::ALL.without(Kinds::BOOLEAN).without(Kinds::PICKLIST);
const COMPARABLE: Kinds = Kinds::ALL.without(Kinds::BOOLEAN).without(Kinds::LOCATION);

const CONDITIONS: &[Parameter] = &[condition("condition")];
const VALUE_AND_SUBSTITUTE: &[Parameter] = &[of("value", BLANKABLE), of("substitute", BLANKABLE)];

const BOOLEAN: ResultType = ResultType::Is(Type::Boolean);

/// The rows of this family.
pub const FUNCTIONS: &[Function] = &[
    row("AND", CONDITIONS, BOOLEAN, Body::Lazy(Lazy::And)).taking(Arity::AtLeast(1)).doc(
        "TRUE when all conditions are; a null one counts as FALSE. Stops at the first that is not TRUE.",
        "AND(1 < 2, NULL)",
        "false",
    ),
    row("OR", CONDITIONS, BOOLEAN, Body::Lazy(Lazy::Or)).taking(Arity::AtLeast(1)).doc(
        "TRUE when one condition is; a null one counts as FALSE. Stops at the first that is TRUE.",
        "OR(NULL, 1 < 2)",
        "true",
    ),
    strict("NOT", CONDITIONS, Type::Boolean, not).doc(
        "The opposite; of null it is null.",
        "NOT(1 > 2)",
        "true",
    ),
    row(
        "IF",
        &[condition("condition"), of("then", ANY), of("otherwise", ANY)],
        ResultType::Common(Branches::AfterFirst),
        Body::Lazy(Lazy::If),
    )
    .doc(
        "One of two values; a null condition chooses the second.",
        "IF(NULL = 1, \"yes\", \"no\")",
        "no",
    ),
    row(
        "IFS",
        &[condition("condition"), of("result", ANY), of("otherwise", ANY)],
        ResultType::Common(Branches::Ifs),
        Body::Lazy(Lazy::If),
    )
    .taking(Arity::Ifs)
    .doc(
        "The result after the first condition that is TRUE.",
        "IFS(1 > 2, \"a\", 2 > 1, \"b\", \"c\")",
        "b",
    ),
    row(
        "IFERROR",
        &[of("value", ANY), of("substitute", ANY)],
        ResultType::Common(Branches::All),
        Body::Lazy(Lazy::IfError),
    )
    .doc("The value, or the substitute when its evaluation is an error.", "IFERROR(1 / 0, -1)", "-1"),
    row(
        "CASE",
        &[
            of("expression", COMPARABLE),
            of("value", COMPARABLE),
            of("result", COMPARABLE),
            of("otherwise", COMPARABLE),
        ],
        ResultType::Common(Branches::Case),
        Body::Lazy(Lazy::Case),
    )
    .taking(Arity::Case)
    .doc(
        "The result after the first value that equals the expression. All arguments are evaluated first.",
        "CASE(3, 1, \"one\", 3, \"three\", \"many\")",
        "three",
    ),
    row("NULLVALUE", VALUE_AND_SUBSTITUTE, ResultType::Common(Branches::All), Body::Lazy(Lazy::NullValue))
        .doc(
            "The value, or the substitute when it is null. Texts are never null: they come back as they are.",
            "NULLVALUE(DATEVALUE(NULL), DATE(2020, 1, 1))",
            "2020-01-01",
        ),
    row("BLANKVALUE", VALUE_AND_SUBSTITUTE, ResultType::Common(Branches::All), Body::Lazy(Lazy::BlankValue))
        .doc(
            "The value, or the substitute when it is null or an empty text.",
            "BLANKVALUE(\"\", \"none\")",
            "none",
        ),
    strict("ISBLANK", &[of("value", BLANKABLE)], Type::Boolean, is_blank).own_nulls().doc(
        "Whether the value is null or an empty text.",
        "ISBLANK(\"\")",
        "true",
    ),
    strict("ISNULL", &[of("value", BLANKABLE)], Type::Boolean, is_null).own_nulls().doc(
        "Whether the value is null; always FALSE for text.",
        "ISNULL(\"\")",
        "false",
    ),
    strict("ISNUMBER", &[text("text")], Type::Boolean, is_number).own_nulls().doc(
        "Whether VALUE would read the text.",
        "ISNUMBER(\"1.5e3\")",
        "true",
    ),
    strict("IN", &[of("value", COMPARABLE), of("one_of", COMPARABLE)], Type::Boolean, in_list)
        .taking(Arity::AtLeast(2))
        .own_nulls()
        .doc("Whether the value is one of the others; a null never is.", "IN(2, 1, 2, 3)", "true"),
];

fn not(call: &Call<'_>) -> Computed {
    Ok(match call.boolean(0)? {
        Some(value) => Value::Boolean(!value),
        None => Value::Null,
    })
}

fn is_blank(call: &Call<'_>) -> Computed {
    Ok(Value::Boolean(call.value(0).is_blank()))
}

fn is_null(call: &Call<'_>) -> Computed {
    let is_text = matches!(call.types.first(), Some(Type::Text | Type::Id));
    Ok(Value::Boolean(!is_text && call.value(0).is_null()))
}

fn is_number(call: &Call<'_>) -> Computed {
    let text = call.text(0)?.unwrap_or_default();
    Ok(Value::Boolean(text.parse::<Decimal>().is_ok()))
}

fn in_list(call: &Call<'_>) -> Computed {
    if call.value(0).is_null() {
        return Ok(Value::Boolean(false));
    }
    let textual = call.types.first().is_some_and(|given| given.is_textual());
    for candidate in &call.arguments[1..] {
        let comparable = candidate.is_null() || candidate.kind() == call.value(0).kind();
        if !comparable {
            return Err(Failure::error(ErrorKind::Type, "the values of IN are of different types"));
        }
        if equal(call.value(0), candidate, textual) == Some(true) {
            return Ok(Value::Boolean(true));
        }
    }
    Ok(Value::Boolean(false))
}
