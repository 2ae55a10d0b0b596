//! The loop over a batch: every condition for every record, the states of 32 conditions in eight bytes.

use wasm_encoder::{BlockType, Instruction, MemArg};

use super::code::Code;
use super::condition::condition;
use super::emitter::{Defined, Emitter};
use super::slots;
use crate::flat::{Layout, MEMORY_BYTES, STATES_IN_WORD, Slots, State, WORD_BYTES};
use crate::formula::Formula;

const PAGE_BYTES: usize = 0x1_0000;

/// The parameters: the record, how many are left, and where states go.
const RECORD: u32 = 0;
const LEFT: u32 = 1;
const STATES: u32 = 2;
/// The states of 32 conditions.
const WORD: u32 = 3;

impl Emitter {
    /// Adds and exports a function `(records, count, states) -> 0` that decides conditions for flat records; see
    /// [`flat`](crate::flat). Null counts as FALSE. What it cannot decide is to be asked of the formulas' own functions.
    pub fn add_batch(&mut self, export: &str, conditions: &[&Formula]) -> Layout {
        let mut slots = Slots::default();
        let same_text = self.define(None, slots::same_text());
        let functions: Vec<Option<u32>> = conditions
            .iter()
            .map(|formula| {
                let function = condition(formula.typed(), &mut slots, same_text)?;
                Some(self.define(None, function))
            })
            .collect();
        self.define(
            Some(export.to_owned()),
            Defined { parameters: 3, long_locals: 1, locals: 0, body: batch(&functions).instructions },
        );
        self.need_memory(MEMORY_BYTES.div_ceil(PAGE_BYTES).try_into().expect("it is two pages"));
        slots.finish(conditions.len())
    }
}

fn batch(functions: &[Option<u32>]) -> Code {
    let mut code = Code::new(4);
    let done = code.open_with(BlockType::Empty);
    code.emit(Instruction::Loop(BlockType::Empty));
    code.get(LEFT);
    code.emit(Instruction::I32Eqz);
    code.leave_if(done);
    for functions in functions.chunks(STATES_IN_WORD) {
        word(&mut code, functions);
        advance(&mut code, STATES, |code| code.constant(WORD_BYTES.try_into().expect("it is eight")));
    }
    advance(&mut code, RECORD, |code| {
        code.get(RECORD);
        code.emit(Instruction::I32Load(MemArg { offset: 0, align: 2, memory_index: 0 }));
    });
    advance(&mut code, LEFT, |code| code.constant(-1));
    code.emit(Instruction::Br(0));
    code.end();
    code.end();
    code.constant(0);
    code
}

/// Decides up to 32 conditions and stores their states.
fn word(code: &mut Code, functions: &[Option<u32>]) {
    let always_asked = functions.iter().enumerate().filter(|(_, function)| function.is_none());
    let asked = always_asked.fold(0_u64, |word, (place, _)| word | (State::Ask as u64) << (place * 2));
    code.emit(Instruction::I64Const(asked.cast_signed()));
    for (place, function) in functions.iter().enumerate() {
        let Some(function) = function else { continue };
        code.get(RECORD);
        code.emit(Instruction::Call(*function));
        code.emit(Instruction::I64ExtendI32U);
        code.emit(Instruction::I64Const(i64::try_from(place * 2).expect("it is below 64")));
        code.emit(Instruction::I64Shl);
        code.emit(Instruction::I64Or);
    }
    code.set(WORD);
    code.get(STATES);
    code.get(WORD);
    code.emit(Instruction::I64Store(MemArg { offset: 0, align: 3, memory_index: 0 }));
}

/// Adds to a local.
fn advance(code: &mut Code, local: u32, by: impl FnOnce(&mut Code)) {
    code.get(local);
    by(code);
    code.emit(Instruction::I32Add);
    code.set(local);
}
