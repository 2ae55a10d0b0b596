//! A condition over a flat record, without calls: `(address) -> state`. Whatever it cannot decide from the slots alone,
//! it leaves to the formula's own function: the state says "ask". So only what is surely equal to the reference
//! evaluator's outcome is decided here, and nothing that could be an error or unknown.

use wasm_encoder::{BlockType, Instruction, ValType};

use super::code::{Code, Label};
use super::emitter::Defined;
use super::slots;
use crate::ast::NodeId;
use crate::flat::{Ask, Slots, State, Tag, VALUE_AT};
use crate::functions::{Body, Event, Function, Lazy};
use crate::operators::Operator;
use crate::typed::{Typed, TypedKind};
use crate::types::Type;
use crate::value::Value;

const NO: i32 = State::No as i32;
const YES: i32 = State::Yes as i32;
const ASK: i32 = State::Ask as i32;
/// A null among conditions.
pub(super) const NULL: i32 = 2;

/// The parameter: where the record begins.
pub(super) const RECORD: u32 = 0;
/// Three longs, for sums.
pub(super) const LONGS: [u32; 3] = [1, 2, 3];
/// Two i32 that hold nothing across the evaluation of a part.
pub(super) const FIRST: u32 = 4;
pub(super) const SECOND: u32 = 5;
const TAKEN: u32 = 6;

/// A condition's function; none when it would always ask. `same_text` is the index of [`slots::same_text`].
pub(super) fn condition(typed: &Typed, slots: &mut Slots, same_text: u32) -> Option<Defined> {
    let mut code = Code::new(TAKEN);
    let ask = code.open_with(BlockType::Empty);
    let mut inline = Inline { typed, slots, code, tasks: Vec::new(), ask, same_text };
    inline.tasks.push(Task::of(typed.root, Wanted::Truth));
    while let Some(task) = inline.tasks.pop() {
        inline.step(task);
    }
    let mut code = inline.code;
    if matches!(code.instructions.get(1), Some(Instruction::Br(_))) {
        return None;
    }
    code.emit(Instruction::Return);
    code.end();
    code.constant(ASK);
    let long_locals = u32::try_from(LONGS.len()).expect("they are three");
    Some(Defined {
        parameters: 1,
        long_locals,
        locals: code.locals() - 1 - long_locals,
        body: code.instructions,
    })
}

/// What a node is to leave on the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// 1 for TRUE, 0 for FALSE and null.
    Truth,
    /// 1 for TRUE, 0 for FALSE, 2 for null.
    Logic,
    /// A number, date or time as an i64; a null leaves a block.
    Long {
        /// That block.
        null: Label,
    },
}

/// A node, what it is to leave, how many of its steps are done, and the blocks that its steps share.
#[derive(Debug, Clone, Copy)]
pub(super) struct Task {
    pub(super) id: NodeId,
    pub(super) wanted: Wanted,
    pub(super) done: usize,
    pub(super) blocks: [Option<Label>; 2],
}

impl Task {
    pub(super) fn of(id: NodeId, wanted: Wanted) -> Self {
        Self { id, wanted, done: 0, blocks: [None; 2] }
    }

    pub(super) fn block(&self, at: usize) -> Label {
        self.blocks[at].expect("the first step opened it")
    }
}

pub(super) struct Inline<'a> {
    pub(super) typed: &'a Typed,
    pub(super) slots: &'a mut Slots,
    pub(super) code: Code,
    pub(super) tasks: Vec<Task>,
    /// Left when only the library can tell.
    pub(super) ask: Label,
    pub(super) same_text: u32,
}

