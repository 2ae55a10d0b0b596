//! The log: JSON lines on stdout, with the ids of the invocation, and never with a field's value of a record.
//!
//! Other crates' lines are kept from warnings on, whatever is asked of ours: below that the AWS clients write requests and
//! answers, and so records.

use std::panic::PanicHookInfo;

use tracing::level_filters::LevelFilter;
use tracing::{Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry;

use crate::config::{Config, ConfigError};

/// Crates whose lines are as detailed as is asked. They log no field's value.
const OURS: [&str; 8] = ["cloud", "domain", "engine", "export", "host", "jobs", "retry", "settings"];

/// A function's first step: reads the environment, and logs from then on. Once per process.
///
/// # Errors
/// The environment's; it is in the log then.
pub fn start() -> Result<Config, ConfigError> {
    start_by(Ok)
}

/// The same for a function that writes to a CRM: without one it does not start.
///
/// # Errors
/// The environment's; it is in the log then.
pub fn start_with_crm() -> Result<Config, ConfigError> {
    start_by(|config| config.crm().map(drop).map(|()| config))
}

fn start_by(check: fn(Config) -> Result<Config, ConfigError>) -> Result<Config, ConfigError> {
    let config = Config::from_env().and_then(check);
    let level = config.as_ref().map_or(Level::INFO, |config| config.log);
    // Only a second start could fail, and it would log the same.
    let _ = tracing::subscriber::set_global_default(subscriber(level, std::io::stdout));
    std::panic::set_hook(Box::new(log_panic));
    config.inspect_err(|error| tracing::error!(%error, "the function cannot start"))
}

/// What writes the log.
pub fn subscriber<W>(level: Level, out: W) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let ours = OURS.map(|name| (name, LevelFilter::from_level(level)));
    // The runtime repeats, without the invocation's ids, what the functions log of a failure and the hook of a panic.
    let repeated = ("lambda_runtime::layers::panic", LevelFilter::OFF);
    let others = LevelFilter::from_level(level.min(Level::WARN));
    let lines = fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_writer(out);
    registry().with(lines.with_filter(
        Targets::new().with_targets(ours).with_target(repeated.0, repeated.1).with_default(others),
    ))
}

/// A panic's words are logged when they are the program's own. Those that were put together may hold a value.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let words = panic.payload().downcast_ref::<&'static str>().copied().unwrap_or("it holds values");
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(place, words, "panicked; what was not settled comes again");
}
