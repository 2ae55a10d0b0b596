//! Reading the slots of a flat record: which node is a slot, its tag, its text.

use wasm_encoder::{BlockType, Instruction, MemArg};

use super::code::Code;
use super::condition::{FIRST, Inline, RECORD, SECOND};
use super::emitter::Defined;
use crate::ast::NodeId;
use crate::flat::{Ask, PLACE_AT, Tag, VALUE_AT};
use crate::functions::{Body, Event};
use crate::typed::{FieldUse, Typed, TypedKind};
use crate::types::Type;
use crate::value::Value;

/// Longer literals are not compared inline.
const LITERAL_BYTES_MAX: usize = 64;

fn memory(offset: usize, align: u32) -> MemArg {
    MemArg { offset: u64::try_from(offset).expect("records are small"), align, memory_index: 0 }
}

/// Loads an i32 of the record.
pub(super) fn word(code: &mut Code, offset: usize) {
    code.get(RECORD);
    code.emit(Instruction::I32Load(memory(offset, 2)));
}

/// Loads the tag of a slot.
pub(super) fn tag(code: &mut Code, slot: usize) {
    word(code, slot);
}

/// Loads the i64 of a slot.
pub(super) fn long(code: &mut Code, slot: usize) {
    code.get(RECORD);
    code.emit(Instruction::I64Load(memory(slot + VALUE_AT, 3)));
}

/// A text that can be compared inline.
enum Text {
    Slot(usize),
    Literal(String),
}

impl Inline<'_> {
    /// The slot that a node reads, and the type of its field.
    pub(super) fn slot(&mut self, id: NodeId) -> Option<(usize, Type)> {
        let typed = self.typed;
        let used = |id: NodeId| -> Option<&FieldUse> {
            match typed.node(id).kind {
                TypedKind::Field { field, .. } => Some(&typed.fields[field.0]),
                _ => None,
            }
        };
        let (ask, given) = match &typed.node(id).kind {
            TypedKind::Field { .. } => {
                let used = used(id)?;
                let path = used.path.clone();
                (if used.prior { Ask::Prior(path) } else { Ask::Value(path) }, used.given)
            }
            TypedKind::Call { function, arguments } => match (function.body, function.name) {
                (Body::Event(Event::PriorValue), _) => {
                    let used = used(*arguments.first()?)?;
                    (Ask::Before(used.path.clone()), used.given)
                }
                (_, "TODAY") => (Ask::Today, Type::Date),
                (_, "NOW") => (Ask::Now, Type::DateTime),
                // TEXT of a picklist is the picklist's value.
                (_, "TEXT") => {
                    let picklist = *arguments.first()?;
                    if !typed.node(picklist).given.is_textual() || is_text_call(typed, picklist) {
                        return None;
                    }
                    return self.slot(picklist);
                }
                _ => return None,
            },
            _ => return None,
        };
        Some((self.slots.place(ask, given), given))
    }

    /// Whether a node reads a null as zero.
    pub(super) fn is_zero_when_null(&self, id: NodeId) -> bool {
        match &self.typed.node(id).kind {
            TypedKind::Field { blank_as_zero, .. } => *blank_as_zero,
            TypedKind::Call { function, arguments } if matches!(function.body, Body::Event(_)) => {
                arguments.first().is_some_and(|field| match self.typed.node(*field).kind {
                    TypedKind::Field { blank_as_zero, .. } => blank_as_zero,
                    _ => false,
                })
            }
            _ => false,
        }
    }

    fn text(&mut self, id: NodeId) -> Option<Text> {
        match &self.typed.node(id).kind {
            TypedKind::Literal(Value::Text(text)) => Some(Text::Literal(text.clone())),
            TypedKind::Literal(Value::Null) => Some(Text::Literal(String::new())),
            _ => {
                let (slot, given) = self.slot(id)?;
                (given.is_textual() || given == Type::Any).then_some(Text::Slot(slot))
            }
        }
    }

    /// `=` and `<>` of texts, and ISPICKVAL; null and "" are one, so the result is never null.
    pub(super) fn texts(&mut self, operands: &[NodeId], equal: bool) {
        let [left, right] = operands else { return self.ask() };
        let (Some(left), Some(right)) = (self.text(*left), self.text(*right)) else { return self.ask() };
        match (left, right) {
            (Text::Slot(slot), Text::Literal(text)) | (Text::Literal(text), Text::Slot(slot)) => {
                self.slot_with_literal(slot, &text);
            }
            (Text::Slot(left), Text::Slot(right)) => self.slot_with_slot(left, right),
            (Text::Literal(left), Text::Literal(right)) => self.code.constant(i32::from(left == right)),
        }
        if !equal {
            self.code.emit(Instruction::I32Eqz);
        }
    }

    /// Length, then eight bytes at a time: texts are padded with zeros.
    fn slot_with_literal(&mut self, slot: usize, text: &str) {
        tag(&mut self.code, slot);
        self.code.tee(FIRST);
        self.code.constant(Tag::Text as i32);
        self.code.emit(Instruction::I32Eq);
        self.code.if_true_giving();
        if text.is_empty() {
            self.code.constant(0);
        } else {
            word(&mut self.code, slot + VALUE_AT);
            self.code.constant(i32::try_from(text.len()).expect("literals are short"));
            self.code.emit(Instruction::I32Eq);
            self.code.if_true_giving();
            if text.len() > LITERAL_BYTES_MAX {
                self.ask();
            } else {
                self.bytes(slot, text.as_bytes());
            }
            self.code.otherwise();
            self.code.constant(0);
            self.code.end();
        }
        self.code.otherwise();
        self.unless_null_ask();
        self.code.constant(i32::from(text.is_empty()));
        self.code.end();
    }

    /// Whether the bytes of a slot's text are these.
    fn bytes(&mut self, slot: usize, wanted: &[u8]) {
        word(&mut self.code, slot + PLACE_AT);
        self.code.get(RECORD);
        self.code.emit(Instruction::I32Add);
        self.code.set(SECOND);
        for (at, chunk) in wanted.chunks(8).enumerate() {
            let mut eight = [0; 8];
            eight[..chunk.len()].copy_from_slice(chunk);
            self.code.get(SECOND);
            self.code.emit(Instruction::I64Load(memory(at * 8, 3)));
            self.code.emit(Instruction::I64Const(i64::from_le_bytes(eight)));
            self.code.emit(Instruction::I64Eq);
            if at > 0 {
                self.code.emit(Instruction::I32And);
            }
        }
    }

    fn slot_with_slot(&mut self, left: usize, right: usize) {
        for slot in [left, right] {
            self.code.get(RECORD);
            self.code.constant(i32::try_from(slot).expect("records are small"));
            self.code.emit(Instruction::I32Add);
        }
        self.code.get(RECORD);
        self.code.emit(Instruction::Call(self.same_text));
        self.code.tee(FIRST);
        self.code.constant(UNSURE);
        self.code.emit(Instruction::I32Eq);
        self.code.leave_if(self.ask);
        self.code.get(FIRST);
    }
}

