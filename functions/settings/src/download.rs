//! Export errors as a file: CSV for a spreadsheet, NDJSON for a program. Read page by page while it is sent.
//!
//! A spreadsheet runs cells that look like formulas, and what is in them comes from records: such cells get an apostrophe in
//! front, which spreadsheets do not show.

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderValue, Response, header};
use axum::response::IntoResponse;
use domain::ExportError;
use jobs::ledger::{ErrorFilter, LedgerError};

use crate::api::Api;
use crate::error_view::ErrorDetail;
use crate::errors::FilterQuery;
use crate::extract::FromQuery;
use crate::problem::{Kind, Problem, ProblemBody};
use crate::stream::{self, Pieces};

/// How many errors are read at a time.
const READ: usize = 500;

/// The columns of the CSV file.
const COLUMNS: [&str; 16] = [
    "id",
    "object",
    "externalIdField",
    "externalId",
    "state",
    "code",
    "crmCode",
    "message",
    "fields",
    "foretoldBy",
    "attempts",
    "firstFailedAt",
    "lastFailedAt",
    "closedAt",
    "position",
    "source",
];

#[derive(Debug, Clone, Copy)]
enum Format {
    Csv,
    Ndjson,
}

/// Download export errors as CSV
///
/// RFC 4180 in UTF-8, one row for each error. A cell that a spreadsheet would run as a formula begins with an apostrophe.
#[utoipa::path(
    get, path = "/api/errors.csv", tag = "errors", operation_id = "downloadErrorsCsv", params(FilterQuery),
    responses(
        (
            status = 200, description = "The whole list, streamed", content_type = "text/csv", body = String,
            headers(("Content-Disposition" = String, description = "A name for the file")),
        ),
        (
            status = 422, content_type = "application/problem+json", body = ProblemBody,
            description = "On AWS: the answer would be too large; filter it",
        ),
    ),
)]
pub(crate) async fn csv(
    State(api): State<Api>,
    FromQuery(query): FromQuery<FilterQuery>,
) -> Result<impl IntoResponse, Problem> {
    download(api, query.filter()?, Format::Csv).await
}

/// Download export errors as NDJSON
///
/// One error in full, with its record, in each line.
#[utoipa::path(
    get, path = "/api/errors.ndjson", tag = "errors", operation_id = "downloadErrorsNdjson", params(FilterQuery),
    responses(
        (
            status = 200, description = "The whole list, streamed", content_type = "application/x-ndjson", body = String,
            headers(("Content-Disposition" = String, description = "A name for the file")),
        ),
        (
            status = 422, content_type = "application/problem+json", body = ProblemBody,
            description = "On AWS: the answer would be too large; filter it",
        ),
    ),
)]
pub(crate) async fn ndjson(
    State(api): State<Api>,
    FromQuery(query): FromQuery<FilterQuery>,
) -> Result<impl IntoResponse, Problem> {
    download(api, query.filter()?, Format::Ndjson).await
}

async fn download(api: Api, filter: ErrorFilter, format: Format) -> Result<Response<Body>, Problem> {
    let (content_type, ending) = match format {
        Format::Csv => ("text/csv; charset=utf-8", "csv"),
        Format::Ndjson => ("application/x-ndjson", "ndjson"),
    };
    let day = api.jobs.clock.now().day();
    let disposition = format!("attachment; filename=\"export-errors-{}-{day}.{ending}\"", api.account);
    let mut pages = Pages { api, filter, format, after: None, begun: false, ended: false };
    let body = match pages.api.download_bytes_max {
        Some(max) => Body::from(whole(&mut pages, max).await?),
        None => {
            // The first page before the status is sent: a ledger that does not answer is a problem, not a broken file.
            let first = pages.next().await?;
            let (pieces, body) = stream::body();
            tokio::spawn(send(pages, first, pieces));
            body
        }
    };
    let disposition = HeaderValue::from_str(&disposition).expect("an account's name fits in a header");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, body).into_response())
}

/// Sends a file to its end, or until nobody reads it. When the ledger fails half way the connection breaks off, so that
/// nobody takes a part for the whole.
async fn send(mut pages: Pages, first: Option<Vec<u8>>, pieces: Pieces) {
    let mut page = Ok(first);
    loop {
        let piece = match page {
            Ok(None) => return,
            Ok(Some(bytes)) => Ok(Bytes::from(bytes)),
            Err(error) => {
                tracing::error!(%error, "a download broke off");
                Err(std::io::Error::other(error))
            }
        };
        let failed = piece.is_err();
        if pieces.send(piece).await.is_err() || failed {
            return;
        }
        page = pages.next().await;
    }
}

