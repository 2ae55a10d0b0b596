//! Tokens to tree, by operator precedence, with a stack of its own instead of recursion: ten thousand parentheses cost
//! what ten thousand characters cost. It never gives up; errors are reported and passed over.

use crate::ast::{Ast, BinaryOperator, Node, NodeId, NodeKind, UnaryOperator};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::lexer::{Token, TokenKind, lex};
use crate::span::Span;

/// More than this many diagnostics help nobody.
const DIAGNOSTICS_MAX: usize = 50;

/// A tree, always, and what is wrong with the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// The tree; where something is missing it has error nodes.
    pub ast: Ast,
    /// What is wrong; empty for a well-formed formula.
    pub diagnostics: Vec<Diagnostic>,
}

/// Parses a formula.
pub fn parse(source: &str) -> Parsed {
    let (tokens, diagnostics) = lex(source);
    let mut parser = Parser {
        source,
        tokens,
        at: 0,
        nodes: Vec::new(),
        operands: Vec::new(),
        frames: Vec::new(),
        diagnostics,
    };
    parser.run();
    parser.diagnostics.sort_by_key(|found| found.span.start);
    parser.diagnostics.truncate(DIAGNOSTICS_MAX);
    let root = parser.operands.pop().unwrap_or(NodeId(0));
    Parsed { ast: Ast { nodes: parser.nodes, root }, diagnostics: parser.diagnostics }
}

/// What has been opened and waits for its right-hand side.
enum Frame {
    Prefix(UnaryOperator, Span),
    Infix(BinaryOperator),
    Parenthesis(Span),
    Call { name: String, name_span: Span, open: Span, arguments: Vec<NodeId> },
}

struct Parser<'a> {
    source: &'a str,
    tokens: Vec<Token>,
    at: usize,
    nodes: Vec<Node>,
    operands: Vec<NodeId>,
    frames: Vec<Frame>,
    diagnostics: Vec<Diagnostic>,
}

