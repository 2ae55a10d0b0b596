//! Modules of WASM text grown from decisions: valid ones that compute, loop, recurse, grow, trap and ask the host.

use crate::choices::Choices;

const DEPTH_MAX: usize = 8;
const BINARY: [&str; 16] = [
    "i32.add",
    "i32.sub",
    "i32.mul",
    "i32.div_s",
    "i32.div_u",
    "i32.rem_s",
    "i32.rem_u",
    "i32.and",
    "i32.xor",
    "i32.shl",
    "i32.rotr",
    "i32.eq",
    "i32.lt_s",
    "i32.gt_u",
    "i32.le_s",
    "i32.ne",
];
const CONSTANTS: [&str; 10] =
    ["0", "1", "-1", "7", "255", "65536", "2147483647", "-2147483648", "16777216", "4096"];

/// A module with the export `run` of one argument.
pub fn module(choices: &mut Choices<'_>) -> String {
    let pages = choices.of(&["1", "1", "16", "256", "257", "65536"]);
    let entries = choices.of(&["2", "10", "10000", "10001", "4000000000"]);
    let (one, other) = (expression(choices, 0), expression(choices, 0));
    let start = if choices.once_in(6) { "(start $start)" } else { "" };
    let begun = expression(choices, 2);
    format!(
        "(module (import \"crm\" \"answer\" (func $answer (param i32) (result i32))) (memory (export \"memory\") {pages}) \
         (table {entries} funcref) (global $g (mut i32) (i32.const 3)) (type $f (func (param i32) (result i32))) \
         (elem (i32.const 0) $run $other) (func $start (local $x i32) (drop {begun})) {start} \
         (func $run (export \"run\") (param $x i32) (result i32) {one}) (func $other (param $x i32) (result i32) {other}))"
    )
}

fn expression(choices: &mut Choices<'_>, depth: usize) -> String {
    if depth >= DEPTH_MAX || choices.used_up() {
        return "(local.get $x)".to_owned();
    }
    let part = |choices: &mut Choices<'_>| expression(choices, depth + 1);
    match choices.below(18) {
        0 => "(local.get $x)".to_owned(),
        1 => format!("(i32.const {})", choices.of(&CONSTANTS)),
        2 => "(global.get $g)".to_owned(),
        3..=5 => format!("({} {} {})", choices.of(&BINARY), part(choices), part(choices)),
        6 => format!("({} {})", choices.of(&["i32.eqz", "i32.clz", "i32.popcnt", "i32.ctz"]), part(choices)),
        7 => format!("(if (result i32) {} (then {}) (else {}))", part(choices), part(choices), part(choices)),
        8 => format!("(block (result i32) (br_if 0 {} {}))", part(choices), part(choices)),
        9 => format!("(loop $l (result i32) (br_if $l {}) {})", part(choices), part(choices)),
        10 => format!("(call {} {})", choices.of(&["$run", "$other"]), part(choices)),
        11 => format!("(call $answer {})", part(choices)),
        12 => format!("(call_indirect (type $f) {} {})", part(choices), part(choices)),
        13 => format!(
            "({} {})",
            choices.of(&["i32.load", "i32.load8_u", "i32.load offset=4294967295"]),
            part(choices)
        ),
        14 => {
            format!("(block (result i32) (i32.store {} {}) {})", part(choices), part(choices), part(choices))
        }
        15 => format!("(memory.grow {})", part(choices)),
        16 => format!("(block (result i32) (global.set $g {}) (global.get $g))", part(choices)),
        _ => choices
            .of(&[
                "(unreachable)",
                "(memory.size)",
                "(table.size)",
                "(table.grow (ref.null func) (i32.const 5000))",
            ])
            .to_owned(),
    }
}
