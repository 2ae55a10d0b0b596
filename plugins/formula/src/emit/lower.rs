//! A typed formula to the body of `(record) -> handle`. Control flow is emitted here, with the laziness of
//! `evaluate/lazy.rs`; every other step is a call into the library. Like the machine it works with tasks on a stack of
//! its own, so nesting costs no stack and each node is visited as often as it has children.

use wasm_encoder::Instruction;

use super::code::{Code, Label};
use crate::ast::NodeId;
use crate::functions::{Body, Function, Lazy};
use crate::library::{
    CALL, CALL_ARGUMENTS_MAX, CALL_MANY, CONDITION, EVENT, FALSE, FIELD, FIRST, IS_ERROR, JOIN, PUSH, START,
    Step, TRUE, Tables,
};
use crate::typed::{Typed, TypedKind};

/// The parameter: which record.
const RECORD: u32 = 0;
/// A handle that is looked at more than once, before anything else is evaluated.
const HANDLE: u32 = 1;

/// A formula's body; its literals, fields and sites go into the tables.
pub(super) fn lower(typed: &Typed, tables: &mut Tables) -> Code {
    let first_field = tables.fields.len();
    tables.fields.extend(typed.fields.iter().cloned());
    let mut lowering = Lowering { typed, tables, first_field, code: Code::new(2), tasks: Vec::new() };
    lowering.code.call(START);
    lowering.code.emit(Instruction::Drop);
    lowering.tasks.push(Task::of(typed.root));
    while let Some(task) = lowering.tasks.pop() {
        lowering.step(task);
    }
    lowering.code
}

/// A node, how many of its steps are done, and what its steps share.
#[derive(Debug, Clone, Copy)]
struct Task {
    id: NodeId,
    done: usize,
    /// Where AND, OR, IF and IFS end.
    end: Option<Label>,
    /// What AND and OR have found so far.
    so_far: Option<u32>,
}

impl Task {
    fn of(id: NodeId) -> Self {
        Self { id, done: 0, end: None, so_far: None }
    }
}

struct Lowering<'a> {
    typed: &'a Typed,
    tables: &'a mut Tables,
    /// Where this formula's fields begin.
    first_field: usize,
    code: Code,
    tasks: Vec<Task>,
}

