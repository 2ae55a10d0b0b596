//! A query as it was written: names unresolved, literals untyped.
//!
//! Every name and literal keeps its byte offset, so that [`super::error`] can point at it.

/// `SELECT ... FROM ...`, the whole query, a child subquery or a semi-join.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// What is selected; empty for `COUNT()`.
    pub select: Vec<SelectItem>,
    /// `SELECT COUNT()`.
    pub count_only: bool,
    /// Object (or child relationship) and alias.
    pub from: From,
    /// `WHERE`.
    pub condition: Option<Condition>,
    /// `GROUP BY`.
    pub group_by: Vec<Path>,
    /// `HAVING`.
    pub having: Option<Condition>,
    /// `ORDER BY`.
    pub order_by: Vec<Order>,
    /// `LIMIT`, in rows.
    pub limit: Option<u64>,
    /// `OFFSET`, in rows, with its place.
    pub offset: Option<(u64, usize)>,
    /// `ALL ROWS`: deleted rows too.
    pub all_rows: bool,
}

/// `FROM Account a`.
#[derive(Debug, Clone, PartialEq)]
pub struct From {
    /// As written.
    pub name: String,
    /// As written.
    pub alias: Option<String>,
    /// Byte offset of the name.
    pub at: usize,
}

/// `Account.Owner.Name`.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// At least one name.
    pub parts: Vec<String>,
    /// Byte offset of the first name.
    pub at: usize,
}

impl Path {
    /// As written.
    pub fn text(&self) -> String {
        self.parts.join(".")
    }
}

/// One item of the select list.
#[derive(Debug, Clone, PartialEq)]
pub enum SelectItem {
    /// A field; only grouped fields may have an alias.
    Field {
        /// Which.
        path: Path,
        /// Column name in an aggregate answer.
        alias: Option<String>,
    },
    /// `SUM(Amount) total`.
    Aggregate {
        /// What is computed.
        call: AggregateCall,
        /// Column name; `expr0`, `expr1`, ... without one.
        alias: Option<String>,
    },
    /// `FIELDS(ALL)`.
    Fields {
        /// Which ones.
        set: FieldSet,
        /// Byte offset.
        at: usize,
    },
    /// `(SELECT Id FROM Contacts)`.
    Children(Box<Query>),
}

/// What `FIELDS(...)` stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldSet {
    /// Every field.
    All,
    /// Fields of Salesforce.
    Standard,
    /// Fields of the org.
    Custom,
}

/// `COUNT(Id)`.
#[derive(Debug, Clone, PartialEq)]
pub struct AggregateCall {
    /// Which function.
    pub function: Aggregate,
    /// Over which field.
    pub path: Path,
}

/// Aggregate functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregate {
    /// Rows whose field has a value.
    Count,
    /// Different values.
    CountDistinct,
    /// Sum of the values.
    Sum,
    /// Sum over count.
    Avg,
    /// Smallest value.
    Min,
    /// Largest value.
    Max,
}

/// Left side of a comparison, or what is sorted by.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// A field (or, in `HAVING` and `ORDER BY`, an alias).
    Path(Path),
    /// In `HAVING` and `ORDER BY` of an aggregate query.
    Aggregate(AggregateCall),
}

impl Operand {
    /// Byte offset.
    pub fn at(&self) -> usize {
        match self {
            Self::Path(path) => path.at,
            Self::Aggregate(call) => call.path.at,
        }
    }
}

/// `WHERE` and `HAVING`.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// All hold.
    And(Vec<Condition>),
    /// One holds.
    Or(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
    /// `Score__c >= 5`.
    Compare {
        /// Left side.
        operand: Operand,
        /// Between.
        operator: Operator,
        /// Right side.
        value: Literal,
    },
    /// `Name IN ('a','b')`.
    In {
        /// Left side.
        operand: Operand,
        /// `NOT IN`.
        negated: bool,
        /// The list.
        values: Vec<Literal>,
    },
    /// `Id IN (SELECT AccountId FROM Contact)`.
    SemiJoin {
        /// Left side.
        operand: Operand,
        /// `NOT IN`.
        negated: bool,
        /// Selects one field.
        query: Box<Query>,
    },
    /// `Channels__c INCLUDES ('a;b','c')`.
    Includes {
        /// A multi-select picklist.
        operand: Operand,
        /// `EXCLUDES`.
        negated: bool,
        /// Texts; `;` inside one means "and".
        values: Vec<Literal>,
    },
}

/// Comparison operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `=`
    Equal,
    /// `!=` or `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `LIKE`; the text keeps a backslash before `%`, `_` and `\` that are meant literally.
    Like,
}

/// A value of the query.
#[derive(Debug, Clone, PartialEq)]
pub struct Literal {
    /// What it is.
    pub value: LiteralValue,
    /// Byte offset.
    pub at: usize,
}

/// Kinds of value.
#[derive(Debug, Clone, PartialEq)]
pub enum LiteralValue {
    /// In quotes, escapes resolved.
    Text(String),
    /// Digits as written.
    Number(String),
    /// `TRUE`, `FALSE`.
    Boolean(bool),
    /// `NULL`.
    Null,
    /// `2026-11-23`.
    Date(time::Date),
    /// `2026-11-23T10:00:00Z`.
    DateTime(time::OffsetDateTime),
    /// `TODAY`, `LAST_N_DAYS:3`.
    Period(super::literal::Period),
}

/// `ORDER BY` item.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// By what.
    pub operand: Operand,
    /// `DESC`.
    pub descending: bool,
    /// `NULLS LAST`; first is the default in both directions.
    pub nulls_last: bool,
}
