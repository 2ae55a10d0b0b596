//! The tree after checking: every node has a type, every name is a field's index, every function is its row. Its nodes
//! stand where those of the untyped tree stand, children before parents, so that it can be lowered in one pass.

use serde::{Deserialize, Serialize};

use crate::ast::NodeId;
use crate::functions::Function;
use crate::operators::Operator;
use crate::span::Span;
use crate::types::Type;
use crate::value::Value;

/// A checked formula.
#[derive(Debug, Clone)]
pub struct Typed {
    /// The nodes; children stand before their parents.
    pub nodes: Vec<TypedNode>,
    /// The whole formula.
    pub root: NodeId,
    /// The fields that it uses, each once.
    pub fields: Vec<FieldUse>,
}

/// A node with its type and place.
#[derive(Debug, Clone)]
pub struct TypedNode {
    /// What it is.
    pub kind: TypedKind,
    /// The type of its value.
    pub given: Type,
    /// Where it stands.
    pub span: Span,
}

/// A field's place in [`Typed::fields`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldId(pub usize);

/// A field that a formula uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldUse {
    /// Its path, without `$Record`.
    pub path: String,
    /// Its type.
    pub given: Type,
    /// Whether its value before the change is meant (`$Record__Prior`).
    pub prior: bool,
}

/// The kinds of nodes.
#[derive(Debug, Clone)]
pub enum TypedKind {
    /// A value that is the same for every record.
    Literal(Value),
    /// A field's value.
    Field {
        /// Which field.
        field: FieldId,
        /// Whether a null becomes zero: a number in a formula that treats blanks as zeros.
        blank_as_zero: bool,
    },
    /// Another node's value: `+x`.
    Same(NodeId),
    /// An operator with one operand or two.
    Operator {
        /// Which operator.
        operator: Operator,
        /// Its operands.
        operands: Vec<NodeId>,
        /// Whether it compares or joins texts, for which null and "" are one.
        textual: bool,
    },
    /// A function.
    Call {
        /// Its row.
        function: &'static Function,
        /// Its arguments.
        arguments: Vec<NodeId>,
    },
}

impl Typed {
    /// The node of an id.
    pub fn node(&self, id: NodeId) -> &TypedNode {
        &self.nodes[id.0]
    }

    /// The children of a node, in the order of the source.
    pub fn children(&self, id: NodeId) -> &[NodeId] {
        match &self.node(id).kind {
            TypedKind::Literal(_) | TypedKind::Field { .. } => &[],
            TypedKind::Same(operand) => std::slice::from_ref(operand),
            TypedKind::Operator { operands, .. } => operands,
            TypedKind::Call { arguments, .. } => arguments,
        }
    }

    /// The type of the result.
    pub fn result(&self) -> Type {
        self.node(self.root).given
    }
}
