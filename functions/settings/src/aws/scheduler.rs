//! The daily retry's schedule in EventBridge Scheduler. An update replaces a schedule as a whole, so everything that is not
//! its hour and zone is read first and written back as it was.

use async_trait::async_trait;
use aws_sdk_scheduler::Client;
use aws_sdk_scheduler::error::DisplayErrorContext;

use crate::api::{RetrySchedule, SeamError};

/// One schedule.
#[derive(Debug, Clone)]
pub struct Scheduler {
    client: Client,
    group: String,
    name: String,
}

impl Scheduler {
    /// The schedule of this group and name.
    pub fn new(client: Client, group: impl Into<String>, name: impl Into<String>) -> Self {
        Self { client, group: group.into(), name: name.into() }
    }
}

#[async_trait]
impl RetrySchedule for Scheduler {
    async fn set(&self, hour: u32, time_zone: &str) -> Result<(), SeamError> {
        let failed =
            |why: String| SeamError(format!("change the schedule {}/{}: {why}", self.group, self.name));
        let found = self.client.get_schedule().group_name(&self.group).name(&self.name).send().await;
        let found = found.map_err(|error| failed(DisplayErrorContext(error).to_string()))?;
        let expression = format!("cron(0 {hour} * * ? *)");
        // Left out, the zone is UTC.
        let zone = found.schedule_expression_timezone().unwrap_or("UTC");
        if found.schedule_expression() == Some(&expression) && zone == time_zone {
            return Ok(());
        }
        let update = self
            .client
            .update_schedule()
            .group_name(&self.group)
            .name(&self.name)
            .schedule_expression(expression)
            .schedule_expression_timezone(time_zone)
            .set_start_date(found.start_date)
            .set_end_date(found.end_date)
            .set_description(found.description)
            .set_state(found.state)
            .set_kms_key_arn(found.kms_key_arn)
            .set_target(found.target)
            .set_flexible_time_window(found.flexible_time_window)
            .set_action_after_completion(found.action_after_completion);
        update.send().await.map(drop).map_err(|error| failed(DisplayErrorContext(error).to_string()))
    }
}
