//! What `serve` takes.

use clap::Args;

pub(super) const SERVE_HELP: &str = "\
Examples:
  crm-export serve                               settings, jobs and export errors in a browser
  crm-export serve --org path/to/org --db crm-export.db
  curl http://127.0.0.1:8088/api/records -H 'X-Requested-With: crm-export' \\
       -H 'Content-Type: application/x-ndjson' --data-binary @contacts.ndjson

The API describes itself at /api/openapi.json. While this runs it is the one program that
exports from this ledger; status, errors, error, reproduce and settings work beside it.";

/// What `serve` takes.
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Address and port for browsers and programs of this machine; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8088")]
    pub(crate) listen: String,
    /// Address and port of the sandbox, when records go there; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub(crate) sandbox_listen: String,
    /// Minutes between two tries of a held job's head
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1440))]
    pub(crate) resume_minutes: u32,
    /// Let in only who brings a token of this OpenID Connect issuer
    #[arg(long, value_name = "URL", requires = "jwt_audience")]
    pub(crate) jwt_issuer: Option<String>,
    /// What tokens must be for: their `aud`, or `client_id` when they have none
    #[arg(long, value_name = "NAME", requires = "jwt_issuer")]
    pub(crate) jwt_audience: Option<String>,
    /// The public client with which pages sign people in
    #[arg(long, value_name = "ID", requires = "jwt_issuer")]
    pub(crate) jwt_client: Option<String>,
}
