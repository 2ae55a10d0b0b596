//! `settings`: shows and changes them.

use domain::Settings;
use domain::settings::SettingsError;
use jobs::ChangeError;
use serde_json::{Map, Value};

use crate::args::SettingsAction;
use crate::context::{Context, Place};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::report::{DIM, WARN};
use crate::session::{Reading, settings_jobs};

/// Shows or changes the settings.
pub(super) async fn run(context: &Context, action: Option<SettingsAction>) -> Result<Exit, Failure> {
    match action {
        None | Some(SettingsAction::Get) => get(context).await,
        Some(SettingsAction::Set { changes, accept_data_inconsistency }) => {
            set(context, &changes, accept_data_inconsistency).await
        }
    }
}

async fn get(context: &Context) -> Result<Exit, Failure> {
    // An account that never exported has the defaults.
    let there = matches!(context.place, Place::Table(_)) || context.db().exists();
    let (settings, warnings) = if there {
        Reading::open(context)?.jobs.settings(&context.account).await?
    } else {
        (Settings::default(), Vec::new())
    };
    for warning in warnings {
        output::warn(&warning);
    }
    show(context, &settings);
    Ok(Exit::Done)
}

async fn set(context: &Context, changes: &[String], accept: bool) -> Result<Exit, Failure> {
    let changes = parsed(changes)?;
    check_schedule(context, &changes)?;
    let jobs = settings_jobs(context)?;
    let changed = jobs.change_settings(&context.account, &changes, accept, None).await;
    let (settings, _) = changed.map_err(|error| match error {
        ChangeError::Refused(error @ SettingsError::NotAccepted) => Failure::Usage(format!(
            "{error}\nNothing was changed. To accept this, add --accept-data-inconsistency"
        )),
        other => other.into(),
    })?;
    show(context, &settings);
    Ok(Exit::Done)
}

/// When the daily retry runs: the zone must be known, and a stack's schedule is not in its table.
fn check_schedule(context: &Context, changes: &Map<String, Value>) -> Result<(), Failure> {
    let named = ["retryHour", "timeZone"].into_iter().find(|name| changes.contains_key(*name));
    if let (Some(name), Place::Table(_)) = (named, &context.place) {
        return Err(Failure::Usage(format!(
            "set {name} of a stack: its schedule must change with it; use the settings page (output ApiUrl), or deploy with the \
             parameters RetryHour and TimeZone"
        )));
    }
    match changes.get("timeZone").and_then(Value::as_str) {
        Some(zone) if jiff::tz::TimeZone::get(zone).is_err() => Err(Failure::Usage(format!(
            "timeZone cannot be {zone}: no time zone has this name; use an IANA name such as Europe/Berlin"
        ))),
        _ => Ok(()),
    }
}

/// Reads `name=value` words. Values are JSON where they are JSON (true, 100), else text, which the settings refuse by name.
fn parsed(changes: &[String]) -> Result<Map<String, Value>, Failure> {
    let mut parsed = Map::new();
    for change in changes {
        let Some((name, value)) = change.split_once('=') else {
            return Err(Failure::Usage(format!(
                "read the setting `{change}`: write NAME=VALUE, for example batchSize=100"
            )));
        };
        let (name, value) = (name.trim(), value.trim());
        let value = match value.to_ascii_lowercase().as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => value.parse::<u64>().map_or_else(|_| Value::from(value), Value::from),
        };
        if parsed.insert(name.to_owned(), value).is_some() {
            return Err(Failure::Usage(format!("read the setting {name}: it is given twice")));
        }
    }
    Ok(parsed)
}

fn show(context: &Context, settings: &Settings) {
    let shown = settings.to_shown();
    if context.global.json {
        output::json(&shown);
        return;
    }
    let mut text = String::new();
    for (name, about) in ABOUT {
        if let Some(value) = shown.get(name) {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            text.push_str(&format!("{name:20}  {value:7}  {DIM}{about}{DIM:#}\n"));
        }
    }
    if !settings.export_to_crm {
        text.push_str(&format!("{WARN}Export to CRM is off: records wait, nothing is sent.{WARN:#}\n"));
    }
    output::answer(&text);
}

/// What each setting does, in the order of showing.
const ABOUT: [(&str, &str); 7] = [
    ("exportToCrm", "send records; while off they wait"),
    ("pauseOnExportErrors", "stop at a refused record; off: log it and go on"),
    ("batchSize", "records in one CRM call"),
    ("dailyCrmApiLimit", "CRM calls in one UTC day"),
    ("preflight", "the CRM's rules before a call: off, report (disagreements), enforce"),
    ("retryHour", "hour of the daily job CRMExport_ExportError"),
    ("timeZone", "time zone of that hour"),
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn words_become_values() {
        let words = ["batchSize=50", "exportToCrm=True", "pauseOnExportErrors = false", "preflight=off"]
            .map(str::to_owned);
        let parsed = parsed(&words).expect("fits");
        let expected =
            json!({"batchSize": 50, "exportToCrm": true, "pauseOnExportErrors": false, "preflight": "off"});
        assert_eq!(Value::Object(parsed), expected);
    }

    #[test]
    fn words_that_are_no_settings_are_refused() {
        let check = |words: &[&str], message: &str| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            assert_eq!(parsed(&words).expect_err("refused").to_string(), message);
        };
        check(&["batchSize"], "read the setting `batchSize`: write NAME=VALUE, for example batchSize=100");
        check(&["batchSize=25", "batchSize=50"], "read the setting batchSize: it is given twice");
    }
}
