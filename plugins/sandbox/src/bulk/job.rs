//! A job: what is known of it, how it is kept in the store, and how answers show it.
//!
//! The CSV of a job and its results are documents of their own; see [`Kind`].

use serde_json::{Map, Number, Value, json};

use super::csv::{Delimiter, Dialect};
use super::states::State;
use crate::error::ApiError;
use crate::store::StoreError;
use crate::view::View;
use crate::{ids, system, values};

/// Documents of the store that belong to jobs.
pub struct Kind;

impl Kind {
    /// Jobs by id.
    pub const JOB: &'static str = "bulk job";
    /// Uploaded CSV, or the row ids of a query, by the job's id.
    pub const INPUT: &'static str = "bulk input";

    /// Saved rows of a job by chunk number.
    pub fn saved(id: &str) -> String {
        format!("bulk saved {id}")
    }

    /// Refused rows of a job by chunk number.
    pub fn refused(id: &str) -> String {
        format!("bulk refused {id}")
    }
}

/// `operation`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Create.
    Insert,
    /// Change by id.
    Update,
    /// Create or change by external id.
    Upsert,
    /// Move to the recycle bin.
    Delete,
    /// As [`Operation::Delete`]: the sandbox has nothing behind its recycle bin.
    HardDelete,
    /// Read.
    Query,
    /// Read, deleted records too.
    QueryAll,
}

impl Operation {
    const ALL: [(Operation, &'static str); 7] = [
        (Operation::Insert, "insert"),
        (Operation::Update, "update"),
        (Operation::Upsert, "upsert"),
        (Operation::Delete, "delete"),
        (Operation::HardDelete, "hardDelete"),
        (Operation::Query, "query"),
        (Operation::QueryAll, "queryAll"),
    ];

    /// The operation of this name.
    pub fn named(name: &str) -> Option<Operation> {
        Self::ALL.iter().find(|(_, known)| known.eq_ignore_ascii_case(name)).map(|(operation, _)| *operation)
    }

    /// As jobs name it.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(operation, _)| *operation == self).map_or("insert", |(_, name)| name)
    }

    /// Whether it belongs to `jobs/query`.
    pub fn is_query(self) -> bool {
        matches!(self, Operation::Query | Operation::QueryAll)
    }
}

/// A job.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// 18 characters, `750...`.
    pub id: String,
    /// What it does.
    pub operation: Operation,
    /// API name of its object.
    pub object: String,
    /// Upsert key.
    pub key: Option<String>,
    /// Query of a query job.
    pub soql: Option<String>,
    /// How its CSV is written.
    pub dialect: Dialect,
    /// API version of the request that made it.
    pub version: u32,
    /// How far it is.
    pub state: State,
    /// Why it failed.
    pub error: Option<String>,
    /// It has its CSV.
    pub uploaded: bool,
    /// Byte offset in the CSV of the first row that was not looked at.
    pub offset: u64,
    /// Chunks worked off.
    pub chunks: u64,
    /// Rows looked at.
    pub processed: u64,
    /// Rows refused.
    pub failed: u64,
    /// Instant, as fields keep it.
    pub created: String,
    /// Instant of the last change.
    pub modified: String,
    /// Unix time in milliseconds at which work began; 0 before.
    pub began: i64,
    /// Milliseconds from there to the last change.
    pub took: i64,
}

/// Unix time in milliseconds.
pub fn milliseconds(view: &View<'_>) -> i64 {
    i64::try_from(view.now.unix_timestamp_nanos() / 1_000_000).unwrap_or_default()
}

impl Job {
    /// A new, open job with an id of its own; it is not stored yet.
    ///
    /// # Errors
    /// The database fails.
    pub fn new(
        view: &View<'_>,
        operation: Operation,
        object: &str,
        dialect: Dialect,
    ) -> Result<Job, StoreError> {
        let now = values::datetime_text(view.now);
        Ok(Job {
            id: ids::make("750", view.store.count_up(Kind::JOB)?),
            operation,
            object: object.to_owned(),
            key: None,
            soql: None,
            dialect,
            version: view.version,
            state: State::Open,
            error: None,
            uploaded: false,
            offset: 0,
            chunks: 0,
            processed: 0,
            failed: 0,
            created: now.clone(),
            modified: now,
            began: 0,
            took: 0,
        })
    }

    /// The job of this id (15 or 18 characters).
    ///
    /// # Errors
    /// 404 when there is none of this sort.
    pub fn load(view: &View<'_>, id: &str, query: bool) -> Result<Job, ApiError> {
        let id = ids::normalise(id).ok_or_else(ApiError::not_found)?;
        let body = view.store.document(Kind::JOB, &id)?.ok_or_else(ApiError::not_found)?;
        let kept: Value = serde_json::from_slice(&body)
            .map_err(|error| StoreError::Damaged { what: format!("bulk job {id}"), error })?;
        let job = Job::from_kept(&id, &kept).filter(|job| job.operation.is_query() == query);
        job.ok_or_else(ApiError::not_found)
    }

