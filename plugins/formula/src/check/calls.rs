//! Function calls: their names, the count, form and types of their arguments, and the types of their results.

use super::checker::{Checker, Context, is_object_field, own_path};
use crate::ast::{NodeId, NodeKind};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::functions::{Arity, Body, Form, Function, Parameter, ResultType, function, nearest_name};
use crate::regex::{MatchError, whole_match};
use crate::span::Span;
use crate::typed::TypedKind;
use crate::types::{Kinds, Type};
use crate::value::Value;

/// What formula fields cannot ask: what happens to the record, and other objects' records.
const NOT_IN_FIELDS: [&str; 5] = ["ISNEW", "ISCHANGED", "PRIORVALUE", "ISCLONE", "VLOOKUP"];

pub(super) fn call(
    checker: &mut Checker<'_>,
    name: &str,
    name_span: Span,
    span: Span,
    arguments: &[NodeId],
) -> (TypedKind, Type) {
    let Some(function) = function(name) else {
        let diagnostic =
            Diagnostic::new(codes::UNKNOWN_FUNCTION, name_span, format!("no function is called {name}"));
        checker.report(match nearest_name(name) {
            Some(near) => diagnostic.with_hint(format!("did you mean {near}?")),
            None => diagnostic,
        });
        return (TypedKind::Literal(Value::Null), Type::Any);
    };
    if checker.options.context == Context::FormulaField && NOT_IN_FIELDS.contains(&function.name) {
        let message = format!("{} is not available in formula fields", function.name);
        checker.report(Diagnostic::new(codes::NOT_AVAILABLE, name_span, message));
    }
    if !function.takes(arguments.len()) {
        checker.report(wrong_count(function, span, arguments.len()));
        return (
            TypedKind::Literal(Value::Null),
            result_type(checker, function, arguments).unwrap_or(Type::Any),
        );
    }
    for (at, argument) in arguments.iter().enumerate() {
        if let Some(parameter) = function.parameter(at, arguments.len()) {
            self::argument(checker, function, parameter, at, *argument);
        }
    }
    special(checker, function, arguments);
    let given = result_type(checker, function, arguments).unwrap_or_else(|| {
        let message = format!("the results of {} are of different types", function.name);
        checker.report(Diagnostic::new(codes::TYPES_DIFFER, span, message));
        Type::Any
    });
    (TypedKind::Call { function, arguments: arguments.to_vec() }, given)
}

fn wrong_count(function: &Function, span: Span, count: usize) -> Diagnostic {
    let wanted = match function.arity {
        Arity::Between(min, max) if min == max => format!("{min}"),
        Arity::Between(min, max) => format!("{min} to {max}"),
        Arity::AtLeast(min) => format!("at least {min}"),
        Arity::Case => "an even number, at least 4,".to_owned(),
        Arity::Ifs => "an odd number, at least 3,".to_owned(),
    };
    let plural = if wanted == "1" { "argument" } else { "arguments" };
    let message = format!("{} takes {wanted} {plural}, {count} given", function.name);
    let names: Vec<&str> = function.parameters.iter().map(|parameter| parameter.name).collect();
    let hint = format!("{}({})", function.name, names.join(", "));
    Diagnostic::new(codes::ARGUMENT_COUNT, span, message).with_hint(hint)
}

fn argument(checker: &mut Checker<'_>, function: &Function, parameter: &Parameter, at: usize, id: NodeId) {
    let span = checker.span(id);
    let kind = &checker.ast.node(id).kind;
    match (parameter.form, kind) {
        (Form::Literal, NodeKind::Text(_)) | (Form::Expression, _) => {}
        (Form::Literal, _) => {
            let message = format!("{}: {} must be a text in quotes", function.name, parameter.name);
            return checker.report(Diagnostic::new(codes::LITERAL_REQUIRED, span, message));
        }
        (Form::Field, NodeKind::Name { path, .. }) if is_own_field(path) => return,
        (Form::Field, _) => {
            let message = format!("{} takes a field of the record itself", function.name);
            return checker.report(Diagnostic::new(codes::FIELD_REQUIRED, span, message));
        }
        (Form::ObjectField, NodeKind::Name { path, .. }) if is_object_field(path) => {
            let (object, field) = object_field(path);
            checker.nodes[id.0].kind = TypedKind::Literal(Value::Text(format!("{object}.{field}")));
            return;
        }
        (Form::ObjectField, _) => {
            let message =
                format!("{}: {} must be $ObjectType.Object.Fields.Field", function.name, parameter.name);
            return checker.report(Diagnostic::new(codes::FIELD_REQUIRED, span, message));
        }
    }
    let given = checker.given(id);
    let as_text =
        checker.options.context == Context::Flow && given.is_textual() && parameter.kinds.fit(Type::Text);
    let text_in_flow =
        checker.options.context == Context::Flow && function.name == "TEXT" && given == Type::Text;
    if parameter.kinds.fit(given) || as_text || text_in_flow {
        return;
    }
    checker.report(wrong_type(function, parameter, at, given, span));
}

fn is_own_field(path: &str) -> bool {
    let (path, _) = own_path(path);
    !path.contains('.') && !path.starts_with('$')
}

fn object_field(path: &str) -> (&str, &str) {
    let mut parts = path.split('.').skip(1);
    let object = parts.next().unwrap_or_default();
    (object, parts.nth(1).unwrap_or_default())
}

