//! What the cells of a CSV row mean: the header's columns, and the record that a row makes.

use domain::name::check_api_name;
use domain::record::RecordProblem;
use domain::{ExternalId, Operation, Record};
use serde_json::{Map, Value, json};

use super::file::CsvOptions;
use super::problem::LineProblem;
use super::types::FieldTypes;

/// What a cell holds to set a field to null.
const NULL: &str = "#N/A";

/// One column.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Column {
    /// A field of the record.
    Field(String),
    /// A field that finds the parent: `Account.Ext__c`.
    Parent { relationship: String, field: String },
    /// The record's external id.
    ExternalId,
}

/// A header that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    options: CsvOptions,
    columns: Vec<Column>,
}

impl Header {
    /// Reads the header row.
    ///
    /// # Errors
    /// Every problem with it, in the order of its columns.
    pub(crate) fn read(cells: &[String], options: &CsvOptions) -> Result<Self, Vec<LineProblem>> {
        let mut problems = Vec::new();
        let mut columns: Vec<Column> = Vec::new();
        for (index, name) in cells.iter().enumerate() {
            match column(index + 1, name.trim(), &options.external_id) {
                Ok(column) => match clash(&columns, &column, name.trim()) {
                    Some(problem) => problems.push(problem),
                    None => columns.push(column),
                },
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() && !columns.contains(&Column::ExternalId) {
            problems.push(LineProblem::NoExternalIdColumn(
                options.external_id.clone(),
                shortened(&cells.join(", ")),
            ));
        }
        if problems.is_empty() { Ok(Self { options: options.clone(), columns }) } else { Err(problems) }
    }

    /// The record that a row makes.
    pub(crate) fn record(
        &self,
        cells: Vec<String>,
        source: String,
        types: &FieldTypes,
    ) -> Result<Record, LineProblem> {
        if cells.len() != self.columns.len() {
            return Err(LineProblem::Cells { found: cells.len(), expected: self.columns.len() });
        }
        let mut fields = Map::new();
        let mut external_id = String::new();
        for (column, cell) in self.columns.iter().zip(cells) {
            match column {
                Column::ExternalId => external_id = cell,
                _ if cell.is_empty() => {}
                Column::Field(name) if cell == NULL => drop(fields.insert(name.clone(), Value::Null)),
                Column::Field(name) => drop(fields.insert(name.clone(), types.value(name, &cell))),
                Column::Parent { relationship, .. } if cell == NULL => {
                    fields.insert(types.lookup(relationship), Value::Null);
                }
                Column::Parent { relationship, field } => {
                    fields.insert(relationship.clone(), json!({ field: cell }));
                }
            }
        }
        if external_id.trim().is_empty() || external_id == NULL {
            return Err(LineProblem::NoExternalId(self.options.external_id.clone()));
        }
        Ok(Record {
            object: self.options.object.clone(),
            external_id: ExternalId { field: self.options.external_id.clone(), value: external_id },
            operation: Operation::Upsert,
            fields,
            source: Some(source),
            problem: None,
        })
    }
}

fn column(number: usize, name: &str, external_id: &str) -> Result<Column, LineProblem> {
    if name.is_empty() {
        return Err(LineProblem::HeaderEmpty(number));
    }
    if name.eq_ignore_ascii_case(external_id) {
        return Ok(Column::ExternalId);
    }
    let (relationship, field) = match name.split_once('.') {
        Some((relationship, field)) => (Some(relationship), field),
        None => (None, name),
    };
    let fits = |name: &str| check_api_name("field", name).is_ok();
    if !fits(field) || !relationship.is_none_or(fits) {
        let hint = match name {
            _ if name.contains(';') || name.contains('\t') => "; separate cells by commas",
            _ => "; use API names such as LastName, Score__c or Account.Ext__c",
        };
        return Err(LineProblem::HeaderName { column: number, name: shortened(name), hint });
    }
    Ok(match relationship {
        Some(relationship) => {
            Column::Parent { relationship: relationship.to_owned(), field: field.to_owned() }
        }
        None => Column::Field(field.to_owned()),
    })
}

/// The problem of a column that does not go with those before it.
fn clash(columns: &[Column], column: &Column, name: &str) -> Option<LineProblem> {
    columns.iter().find_map(|before| match (before, column) {
        (Column::ExternalId, Column::ExternalId) => Some(LineProblem::HeaderTwice(name.to_owned())),
        (Column::Field(a), Column::Field(b)) if a.eq_ignore_ascii_case(b) => {
            Some(LineProblem::HeaderTwice(name.to_owned()))
        }
        (Column::Parent { relationship: a, field: x }, Column::Parent { relationship: b, field: y })
            if a.eq_ignore_ascii_case(b) =>
        {
            let same = x.eq_ignore_ascii_case(y);
            Some(if same {
                LineProblem::HeaderTwice(name.to_owned())
            } else {
                LineProblem::ParentTwice(b.clone())
            })
        }
        _ => None,
    })
}

/// Enough of a text to recognise it.
fn shortened(text: &str) -> String {
    const MOST: usize = 200;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars().take(MOST).chain("...".chars()).collect()
}

/// What the domain would say of the object's and the external id field's name, checked before a file is read.
pub(crate) fn check_options(options: &CsvOptions) -> Result<(), RecordProblem> {
    let check = |member: &str, what, name: &str| {
        check_api_name(what, name)
            .map_err(|error| RecordProblem { member: member.to_owned(), reason: error.to_string() })
    };
    check("--object", "object", &options.object)?;
    check("--external-id", "external id field", &options.external_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> CsvOptions {
        CsvOptions { object: "Contact".into(), external_id: "Ext__c".into() }
    }

    fn cells(row: &str) -> Vec<String> {
        row.split(',').map(str::to_owned).collect()
    }

    fn check_header(row: &str, expected: &[&str]) {
        let problems = Header::read(&cells(row), &options()).expect_err("problems");
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(problems, expected, "{row}");
    }

    #[test]
    fn wrong_headers_are_told() {
        check_header(
            "Ext__c,LastName,lastname",
            &["the header names lastname twice; remove one of the columns"],
        );
        check_header("Ext__c,ext__c", &["the header names ext__c twice; remove one of the columns"]);
        check_header(
            "Ext__c,,LastName",
            &["column 2 of the header is empty; name its field or remove the column"],
        );
        check_header(
            "Ext__c,Last Name",
            &[
                "column 2 of the header, `Last Name`, is no field name; use API names such as LastName, Score__c or \
                 Account.Ext__c",
            ],
        );
        check_header(
            "Ext__c;LastName",
            &["column 1 of the header, `Ext__c;LastName`, is no field name; separate cells by commas"],
        );
        check_header(
            "Ext__c,Account.A__c,account.B__c",
            &[
                "the header gives the parent account by two fields; one external id finds a parent, remove the other column",
            ],
        );
        check_header("LastName", &["the header has no column Ext__c (--external-id); it has LastName"]);
    }

    fn check_row(row: &str, expected: Result<Value, &str>) {
        let header =
            Header::read(&cells("Ext__c,LastName,Account.Ext__c,Score__c"), &options()).expect("a header");
        let mut types = FieldTypes::default();
        types.number("Score__c");
        let read = header.record(cells(row), "a.csv:2".to_owned(), &types);
        let read = read.map(|record| serde_json::to_value(record).expect("json")["fields"].clone());
        assert_eq!(read.map_err(|problem| problem.to_string()), expected.map_err(str::to_owned), "{row}");
    }

    #[test]
    fn rows_make_records() {
        check_row(
            "1,Doe,A-1,4.0",
            Ok(json!({"LastName": "Doe", "Account": {"Ext__c": "A-1"}, "Score__c": 4.0})
                .to_string()
                .parse()
                .expect("json")),
        );
        check_row("1,,,", Ok(json!({})));
        check_row("1,#N/A,#N/A,#N/A", Ok(json!({"LastName": null, "AccountId": null, "Score__c": null})));
        check_row(
            "1,Doe,A-1",
            Err(
                "the row has 3 cells, the header has 4; leave a cell empty where there is no value, and close every quote",
            ),
        );
        check_row(
            "1,Doe,A-1,1,000",
            Err("the row has 5 cells, the header has 4; put a cell that contains a comma in quotes"),
        );
        for row in [" ,Doe,,", ",Doe,,", "#N/A,Doe,,"] {
            check_row(
                row,
                Err(
                    "the external id (Ext__c) is empty: without it a repeated write would make a second record",
                ),
            );
        }
    }

    #[test]
    fn options_are_checked() {
        let check = |object: &str, field: &str| {
            let options = CsvOptions { object: object.into(), external_id: field.into() };
            check_options(&options).map_err(|problem| problem.to_string())
        };
        assert_eq!(check("Contact", "Ext__c"), Ok(()));
        assert!(
            check("Con tact", "Ext__c").expect_err("a blank").starts_with("--object: read the object name")
        );
        assert!(
            check("Contact", "1").expect_err("a digit").starts_with("--external-id: read the external id")
        );
    }
}