fn is_text_call(typed: &Typed, id: NodeId) -> bool {
    matches!(&typed.node(id).kind, TypedKind::Call { function, .. } if function.name == "TEXT")
}

/// What [`same_text`] gives when a slot holds no text and is not null.
const UNSURE: i32 = 2;

/// A function `(slot, slot, record)` that compares the texts of two slots: 1 when they are the same, else 0, or
/// [`UNSURE`].
pub(super) fn same_text() -> Defined {
    const SLOTS: [u32; 2] = [0, 1];
    const BASE: u32 = 2;
    const LENGTHS: [u32; 2] = [3, 4];
    let mut code = Code::new(5);
    for (slot, length) in SLOTS.into_iter().zip(LENGTHS) {
        text_length(&mut code, slot, length);
    }
    code.get(LENGTHS[0]);
    code.get(LENGTHS[1]);
    code.emit(Instruction::I32Ne);
    code.if_true();
    code.constant(0);
    code.emit(Instruction::Return);
    code.end();
    for slot in SLOTS {
        code.get(slot);
        code.emit(Instruction::I32Load(memory(PLACE_AT, 2)));
        code.get(BASE);
        code.emit(Instruction::I32Add);
        code.set(slot);
    }
    let same = code.open_with(BlockType::Empty);
    code.emit(Instruction::Loop(BlockType::Empty));
    code.get(LENGTHS[0]);
    code.constant(0);
    code.emit(Instruction::I32LeS);
    code.leave_if(same);
    for slot in SLOTS {
        code.get(slot);
        code.emit(Instruction::I64Load(memory(0, 3)));
    }
    code.emit(Instruction::I64Ne);
    code.if_true();
    code.constant(0);
    code.emit(Instruction::Return);
    code.end();
    for (local, step) in [(SLOTS[0], 8), (SLOTS[1], 8), (LENGTHS[0], -8)] {
        code.get(local);
        code.constant(step);
        code.emit(Instruction::I32Add);
        code.set(local);
    }
    code.emit(Instruction::Br(0));
    code.end();
    code.end();
    code.constant(1);
    Defined { parameters: 3, long_locals: 0, locals: 2, body: code.instructions }
}

/// The bytes of a slot's text into a local; none for null, and the function ends for anything else.
fn text_length(code: &mut Code, slot: u32, length: u32) {
    code.get(slot);
    code.emit(Instruction::I32Load(memory(0, 2)));
    code.tee(length);
    code.constant(Tag::Text as i32);
    code.emit(Instruction::I32Eq);
    code.if_true_giving();
    code.get(slot);
    code.emit(Instruction::I32Load(memory(VALUE_AT, 2)));
    code.otherwise();
    code.get(length);
    code.constant(Tag::Null as i32);
    code.emit(Instruction::I32Ne);
    code.if_true();
    code.constant(UNSURE);
    code.emit(Instruction::Return);
    code.end();
    code.constant(0);
    code.end();
    code.set(length);
}