fn wrong_type(function: &Function, parameter: &Parameter, at: usize, given: Type, span: Span) -> Diagnostic {
    let picklist = matches!(given, Type::Picklist | Type::MultiPicklist);
    let code = if picklist { codes::PICKLIST_USE } else { codes::WRONG_TYPE };
    let message = format!(
        "{}: argument {} ({}) must be {}, {given} is given",
        function.name,
        at + 1,
        parameter.name,
        parameter.kinds
    );
    let diagnostic = Diagnostic::new(code, span, message);
    match given {
        Type::Picklist => diagnostic.with_hint("make the picklist a text with TEXT()"),
        Type::MultiPicklist => diagnostic.with_hint("ask with INCLUDES(field, \"value\")"),
        Type::DateTime if parameter.kinds == Kinds::DATE => {
            diagnostic.with_hint("make the moment a date with DATEVALUE()")
        }
        Type::DateTime if parameter.kinds == Kinds::TIME => {
            diagnostic.with_hint("make the moment a time with TIMEVALUE()")
        }
        Type::Text if parameter.kinds == Kinds::NUMBER => {
            diagnostic.with_hint("make the text a number with VALUE()")
        }
        Type::Number(_) | Type::Date | Type::DateTime if parameter.kinds == Kinds::TEXT => {
            diagnostic.with_hint("make it a text with TEXT()")
        }
        _ => diagnostic,
    }
}

/// What rows cannot say.
fn special(checker: &mut Checker<'_>, function: &'static Function, arguments: &[NodeId]) {
    match function.name {
        "CASE" | "IN" => compared(checker, function, arguments),
        "REGEX" => pattern(checker, arguments),
        "DISTANCE" => unit(checker, arguments),
        "FORMATDURATION" => duration(checker, arguments),
        _ => {}
    }
}

/// The values that CASE and IN compare must go together; those of a picklist must be literals.
fn compared(checker: &mut Checker<'_>, function: &Function, arguments: &[NodeId]) {
    let mut subject = checker.given(arguments[0]);
    let last = if function.name == "CASE" { arguments.len() - 1 } else { arguments.len() };
    let step = if function.name == "CASE" { 2 } else { 1 };
    for id in arguments[1..last].iter().step_by(step) {
        let (given, span) = (checker.given(*id), checker.span(*id));
        let literal = matches!(checker.ast.node(*id).kind, NodeKind::Text(_));
        if subject == Type::Picklist && checker.options.context != Context::Flow {
            if !literal {
                let message = format!("{}: the values of a picklist must be texts in quotes", function.name);
                checker.report(Diagnostic::new(codes::LITERAL_REQUIRED, span, message));
            }
            continue;
        }
        let common =
            if subject.is_textual() && given.is_textual() { Some(Type::Text) } else { subject.common(given) };
        match common {
            Some(_) if subject == Type::Null => subject = given,
            Some(_) => {}
            None => {
                let message = format!("{}: {subject} is compared with {given}", function.name);
                checker.report(Diagnostic::new(codes::TYPES_DIFFER, span, message));
            }
        }
    }
}

fn pattern(checker: &mut Checker<'_>, arguments: &[NodeId]) {
    let NodeKind::Text(pattern) = &checker.ast.node(arguments[1]).kind else { return };
    if let Err(MatchError::Invalid(why)) = whole_match(pattern, "") {
        let message = format!("the regular expression is not valid: {why}");
        let diagnostic = Diagnostic::new(codes::BAD_PATTERN, checker.span(arguments[1]), message);
        checker.report(diagnostic.with_hint("backslashes are doubled in formulas: \"\\\\d{5}\""));
    }
}

fn unit(checker: &mut Checker<'_>, arguments: &[NodeId]) {
    let NodeKind::Text(unit) = &checker.ast.node(arguments[2]).kind else { return };
    if !unit.eq_ignore_ascii_case("mi") && !unit.eq_ignore_ascii_case("km") {
        let message = "the unit of DISTANCE must be 'mi' or 'km'";
        checker.report(Diagnostic::new(codes::BAD_LITERAL, checker.span(arguments[2]), message));
    }
}

fn duration(checker: &mut Checker<'_>, arguments: &[NodeId]) {
    let Some(second) = arguments.get(1) else { return };
    let (left, right) = (checker.given(arguments[0]), checker.given(*second));
    let fits = match (left, right) {
        (Type::Null | Type::Any, _) | (_, Type::Null | Type::Any) => true,
        (Type::Number(_), right) => right == Type::Boolean,
        (left, right) => left == right,
    };
    if !fits {
        let message = format!("FORMATDURATION does not take {left} and {right}");
        checker.report(Diagnostic::new(codes::TYPES_DIFFER, checker.span(*second), message));
    }
}

/// The type of a call's result; none when the branches do not go together.
fn result_type(checker: &Checker<'_>, function: &Function, arguments: &[NodeId]) -> Option<Type> {
    let given = |at: usize| arguments.get(at).map_or(Type::Any, |id| checker.given(*id));
    match function.result {
        ResultType::Is(given) => Some(given),
        ResultType::First => Some(given(0)),
        ResultType::Common(branches) => {
            let mut common = Type::Null;
            for at in 0..arguments.len() {
                if branches.holds(at, arguments.len()) {
                    common = join(common, given(at))?;
                }
            }
            Some(common)
        }
    }
    .map(|given| {
        if matches!(function.body, Body::NotLocal(_)) && given == Type::Null { Type::Any } else { given }
    })
}

fn join(left: Type, right: Type) -> Option<Type> {
    if left != right && left.is_textual() && right.is_textual() && left != Type::MultiPicklist {
        return Some(Type::Text);
    }
    left.common(right)
}