impl Inline<'_> {
    fn step(&mut self, task: Task) {
        if let Wanted::Long { null } = task.wanted {
            return self.long(task, null);
        }
        let typed = self.typed;
        match &typed.node(task.id).kind {
            TypedKind::Literal(Value::Boolean(value)) => self.code.constant(if *value { YES } else { NO }),
            TypedKind::Literal(Value::Null) => self.null(task.wanted),
            TypedKind::Field { .. } => match self.slot(task.id) {
                Some((slot, given)) => self.checkbox(task.wanted, slot, given),
                None => self.ask(),
            },
            TypedKind::Same(operand) => self.tasks.push(Task::of(*operand, task.wanted)),
            TypedKind::Operator { operator, operands, textual } => {
                self.comparison(task, *operator, operands, *textual);
            }
            TypedKind::Call { function, arguments } => self.call(task, function, arguments),
            TypedKind::Literal(_) => self.ask(),
        }
    }

    /// Comes back to a task when a part has left what is wanted of it.
    pub(super) fn need(&mut self, task: Task, part: NodeId, wanted: Wanted) {
        self.tasks.push(Task { done: task.done + 1, ..task });
        self.tasks.push(Task::of(part, wanted));
    }

    /// Only the library can tell.
    pub(super) fn ask(&mut self) {
        self.code.leave(self.ask);
    }

    /// A null condition.
    pub(super) fn null(&mut self, wanted: Wanted) {
        self.code.constant(if wanted == Wanted::Logic { NULL } else { NO });
    }

    fn call(&mut self, task: Task, function: &Function, arguments: &[NodeId]) {
        match (function.body, function.name) {
            (Body::Lazy(Lazy::And), _) => self.junction(task, arguments, false),
            (Body::Lazy(Lazy::Or), _) => self.junction(task, arguments, true),
            (Body::Lazy(Lazy::If), _) => self.choice(task, arguments, ValType::I32),
            (Body::Lazy(Lazy::IfError), _) => self.tasks.push(Task::of(arguments[0], task.wanted)),
            (Body::Event(event), _) => self.event(task, event, arguments),
            (_, "NOT") => self.not(task, arguments[0]),
            (_, "ISBLANK" | "ISNULL") => self.is_null(function.name, arguments[0]),
            (_, "ISPICKVAL") => self.texts(arguments, true),
            _ => self.ask(),
        }
    }

    /// AND and OR, whose result is never null.
    fn junction(&mut self, mut task: Task, arguments: &[NodeId], deciding: bool) {
        if task.done == 0 {
            let end = self.code.open();
            let decided = self.code.open_with(BlockType::Empty);
            task.blocks = [Some(end), Some(decided)];
        } else {
            if !deciding {
                self.code.emit(Instruction::I32Eqz);
            }
            self.code.leave_if(task.block(1));
        }
        match arguments.get(task.done) {
            Some(next) => self.need(task, *next, Wanted::Truth),
            None => {
                self.code.constant(i32::from(!deciding));
                self.code.leave(task.block(0));
                self.code.end();
                self.code.constant(i32::from(deciding));
                self.code.end();
            }
        }
    }

    /// IF and IFS; the results are of a WASM type.
    pub(super) fn choice(&mut self, mut task: Task, arguments: &[NodeId], given: ValType) {
        let Some(last) = task.done.checked_sub(1) else {
            task.blocks[0] = Some(self.code.open_with(BlockType::Result(given)));
            return self.need(task, arguments[0], Wanted::Truth);
        };
        if last + 1 == arguments.len() {
            return self.code.end();
        }
        if last % 2 == 1 {
            self.code.leave(task.block(0));
            self.code.end();
        } else {
            self.code.if_true();
        }
        let next = last + 1;
        let is_condition = next.is_multiple_of(2) && next + 1 < arguments.len();
        let wanted = if is_condition { Wanted::Truth } else { task.wanted };
        self.need(task, arguments[next], wanted);
    }

    fn not(&mut self, task: Task, argument: NodeId) {
        if task.done == 0 {
            return self.need(task, argument, Wanted::Logic);
        }
        if task.wanted == Wanted::Truth {
            return self.code.emit(Instruction::I32Eqz);
        }
        self.code.tee(FIRST);
        self.code.constant(1);
        self.code.emit(Instruction::I32Xor);
        self.code.constant(NULL);
        self.code.get(FIRST);
        self.code.constant(NULL);
        self.code.emit(Instruction::I32Ne);
        self.code.emit(Instruction::Select);
    }

    fn event(&mut self, task: Task, event: Event, arguments: &[NodeId]) {
        let field = arguments.first().and_then(|id| match self.typed.node(*id).kind {
            TypedKind::Field { field, .. } => Some(self.typed.fields[field.0].path.clone()),
            _ => None,
        });
        let ask = match (event, field) {
            (Event::IsNew, _) => Ask::IsNew,
            (Event::IsClone, _) => Ask::IsClone,
            (Event::IsChanged, Some(path)) => Ask::Changed(path),
            (Event::PriorValue, Some(_)) => {
                return match self.slot(task.id) {
                    Some((slot, given)) => self.checkbox(task.wanted, slot, given),
                    None => self.ask(),
                };
            }
            (Event::IsChanged | Event::PriorValue, None) => return self.ask(),
        };
        let slot = self.slots.place(ask, Type::Boolean);
        self.checkbox(task.wanted, slot, Type::Boolean);
    }

    /// A slot as a condition.
    fn checkbox(&mut self, wanted: Wanted, slot: usize, given: Type) {
        if !matches!(given, Type::Boolean | Type::Any) {
            return self.ask();
        }
        slots::tag(&mut self.code, slot);
        self.code.tee(FIRST);
        self.code.constant(Tag::Boolean as i32);
        self.code.emit(Instruction::I32Eq);
        self.code.if_true_giving();
        slots::word(&mut self.code, slot + VALUE_AT);
        self.code.otherwise();
        self.unless_null_ask();
        if given == Type::Boolean {
            self.code.constant(NO)
        } else {
            self.null(wanted)
        }
        self.code.end();
    }

    /// Asks, unless the tag in the first local is null.
    pub(super) fn unless_null_ask(&mut self) {
        self.code.get(FIRST);
        self.code.constant(Tag::Null as i32);
        self.code.emit(Instruction::I32Ne);
        self.code.leave_if(self.ask);
    }

    /// ISBLANK and ISNULL of a slot. For ISNULL a text never is.
    fn is_null(&mut self, name: &str, argument: NodeId) {
        let Some((slot, _)) = self.slot(argument) else { return self.ask() };
        slots::tag(&mut self.code, slot);
        self.code.tee(FIRST);
        self.code.emit(Instruction::I32Eqz);
        self.code.leave_if(self.ask);
        let text = matches!(self.typed.node(argument).given, Type::Text | Type::Id);
        if self.is_zero_when_null(argument) || (text && name == "ISNULL") {
            return self.code.constant(NO);
        }
        self.code.get(FIRST);
        self.code.constant(Tag::Null as i32);
        self.code.emit(Instruction::I32Eq);
    }

    fn comparison(&mut self, task: Task, operator: Operator, operands: &[NodeId], textual: bool) {
        let [left, right] = operands else { return self.ask() };
        let types = [left, right].map(|id| self.typed.node(*id).given);
        let equality = match operator {
            Operator::Equal => Some(true),
            Operator::NotEqual => Some(false),
            _ => None,
        };
        match equality {
            Some(equal) if textual => self.texts(operands, equal),
            Some(equal) if types.contains(&Type::Boolean) => self.logics(task, operands, equal),
            _ => self.longs(task, operator, *left, *right),
        }
    }

    /// `=` and `<>` of conditions: null when one is.
    fn logics(&mut self, task: Task, operands: &[NodeId], equal: bool) {
        if let Some(operand) = operands.get(task.done) {
            return self.need(task, *operand, Wanted::Logic);
        }
        self.code.set(SECOND);
        self.code.tee(FIRST);
        self.code.get(SECOND);
        self.code.emit(if equal { Instruction::I32Eq } else { Instruction::I32Ne });
        self.null(task.wanted);
        for local in [FIRST, SECOND] {
            self.code.get(local);
            self.code.constant(NULL);
            self.code.emit(Instruction::I32Ne);
        }
        self.code.emit(Instruction::I32And);
        self.code.emit(Instruction::Select);
    }
}