/// A file as one piece, where answers cannot be streamed.
async fn whole(pages: &mut Pages, max: usize) -> Result<Vec<u8>, Problem> {
    let mut file = Vec::new();
    while let Some(page) = pages.next().await? {
        file.extend_from_slice(&page);
        if file.len() > max {
            let detail = format!(
                "the file would have more than {} MB: filter by object, code or text, or use `crm-export errors --json --stack NAME`",
                max / 1_000_000
            );
            return Err(Problem::new(Kind::Unprocessable, detail));
        }
    }
    Ok(file)
}

/// A file, a page at a time.
struct Pages {
    api: Api,
    filter: ErrorFilter,
    format: Format,
    after: Option<String>,
    begun: bool,
    ended: bool,
}

impl Pages {
    /// The next piece; none at the end.
    async fn next(&mut self) -> Result<Option<Vec<u8>>, LedgerError> {
        if self.ended {
            return Ok(None);
        }
        let ledger = &self.api.jobs.ledger;
        let errors = ledger.errors(&self.api.account, &self.filter, self.after.as_deref(), READ).await?;
        self.ended = errors.len() < READ;
        self.after = errors.last().map(|last| last.id.clone());
        let first = !std::mem::replace(&mut self.begun, true);
        Ok(Some(match self.format {
            Format::Csv => csv_rows(first, &errors),
            Format::Ndjson => json_lines(errors),
        }))
    }
}

fn json_lines(errors: Vec<ExportError>) -> Vec<u8> {
    let mut lines = Vec::new();
    for error in errors {
        serde_json::to_writer(&mut lines, &ErrorDetail::from(error)).expect("an error is plain data");
        lines.push(b'\n');
    }
    lines
}

fn csv_rows(with_head: bool, errors: &[ExportError]) -> Vec<u8> {
    let mut rows = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let head = with_head.then(|| COLUMNS.map(str::to_owned));
    for row in head.into_iter().chain(errors.iter().map(cells)) {
        rows.write_record(&row).expect("every row has the same columns, and memory takes them");
    }
    rows.into_inner().expect("memory takes what is left")
}

fn cells(error: &ExportError) -> [String; COLUMNS.len()] {
    let crm = error.errors.first();
    let crm_text = |text: fn(&domain::CrmError) -> String| crm.map(text).unwrap_or_default();
    [
        error.id.clone(),
        error.record.object.clone(),
        error.record.external_id.field.clone(),
        error.record.external_id.value.clone(),
        error.state.as_str().to_owned(),
        error.code.clone(),
        crm_text(|crm| crm.code.clone()),
        crm_text(|crm| crm.message.clone()),
        crm_text(|crm| crm.fields.join(" ")),
        crm_text(|crm| crm.foretold_by.clone().unwrap_or_default()),
        error.attempts.to_string(),
        error.first_failed_at.to_string(),
        error.last_failed_at.to_string(),
        error.closed_at.map(|at| at.to_string()).unwrap_or_default(),
        error.position.to_string(),
        error.record.source.clone().unwrap_or_default(),
    ]
    .map(harmless)
}

/// A cell that no spreadsheet runs.
fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use domain::{AccountName, CrmError, JobId, Placed, Position, Record, Refusal, Timestamp};
    use serde_json::json;

    use super::*;

    #[test]
    fn formulas_become_text() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(harmless(cell.to_owned()), format!("'{cell}"));
        }
        for cell in ["", "a=b", "'=1", "1-1"] {
            assert_eq!(harmless(cell.to_owned()), cell);
        }
    }

    #[test]
    fn rows_are_read_back_as_they_were() {
        let job = JobId::new(AccountName::new("a").expect("fits"), "Contact").expect("fits");
        let json = json!({"object": "Contact", "externalId": {"field": "E__c", "value": "=A1"}, "fields": {},
            "source": "a,\"b\".csv:1"});
        let placed =
            Placed { position: Position::new(1, 2), record: Record::from_json(json).expect("whole") };
        let refusal =
            Refusal::new(vec![CrmError::new("STRING_TOO_LONG", "two\nlines, \"quoted\"", &["A", "B"])]);
        let error = ExportError::logged(&job, placed, &refusal, Timestamp::default(), None);
        let file =
            [csv_rows(true, std::slice::from_ref(&error)), csv_rows(false, std::slice::from_ref(&error))]
                .concat();
        let mut reader = csv::Reader::from_reader(&file[..]);
        assert_eq!(reader.headers().expect("a head"), &csv::StringRecord::from(COLUMNS.to_vec()));
        let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
        assert_eq!((rows.len(), &rows[0]), (2, &rows[1]));
        let epoch = "1970-01-01T00:00:00.000Z";
        let expected = [
            &error.id,
            "Contact",
            "E__c",
            "'=A1",
            "open",
            "STRING_TOO_LONG",
            "STRING_TOO_LONG",
            "two\nlines, \"quoted\"",
            "A B",
            "",
            "1",
            epoch,
            epoch,
            "",
            "1.2",
            "a,\"b\".csv:1",
        ];
        assert_eq!(rows[0], csv::StringRecord::from(expected.to_vec()));
    }
}
