//! Numbers, dates and times over a flat record, as i64: comparisons, sums and differences that are exact. Numbers are
//! millionths, dates days, moments and times milliseconds.

use wasm_encoder::{BlockType, Instruction, ValType};

use super::code::Label;
use super::condition::{FIRST, Inline, LONGS, Task, Wanted};
use super::slots;
use crate::ast::NodeId;
use crate::flat::{DECIMALS, ONE, Tag, UNITS_AT};
use crate::functions::{Body, Lazy};
use crate::operators::Operator;
use crate::typed::TypedKind;
use crate::types::Type;
use crate::value::Value;

/// The largest day that a date may be, as the calendar has it.
const DAYS_MAX: i64 = 400_000_000;

/// The tag of a slot whose i64 can be compared.
fn tag_of(given: Type) -> Option<Tag> {
    Some(match given {
        Type::Number(_) => Tag::Number,
        Type::Date => Tag::Date,
        Type::DateTime => Tag::DateTime,
        Type::Time => Tag::Time,
        _ => return None,
    })
}

fn comparing(operator: Operator) -> Option<Instruction<'static>> {
    Some(match operator {
        Operator::Equal => Instruction::I64Eq,
        Operator::NotEqual => Instruction::I64Ne,
        Operator::Less => Instruction::I64LtS,
        Operator::LessOrEqual => Instruction::I64LeS,
        Operator::Greater => Instruction::I64GtS,
        Operator::GreaterOrEqual => Instruction::I64GeS,
        _ => return None,
    })
}