impl Parser<'_> {
    fn run(&mut self) {
        if self.tokens.len() == 1 && self.diagnostics.is_empty() {
            let span = Span::new(0, self.source.len());
            self.diagnostics.push(Diagnostic::new(codes::EMPTY, span, "the formula is empty"));
            self.push_operand(NodeKind::Error, span);
            return;
        }
        let mut operand_next = true;
        loop {
            operand_next = if operand_next { self.operand() } else { self.operator() };
            if self.finished(operand_next) {
                return;
            }
        }
    }

    /// At the end everything that is open is closed.
    fn finished(&mut self, operand_next: bool) -> bool {
        if operand_next || self.token().kind != TokenKind::End {
            return false;
        }
        self.reduce(0);
        let Some(frame) = self.frames.pop() else { return true };
        let open = match &frame {
            Frame::Call { open, .. } => *open,
            Frame::Parenthesis(open) => *open,
            Frame::Prefix(..) | Frame::Infix(_) => Span::default(),
        };
        let end = Span::new(self.source.len(), self.source.len());
        let diagnostic = Diagnostic::new(codes::OPEN_PARENTHESIS, open, "the parenthesis is not closed");
        self.report(diagnostic.with_hint("add ) where its content ends"));
        self.close(frame, end);
        false
    }

    fn token(&self) -> &Token {
        &self.tokens[self.at]
    }

    fn is_symbol(&self, at: usize, symbol: &str) -> bool {
        self.tokens.get(at).is_some_and(|token| token.kind == TokenKind::Symbol(known(symbol)))
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < DIAGNOSTICS_MAX {
            self.diagnostics.push(diagnostic);
        }
    }

    fn push(&mut self, kind: NodeKind, span: Span) -> NodeId {
        self.nodes.push(Node { kind, span });
        NodeId(self.nodes.len() - 1)
    }

    fn push_operand(&mut self, kind: NodeKind, span: Span) {
        let id = self.push(kind, span);
        self.operands.push(id);
    }

    fn pop_operand(&mut self) -> NodeId {
        match self.operands.pop() {
            Some(id) => id,
            None => self.push(NodeKind::Error, Span::default()),
        }
    }

    /// Reads what may begin an expression; gives whether another operand must follow.
    fn operand(&mut self) -> bool {
        let Token { kind, span } = self.token().clone();
        match kind {
            TokenKind::Number => self.literal(NodeKind::Number(span.text(self.source).to_owned()), span),
            TokenKind::Text(text) => self.literal(NodeKind::Text(text), span),
            TokenKind::MergeField(inside) => {
                let path = inside.text(self.source).to_owned();
                self.literal(NodeKind::Name { path, merge: true }, span)
            }
            TokenKind::Name => self.name(span),
            TokenKind::Symbol("(") => self.open(Frame::Parenthesis(span)),
            TokenKind::Symbol("-") => self.open(Frame::Prefix(UnaryOperator::Minus, span)),
            TokenKind::Symbol("+") => self.open(Frame::Prefix(UnaryOperator::Plus, span)),
            TokenKind::Symbol("!") => self.open(Frame::Prefix(UnaryOperator::Not, span)),
            TokenKind::Symbol(symbol) => self.missing(symbol, span),
            TokenKind::End => self.missing("the end", span),
        }
    }

    fn literal(&mut self, kind: NodeKind, span: Span) -> bool {
        self.at += 1;
        self.push_operand(kind, span);
        false
    }

    fn open(&mut self, frame: Frame) -> bool {
        self.at += 1;
        self.frames.push(frame);
        true
    }

    fn name(&mut self, span: Span) -> bool {
        let name = span.text(self.source);
        if name.eq_ignore_ascii_case("NOT") {
            return self.open(Frame::Prefix(UnaryOperator::Not, span));
        }
        let name = name.to_owned();
        if self.is_symbol(self.at + 1, "(") {
            return self.open_call(name, span);
        }
        let kind = match name.to_ascii_uppercase().as_str() {
            "TRUE" => NodeKind::Boolean(true),
            "FALSE" => NodeKind::Boolean(false),
            "NULL" => NodeKind::Null,
            _ => NodeKind::Name { path: name, merge: false },
        };
        self.literal(kind, span)
    }

    fn open_call(&mut self, name: String, name_span: Span) -> bool {
        let open = self.tokens[self.at + 1].span;
        self.at += 2;
        let frame = Frame::Call { name, name_span, open, arguments: Vec::new() };
        if self.is_symbol(self.at, ")") {
            let end = self.token().span;
            self.at += 1;
            let Frame::Call { name, arguments, .. } = frame else { return false };
            self.push_operand(NodeKind::Call { name, name_span, arguments }, name_span.to(end));
            return false;
        }
        self.frames.push(frame);
        true
    }

    /// An operand is missing: an error node stands in, and an operator that cannot begin an expression is left to be
    /// read as an operator.
    fn missing(&mut self, found: &str, span: Span) -> bool {
        let message = format!("an expression is expected before {found}");
        self.report(Diagnostic::new(codes::EXPRESSION_EXPECTED, span, message));
        self.push_operand(NodeKind::Error, Span::new(span.start, span.start));
        false
    }

    /// Reads what may follow an expression; gives whether an operand must follow.
    fn operator(&mut self) -> bool {
        let Token { kind, span } = self.token().clone();
        match kind {
            TokenKind::End => false,
            TokenKind::Symbol(")") => self.close_parenthesis(span),
            TokenKind::Symbol(",") => self.comma(span),
            TokenKind::Symbol(symbol) => match BinaryOperator::of(symbol) {
                Some(operator) => {
                    self.reduce(operator.binding());
                    self.open(Frame::Infix(operator))
                }
                None => self.skip_to_operator(span),
            },
            _ => self.skip_to_operator(span),
        }
    }

    /// Applies the operators on the stack that bind at least as tightly.
    fn reduce(&mut self, binding_min: u8) {
        loop {
            match self.frames.last() {
                Some(Frame::Prefix(operator, start)) => {
                    let (operator, start) = (*operator, *start);
                    self.frames.pop();
                    let operand = self.pop_operand();
                    let span = start.to(self.nodes[operand.0].span);
                    self.push_operand(NodeKind::Unary(operator, operand), span);
                }
                Some(Frame::Infix(operator)) if operator.binding() >= binding_min => {
                    let operator = *operator;
                    self.frames.pop();
                    let right = self.pop_operand();
                    let left = self.pop_operand();
                    let span = self.nodes[left.0].span.to(self.nodes[right.0].span);
                    self.push_operand(NodeKind::Binary(operator, left, right), span);
                }
                _ => return,
            }
        }
    }

    fn close_parenthesis(&mut self, span: Span) -> bool {
        self.at += 1;
        self.reduce(0);
        match self.frames.pop() {
            Some(frame) => self.close(frame, span),
            None => {
                let diagnostic =
                    Diagnostic::new(codes::STRAY_PARENTHESIS, span, "this parenthesis closes nothing");
                self.report(diagnostic.with_hint("remove it, or open one before it"));
            }
        }
        false
    }

    fn close(&mut self, frame: Frame, end: Span) {
        match frame {
            Frame::Call { name, name_span, mut arguments, .. } => {
                arguments.push(self.pop_operand());
                self.push_operand(NodeKind::Call { name, name_span, arguments }, name_span.to(end));
            }
            Frame::Parenthesis(open) => {
                if let Some(id) = self.operands.last() {
                    self.nodes[id.0].span = open.to(end);
                }
            }
            Frame::Prefix(..) | Frame::Infix(_) => {}
        }
    }

    fn comma(&mut self, span: Span) -> bool {
        self.at += 1;
        self.reduce(0);
        let operand = self.pop_operand();
        match self.frames.last_mut() {
            Some(Frame::Call { arguments, .. }) => arguments.push(operand),
            _ => {
                let message = "a comma may stand only between the arguments of a function";
                self.report(Diagnostic::new(codes::STRAY_COMMA, span, message));
            }
        }
        true
    }

    /// Two expressions stand side by side: reports it once and passes over what does not belong, up to the next
    /// operator, comma or closing parenthesis of this level.
    fn skip_to_operator(&mut self, span: Span) -> bool {
        let found = span.text(self.source);
        let diagnostic = Diagnostic::new(
            codes::OPERATOR_EXPECTED,
            span,
            format!("an operator is expected before {found}"),
        );
        self.report(diagnostic.with_hint("join texts with &, conditions with && or ||"));
        let mut depth = 0_usize;
        loop {
            match self.token().kind {
                TokenKind::End => return false,
                TokenKind::Symbol("(") => depth += 1,
                TokenKind::Symbol(")") if depth == 0 => return false,
                TokenKind::Symbol(")") => depth -= 1,
                TokenKind::Symbol(symbol)
                    if depth == 0 && (symbol == "," || BinaryOperator::of(symbol).is_some()) =>
                {
                    return false;
                }
                _ => {}
            }
            self.at += 1;
        }
    }
}