    /// All jobs of one sort, oldest first.
    ///
    /// # Errors
    /// The database fails.
    pub fn all(view: &View<'_>, query: bool) -> Result<Vec<Job>, ApiError> {
        let mut jobs = Vec::new();
        for id in view.store.document_keys(Kind::JOB)? {
            match Job::load(view, &id, query) {
                Ok(job) => jobs.push(job),
                Err(error) if error.status == 404 => {}
                Err(error) => return Err(error),
            }
        }
        Ok(jobs)
    }

    /// Stores the job's state as of now.
    ///
    /// # Errors
    /// The database fails.
    pub fn store(&mut self, view: &View<'_>) -> Result<(), StoreError> {
        self.modified = values::datetime_text(view.now);
        if self.began > 0 {
            self.took = milliseconds(view) - self.began;
        }
        view.store.put_document(Kind::JOB, &self.id, self.to_kept().to_string().as_bytes())
    }

    /// Removes the job and all that belongs to it.
    ///
    /// # Errors
    /// The database fails.
    pub fn remove(&self, view: &View<'_>) -> Result<(), StoreError> {
        for kind in [Kind::saved(&self.id), Kind::refused(&self.id)] {
            for key in view.store.document_keys(&kind)? {
                view.store.delete_document(&kind, &key)?;
            }
        }
        view.store.delete_document(Kind::INPUT, &self.id)?;
        view.store.delete_document(Kind::JOB, &self.id)?;
        Ok(())
    }

    fn to_kept(&self) -> Value {
        json!({
            "operation": self.operation.name(), "object": self.object, "key": self.key, "soql": self.soql,
            "delimiter": self.dialect.delimiter.name(), "crlf": self.dialect.crlf, "version": self.version,
            "state": self.state.name(), "error": self.error, "uploaded": self.uploaded, "offset": self.offset,
            "chunks": self.chunks, "processed": self.processed, "failed": self.failed, "created": self.created,
            "modified": self.modified, "began": self.began, "took": self.took,
        })
    }

    fn from_kept(id: &str, kept: &Value) -> Option<Job> {
        let text = |name: &str| kept[name].as_str().map(str::to_owned);
        let count = |name: &str| kept[name].as_u64();
        Some(Job {
            id: id.to_owned(),
            operation: Operation::named(kept["operation"].as_str()?)?,
            object: text("object")?,
            key: text("key"),
            soql: text("soql"),
            dialect: Dialect {
                delimiter: Delimiter::named(kept["delimiter"].as_str()?)?,
                crlf: kept["crlf"].as_bool()?,
            },
            version: u32::try_from(count("version")?).ok()?,
            state: State::named(kept["state"].as_str()?)?,
            error: text("error"),
            uploaded: kept["uploaded"].as_bool()?,
            offset: count("offset")?,
            chunks: count("chunks")?,
            processed: count("processed")?,
            failed: count("failed")?,
            created: text("created")?,
            modified: text("modified")?,
            began: kept["began"].as_i64()?,
            took: kept["took"].as_i64()?,
        })
    }

    /// As creating and changing a job answer it.
    pub fn brief(&self) -> Map<String, Value> {
        let version =
            format!("{}.0", self.version).parse().map_or(Value::Null, |version: Number| version.into());
        let mut shown = Map::new();
        let mut add = |name: &str, value: Value| shown.insert(name.to_owned(), value);
        add("id", self.id.as_str().into());
        add("operation", self.operation.name().into());
        add("object", self.object.as_str().into());
        add("createdById", system::USER_ID.into());
        add("createdDate", self.created.as_str().into());
        add("systemModstamp", self.modified.as_str().into());
        add("state", self.state.name().into());
        if let Some(key) = &self.key {
            add("externalIdFieldName", key.as_str().into());
        }
        add("concurrencyMode", "Parallel".into());
        add("contentType", "CSV".into());
        add("apiVersion", version);
        if !self.operation.is_query() {
            let address = format!("services/data/v{}.0/jobs/ingest/{}/batches", self.version, self.id);
            add("contentUrl", address.into());
        }
        add("lineEnding", self.dialect.ending_name().into());
        add("columnDelimiter", self.dialect.delimiter.name().into());
        shown
    }

    /// As asking for a job answers it: with its progress.
    pub fn whole(&self) -> Map<String, Value> {
        let mut shown = self.brief();
        let mut add = |name: &str, value: Value| shown.insert(name.to_owned(), value);
        add("jobType", if self.operation.is_query() { "V2Query" } else { "V2Ingest" }.into());
        add("numberRecordsProcessed", self.processed.into());
        if !self.operation.is_query() {
            add("numberRecordsFailed", self.failed.into());
        }
        add("retries", 0.into());
        add("totalProcessingTime", self.took.into());
        if self.operation.is_query() {
            add("isPkChunkingSupported", false.into());
            return shown;
        }
        add("apiActiveProcessingTime", self.took.into());
        add("apexProcessingTime", 0.into());
        if let Some(error) = &self.error {
            add("errorMessage", error.as_str().into());
        }
        shown
    }
}
