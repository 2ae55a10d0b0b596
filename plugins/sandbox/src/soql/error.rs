//! What can be wrong with a query, in Salesforce's words.
//!
//! The texts are Salesforce's own, capital letters included, because clients and people compare them. What a query
//! cannot cause (a broken database) is [`Failure`]'s.

use thiserror::Error;

use crate::error::ApiError;
use crate::store::StoreError;

/// A refused query.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{kind}")]
pub struct QueryError {
    /// What is wrong.
    pub kind: QueryErrorKind,
    /// Byte offset of the culprit in the query; `None` when the message points nowhere.
    pub at: Option<usize>,
}

/// Kinds of refusal. Public sightings of these texts are rare for the last ones; the sandbox then says what a person
/// needs to know.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum QueryErrorKind {
    /// The grammar does not allow this token here.
    #[error("unexpected token: '{0}'")]
    UnexpectedToken(String),
    /// A parenthesis is not closed.
    #[error("expecting a right parentheses, found '{0}'")]
    MissingParenthesis(String),
    /// The closing quote is missing; holds the row and the 0-based column where the query ends.
    #[error("line {row}:{column} mismatched character '<EOF>' expecting '''")]
    OpenText {
        /// 1-based.
        row: usize,
        /// 0-based, as the message has it.
        column: usize,
    },
    /// A backslash before a character that has no escape.
    #[error("Invalid string literal. Illegal character sequence '{0}' in string literal.")]
    BadEscape(String),
    /// A bare date that is none.
    #[error("Invalid date: {0}")]
    BadDate(String),
    /// `:name`.
    #[error("Bind variables only allowed in Apex code")]
    BindVariable,
    /// `SELECT Name n FROM Account`.
    #[error("only aggregate expressions use field aliasing")]
    FieldAlias,
    /// Two columns of an aggregate query have one name.
    #[error("duplicate alias: {0}")]
    DuplicateAlias(String),
    /// One field is selected twice.
    #[error("duplicate field selected: {0}")]
    DuplicateField(String),
    /// A plain field beside aggregates.
    #[error("Field must be grouped or aggregated: {0}")]
    NotGrouped(String),
    /// `FIELDS(ALL)` or `FIELDS(CUSTOM)` without a limit of at most 200.
    #[error("The SOQL FIELDS function must have a LIMIT of at most 200")]
    FieldsWithoutLimit,
    /// A part of SOQL that the sandbox does not have.
    #[error("the sandbox does not understand {0}; Salesforce does")]
    NotInSandbox(String),
    /// Other misuse of the grammar.
    #[error("{0}")]
    Misuse(String),
    /// An object that does not exist, or that the user may not read.
    #[error(
        "sObject type '{0}' is not supported. If you are attempting to use a custom object, be sure to append the \
         '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names."
    )]
    UnknownObject(String),
    /// A field that does not exist, or that field-level security hides.
    #[error(
        "No such column '{field}' on entity '{object}'. If you are attempting to use a custom field, be sure to \
         append the '__c' after the custom field name. Please reference your WSDL or the describe call for the \
         appropriate names."
    )]
    UnknownField {
        /// As the query spells it.
        field: String,
        /// As the metadata spells it.
        object: String,
    },
    /// The dotted path goes through no relationship.
    #[error(
        "Didn't understand relationship '{0}' in field path. If you are attempting to use a custom relationship, be \
         sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe \
         call for the appropriate names."
    )]
    UnknownRelationship(String),
    /// The subquery names no child relationship.
    #[error(
        "Didn't understand relationship '{0}' in FROM part of query call. If you are attempting to use a custom \
         relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL \
         or the describe call for the appropriate names."
    )]
    UnknownChildren(String),
    /// The literal does not fit the field.
    #[error("value of filter criterion for field '{field}' must be of type {wanted}")]
    WrongType {
        /// As the query spells it.
        field: String,
        /// `double and should not be enclosed in quotes`.
        wanted: &'static str,
    },
    /// The field cannot be used there: `filtered`, `sorted`, `grouped`.
    #[error("field '{field}' can not be {used} in a query call")]
    Unusable {
        /// As the query spells it.
        field: String,
        /// Past participle of what was tried.
        used: &'static str,
    },
    /// A record id that is none.
    #[error("invalid ID field: {0}")]
    BadId(String),
    /// An operator that the field's type does not have.
    #[error("invalid operator")]
    BadOperator,
    /// `OFFSET` above 2,000.
    #[error("Maximum SOQL offset allowed is 2000")]
    OffsetTooLarge,
    /// `query/01g...` of a query that is not kept.
    #[error("invalid query locator")]
    BadLocator,
}