/// The static text of a symbol, for comparing.
fn known(symbol: &str) -> &'static str {
    match symbol {
        "(" => "(",
        ")" => ")",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, printed: &str) {
        let parsed = parse(source);
        assert_eq!(parsed.diagnostics, [], "{source}");
        assert_eq!(parsed.ast.to_string(), printed);
        assert_eq!(parse(printed).ast.to_string(), printed, "printed text parses to the same");
    }

    #[test]
    fn precedence_is_that_of_the_engines_grammar() {
        check("1+2*3", "1 + 2 * 3");
        check("(1+2)*3", "(1 + 2) * 3");
        check("2*3^2", "2 * 3 ^ 2");
        assert!(matches!(
            parse("2*3^2").ast.nodes.last().map(|node| &node.kind),
            Some(NodeKind::Binary(BinaryOperator::Power, ..))
        ));
        check("a-(b-c)-d", "a - (b - c) - d");
        check("-2^2", "-2 ^ 2");
        check("not a = b && !c || d", "NOT a = NOT b".replace("NOT b", "b && NOT c || d").as_str());
        check("a <> b == c != d", "a <> b = c <> d");
        check("a & 'x' & \"y\\\"\"", "a & \"x\" & \"y\\\"\"");
        check("x -- 2", "x - -2");
        check("if(true,{!$Record.A},Null)", "if(TRUE, {!$Record.A}, NULL)");
        check("AND()", "AND()");
    }

    #[test]
    fn many_errors_are_reported_at_once() {
        let check = |source: &str, expected: &[&str]| {
            let found = parse(source).diagnostics;
            assert_eq!(found.iter().map(|found| found.code.number).collect::<Vec<_>>(), expected, "{source}");
        };
        check("", &["F006"]);
        check(" /* only */ ", &["F006"]);
        check("1 +", &["F101"]);
        check("IF(,,)", &["F101", "F101", "F101"]);
        check("(1", &["F103"]);
        check("IF(a, (b", &["F103", "F103"]);
        check("1)", &["F104"]);
        check("a, b", &["F105"]);
        check("a b c (d, e) + * f", &["F102", "F101"]);
        check("\"", &["F003"]);
        check(";", &["F002", "F101"]);
    }

    #[test]
    fn depth_costs_no_stack() {
        for (open, close) in [("(", ")"), ("NOT(", ")"), ("-", ""), ("IF(a,1,", ")"), ("!", "")] {
            let source = format!("{}a{}", open.repeat(50_000), close.repeat(50_000));
            let parsed = parse(&source);
            assert_eq!(parsed.diagnostics, []);
            let printed = parsed.ast.to_string();
            assert_eq!(parse(&printed).ast.to_string(), printed);
        }
        assert_eq!(parse(&"(".repeat(100_000)).diagnostics.len(), 50);
    }
}
