//! The untyped tree: nodes in one list, every child before its parent, so that no depth of nesting can overflow a
//! stack. It also prints itself back as a formula.

use std::fmt;

use crate::span::Span;

/// A node's place in [`Ast::nodes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub usize);

/// A parsed formula.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ast {
    /// The nodes; children stand before their parents.
    pub nodes: Vec<Node>,
    /// The whole formula.
    pub root: NodeId,
}

/// A node with its place; parentheses around it belong to the span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeKind {
    /// A number as written.
    Number(String),
    /// A string without quotes and escapes.
    Text(String),
    /// TRUE or FALSE.
    Boolean(bool),
    /// NULL.
    Null,
    /// A field, a path or a global, as written.
    Name {
        /// The path.
        path: String,
        /// Whether it is written `{!path}`.
        merge: bool,
    },
    /// An operator before its operand.
    Unary(UnaryOperator, NodeId),
    /// An operator between its operands.
    Binary(BinaryOperator, NodeId, NodeId),
    /// A function with its arguments.
    Call {
        /// The name as written.
        name: String,
        /// Where the name stands.
        name_span: Span,
        /// The arguments.
        arguments: Vec<NodeId>,
    },
    /// A place where an expression is missing; there is a diagnostic about it.
    Error,
}

/// Operators before an operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOperator {
    /// `-`
    Minus,
    /// `+`
    Plus,
    /// `NOT` or `!`
    Not,
}

/// Operators between two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOperator {
    /// `||`
    Or,
    /// `&&`
    And,
    /// `=` or `==`
    Equal,
    /// `<>` or `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `&`
    Concatenate,
    /// `^`
    Power,
    /// `*`
    Multiply,
    /// `/`
    Divide,
}

impl BinaryOperator {
    /// The operator of a symbol.
    pub fn of(symbol: &str) -> Option<Self> {
        Some(match symbol {
            "||" => Self::Or,
            "&&" => Self::And,
            "=" | "==" => Self::Equal,
            "<>" | "!=" => Self::NotEqual,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            "+" => Self::Add,
            "-" => Self::Subtract,
            "&" => Self::Concatenate,
            "^" => Self::Power,
            "*" => Self::Multiply,
            "/" => Self::Divide,
            _ => return None,
        })
    }

    /// As it is written.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Or => "||",
            Self::And => "&&",
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Concatenate => "&",
            Self::Power => "^",
            Self::Multiply => "*",
            Self::Divide => "/",
        }
    }

    /// How tightly it binds; more is tighter. In Salesforce's grammar (`Formula.g4`) `^` binds less tightly than `*`
    /// and `/`, and `&` as tightly as `+`; all go from left to right.
    pub fn binding(self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And => 2,
            Self::Equal | Self::NotEqual => 3,
            Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual => 4,
            Self::Add | Self::Subtract | Self::Concatenate => 5,
            Self::Power => 6,
            Self::Multiply | Self::Divide => 7,
        }
    }
}

/// How tightly operators before an operand bind: tighter than all others.
const UNARY_BINDING: u8 = 8;

impl Ast {
    /// The node of an id.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0]
    }

    fn binding(&self, id: NodeId) -> u8 {
        match &self.node(id).kind {
            NodeKind::Unary(..) => UNARY_BINDING,
            NodeKind::Binary(operator, ..) => operator.binding(),
            _ => UNARY_BINDING + 1,
        }
    }
}

/// What is still to be printed.
enum Piece {
    Node(NodeId),
    Text(&'static str),
}

impl Ast {
    fn push_operand(&self, pieces: &mut Vec<Piece>, operand: NodeId, binding_min: u8) {
        let parenthesized = self.binding(operand) < binding_min;
        if parenthesized {
            pieces.push(Piece::Text(")"));
        }
        pieces.push(Piece::Node(operand));
        if parenthesized {
            pieces.push(Piece::Text("("));
        }
    }

    /// Writes what stands before the children, and pushes the rest in reverse.
    fn print_node(&self, id: NodeId, pieces: &mut Vec<Piece>, out: &mut String) {
        match &self.node(id).kind {
            NodeKind::Number(digits) => out.push_str(digits),
            NodeKind::Text(text) => {
                out.push('"');
                out.push_str(&text.replace('\\', "\\\\").replace('"', "\\\""));
                out.push('"');
            }
            NodeKind::Boolean(value) => out.push_str(if *value { "TRUE" } else { "FALSE" }),
            NodeKind::Null => out.push_str("NULL"),
            NodeKind::Name { path, merge: false } => out.push_str(path),
            NodeKind::Name { path, merge: true } => {
                out.push_str("{!");
                out.push_str(path);
                out.push('}');
            }
            NodeKind::Unary(operator, operand) => {
                out.push_str(match operator {
                    UnaryOperator::Minus => "-",
                    UnaryOperator::Plus => "+",
                    UnaryOperator::Not => "NOT ",
                });
                self.push_operand(pieces, *operand, UNARY_BINDING);
            }
            NodeKind::Binary(operator, left, right) => {
                self.push_operand(pieces, *right, operator.binding() + 1);
                pieces.extend([Piece::Text(" "), Piece::Text(operator.symbol()), Piece::Text(" ")]);
                self.push_operand(pieces, *left, operator.binding());
            }
            NodeKind::Call { name, arguments, .. } => {
                out.push_str(name);
                out.push('(');
                pieces.push(Piece::Text(")"));
                for (at, argument) in arguments.iter().enumerate().rev() {
                    pieces.push(Piece::Node(*argument));
                    if at > 0 {
                        pieces.push(Piece::Text(", "));
                    }
                }
            }
            NodeKind::Error => {}
        }
    }
}

/// The formula, with only the parentheses that it needs.
impl fmt::Display for Ast {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        let mut pieces = vec![Piece::Node(self.root)];
        while let Some(piece) = pieces.pop() {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Node(id) => self.print_node(id, &mut pieces, &mut out),
            }
        }
        formatter.write_str(&out)
    }
}
