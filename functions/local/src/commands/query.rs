//! `query`: asks the CRM that records are exported to. Runs no job and needs no lock.

use std::sync::Arc;

use jobs::clock::SystemClock;
use serde_json::json;

use crate::connect::{ConnectError, Connection};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::queue::Queue;
use crate::report::query_table;
use crate::session::Context;

/// Runs a query.
pub(super) async fn run(context: &Context, soql: &str) -> Result<Exit, Failure> {
    let db = context.db();
    let queue = if db.exists() { Some(Queue::open_read_only(db)?) } else { None };
    let target = context.target(queue.as_ref())?;
    let connection = Connection::open(&target, db, &context.environment, Arc::new(SystemClock)).await?;
    let answer = connection.crm.query(soql).await;
    connection.close().await;
    let answer = answer.map_err(ConnectError::from)?;
    if context.global.json {
        output::json(&json!({ "totalSize": answer.total_size, "records": answer.records }));
    } else {
        output::answer(&query_table(answer.total_size, &answer.records, output::width()));
    }
    Ok(Exit::Done)
}