impl QueryErrorKind {
    /// Salesforce's error code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownObject(_) | Self::UnknownChildren(_) => "INVALID_TYPE",
            Self::UnknownField { .. }
            | Self::UnknownRelationship(_)
            | Self::WrongType { .. }
            | Self::DuplicateField(_)
            | Self::Unusable { .. } => "INVALID_FIELD",
            Self::BadId(_) | Self::BadOperator => "INVALID_QUERY_FILTER_OPERATOR",
            Self::OffsetTooLarge => "NUMBER_OUTSIDE_VALID_RANGE",
            Self::BadLocator => "INVALID_QUERY_LOCATOR",
            _ => "MALFORMED_QUERY",
        }
    }

    /// The error at this byte offset of the query.
    pub fn at(self, at: usize) -> QueryError {
        QueryError { kind: self, at: Some(at) }
    }
}

impl From<QueryErrorKind> for QueryError {
    fn from(kind: QueryErrorKind) -> Self {
        Self { kind, at: None }
    }
}

impl QueryError {
    /// The whole message: an excerpt of the query, a marker below the culprit, its place, and what is wrong.
    pub fn message(&self, soql: &str) -> String {
        let Some(at) = self.at else { return self.kind.to_string() };
        let (row, column) = place(soql, at);
        let (excerpt, marker) = excerpt(soql, at);
        format!("\n{excerpt}\n{}^\nERROR at Row:{row}:Column:{column}\n{}", " ".repeat(marker), self.kind)
    }
}

/// Why a query has no answer.
#[derive(Debug, Error)]
pub enum Failure {
    /// It is refused.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It is refused for its size.
    #[error("{}", .0.to_json())]
    Api(ApiError),
}

impl From<QueryErrorKind> for Failure {
    fn from(kind: QueryErrorKind) -> Self {
        Failure::Query(kind.into())
    }
}

impl Failure {
    /// What the client is told about its query.
    pub fn answer(self, soql: &str) -> ApiError {
        match self {
            Failure::Query(error) => ApiError::new(400, error.kind.code(), error.message(soql)),
            Failure::Store(error) => error.into(),
            Failure::Api(error) => error,
        }
    }
}

/// 1-based row and column of a byte offset.
pub fn place(soql: &str, at: usize) -> (usize, usize) {
    let before = soql.get(..at).unwrap_or(soql);
    let row = before.matches('\n').count() + 1;
    let line = before.rsplit('\n').next().unwrap_or(before);
    (row, line.chars().count() + 1)
}

/// How much of the query is shown on each side of the culprit, in characters, before it is widened to whole words.
/// Inferred from messages people posted; Salesforce does not document it.
const SHOWN: usize = 30;

/// The words around the culprit in its line, and how many characters of them come before it.
fn excerpt(soql: &str, at: usize) -> (String, usize) {
    let at = at.min(soql.len());
    let start = soql[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let end = soql[at..].find('\n').map_or(soql.len(), |newline| at + newline);
    let separator = |character: &char| character.is_whitespace() || *character == ',';
    let mut before: Vec<char> = soql[start..at]
        .chars()
        .rev()
        .enumerate()
        .map_while(|(index, character)| (index < SHOWN || !separator(&character)).then_some(character))
        .collect();
    before.reverse();
    let after = soql[at..end]
        .chars()
        .enumerate()
        .map_while(|(index, character)| (index < SHOWN || !separator(&character)).then_some(character));
    (before.iter().copied().chain(after).collect(), before.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown(field: &str, object: &str) -> QueryErrorKind {
        QueryErrorKind::UnknownField { field: field.into(), object: object.into() }
    }

    #[test]
    fn the_message_points_at_the_culprit() {
        let soql = "SELECT Idd FROM Account";
        assert_eq!(
            unknown("Idd", "Account").at(7).message(soql),
            "\nSELECT Idd FROM Account\n       ^\nERROR at Row:1:Column:8\nNo such column 'Idd' on entity 'Account'. If \
             you are attempting to use a custom field, be sure to append the '__c' after the custom field name. \
             Please reference your WSDL or the describe call for the appropriate names."
        );
    }

    fn check(soql: &str, culprit: &str, shown: &str, row: usize, column: usize) {
        let at = soql.find(culprit).expect("the culprit is in the query");
        let message = QueryErrorKind::UnexpectedToken(culprit.into()).at(at).message(soql);
        let marker = " ".repeat(shown.find(culprit).expect("the culprit is shown"));
        let expected = format!(
            "\n{shown}\n{marker}^\nERROR at Row:{row}:Column:{column}\nunexpected token: '{culprit}'"
        );
        assert_eq!(message, expected, "{soql}");
    }

    #[test]
    fn long_queries_are_shown_in_part() {
        check(
            "SELECT Id, ApiName, Status FROM FlowDefinition WHERE ApiName IN ('A','B')",
            "ApiName",
            "SELECT Id, ApiName, Status FROM FlowDefinition",
            1,
            12,
        );
        check(
            "SELECT Id,CreatedById,OCE__ActualCap__c,TPI_Product__c,Name,OCE__JobId__c,Foo__c FROM X__c",
            "TPI_Product__c",
            "CreatedById,OCE__ActualCap__c,TPI_Product__c,Name,OCE__JobId__c",
            1,
            41,
        );
        check("SELECT Id\nFROM Account\nWHERE Foo = 1", "Foo", "WHERE Foo = 1", 3, 7);
    }
}
