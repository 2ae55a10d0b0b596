//! What a client may ask: a query, read to its last page, and what an object is.

use serde::Deserialize;
use serde_json::Value;

use super::client::{Meter, Salesforce};
use super::error::{QueryError, unavailable};
use super::request::Request;
use crate::crm::{CrmFailure, own_code};

/// Everything that a query found.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryResult {
    /// How many records the CRM counts; for `SELECT COUNT()` the answer itself.
    pub total_size: u64,
    /// The records as the CRM wrote them, `attributes` included.
    pub records: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    total_size: u64,
    done: bool,
    next_records_url: Option<String>,
    records: Vec<Value>,
}

impl Salesforce {
    /// Runs a SOQL query and reads all its pages (one API call each) into memory. The query goes out in the URL: at most
    /// about 12,000 bytes, encoded.
    ///
    /// # Errors
    /// The CRM refused the query or is unavailable.
    pub async fn query(&self, soql: &str) -> Result<QueryResult, QueryError> {
        Ok(self.query_all(soql, &mut Meter::default()).await?)
    }

    /// Describes an object, as the CRM writes it: `{"name", "fields": [{"name", "type", "relationshipName", ...}], ...}`. One
    /// API call.
    ///
    /// # Errors
    /// The CRM does not know the object, the user may not see it, or the CRM is unavailable.
    pub async fn describe(&self, object: &str) -> Result<Value, QueryError> {
        let answer = self.call(&Request::describe(self.version(), object), &mut Meter::default()).await?;
        Ok(answer.json()?)
    }

    /// A query, its calls counted.
    pub(super) async fn query_all(&self, soql: &str, meter: &mut Meter) -> Result<QueryResult, CrmFailure> {
        let mut request = Request::query(self.version(), soql);
        let mut records = Vec::new();
        loop {
            let answer = self.call(&request, meter).await?;
            let page: Page = answer.json()?;
            let empty = page.records.is_empty();
            records.extend(page.records);
            if page.done {
                return Ok(QueryResult { total_size: page.total_size, records });
            }
            // Pages that never end would be read for ever.
            let endless = empty || u64::try_from(records.len()).is_ok_and(|read| read >= page.total_size);
            request = match page.next_records_url {
                Some(next) if next.starts_with("/services/") && !endless => Request::next_page(&next),
                _ => return Err(no_next_page(&answer.from)),
            };
        }
    }
}

fn no_next_page(from: &str) -> CrmFailure {
    let what = format!("{from} answered a page of a query that is not the last and names no usable next one");
    unavailable(own_code::UNEXPECTED_ANSWER, what)
}
