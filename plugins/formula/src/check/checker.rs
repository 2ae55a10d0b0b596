//! Walks the nodes once, children first: literals and names here, operators and calls in their own files.

use std::collections::HashMap;

use super::{calls, operations};
use crate::ast::{Ast, NodeId, NodeKind, UnaryOperator};
use crate::codes;
use crate::decimal::Decimal;
use crate::diagnostic::Diagnostic;
use crate::schema::Schema;
use crate::span::Span;
use crate::typed::{FieldId, FieldUse, Typed, TypedKind, TypedNode};
use crate::types::Type;
use crate::value::Value;

/// What a formula is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Context {
    /// A validation rule, workflow rule, field update or filter.
    Rule,
    /// A formula field, which cannot ask what happens to the record.
    FormulaField,
    /// A flow, where picklists may be used as texts.
    Flow,
}

/// What blank numbers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blanks {
    /// Zero: `formulaTreatBlanksAs` BlankAsZero of formula fields.
    AsZero,
    /// Null: what rules and flows do.
    AsBlank,
}

/// How a formula is to be read.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// What it is for.
    pub context: Context,
    /// What blank numbers are.
    pub blanks: Blanks,
    /// The type that its result must fit, if it matters.
    pub result: Option<Type>,
    /// The most characters that it may have.
    pub source_chars_max: usize,
}

impl Options {
    /// Salesforce's limit of a formula's source (reference §5.7).
    pub const SOURCE_CHARS_MAX: usize = 3900;

    /// A condition of a rule.
    pub const RULE: Self = Self {
        context: Context::Rule,
        blanks: Blanks::AsBlank,
        result: Some(Type::Boolean),
        source_chars_max: Self::SOURCE_CHARS_MAX,
    };

    /// A formula of a context, with any result.
    pub fn new(context: Context, blanks: Blanks) -> Self {
        Self { context, blanks, result: None, source_chars_max: Self::SOURCE_CHARS_MAX }
    }

    /// The same with a type that the result must fit.
    #[must_use]
    pub fn giving(mut self, result: Type) -> Self {
        self.result = Some(result);
        self
    }
}

/// A typed tree and what is wrong with it; the tree may be evaluated only when nothing is.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The typed tree.
    pub typed: Typed,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
}

/// Checks a tree against a schema.
pub fn check(ast: &Ast, schema: &dyn Schema, options: &Options) -> Checked {
    let nodes = Vec::with_capacity(ast.nodes.len());
    let mut checker = Checker {
        ast,
        schema,
        options,
        nodes,
        fields: Vec::new(),
        index: HashMap::new(),
        diagnostics: Vec::new(),
    };
    for at in 0..ast.nodes.len() {
        checker.node(NodeId(at));
    }
    checker.result();
    checker.diagnostics.sort_by_key(|found| found.span.start);
    let typed = Typed { nodes: checker.nodes, root: ast.root, fields: checker.fields };
    Checked { typed, diagnostics: checker.diagnostics }
}

pub(super) struct Checker<'a> {
    pub(super) ast: &'a Ast,
    schema: &'a dyn Schema,
    pub(super) options: &'a Options,
    pub(super) nodes: Vec<TypedNode>,
    fields: Vec<FieldUse>,
    index: HashMap<(String, bool), FieldId>,
    diagnostics: Vec<Diagnostic>,
}

