//! The options that lead to a deployed stack in place of a ledger file.

use clap::Args;

/// Where on AWS the work is.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Options for a deployed stack (credentials as the AWS CLI has them)")]
pub(crate) struct Deployed {
    /// Work on this stack: its queue, ledger, settings, CRM and credentials
    #[arg(long, global = true, value_name = "NAME", conflicts_with_all = ["table", "db"])]
    pub(crate) stack: Option<String>,
    /// Work on this DynamoDB table alone, with --account; the CRM is reached as from here (--crm)
    #[arg(long, global = true, value_name = "NAME", conflicts_with = "db")]
    pub(crate) table: Option<String>,
    /// AWS region [default: AWS_REGION, or the profile's]
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) region: Option<String>,
    /// AWS profile [default: AWS_PROFILE]
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// Where AWS is, when it is a local cloud [default: AWS_ENDPOINT_URL]
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,
}