impl Lowering<'_> {
    fn step(&mut self, task: Task) {
        let typed = self.typed;
        match &typed.node(task.id).kind {
            TypedKind::Literal(value) => {
                let handle = self.tables.literal(value);
                self.code.constant(handle);
            }
            TypedKind::Field { field, blank_as_zero } => {
                let field = self.first_field + field.0;
                self.code.get(RECORD);
                self.site(task.id, Step::Field { field, blank_as_zero: *blank_as_zero });
                self.code.call(FIELD);
            }
            TypedKind::Same(operand) => self.tasks.push(Task::of(*operand)),
            TypedKind::Operator { operator, operands, textual } => {
                let (operator, textual) = (*operator, *textual);
                self.applied(task, operands, || Step::Operator { operator, textual });
            }
            TypedKind::Call { function, arguments } => self.call(task, function, arguments),
        }
    }

    /// Comes back to a node when a child has left its handle on the stack.
    fn need(&mut self, task: Task, child: NodeId) {
        self.tasks.push(Task { done: task.done + 1, ..task });
        self.tasks.push(Task::of(child));
    }

    fn site(&mut self, id: NodeId, step: Step) {
        let site = self.tables.site(self.typed.node(id).span, step);
        self.code.constant(site);
    }

    fn call(&mut self, task: Task, function: &'static Function, arguments: &[NodeId]) {
        let typed = self.typed;
        match function.body {
            Body::Lazy(Lazy::And) => self.junction(task, arguments, FALSE),
            Body::Lazy(Lazy::Or) => self.junction(task, arguments, TRUE),
            Body::Lazy(Lazy::If) => self.choice(task, arguments),
            Body::Lazy(Lazy::IfError) => self.if_error(task, arguments),
            Body::Strict(_) | Body::Lazy(Lazy::Case | Lazy::NullValue | Lazy::BlankValue) => {
                self.applied(task, arguments, || {
                    let types = arguments.iter().map(|id| typed.node(*id).given).collect();
                    Step::Function { function, types, field: None }
                });
            }
            Body::NotLocal(_) => {
                self.site(task.id, Step::Function { function, types: Vec::new(), field: None });
                self.code.call(CALL);
            }
            Body::Event(_) => {
                let field = arguments.first().and_then(|id| self.field(*id));
                self.code.get(RECORD);
                self.site(task.id, Step::Function { function, types: Vec::new(), field });
                self.code.call(EVENT);
            }
        }
    }

    /// The field that a node reads, and whether a null one is read as zero.
    fn field(&self, id: NodeId) -> Option<(usize, bool)> {
        match self.typed.node(id).kind {
            TypedKind::Field { field, blank_as_zero } => Some((self.first_field + field.0, blank_as_zero)),
            _ => None,
        }
    }

    /// An operator or function of all its arguments.
    fn applied(&mut self, task: Task, arguments: &[NodeId], step: impl FnOnce() -> Step) {
        let many = arguments.len() > CALL_ARGUMENTS_MAX;
        if many && task.done > 0 {
            self.code.call(PUSH);
            self.code.emit(Instruction::Drop);
        }
        if let Some(argument) = arguments.get(task.done) {
            return self.need(task, *argument);
        }
        if many {
            self.code.constant(i32::try_from(arguments.len()).expect("arguments fit into memory"));
        }
        self.site(task.id, step());
        self.code.call(if many { CALL_MANY } else { CALL + arguments.len() });
    }

    /// AND and OR. `deciding` is the handle that ends them; null counts as FALSE.
    fn junction(&mut self, mut task: Task, arguments: &[NodeId], deciding: i32) {
        let Some(last) = task.done.checked_sub(1) else {
            task.end = Some(self.code.open());
            return self.need(task, arguments[0]);
        };
        let end = task.end.expect("the first step opened the block");
        self.code.set(HANDLE);
        let so_far = *task.so_far.get_or_insert_with(|| {
            let local = self.code.take_local();
            self.code.constant(TRUE - deciding);
            self.code.set(local);
            local
        });
        self.code.get(HANDLE);
        self.code.constant(TRUE);
        if deciding == TRUE {
            self.code.emit(Instruction::I32Eq);
            self.leave_with(deciding, end);
            self.when_open(|code| join(code, so_far, end));
        } else {
            self.code.emit(Instruction::I32Ne);
            self.code.if_true();
            self.when_open(|code| join(code, so_far, end));
            self.code.get(HANDLE);
            self.code.constant(FIRST);
            self.code.emit(Instruction::I32LtU);
            self.leave_with(deciding, end);
            self.code.end();
        }
        match arguments.get(last + 1) {
            Some(next) => self.need(task, *next),
            None => {
                self.code.get(so_far);
                self.code.end();
                self.code.free_local(so_far);
            }
        }
    }

    /// If the i32 on the stack is not zero, the block gives this handle.
    fn leave_with(&mut self, handle: i32, end: Label) {
        self.code.if_true();
        self.code.constant(handle);
        self.code.leave(end);
        self.code.end();
    }

    /// What is done when the handle is neither TRUE, FALSE nor null.
    fn when_open(&mut self, then: impl FnOnce(&mut Code)) {
        self.code.get(HANDLE);
        self.code.constant(FIRST);
        self.code.emit(Instruction::I32GeU);
        self.code.if_true();
        then(&mut self.code);
        self.code.end();
    }

    /// IF and IFS: conditions stand at even places, but the last argument is what is left.
    fn choice(&mut self, mut task: Task, arguments: &[NodeId]) {
        let Some(last) = task.done.checked_sub(1) else {
            task.end = Some(self.code.open());
            return self.need(task, arguments[0]);
        };
        let end = task.end.expect("the first step opened the block");
        if last + 1 == arguments.len() {
            return self.code.end();
        }
        if last % 2 == 1 {
            self.code.leave(end);
            self.code.end();
        } else {
            self.code.set(HANDLE);
            self.when_open(|code| {
                code.get(HANDLE);
                code.call(CONDITION);
                code.leave(end);
            });
            self.code.get(HANDLE);
            self.code.constant(TRUE);
            self.code.emit(Instruction::I32Eq);
            self.code.if_true();
        }
        self.need(task, arguments[last + 1]);
    }

    fn if_error(&mut self, task: Task, arguments: &[NodeId]) {
        match task.done {
            0 => self.need(task, arguments[0]),
            1 => {
                self.code.tee(HANDLE);
                self.code.constant(FIRST);
                self.code.emit(Instruction::I32GeU);
                self.code.if_true_giving();
                self.code.get(HANDLE);
                self.code.call(IS_ERROR);
                self.code.otherwise();
                self.code.constant(0);
                self.code.end();
                self.code.if_true_giving();
                self.need(task, arguments[1]);
            }
            _ => {
                self.code.otherwise();
                self.code.get(HANDLE);
                self.code.end();
            }
        }
    }
}

/// An open condition in AND or OR: what was found so far takes it up, or it ends the junction.
fn join(code: &mut Code, so_far: u32, end: Label) {
    code.get(so_far);
    code.get(HANDLE);
    code.call(JOIN);
    code.tee(so_far);
    code.constant(0);
    code.emit(Instruction::I32LtS);
    code.if_true();
    code.get(so_far);
    code.constant(-1);
    code.emit(Instruction::I32Xor);
    code.leave(end);
    code.end();
}
