//! The progress bar on stderr: only in a terminal, only on work that takes a while, gone when the work is done.

use std::fmt::Write;
use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use domain::decide::RowAnswer;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use jobs::crm::{Chunk, Crm, Reply};
use jobs::rules::RuleBook;

use crate::report::grouped;

/// Shows how far the work is. Clones show in the same place.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    bar: ProgressBar,
    exported: Arc<AtomicU64>,
}

impl Progress {
    /// A bar that shows nothing yet, and never does unless stderr is a terminal and `wanted`.
    pub(crate) fn new(wanted: bool) -> Self {
        let visible = wanted && std::io::stderr().is_terminal();
        let target = if visible { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Self { bar: ProgressBar::with_draw_target(None, target), exported: Arc::default() }
    }

    /// Begins to show how much of the input is checked.
    pub(crate) fn check(&self, bytes: u64) {
        self.begin("checking", bytes, "{msg} {wide_bar} {bytes} of {total_bytes}, {eta} left");
    }

    /// Begins to show how many of these records are exported.
    pub(crate) fn export(&self, records: u64) {
        self.records("exporting", records);
    }

    /// Begins to show how many of these records are in a queue.
    #[cfg(feature = "aws")]
    pub(crate) fn send(&self, records: u64) {
        self.records("sending", records);
    }

    fn records(&self, what: &'static str, records: u64) {
        self.exported.store(0, Ordering::Relaxed);
        self.begin(what, records, "{msg} {wide_bar} {human_pos} of {human_len} records, {rate}, {eta} left");
    }

    fn begin(&self, what: &'static str, length: u64, template: &str) {
        self.bar.reset();
        self.bar.set_length(length);
        self.bar.set_style(
            ProgressStyle::with_template(template)
                .expect("the template is well formed")
                .with_key("rate", |state: &ProgressState, text: &mut dyn Write| {
                    // A whole number: nobody reads the fraction of a record.
                    let _ = write!(text, "{}/s", grouped(state.per_sec() as u64));
                })
                .progress_chars("━╸ "),
        );
        self.bar.set_message(what);
        if !self.bar.is_hidden() {
            self.bar.enable_steady_tick(Duration::from_millis(200));
        }
    }

    /// The work is as far as this.
    pub(crate) fn reached(&self, place: u64) {
        self.bar.set_position(place);
    }

    /// So many records are settled or parked, whatever was counted on the way.
    pub(crate) fn settled(&self, records: u64) {
        self.exported.store(records, Ordering::Relaxed);
        self.bar.set_position(records);
    }

    fn written(&self, records: u64) {
        let all = self.exported.fetch_add(records, Ordering::Relaxed) + records;
        self.bar.set_position(all.min(self.bar.length().unwrap_or(all)));
    }

    /// Shows nothing any more.
    pub(crate) fn end(&self) {
        self.bar.disable_steady_tick();
        self.bar.finish_and_clear();
    }

    /// Says something without the bar being in the way.
    pub(crate) fn aside(&self, say: impl FnOnce()) {
        self.bar.suspend(say);
    }
}

/// A CRM whose written records are counted on a bar, because a run reports only at its end.
pub(crate) struct Counted {
    pub(crate) crm: Arc<dyn Crm>,
    pub(crate) progress: Progress,
}

#[async_trait]
impl Crm for Counted {
    async fn send(&self, chunk: Chunk<'_>) -> Reply {
        let all_or_none = chunk.all_or_none;
        let reply = self.crm.send(chunk).await;
        if let Ok(rows) = &reply.outcome {
            let done = rows.iter().filter(|row| **row == RowAnswer::Done).count();
            // All or none: a refused record has undone the others.
            let written = if all_or_none && done < rows.len() { 0 } else { done };
            self.progress.written(written as u64);
        }
        reply
    }

    fn rules(&self) -> &dyn RuleBook {
        self.crm.rules()
    }
}
