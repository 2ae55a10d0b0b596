//! What emitted code imports from module `crm`. Everything is an i32: handles of values, numbers of sites and records.

/// A function that emitted code imports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Import {
    /// Its name in module `crm`.
    pub name: &'static str,
    /// How many i32 it takes; it gives one.
    pub arguments: usize,
}

/// What formulas import, in the order of the index space.
pub const IMPORTS: &[Import] = &[
    import("start", 0),
    import("field", 2),
    import("event", 2),
    import("call0", 1),
    import("call1", 2),
    import("call2", 3),
    import("call3", 4),
    import("call4", 5),
    import("push", 1),
    import("call_many", 2),
    import("condition", 1),
    import("join", 2),
    import("is_error", 1),
];

const fn import(name: &'static str, arguments: usize) -> Import {
    Import { name, arguments }
}

/// A formula begins: the work is counted anew. () -> 0
pub(crate) const START: usize = 0;
/// A field's value. (record, site) -> handle
pub(crate) const FIELD: usize = 1;
/// ISNEW, ISCLONE, ISCHANGED, PRIORVALUE. (record, site) -> handle
pub(crate) const EVENT: usize = 2;
/// An operator or a function of up to four arguments: `CALL + count`. (handles ..., site) -> handle
pub(crate) const CALL: usize = 3;
/// The most arguments that are given directly.
pub(crate) const CALL_ARGUMENTS_MAX: usize = 4;
/// One of many arguments. (handle) -> 0
pub(crate) const PUSH: usize = 8;
/// A function of the arguments that were pushed last. (count, site) -> handle
pub(crate) const CALL_MANY: usize = 9;
/// What a condition gives that is neither TRUE, FALSE nor null. (handle) -> handle
pub(crate) const CONDITION: usize = 10;
/// AND or OR meets such a condition. (result so far, handle) -> the result so far, or `!handle` when it ends there
pub(crate) const JOIN: usize = 11;
/// Whether it is an error. (handle) -> 0 or 1
pub(crate) const IS_ERROR: usize = 12;

/// FALSE's handle.
pub const FALSE: i32 = 0;
/// TRUE's handle.
pub const TRUE: i32 = 1;
/// Null's handle.
pub const NULL: i32 = 2;
/// The first handle of other values, errors and unknowns; literals come first.
pub const FIRST: i32 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_list() {
        let check = |import: usize, name: &str, arguments: usize| {
            assert_eq!(IMPORTS[import], Import { name: IMPORTS[import].name, arguments });
            assert_eq!(IMPORTS[import].name, name);
        };
        check(START, "start", 0);
        check(FIELD, "field", 2);
        check(EVENT, "event", 2);
        check(CALL, "call0", 1);
        check(CALL + CALL_ARGUMENTS_MAX, "call4", CALL_ARGUMENTS_MAX + 1);
        check(PUSH, "push", 1);
        check(CALL_MANY, "call_many", 2);
        check(CONDITION, "condition", 1);
        check(JOIN, "join", 2);
        check(IS_ERROR, "is_error", 1);
    }
}
