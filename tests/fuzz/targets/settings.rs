//! Settings: stored ones, however damaged, and changes that people send.

use domain::Settings;
use domain::settings::BATCH_SIZES;
use serde_json::{Map, Value, json};

use crate::choices::Choices;
use crate::json_text;
use crate::run::Target;

const NAMES: [&str; 9] = [
    "exportToCrm",
    "pauseOnExportErrors",
    "batchSize",
    "dailyCrmApiLimit",
    "preflight",
    "retryHour",
    "timeZone",
    "pauseonexporterrors",
    "acceptDataInconsistency",
];

#[test]
fn settings() {
    let target = Target {
        name: "settings",
        inputs: 20_000,
        check,
        words: &[
            "\"exportToCrm\":false",
            "\"pauseOnExportErrors\":false",
            "true",
            "false",
            "null",
            "\"enforce\"",
            "24",
            "-1",
            "1e2",
            "\"Europe/Berlin\"",
        ],
        also: &[],
    };
    target.run();
}

fn check(bytes: &[u8]) {
    if let Ok(value) = serde_json::from_slice::<Value>(bytes) {
        check_stored(&value);
        check_changes(&Settings::default(), value);
    }
    let mut choices = Choices::new(bytes);
    check_stored(&json_text::value(&mut choices, &NAMES));
    let mut settings = Settings::default();
    for _ in 0..4 {
        let changes = changes(&mut choices);
        settings = check_changes(&settings, changes).unwrap_or(settings);
    }
}

/// Changes of which most fit.
fn changes(choices: &mut Choices<'_>) -> Value {
    let mut changes = Map::new();
    for _ in 0..choices.below(4) {
        let name = choices.of(&NAMES);
        let value = match choices.below(6) {
            0 => json!(true),
            1 => json!(false),
            2 => json!(choices.of(&[25, 100, 200, 23, 24, 1])),
            3 => json!(choices.of(&["off", "report", "enforce", "UTC", "Europe/Berlin", "../x"])),
            _ => json_text::value(choices, &NAMES),
        };
        changes.insert(name.to_owned(), value);
    }
    Value::Object(changes)
}

/// Whatever is stored reads, the pause is off only when that is plainly said, and what is read is stored as the same.
fn check_stored(stored: &Value) {
    let defaults = Settings::default();
    let (settings, warnings) = Settings::from_stored(Some(stored), &defaults);
    assert_eq!(settings.pause_on_export_errors, stored.get("pauseOnExportErrors") != Some(&json!(false)));
    assert_in_range(&settings);
    let again = Settings::from_stored(Some(&settings.to_stored()), &defaults);
    assert_eq!(again, (settings, Vec::new()));
    let known = |members: &Map<String, Value>| members.keys().all(|name| NAMES[..7].contains(&name.as_str()));
    assert!(!warnings.is_empty() || stored.as_object().is_some_and(known), "what is damaged is told");
}

/// A change is made whole or not at all, and the pause is never turned off without acceptance.
fn check_changes(settings: &Settings, changes: Value) -> Option<Settings> {
    let Value::Object(changes) = changes else { return None };
    let careful = settings.changed(&changes, false);
    let accepted = settings.changed(&changes, true);
    if let Ok(next) = &careful {
        assert!(next.pause_on_export_errors || !settings.pause_on_export_errors, "turned off unasked");
        assert_eq!(accepted.as_ref(), Ok(next), "acceptance changes nothing else");
    }
    if let Ok(next) = &accepted {
        assert_in_range(next);
        for (name, value) in &changes {
            assert_eq!(&next.to_stored()[name], value, "{name} is as it was asked for");
        }
    }
    accepted.ok()
}

fn assert_in_range(settings: &Settings) {
    assert!(BATCH_SIZES.contains(&settings.batch_size));
    assert!(settings.daily_crm_api_limit > 0 && settings.retry_hour < 24);
    assert!(!settings.time_zone.is_empty() && settings.time_zone.len() <= 50);
}