impl Checker<'_> {
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    pub(super) fn given(&self, id: NodeId) -> Type {
        self.nodes[id.0].given
    }

    pub(super) fn span(&self, id: NodeId) -> Span {
        self.ast.node(id).span
    }

    fn node(&mut self, id: NodeId) {
        let span = self.span(id);
        let ast = self.ast;
        let (kind, given) = match &ast.node(id).kind {
            NodeKind::Number(digits) => self.number(digits, span),
            NodeKind::Text(text) => (TypedKind::Literal(Value::Text(text.clone())), Type::Text),
            NodeKind::Boolean(value) => (TypedKind::Literal(Value::Boolean(*value)), Type::Boolean),
            NodeKind::Null | NodeKind::Error => (TypedKind::Literal(Value::Null), Type::Null),
            NodeKind::Name { path, .. } => self.name(path, span),
            NodeKind::Unary(UnaryOperator::Not, operand) => calls::call(self, "NOT", span, span, &[*operand]),
            NodeKind::Unary(operator, operand) => operations::unary(self, *operator, *operand),
            NodeKind::Binary(operator, left, right) => {
                operations::binary(self, *operator, *left, *right, span)
            }
            NodeKind::Call { name, name_span, arguments } => {
                calls::call(self, name, *name_span, span, arguments)
            }
        };
        self.nodes.push(TypedNode { kind, given, span });
    }

    fn number(&mut self, digits: &str, span: Span) -> (TypedKind, Type) {
        let number = digits.parse().unwrap_or_else(|_| {
            self.report(Diagnostic::new(codes::BAD_LITERAL, span, "the number is too large"));
            Decimal::ZERO
        });
        (TypedKind::Literal(Value::Number(number)), Type::NUMBER)
    }

    fn name(&mut self, path: &str, span: Span) -> (TypedKind, Type) {
        let (path, prior) = own_path(path);
        let Some(given) = self.schema.field(path) else {
            self.unknown_field(path, span);
            return (TypedKind::Literal(Value::Null), Type::Any);
        };
        let field = self.field(path, given, prior);
        let blank_as_zero = given.is_number() && self.options.blanks == Blanks::AsZero;
        (TypedKind::Field { field, blank_as_zero }, given)
    }

    /// The field arguments of functions that only name a field are unknown names at first: the functions decide.
    fn unknown_field(&mut self, path: &str, span: Span) {
        if is_object_field(path) {
            return;
        }
        let diagnostic = Diagnostic::new(codes::UNKNOWN_FIELD, span, format!("there is no field {path}"));
        let diagnostic = match self.schema.similar(path) {
            Some(similar) => diagnostic.with_hint(format!("did you mean {similar}?")),
            None => diagnostic,
        };
        self.report(diagnostic);
    }

    fn field(&mut self, path: &str, given: Type, prior: bool) -> FieldId {
        let key = (path.to_ascii_lowercase(), prior);
        if let Some(known) = self.index.get(&key) {
            return *known;
        }
        let id = FieldId(self.fields.len());
        self.fields.push(FieldUse { path: path.to_owned(), given, prior });
        self.index.insert(key, id);
        id
    }

    fn result(&mut self) {
        let (Some(wanted), Some(root)) = (self.options.result, self.nodes.get(self.ast.root.0)) else {
            return;
        };
        let (given, span) = (root.given, root.span);
        let fits = wanted.common(given).is_some()
            || matches!((wanted, given), (Type::Date, Type::DateTime) | (Type::DateTime, Type::Date))
            || (wanted == Type::Text && given.is_textual())
            || (wanted.is_textual() && given == Type::Text);
        if !fits {
            let message = format!("the formula gives {given}, {wanted} is needed");
            let diagnostic = Diagnostic::new(codes::RESULT_TYPE, span, message);
            self.report(match wanted {
                Type::Text => diagnostic.with_hint("wrap it in TEXT()"),
                Type::Boolean => diagnostic.with_hint("a rule needs a condition, such as a comparison"),
                _ => diagnostic,
            });
        }
    }
}

/// A path without flows' `$Record.`, and whether the record before the change is meant.
pub(super) fn own_path(path: &str) -> (&str, bool) {
    for (prefix, prior) in [("$Record.", false), ("$Record__Prior.", true)] {
        if let (Some(start), Some(rest)) = (path.get(..prefix.len()), path.get(prefix.len()..))
            && start.eq_ignore_ascii_case(prefix)
        {
            return (rest, prior);
        }
    }
    (path, false)
}

/// `$ObjectType.Zip__c.Fields.State__c` names a field of an object and has no value.
pub(super) fn is_object_field(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    lower.starts_with("$objecttype.") && lower.contains(".fields.")
}
