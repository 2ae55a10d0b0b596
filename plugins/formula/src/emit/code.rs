//! A function body in the making: instructions, how deep the blocks are, and which locals are in use.

use wasm_encoder::{BlockType, Instruction, ValType};

/// A block that can be left; the number of blocks that were open when it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Label(u32);

/// The body of a function, without its last `end`.
#[derive(Debug, Default)]
pub(super) struct Code {
    pub(super) instructions: Vec<Instruction<'static>>,
    depth: u32,
    free: Vec<u32>,
    locals: u32,
}

impl Code {
    /// Code whose first locals, parameters among them, are taken.
    pub(super) fn new(taken: u32) -> Self {
        Self { locals: taken, ..Self::default() }
    }

    /// How many locals there are, parameters among them.
    pub(super) fn locals(&self) -> u32 {
        self.locals
    }

    /// A local that nobody uses.
    pub(super) fn take_local(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            self.locals += 1;
            self.locals - 1
        })
    }

    /// Gives a local back.
    pub(super) fn free_local(&mut self, local: u32) {
        self.free.push(local);
    }

    pub(super) fn emit(&mut self, instruction: Instruction<'static>) {
        match instruction {
            Instruction::Block(_) | Instruction::Loop(_) | Instruction::If(_) => self.depth += 1,
            Instruction::End => self.depth -= 1,
            _ => {}
        }
        self.instructions.push(instruction);
    }

    /// A number that fits 32 bits.
    pub(super) fn constant(&mut self, value: i32) {
        self.emit(Instruction::I32Const(value));
    }

    pub(super) fn get(&mut self, local: u32) {
        self.emit(Instruction::LocalGet(local));
    }

    pub(super) fn set(&mut self, local: u32) {
        self.emit(Instruction::LocalSet(local));
    }

    pub(super) fn tee(&mut self, local: u32) {
        self.emit(Instruction::LocalTee(local));
    }

    pub(super) fn call(&mut self, import: usize) {
        self.emit(Instruction::Call(u32::try_from(import).expect("imports are few")));
    }

    /// Opens a block that gives an i32.
    pub(super) fn open(&mut self) -> Label {
        self.open_with(BlockType::Result(ValType::I32))
    }

    /// Opens a block.
    pub(super) fn open_with(&mut self, given: BlockType) -> Label {
        self.emit(Instruction::Block(given));
        Label(self.depth)
    }

    /// How far a block is away for a branch.
    fn distance(&self, label: Label) -> u32 {
        self.depth - label.0
    }

    /// Leaves a block.
    pub(super) fn leave(&mut self, label: Label) {
        let distance = self.distance(label);
        self.emit(Instruction::Br(distance));
    }

    /// Leaves a block if the i32 on the stack is not zero.
    pub(super) fn leave_if(&mut self, label: Label) {
        let distance = self.distance(label);
        self.emit(Instruction::BrIf(distance));
    }

    /// Begins what is done if the i32 on the stack is not zero.
    pub(super) fn if_true(&mut self) {
        self.emit(Instruction::If(BlockType::Empty));
    }

    /// The same, giving an i32.
    pub(super) fn if_true_giving(&mut self) {
        self.emit(Instruction::If(BlockType::Result(ValType::I32)));
    }

    pub(super) fn otherwise(&mut self) {
        self.emit(Instruction::Else);
    }

    pub(super) fn end(&mut self) {
        self.emit(Instruction::End);
    }
}
