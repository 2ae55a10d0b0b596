//! The WASM function of a flow: `(operation, answer) -> operation`, a `br_table` over the automaton.
//!
//! It returns to the host at every operation instead of calling it: no WASM frame is open while the host saves other
//! records, whose rules run in the same way, and no deadline of the caller runs out meanwhile.

use std::borrow::Cow;

use wasm_encoder::{BlockType, Instruction};

use super::plan::{Answer, Plan, UNKNOWN};

/// Parameters of the function.
pub(super) const PARAMETERS: u32 = 2;
/// The parameter that holds the operation that was done.
const OPERATION: u32 = 0;
/// The parameter that holds its answer.
const ANSWER: u32 = 1;

/// The body of the function, its last `end` left out.
pub(super) fn function(plan: &Plan) -> Vec<Instruction<'static>> {
    let count = u32::try_from(plan.successors.len()).unwrap_or(u32::MAX);
    let mut body = Vec::new();
    for _ in 0..=count {
        body.push(Instruction::Block(BlockType::Empty));
    }
    body.push(Instruction::LocalGet(OPERATION));
    body.push(Instruction::BrTable(Cow::Owned((0..count).collect()), count));
    for successors in &plan.successors {
        body.push(Instruction::End);
        next(successors, &mut body);
        body.push(Instruction::Return);
    }
    body.push(Instruction::End);
    body.push(Instruction::I32Const(UNKNOWN));
    body
}

/// Picks the successor for the answer, without a branch.
fn next(successors: &[i32; 4], body: &mut Vec<Instruction<'static>>) {
    let [done, holds, unknown, fault] = *successors;
    if done == holds && holds == unknown && unknown == fault {
        body.push(Instruction::I32Const(done));
        return;
    }
    body.extend([done, holds, unknown, fault].map(Instruction::I32Const));
    for answer in [Answer::Unknown, Answer::True, Answer::Done] {
        body.push(Instruction::LocalGet(ANSWER));
        body.push(Instruction::I32Const(answer as i32));
        body.push(Instruction::I32Eq);
        body.push(Instruction::Select);
    }
}