impl Inline<'_> {
    /// A comparison as a condition: null when one side is.
    pub(super) fn longs(&mut self, mut task: Task, operator: Operator, left: NodeId, right: NodeId) {
        let types = [left, right].map(|id| self.typed.node(id).given);
        let tags = types.map(tag_of);
        let alike = match (tags, types) {
            ([Some(left), Some(right)], _) => left == right,
            ([None, Some(_)], [Type::Null, _]) | ([Some(_), None], [_, Type::Null]) => true,
            _ => false,
        };
        let Some(compare) = comparing(operator).filter(|_| alike) else { return self.ask() };
        match task.done {
            0 => {
                let end = self.code.open();
                let null = self.code.open_with(BlockType::Empty);
                task.blocks = [Some(end), Some(null)];
                let null = self.open_left(null, right);
                self.need(task, left, Wanted::Long { null });
            }
            1 => {
                let null = task.block(1);
                self.need(task, right, Wanted::Long { null });
            }
            _ => {
                self.code.emit(compare);
                self.code.leave(task.block(0));
                self.code.end();
                self.check_after_null(right);
                self.null(task.wanted);
                self.code.end();
            }
        }
    }

    /// Where a null on the left goes: a null decides only if the right side is no error.
    fn open_left(&self, null: Label, right: NodeId) -> Label {
        match &self.typed.node(right).kind {
            TypedKind::Literal(_) | TypedKind::Field { .. } => null,
            _ => self.ask,
        }
    }

    /// One side was null: if the right one is a field, its value must be known.
    fn check_after_null(&mut self, right: NodeId) {
        if let TypedKind::Field { .. } = self.typed.node(right).kind
            && let Some((slot, _)) = self.slot(right)
        {
            slots::tag(&mut self.code, slot);
            self.code.emit(Instruction::I32Eqz);
            self.code.leave_if(self.ask);
        }
    }

    /// Leaves a node's i64 on the stack, or the block when it is null.
    pub(super) fn long(&mut self, task: Task, null: Label) {
        let typed = self.typed;
        match &typed.node(task.id).kind {
            TypedKind::Literal(Value::Null) => self.code.leave(null),
            TypedKind::Literal(Value::Number(number)) => match number.to_scaled(DECIMALS) {
                Some(scaled) => self.code.emit(Instruction::I64Const(scaled)),
                None => self.ask(),
            },
            TypedKind::Literal(_) => self.ask(),
            TypedKind::Same(operand) => self.tasks.push(Task::of(*operand, task.wanted)),
            TypedKind::Operator { operator, operands, .. } => match (operator, operands.as_slice()) {
                (Operator::Negate, [operand]) => self.negate(task, *operand, null),
                (Operator::Add | Operator::Subtract, [left, right]) => {
                    self.sum(task, *operator, [*left, *right], null);
                }
                _ => self.ask(),
            },
            TypedKind::Call { function, arguments } => match (function.body, function.name) {
                (Body::Lazy(Lazy::If), _) => self.choice(task, arguments, ValType::I64),
                (Body::Lazy(Lazy::IfError), _) => self.tasks.push(Task::of(arguments[0], task.wanted)),
                (Body::Lazy(Lazy::NullValue | Lazy::BlankValue), _) => self.substitute(task, arguments),
                (_, "LEN") => self.length(arguments[0]),
                _ => self.long_slot(task.id, null),
            },
            TypedKind::Field { .. } => self.long_slot(task.id, null),
        }
    }

    fn long_slot(&mut self, id: NodeId, null: Label) {
        let Some((slot, given)) = self.slot(id) else { return self.ask() };
        let Some(tag) = tag_of(given) else { return self.ask() };
        slots::tag(&mut self.code, slot);
        self.code.tee(FIRST);
        self.code.constant(tag as i32);
        self.code.emit(Instruction::I32Eq);
        self.code.emit(Instruction::If(BlockType::Result(ValType::I64)));
        slots::long(&mut self.code, slot);
        self.code.otherwise();
        self.unless_null_ask();
        if self.is_zero_when_null(id) {
            self.code.emit(Instruction::I64Const(0));
        } else {
            self.code.leave(null);
        }
        self.code.end();
    }

    /// LEN of a text in a slot, in UTF-16 units.
    fn length(&mut self, text: NodeId) {
        let slot = match self.slot(text) {
            Some((slot, given)) if given.is_textual() => slot,
            _ => return self.ask(),
        };
        slots::tag(&mut self.code, slot);
        self.code.tee(FIRST);
        self.code.constant(Tag::Text as i32);
        self.code.emit(Instruction::I32Eq);
        self.code.emit(Instruction::If(BlockType::Result(ValType::I64)));
        slots::word(&mut self.code, slot + UNITS_AT);
        self.code.emit(Instruction::I64ExtendI32U);
        self.code.emit(Instruction::I64Const(ONE));
        self.code.emit(Instruction::I64Mul);
        self.code.otherwise();
        self.unless_null_ask();
        self.code.emit(Instruction::I64Const(0));
        self.code.end();
    }

    /// NULLVALUE and BLANKVALUE, when the substitute cannot be an error.
    fn substitute(&mut self, mut task: Task, arguments: &[NodeId]) {
        if !matches!(self.typed.node(arguments[1]).kind, TypedKind::Literal(_)) {
            return self.ask();
        }
        match task.done {
            0 => {
                let end = self.code.open_with(BlockType::Result(ValType::I64));
                let null = self.code.open_with(BlockType::Empty);
                task.blocks = [Some(end), Some(null)];
                self.need(task, arguments[0], Wanted::Long { null });
            }
            1 => {
                self.code.leave(task.block(0));
                self.code.end();
                self.need(task, arguments[1], task.wanted);
            }
            _ => self.code.end(),
        }
    }

    fn negate(&mut self, task: Task, operand: NodeId, null: Label) {
        if task.done == 0 {
            self.code.emit(Instruction::I64Const(0));
            return self.need(task, operand, Wanted::Long { null });
        }
        self.exact(Operator::Subtract);
    }

    /// Sums and differences of numbers, of a date and a number, and the days between dates.
    fn sum(&mut self, mut task: Task, operator: Operator, sides: [NodeId; 2], null: Label) {
        let types = sides.map(|id| self.typed.node(id).given);
        let numbers = types.map(Type::is_number);
        let dates = types.map(|given| given == Type::Date);
        let fits = match (operator, dates) {
            (_, [false, false]) => numbers == [true, true],
            (_, [true, false]) => numbers[1],
            (Operator::Add, [false, true]) => numbers[0],
            (_, [true, true]) => operator == Operator::Subtract,
            _ => false,
        };
        if !fits {
            return self.ask();
        }
        match task.done {
            0 => {
                let end = self.code.open_with(BlockType::Result(ValType::I64));
                let left_null = self.code.open_with(BlockType::Empty);
                task.blocks = [Some(end), Some(left_null)];
                let null = self.open_left(left_null, sides[1]);
                self.need(task, sides[0], Wanted::Long { null });
            }
            1 => {
                if dates == [false, true] {
                    self.whole_days();
                }
                self.need(task, sides[1], Wanted::Long { null });
            }
            _ => {
                if dates == [true, false] {
                    self.whole_days();
                }
                self.exact(operator);
                match dates {
                    [false, false] => {}
                    [true, true] => {
                        self.code.emit(Instruction::I64Const(ONE));
                        self.code.emit(Instruction::I64Mul);
                    }
                    _ => self.in_range(),
                }
                self.code.leave(task.block(0));
                self.code.end();
                self.check_after_null(sides[1]);
                self.code.leave(null);
                self.code.end();
            }
        }
    }

    /// Parts of a day are cut off.
    fn whole_days(&mut self) {
        self.code.emit(Instruction::I64Const(ONE));
        self.code.emit(Instruction::I64DivS);
    }

    /// Asks when the date on the stack is beyond the calendar.
    fn in_range(&mut self) {
        self.code.tee(LONGS[0]);
        self.code.emit(Instruction::I64Const(DAYS_MAX));
        self.code.emit(Instruction::I64Add);
        self.code.emit(Instruction::I64Const(2 * DAYS_MAX));
        self.code.emit(Instruction::I64GtU);
        self.code.leave_if(self.ask);
        self.code.get(LONGS[0]);
    }

    /// A sum or difference of the two on the stack; asks when it does not fit.
    fn exact(&mut self, operator: Operator) {
        let [left, right, result] = LONGS;
        let (calculate, agrees) = match operator {
            Operator::Subtract => (Instruction::I64Sub, left),
            _ => (Instruction::I64Add, right),
        };
        self.code.set(right);
        self.code.tee(left);
        self.code.get(right);
        self.code.emit(calculate);
        self.code.set(result);
        // A sum has overflowed when its sign differs from both; a difference, when the sides' signs differ and its sign
        // is not the left one's.
        self.code.get(left);
        self.code.get(if agrees == right { result } else { right });
        self.code.emit(Instruction::I64Xor);
        self.code.get(if agrees == right { right } else { left });
        self.code.get(result);
        self.code.emit(Instruction::I64Xor);
        self.code.emit(Instruction::I64And);
        self.code.emit(Instruction::I64Const(0));
        self.code.emit(Instruction::I64LtS);
        self.code.leave_if(self.ask);
        self.code.get(result);
    }
}
