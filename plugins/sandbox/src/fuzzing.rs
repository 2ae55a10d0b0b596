//! A sandbox without a network, for fuzzing: requests go straight to the router, and the database goes back to where it
//! was. Not part of the crate's interface: it is there with the feature `fuzzing` only.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;

use crate::config::{Config, SandboxError};
use crate::http::router;
use crate::state::AppState;
use crate::store::StoreError;

/// The tables, whose content is kept beside them.
const TABLES: [&str; 4] = ["record", "entry", "counter", "document"];

/// A sandbox in this process. Its worker for bulk jobs goes on only while a call is under way.
pub struct InProcess {
    state: AppState,
    router: Router,
    runtime: Runtime,
}

impl InProcess {
    /// Opens the database and reads the org folder. `listen`, `tls` and the limit of a stop mean nothing here.
    ///
    /// # Errors
    /// When the folder cannot be read or the database cannot be opened.
    pub fn open(config: &Config) -> Result<Self, SandboxError> {
        let state = AppState::open(config)?;
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| SandboxError::Listen { address: config.listen, error })?;
        Ok(Self { router: router(state.clone()), state, runtime })
    }

    /// Keeps the records and all else as they are now.
    ///
    /// # Errors
    /// SQLite refuses.
    pub fn keep(&self) -> Result<(), StoreError> {
        self.run_for_tables(|table| {
            format!(
                "DROP TABLE IF EXISTS kept_{table}; CREATE TEMP TABLE kept_{table} AS SELECT * FROM {table};"
            )
        })
    }

    /// Brings back what was kept.
    ///
    /// # Errors
    /// SQLite refuses.
    pub fn go_back(&self) -> Result<(), StoreError> {
        self.run_for_tables(|table| {
            format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept_{table};")
        })
    }

    fn run_for_tables(&self, sql: impl Fn(&str) -> String) -> Result<(), StoreError> {
        let all: String = TABLES.iter().map(|table| sql(table)).collect();
        self.state
            .with_connection(|connection| connection.execute_batch(&format!("BEGIN; {all} COMMIT;")))?;
        Ok(())
    }

    /// One request: status and body of its answer. `None` when HTTP has no such request.
    pub fn call(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Option<(u16, Vec<u8>)> {
        let method = Method::from_bytes(method.as_bytes()).ok()?;
        let mut request = Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_vec())).ok()?;
        self.runtime.block_on(async {
            let Ok(response) = self.router.clone().oneshot(request).await;
            let status = response.status().as_u16();
            let body = to_bytes(response.into_body(), usize::MAX).await.unwrap_or_default();
            Some((status, body.to_vec()))
        })
    }
}
