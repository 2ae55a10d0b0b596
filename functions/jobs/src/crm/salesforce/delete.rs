//! Deletes by external id, which Salesforce has for one record at a time only: the ids are looked up, then deleted in one
//! call.
//!
//! A record that is not there is deleted already. An external id of several records is refused: which of them is meant
//! nobody can say.

use std::collections::{HashMap, HashSet};

use domain::CrmError;
use domain::decide::RowAnswer;
use serde_json::Value;

use super::client::{Meter, Salesforce};
use super::error::unavailable;
use super::request::Request;
use super::soql::{Literal, found_key, id_queries, number_key, sent_keys};
use crate::crm::{Chunk, CrmFailure, own_code};

/// The record ids that each external id has.
type Found = HashMap<String, Vec<String>>;

/// What is to be done after the lookup.
#[derive(Debug, PartialEq, Eq)]
struct Plan {
    /// Answers that stand already, by the order sent; `None` for a record that is to be deleted.
    rows: Vec<Option<RowAnswer>>,
    /// Ids of the records to delete, in the order sent.
    ids: Vec<String>,
}

impl Salesforce {
    /// Deletes a chunk.
    pub(super) async fn delete(
        &self,
        chunk: &Chunk<'_>,
        meter: &mut Meter,
    ) -> Result<Vec<RowAnswer>, CrmFailure> {
        let values: Vec<&str> =
            chunk.records.iter().map(|record| record.external_id.value.as_str()).collect();
        let found = match self.ids(chunk, &values, Literal::Text, meter).await {
            // A number field refuses quotes. The message says so, in the user's language; one more call tells for sure.
            Err(CrmFailure::Refused(errors)) if about_a_field(&errors) && all_numbers(&values) => {
                self.ids(chunk, &values, Literal::Number, meter).await?
            }
            other => other?,
        };
        let plan = Plan::new(&values, &found, chunk.all_or_none);
        if plan.ids.is_empty() {
            return Ok(plan.answered(Vec::new()));
        }
        let ids: Vec<&str> = plan.ids.iter().map(String::as_str).collect();
        let answer = self.call(&Request::delete(self.version(), &ids, chunk.all_or_none), meter).await?;
        let rows = answer.rows(ids.len())?;
        Ok(plan.answered(rows))
    }

    async fn ids(
        &self,
        chunk: &Chunk<'_>,
        values: &[&str],
        literal: Literal,
        meter: &mut Meter,
    ) -> Result<Found, CrmFailure> {
        let sent: HashSet<String> = values.iter().flat_map(|value| sent_keys(value)).collect();
        let other = Request::query(self.version(), "").target.len();
        let mut found = Found::new();
        for soql in id_queries(chunk.object, chunk.external_id_field, values, literal, other) {
            for record in self.query_all(&soql, meter).await?.records {
                let (key, id) = told_apart(&record, chunk.external_id_field, &sent)?;
                found.entry(key).or_default().push(id);
            }
        }
        Ok(found)
    }
}

/// Which of the external ids that were `sent` a record has, and its id. One that fits none must stop the delete: the
/// record it was found for would pass as one that is not there.
fn told_apart(record: &Value, field: &str, sent: &HashSet<String>) -> Result<(String, String), CrmFailure> {
    let key = member(record, field).and_then(found_key).filter(|key| sent.contains(key));
    let id = member(record, "Id").and_then(Value::as_str);
    match (key, id) {
        (Some(key), Some(id)) => Ok((key, id.to_owned())),
        _ => {
            let what = format!(
                "Salesforce found a record ({}) that has none of the external ids asked for; nothing was deleted, compare \
                 its {field} with the record sent",
                id.unwrap_or("without an id")
            );
            Err(unavailable(own_code::UNEXPECTED_ANSWER, what))
        }
    }
}

/// A record's field: the CRM writes names in their own case, whatever case was asked for.
fn member<'a>(record: &'a Value, name: &str) -> Option<&'a Value> {
    record.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn about_a_field(errors: &[CrmError]) -> bool {
    errors.iter().any(|error| error.code == "INVALID_FIELD")
}

fn all_numbers(values: &[&str]) -> bool {
    values.iter().all(|value| number_key(value.trim()).is_some())
}

impl Plan {
    fn new(values: &[&str], found: &Found, all_or_none: bool) -> Self {
        let mut plan = Self { rows: Vec::with_capacity(values.len()), ids: Vec::new() };
        for value in values {
            let row = match sent_keys(value).find_map(|key| found.get(&key)).map(Vec::as_slice) {
                None | Some([]) => Some(RowAnswer::Done),
                Some([id]) => {
                    plan.ids.push(id.clone());
                    None
                }
                Some(several) => Some(RowAnswer::Refused(vec![several_records(value, several)])),
            };
            plan.rows.push(row);
        }
        let refused = |row: &Option<RowAnswer>| matches!(row, Some(RowAnswer::Refused(_)));
        if all_or_none && plan.rows.iter().any(refused) {
            plan.ids.clear();
            for row in plan.rows.iter_mut().filter(|row| !refused(row)) {
                *row = Some(RowAnswer::Refused(vec![rolled_back()]));
            }
        }
        plan
    }

