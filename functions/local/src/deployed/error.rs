//! Why a deployed stack cannot be worked on.

use thiserror::Error;

/// A stack or table that cannot be used. Nothing was changed.
#[derive(Debug, Error)]
pub(crate) enum DeployedError {
    #[cfg(not(feature = "aws"))]
    #[error(
        "use {0}: this crm-export was built without AWS; build it with `cargo install --path functions/local --features aws`"
    )]
    Absent(&'static str),
    #[error("reach AWS: no region is set; give --region, or set AWS_REGION or the profile's region")]
    NoRegion,
    #[error(
        "find AWS credentials: {0}; sign in with `aws sso login`, name a --profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    )]
    NoCredentials(String),
    #[error("find the stack {stack} in {region}: there is none; check --stack, --region and --profile")]
    NoStack { stack: String, region: String },
    #[error(
        "use the stack {stack}: it has no output {output}; is it one of infra/template.yaml, and deployed to its end?"
    )]
    NoOutput { stack: String, output: &'static str },
    #[error("use the stack {stack}: its parameter {parameter} is {problem}")]
    Parameter { stack: String, parameter: &'static str, problem: String },
    #[error("describe the stack {stack}: {reason}{advice}")]
    Describe { stack: String, reason: String, advice: &'static str, denied: bool },
}

impl DeployedError {
    /// Whether what was given is wrong, rather than AWS out of reach.
    pub(crate) fn is_usage(&self) -> bool {
        !matches!(self, Self::Describe { denied: false, .. })
    }
}
