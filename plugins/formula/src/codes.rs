//! Every diagnostic's number. A number is never used again for something else, so that documentation stays true.

use std::fmt;

/// A diagnostic's number with its short meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code {
    /// `F` and three digits: 0xx text, 1xx syntax, 2xx names, 3xx types, 4xx use, 9xx evaluation.
    pub number: &'static str,
    /// What it means, in a few words.
    pub meaning: &'static str,
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.number)
    }
}

const fn code(number: &'static str, meaning: &'static str) -> Code {
    Code { number, meaning }
}

/// The formula is longer than allowed.
pub const TOO_LONG: Code = code("F001", "the formula is too long");
/// A character that no formula has.
pub const BAD_CHARACTER: Code = code("F002", "an unexpected character");
/// A string without its closing quote.
pub const OPEN_STRING: Code = code("F003", "a string is not closed");
/// A comment without its end.
pub const OPEN_COMMENT: Code = code("F004", "a comment is not closed");
/// A merge field without its `}`.
pub const OPEN_MERGE_FIELD: Code = code("F005", "a merge field is not closed");
/// There is no formula.
pub const EMPTY: Code = code("F006", "the formula is empty");
/// An operand is missing.
pub const EXPRESSION_EXPECTED: Code = code("F101", "an expression is expected");
/// Two operands without an operator between them.
pub const OPERATOR_EXPECTED: Code = code("F102", "an operator is expected");
/// An opening parenthesis without its partner.
pub const OPEN_PARENTHESIS: Code = code("F103", "a parenthesis is not closed");
/// A closing parenthesis without its partner.
pub const STRAY_PARENTHESIS: Code = code("F104", "a parenthesis too many");
/// A comma outside a function's arguments.
pub const STRAY_COMMA: Code = code("F105", "a comma outside a function");
/// No function has this name.
pub const UNKNOWN_FUNCTION: Code = code("F201", "no such function");
/// No field has this name.
pub const UNKNOWN_FIELD: Code = code("F202", "no such field");
/// Too few or too many arguments.
pub const ARGUMENT_COUNT: Code = code("F301", "a wrong number of arguments");
/// An argument or operand of the wrong type.
pub const WRONG_TYPE: Code = code("F302", "a wrong type");
/// Two values that cannot be of one type.
pub const TYPES_DIFFER: Code = code("F303", "types that do not go together");
/// A picklist where only ISPICKVAL, CASE or TEXT may stand.
pub const PICKLIST_USE: Code = code("F304", "a picklist is used directly");
/// The result does not fit the field or the rule.
pub const RESULT_TYPE: Code = code("F305", "the result has the wrong type");
/// A literal is required.
pub const LITERAL_REQUIRED: Code = code("F306", "a literal is required");
/// A field of the record itself is required.
pub const FIELD_REQUIRED: Code = code("F307", "a field of the record is required");
/// A function that is not available in this kind of formula.
pub const NOT_AVAILABLE: Code = code("F401", "not available in this kind of formula");
/// A literal regular expression that cannot be compiled.
pub const BAD_PATTERN: Code = code("F402", "the regular expression is not valid");
/// A literal that can never be right.
pub const BAD_LITERAL: Code = code("F403", "the literal is not valid here");

/// Every code above, for the documentation and the test that no number is used twice.
pub const ALL: [Code; 23] = [
    TOO_LONG,
    BAD_CHARACTER,
    OPEN_STRING,
    OPEN_COMMENT,
    OPEN_MERGE_FIELD,
    EMPTY,
    EXPRESSION_EXPECTED,
    OPERATOR_EXPECTED,
    OPEN_PARENTHESIS,
    STRAY_PARENTHESIS,
    STRAY_COMMA,
    UNKNOWN_FUNCTION,
    UNKNOWN_FIELD,
    ARGUMENT_COUNT,
    WRONG_TYPE,
    TYPES_DIFFER,
    PICKLIST_USE,
    RESULT_TYPE,
    LITERAL_REQUIRED,
    FIELD_REQUIRED,
    NOT_AVAILABLE,
    BAD_PATTERN,
    BAD_LITERAL,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn no_number_is_used_twice() {
        let numbers: BTreeSet<&str> = super::ALL.iter().map(|code| code.number).collect();
        assert_eq!(numbers.len(), super::ALL.len());
    }
}
