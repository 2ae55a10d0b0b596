//! The types of operators.

use super::calls;
use super::checker::{Checker, Context};
use crate::ast::{BinaryOperator, NodeId, UnaryOperator};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::operators::Operator;
use crate::span::Span;
use crate::typed::TypedKind;
use crate::types::Type;

pub(super) fn unary(
    checker: &mut Checker<'_>,
    operator: UnaryOperator,
    operand: NodeId,
) -> (TypedKind, Type) {
    let given = checker.given(operand);
    if !given.is_number() && !matches!(given, Type::Null | Type::Any) {
        let message = format!("a sign needs a Number, {given} is given");
        checker.report(Diagnostic::new(codes::WRONG_TYPE, checker.span(operand), message));
    }
    match operator {
        UnaryOperator::Minus => {
            let operands = vec![operand];
            (TypedKind::Operator { operator: Operator::Negate, operands, textual: false }, Type::NUMBER)
        }
        UnaryOperator::Plus | UnaryOperator::Not => (TypedKind::Same(operand), Type::NUMBER),
    }
}

pub(super) fn binary(
    checker: &mut Checker<'_>,
    operator: BinaryOperator,
    left: NodeId,
    right: NodeId,
    span: Span,
) -> (TypedKind, Type) {
    let evaluated = match operator {
        BinaryOperator::And => return calls::call(checker, "AND", span, span, &[left, right]),
        BinaryOperator::Or => return calls::call(checker, "OR", span, span, &[left, right]),
        BinaryOperator::Equal => Operator::Equal,
        BinaryOperator::NotEqual => Operator::NotEqual,
        BinaryOperator::Less => Operator::Less,
        BinaryOperator::LessOrEqual => Operator::LessOrEqual,
        BinaryOperator::Greater => Operator::Greater,
        BinaryOperator::GreaterOrEqual => Operator::GreaterOrEqual,
        BinaryOperator::Add => Operator::Add,
        BinaryOperator::Subtract => Operator::Subtract,
        BinaryOperator::Concatenate => Operator::Concatenate,
        BinaryOperator::Power => Operator::Power,
        BinaryOperator::Multiply => Operator::Multiply,
        BinaryOperator::Divide => Operator::Divide,
    };
    let types = (checker.given(left), checker.given(right));
    let as_text =
        |given: Type| if checker.options.context == Context::Flow { flow_text(given) } else { given };
    let (left_type, right_type) = (as_text(types.0), as_text(types.1));
    let given = result(evaluated, left_type, right_type).unwrap_or_else(|| {
        refuse(checker, operator, (left, types.0), (right, types.1));
        Type::Any
    });
    let textual = left_type.is_textual() || right_type.is_textual();
    (TypedKind::Operator { operator: evaluated, operands: vec![left, right], textual }, given)
}

fn flow_text(given: Type) -> Type {
    if given.is_textual() { Type::Text } else { given }
}

/// The type that an operator gives; none when it does not take these.
fn result(operator: Operator, left: Type, right: Type) -> Option<Type> {
    let numeric = |given: Type| given.is_number() || matches!(given, Type::Null | Type::Any);
    let text = |given: Type| matches!(given, Type::Text | Type::Id | Type::Null | Type::Any);
    match operator {
        Operator::Equal | Operator::NotEqual => {
            let allowed =
                |given: Type| !matches!(given, Type::Location | Type::Picklist | Type::MultiPicklist);
            (allowed(left) && allowed(right) && left.common(right).is_some()).then_some(Type::Boolean)
        }
        Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
            let allowed = |given: Type| {
                !matches!(given, Type::Boolean | Type::Location) && flow_text(given) != Type::Text
                    || text(given)
            };
            (allowed(left) && allowed(right) && left.common(right).is_some()).then_some(Type::Boolean)
        }
        Operator::Concatenate => (text(left) && text(right)).then_some(Type::Text),
        Operator::Multiply | Operator::Divide | Operator::Power | Operator::Negate => {
            (numeric(left) && numeric(right)).then_some(Type::NUMBER)
        }
        Operator::Add => sum(left, right),
        Operator::Subtract => difference(left, right),
    }
}

fn sum(left: Type, right: Type) -> Option<Type> {
    match (left, right) {
        (Type::Boolean | Type::Location | Type::Picklist | Type::MultiPicklist, _)
        | (_, Type::Boolean | Type::Location | Type::Picklist | Type::MultiPicklist) => None,
        (Type::Null, _) | (_, Type::Null) => Some(Type::Null),
        (Type::Any, _) | (_, Type::Any) => Some(Type::Any),
        (Type::Number(_), Type::Number(_)) => Some(Type::NUMBER),
        (Type::Text | Type::Id, Type::Text | Type::Id) => Some(Type::Text),
        (given @ (Type::Date | Type::DateTime | Type::Time), Type::Number(_))
        | (Type::Number(_), given @ (Type::Date | Type::DateTime)) => Some(given),
        _ => None,
    }
}

fn difference(left: Type, right: Type) -> Option<Type> {
    let movable = |given: Type| {
        given.is_number()
            || matches!(given, Type::Date | Type::DateTime | Type::Time | Type::Null | Type::Any)
    };
    match (left, right) {
        (left, right) if !movable(left) || !movable(right) => None,
        (Type::Null, _) | (_, Type::Null) => Some(Type::Null),
        (Type::Any, _) | (_, Type::Any) => Some(Type::Any),
        (Type::Number(_), Type::Number(_)) => Some(Type::NUMBER),
        (given, Type::Number(_)) => Some(given),
        (left, right) => (left == right).then_some(Type::NUMBER),
    }
}

fn refuse(checker: &mut Checker<'_>, operator: BinaryOperator, left: (NodeId, Type), right: (NodeId, Type)) {
    let symbol = operator.symbol();
    for (id, given) in [left, right] {
        if matches!(given, Type::Picklist | Type::MultiPicklist) {
            let message = format!("a {given} field cannot be used with {symbol}");
            let hint = "use ISPICKVAL(field, \"value\") or TEXT(field); for many values INCLUDES";
            let diagnostic = Diagnostic::new(codes::PICKLIST_USE, checker.span(id), message);
            return checker.report(diagnostic.with_hint(hint));
        }
    }
    let span = checker.span(left.0).to(checker.span(right.0));
    let message = format!("{symbol} does not take {} and {}", left.1, right.1);
    let diagnostic = Diagnostic::new(codes::TYPES_DIFFER, span, message);
    checker.report(match (operator, left.1, right.1) {
        (_, Type::Date, Type::DateTime) | (_, Type::DateTime, Type::Date) => {
            diagnostic.with_hint("make the moment a date with DATEVALUE()")
        }
        (BinaryOperator::Concatenate, ..) => diagnostic.with_hint("make numbers and dates texts with TEXT()"),
        (_, Type::Text, Type::Number(_)) | (_, Type::Number(_), Type::Text) => {
            diagnostic.with_hint("make the text a number with VALUE(), or the number a text with TEXT()")
        }
        _ => diagnostic,
    });
}
