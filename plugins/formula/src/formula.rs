//! A formula from its source to its evaluation: the stages after each other.

use crate::ast::Ast;
use crate::check::{Checked, Options, check};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::environment::Environment;
use crate::evaluate::{evaluate, evaluate_traced};
use crate::outcome::Outcome;
use crate::parser::{Parsed, parse};
use crate::record::Record;
use crate::schema::Schema;
use crate::span::Span;
use crate::trace::Trace;
use crate::typed::{FieldUse, Typed};
use crate::types::Type;

/// A formula that has been compiled.
#[derive(Debug, Clone)]
pub struct Formula {
    source: String,
    ast: Ast,
    typed: Typed,
    options: Options,
}

/// Compiles a formula, or says all that is wrong with it.
pub fn compile(source: &str, schema: &dyn Schema, options: &Options) -> Result<Formula, Vec<Diagnostic>> {
    let length = source.encode_utf16().count();
    if length > options.source_chars_max {
        let message =
            format!("the formula has {length} characters, at most {} are allowed", options.source_chars_max);
        let hint = "move a part of it into a formula field";
        return Err(vec![
            Diagnostic::new(codes::TOO_LONG, Span::new(0, source.len()), message).with_hint(hint),
        ]);
    }
    let Parsed { ast, mut diagnostics } = parse(source);
    let Checked { typed, diagnostics: found } = check(&ast, schema, options);
    diagnostics.extend(found);
    if !diagnostics.is_empty() {
        diagnostics.sort_by_key(|found| found.span.start);
        return Err(diagnostics);
    }
    Ok(Formula { source: source.to_owned(), ast, typed, options: *options })
}

impl Formula {
    /// Its text.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Its untyped tree.
    pub fn ast(&self) -> &Ast {
        &self.ast
    }

    /// Its typed tree.
    pub fn typed(&self) -> &Typed {
        &self.typed
    }

    /// How it was compiled.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The type of its result.
    pub fn result(&self) -> Type {
        self.typed.result()
    }

    /// The fields that it uses.
    pub fn fields(&self) -> &[FieldUse] {
        &self.typed.fields
    }

    /// Evaluates it for a record.
    pub fn evaluate(&self, record: &dyn Record, environment: &Environment<'_>) -> Outcome {
        evaluate(&self.typed, record, environment)
    }

    /// Evaluates it for a record and keeps the value of every part.
    pub fn trace(&self, record: &dyn Record, environment: &Environment<'_>) -> Trace {
        let outcomes = evaluate_traced(&self.typed, record, environment);
        Trace::new(&self.source, &self.typed, outcomes)
    }
}
