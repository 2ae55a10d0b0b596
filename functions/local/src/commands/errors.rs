//! `errors` and `error`: what the CRM refused, as a list and one in full.

use std::collections::BTreeMap;

use domain::{ErrorState, ExportError};
use jobs::ledger::ErrorFilter;

use super::shared::hints;
use crate::args::{ErrorsArgs, StateFilter};
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::report::{error_details, error_item, error_summary, error_table, error_whole};
use crate::session::Reading;

/// How many errors are read at a time: a list of any length needs bounded memory.
const PAGE: usize = 500;

/// How many are shown to a person who did not say.
const SHOWN: usize = 100;

/// Lists errors.
pub(super) async fn list(context: &Context, args: &ErrorsArgs) -> Result<Exit, Failure> {
    let reading = Reading::open(context)?;
    let state = match args.state {
        StateFilter::Open => Some(ErrorState::Open),
        StateFilter::Resolved => Some(ErrorState::Resolved),
        StateFilter::Superseded => Some(ErrorState::Superseded),
        StateFilter::All => None,
    };
    let filter =
        ErrorFilter { state, object: args.object.clone(), code: args.code.clone(), text: args.text.clone() };
    let limit = match args.limit {
        Some(0) => usize::MAX,
        Some(limit) => limit,
        None if context.global.json => usize::MAX,
        None => SHOWN,
    };
    let pages = Pages { context, reading: &reading, filter, left: limit, after: None };
    if context.global.json {
        as_json(pages).await?
    } else {
        as_text(context, &reading, pages).await?
    }
    Ok(Exit::Done)
}

/// Reads errors page by page.
struct Pages<'a> {
    context: &'a Context,
    reading: &'a Reading,
    filter: ErrorFilter,
    left: usize,
    after: Option<String>,
}

impl Pages<'_> {
    /// The next errors; none at the end or the limit.
    async fn next(&mut self) -> Result<Vec<ExportError>, Failure> {
        self.read(PAGE.min(self.left)).await
    }

    async fn read(&mut self, limit: usize) -> Result<Vec<ExportError>, Failure> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let ledger = &self.reading.jobs.ledger;
        let page = ledger.errors(&self.context.account, &self.filter, self.after.as_deref(), limit).await?;
        self.left = self.left.saturating_sub(page.len());
        if let Some(last) = page.last() {
            self.after = Some(last.id.clone());
        }
        Ok(page)
    }
}

async fn as_json(mut pages: Pages<'_>) -> Result<(), Failure> {
    // One line, written page by page.
    output::answer("{\"errors\":[");
    let mut first = true;
    loop {
        let page = pages.next().await?;
        if page.is_empty() {
            break;
        }
        let items: Vec<String> = page.iter().map(|error| error_item(error).to_string()).collect();
        output::answer(&format!("{}{}", if first { "" } else { "," }, items.join(",")));
        first = false;
    }
    output::answer("]}\n");
    Ok(())
}

async fn as_text(context: &Context, reading: &Reading, mut pages: Pages<'_>) -> Result<(), Failure> {
    let mut codes: BTreeMap<String, u64> = BTreeMap::new();
    let mut open = false;
    loop {
        let page = pages.next().await?;
        if page.is_empty() {
            break;
        }
        for error in &page {
            *codes.entry(error.code.clone()).or_default() += 1;
            open |= error.state == ErrorState::Open;
        }
        output::answer(&error_table(&page, pages.filter.state.is_none(), output::width()));
    }
    if codes.is_empty() {
        let all = ErrorFilter { state: pages.filter.state, ..ErrorFilter::default() } == pages.filter;
        let open = if pages.filter.state == Some(ErrorState::Open) { "open " } else { "" };
        output::answer(&format!("no {open}export errors{}\n", if all { "" } else { " match" }));
        return Ok(());
    }
    let more = pages.left == 0 && !pages.read(1).await?.is_empty();
    output::answer(&error_summary(&codes, more, open, &hints(context, reading)?));
    Ok(())
}

/// Shows one error.
pub(super) async fn one(context: &Context, id: &str) -> Result<Exit, Failure> {
    let reading = Reading::open(context)?;
    let found = reading.jobs.ledger.error(&context.account, id).await?;
    let error = found.ok_or_else(|| {
        let list = context.hints.command("errors --state all");
        Failure::Usage(format!("show the export error {id}: there is none with this id; `{list}` lists them"))
    })?;
    if context.global.json {
        output::json(&error_whole(&error));
    } else {
        output::answer(&error_details(&error, output::width().unwrap_or(100)));
    }
    Ok(Exit::Done)
}
