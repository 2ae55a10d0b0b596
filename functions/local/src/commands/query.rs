//! `query`: asks the CRM that records are exported to. Runs no job and needs no lock.

use std::sync::Arc;

use jobs::clock::SystemClock;
use serde_json::json;

use crate::connect::{ConnectError, Connection};
use crate::context::{Context, Place};
use crate::deployed::Deployment;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::queue::{Queue, Target};
use crate::report::query_table;

/// Runs a query.
pub(super) async fn run(context: &Context, soql: &str) -> Result<Exit, Failure> {
    let db = context.db();
    let target = match &context.place {
        Place::Table(deployment) => of_deployment(context, deployment)?,
        Place::File => {
            let queue = if db.exists() { Some(Queue::open_read_only(db)?) } else { None };
            context.target(queue.as_ref())?
        }
    };
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

/// The CRM that a person names: a stack's credentials stay with its functions and jobs.
fn of_deployment(context: &Context, deployment: &Deployment) -> Result<Target, Failure> {
    let example = deployment.login_url().unwrap_or("URL");
    context.asked_target()?.ok_or_else(|| {
        Failure::Usage(format!(
            "query the CRM of a stack: its own credentials serve its jobs alone; give --crm {example} and yours in \
             CRM_EXPORT_CLIENT_ID and the like"
        ))
    })
}