    /// The answers of the delete call put in the places that are open, in order.
    fn answered(self, deleted: Vec<RowAnswer>) -> Vec<RowAnswer> {
        let mut deleted = deleted.into_iter().map(|row| match row {
            // Somebody else was faster.
            RowAnswer::Refused(errors) if matches!(&errors[..], [one] if one.code == "ENTITY_IS_DELETED") => {
                RowAnswer::Done
            }
            other => other,
        });
        let row = |row: Option<RowAnswer>| {
            row.unwrap_or_else(|| deleted.next().expect("one answer per id is checked where they are read"))
        };
        self.rows.into_iter().map(row).collect()
    }
}

fn several_records(value: &str, ids: &[String]) -> CrmError {
    let some = ids.iter().take(5).map(String::as_str).collect::<Vec<_>>().join(", ");
    let what =
        format!("{} records have the external id {value} ({some}); delete all but one by hand", ids.len());
    CrmError::new("DUPLICATE_EXTERNAL_ID", what, &[])
}

fn rolled_back() -> CrmError {
    let what =
        "not deleted, because another record of the call is refused and all or none were to be deleted";
    CrmError::new("ALL_OR_NONE_OPERATION_ROLLED_BACK", what, &[])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(code: &str) -> RowAnswer {
        RowAnswer::Refused(vec![CrmError::new(code, "m", &[])])
    }

    /// `done`, or the codes.
    fn shown(rows: &[RowAnswer]) -> String {
        let row = |row: &RowAnswer| match row {
            RowAnswer::Done => "done".to_owned(),
            RowAnswer::Refused(errors) => errors.iter().map(|e| e.code.clone()).collect::<Vec<_>>().join("+"),
        };
        rows.iter().map(row).collect::<Vec<_>>().join(" ")
    }

    /// Sends `a B c` where `b` and `C` are there (`c` twice when it is told so), and answers the call with `deleted`.
    fn check(twice: bool, all_or_none: bool, ids: &[&str], deleted: &[RowAnswer], expected: &str) {
        let mut found = Found::from([("b".into(), vec!["001B".into()]), ("c".into(), vec!["001C".into()])]);
        if twice {
            found.entry("c".into()).or_default().push("001D".into());
        }
        let plan = Plan::new(&["a", " B", "c"], &found, all_or_none);
        assert_eq!(plan.ids, ids, "{expected}");
        assert_eq!(shown(&plan.answered(deleted.to_vec())), expected);
    }

    #[test]
    fn each_record_gets_its_own_answer() {
        let done = RowAnswer::Done;
        check(false, false, &["001B", "001C"], &[done.clone(), done.clone()], "done done done");
        check(false, true, &["001B", "001C"], &[refused("X"), refused("Y")], "done X Y");
        check(false, false, &["001B", "001C"], &[refused("ENTITY_IS_DELETED"), refused("Y")], "done done Y");
        check(false, false, &["001B", "001C"], &[RowAnswer::Refused(vec![]), done.clone()], "done  done");
        check(true, false, &["001B"], &[done], "done done DUPLICATE_EXTERNAL_ID");
        let rolled_back = "ALL_OR_NONE_OPERATION_ROLLED_BACK";
        check(true, true, &[], &[], &format!("{rolled_back} {rolled_back} DUPLICATE_EXTERNAL_ID"));
    }

    #[test]
    fn an_external_id_of_several_records_names_them() {
        let ids: Vec<String> = (1..=7).map(|n| format!("00{n}")).collect();
        assert_eq!(
            several_records("A-1", &ids).message,
            "7 records have the external id A-1 (001, 002, 003, 004, 005); delete all but one by hand"
        );
    }

    #[test]
    fn a_field_is_found_in_any_case() {
        let record = json!({"attributes": {}, "Id": "001", "Ext__c": "x"});
        assert_eq!(member(&record, "EXT__C"), Some(&json!("x")));
        assert_eq!(member(&record, "id"), Some(&json!("001")));
        assert_eq!(member(&record, "Other"), None);
    }

    #[test]
    fn only_numbers_are_asked_for_as_numbers() {
        assert!(all_numbers(&["1", " 2.5 ", "-3"]));
        assert!(!all_numbers(&["1", "2 OR Id != null"]));
    }
}
