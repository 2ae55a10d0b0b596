//! An account's settings: what they are, how they may be changed, and how broken ones are read.

use serde::Serialize;
use serde_json::{Map, Value, json};
use thiserror::Error;

/// The batch sizes that Marketo Measure offers (reference peers §0): a smaller one helps when the CRM runs out of CPU time.
pub const BATCH_SIZES: [u32; 4] = [200, 100, 50, 25];

/// The warning that must be accepted before the pause is turned off.
pub const DATA_INCONSISTENCY_WARNING: &str = "With Pause on Export Errors off, records that the CRM refuses are passed over: \
they are logged in ExportErrors and tried again once a day, while later records are exported. Data in the CRM may \
become inconsistent, and it is the account's task to mend that.";

/// What the CRM's rules, run on our side, may do before a chunk is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Preflight {
    /// The rules are not asked.
    #[default]
    Off,
    /// Every record is sent; where the rules and the CRM disagree is reported.
    Report,
    /// A record that the rules certainly refuse is a record error without a CRM call.
    Enforce,
}

impl Preflight {
    /// `off`, `report`, `enforce`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Report => "report",
            Self::Enforce => "enforce",
        }
    }

    /// Reads the written form.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Off, Self::Report, Self::Enforce].into_iter().find(|preflight| preflight.as_str() == text)
    }
}

/// An account's settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// Export to CRM. While off nothing is sent; what arrives parks.
    pub export_to_crm: bool,
    /// Stop at a refused record and try it on every run until it succeeds.
    pub pause_on_export_errors: bool,
    /// Records in one CRM call, one of [`BATCH_SIZES`].
    pub batch_size: u32,
    /// CRM calls that the account's jobs may make in one UTC day.
    pub daily_crm_api_limit: u64,
    /// What the rules may do before a chunk is sent.
    pub preflight: Preflight,
    /// At which hour CRMExport_ExportError runs, 0 to 23, in [`Self::time_zone`].
    pub retry_hour: u32,
    /// An IANA time zone. That it is known is checked where the zones are: by the settings API.
    pub time_zone: String,
}

impl Default for Settings {
    /// The safe defaults; the limit is Marketo Measure's (reference peers §0).
    fn default() -> Self {
        Self {
            export_to_crm: true,
            pause_on_export_errors: true,
            batch_size: 200,
            daily_crm_api_limit: 100_000,
            preflight: Preflight::Off,
            retry_hour: 3,
            time_zone: "UTC".to_owned(),
        }
    }
}

/// Why a change is refused. Nothing is changed then.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SettingsError {
    /// No setting has this name.
    #[error(
        "{0} is no setting: use exportToCrm, pauseOnExportErrors, batchSize, dailyCrmApiLimit, preflight, retryHour or timeZone"
    )]
    Unknown(String),
    /// The value does not fit.
    #[error("{name} cannot be {value}: use {allowed}")]
    Value {
        /// Which setting.
        name: &'static str,
        /// What was given.
        value: String,
        /// What may be given.
        allowed: &'static str,
    },
    /// Turning the pause off needs the warning to be accepted.
    #[error("{DATA_INCONSISTENCY_WARNING}")]
    NotAccepted,
    /// The pause can be set only while Export to CRM is on.
    #[error("pauseOnExportErrors cannot be set while exportToCrm is off: set exportToCrm=true first")]
    ExportIsOff,
}

impl Settings {
    /// Reads stored settings, however broken: each member that does not fit reads as the safe default, with a warning.
    /// A member that was never stored is as in `defaults`.
    pub fn from_stored(stored: Option<&Value>, defaults: &Self) -> (Self, Vec<String>) {
        let mut settings = defaults.clone();
        let mut warnings = Vec::new();
        let members = match stored {
            None => return (settings, warnings),
            Some(Value::Object(members)) => members,
            Some(_) => {
                warnings
                    .push("the stored settings are no object: every setting reads as its default".to_owned());
                return (Self::default(), warnings);
            }
        };
        for (name, value) in members {
            if let Err(error) = settings.put(name, value) {
                let read_as = settings.put_safe(name);
                warnings.push(format!("the stored settings are damaged: {error}; it reads as {read_as}"));
            }
        }
        (settings, warnings)
    }

    /// What is stored.
    pub fn to_stored(&self) -> Value {
        json!({
            "exportToCrm": self.export_to_crm,
            "pauseOnExportErrors": self.pause_on_export_errors,
            "batchSize": self.batch_size,
            "dailyCrmApiLimit": self.daily_crm_api_limit,
            "preflight": self.preflight,
            "retryHour": self.retry_hour,
            "timeZone": self.time_zone,
        })
    }

    /// What people are shown: without the pause while export is off, as the reference product does.
    pub fn to_shown(&self) -> Value {
        let mut shown = self.to_stored();
        if let (false, Value::Object(members)) = (self.export_to_crm, &mut shown) {
            members.remove("pauseOnExportErrors");
        }
        shown
    }

    /// These settings with the changes made.
    ///
    /// # Errors
    /// An unknown name, a value that does not fit, the pause while export is off, and turning the pause off
    /// without `accept_data_inconsistency`.
    pub fn changed(
        &self,
        changes: &Map<String, Value>,
        accept_data_inconsistency: bool,
    ) -> Result<Self, SettingsError> {
        let mut next = self.clone();
        for (name, value) in changes {
            next.put(name, value)?;
        }
        if changes.contains_key("pauseOnExportErrors") && !next.export_to_crm {
            return Err(SettingsError::ExportIsOff);
        }
        if self.pause_on_export_errors && !next.pause_on_export_errors && !accept_data_inconsistency {
            return Err(SettingsError::NotAccepted);
        }
        Ok(next)
    }

    /// Puts the safe default of a setting, and answers it as text.
    fn put_safe(&mut self, name: &str) -> String {
        let safe = Self::default().to_stored();
        let Some(value) = safe.get(name) else { return "nothing".to_owned() };
        self.put(name, value).expect("a default fits");
        value.to_string()
    }

    fn put(&mut self, name: &str, value: &Value) -> Result<(), SettingsError> {
        match name {
            "exportToCrm" => self.export_to_crm = boolean("exportToCrm", value)?,
            "pauseOnExportErrors" => self.pause_on_export_errors = boolean("pauseOnExportErrors", value)?,
            "batchSize" => self.batch_size = batch_size(value)?,
            "dailyCrmApiLimit" => {
                let limit = value.as_u64().filter(|limit| *limit > 0);
                let unfit = || unfit("dailyCrmApiLimit", value, "a whole number of calls above 0");
                self.daily_crm_api_limit = limit.ok_or_else(unfit)?;
            }
            "preflight" => {
                let preflight = value.as_str().and_then(Preflight::parse);
                self.preflight =
                    preflight.ok_or_else(|| unfit("preflight", value, "off, report or enforce"))?;
            }
            "retryHour" => {
                let hour = value.as_u64().and_then(|hour| u32::try_from(hour).ok()).filter(|hour| *hour < 24);
                self.retry_hour = hour.ok_or_else(|| unfit("retryHour", value, "an hour from 0 to 23"))?;
            }
            "timeZone" => self.time_zone = time_zone(value)?,
            unknown => return Err(SettingsError::Unknown(unknown.to_owned())),
        }
        Ok(())
    }
}

fn unfit(name: &'static str, value: &Value, allowed: &'static str) -> SettingsError {
    SettingsError::Value { name, value: value.to_string(), allowed }
}

fn boolean(name: &'static str, value: &Value) -> Result<bool, SettingsError> {
    value.as_bool().ok_or_else(|| unfit(name, value, "true or false"))
}

fn batch_size(value: &Value) -> Result<u32, SettingsError> {
    let size = value.as_u64().and_then(|size| u32::try_from(size).ok());
    size.filter(|size| BATCH_SIZES.contains(size))
        .ok_or_else(|| unfit("batchSize", value, "200, 100, 50 or 25"))
}

/// The form of an IANA name, as the stack's parameter has it.
fn time_zone(value: &Value) -> Result<String, SettingsError> {
    let fits = |text: &&str| {
        (1..=50).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+/-".contains(&byte))
    };
    let name = value.as_str().filter(fits);
    name.map(str::to_owned).ok_or_else(|| unfit("timeZone", value, "an IANA name such as Europe/Berlin"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(settings: &Settings, changes: Value, accept: bool) -> Result<Settings, String> {
        let Value::Object(changes) = changes else { panic!("an object") };
        settings.changed(&changes, accept).map_err(|error| error.to_string())
    }

    #[test]
    fn turning_the_pause_off_needs_acceptance() {
        let settings = Settings::default();
        let off = json!({"pauseOnExportErrors": false});
        assert_eq!(change(&settings, off.clone(), false), Err(DATA_INCONSISTENCY_WARNING.to_owned()));
        let changed = change(&settings, off.clone(), true).expect("accepted");
        assert!(!changed.pause_on_export_errors);
        assert_eq!(change(&changed, off, false), Ok(changed), "it is off already");
    }

    #[test]
    fn the_pause_hides_while_export_is_off() {
        let off = change(&Settings::default(), json!({"exportToCrm": false}), false).expect("fits");
        assert_eq!(off.to_shown().get("pauseOnExportErrors"), None);
        assert!(
            change(&off, json!({"pauseOnExportErrors": true}), true)
                .expect_err("hidden")
                .contains("exportToCrm=true")
        );
        assert!(change(&off, json!({"pauseOnExportErrors": false, "exportToCrm": true}), true).is_ok());
    }

    #[test]
    fn values_are_checked() {
        let cases = [
            (json!({"batchSize": 10}), "batchSize cannot be 10: use 200, 100, 50 or 25"),
            (
                json!({"dailyCrmApiLimit": 0}),
                "dailyCrmApiLimit cannot be 0: use a whole number of calls above 0",
            ),
            (json!({"preflight": false}), "preflight cannot be false: use off, report or enforce"),
            (json!({"exportToCrm": "yes"}), "exportToCrm cannot be \"yes\": use true or false"),
            (
                json!({"colour": 1}),
                "colour is no setting: use exportToCrm, pauseOnExportErrors, batchSize, dailyCrmApiLimit, preflight, retryHour or timeZone",
            ),
            (json!({"retryHour": 24}), "retryHour cannot be 24: use an hour from 0 to 23"),
            (
                json!({"timeZone": "Mars; rm"}),
                "timeZone cannot be \"Mars; rm\": use an IANA name such as Europe/Berlin",
            ),
        ];
        for (changes, message) in cases {
            assert_eq!(change(&Settings::default(), changes, true), Err(message.to_owned()));
        }
    }

    #[test]
    fn damaged_settings_read_as_safe() {
        let (settings, warnings) = Settings::from_stored(
            Some(&json!({"pauseOnExportErrors": "no", "batchSize": 50})),
            &Settings::default(),
        );
        assert!(settings.pause_on_export_errors);
        assert_eq!(settings.batch_size, 50);
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert_eq!(Settings::from_stored(Some(&json!(7)), &Settings::default()).0, Settings::default());
    }

    #[test]
    fn preflight_is_kept_and_reads_as_off_when_it_is_broken() {
        for (written, preflight) in
            [("off", Preflight::Off), ("report", Preflight::Report), ("enforce", Preflight::Enforce)]
        {
            let changed = change(&Settings::default(), json!({"preflight": written}), false).expect("fits");
            assert_eq!((changed.preflight, &changed.to_stored()["preflight"]), (preflight, &json!(written)));
            assert_eq!(
                Settings::from_stored(Some(&changed.to_stored()), &Settings::default()),
                (changed, vec![])
            );
        }
        assert_eq!(
            Settings::from_stored(Some(&json!({})), &Settings::default()).0.preflight,
            Preflight::Off,
            "stored before it was"
        );
        for broken in [json!("Enforce"), json!(true), json!(null), json!(["enforce"])] {
            let (settings, warnings) =
                Settings::from_stored(Some(&json!({"preflight": broken})), &Settings::default());
            assert_eq!(settings, Settings::default());
            let warning = format!(
                "the stored settings are damaged: preflight cannot be {broken}: use off, report or enforce; it reads as \"off\""
            );
            assert_eq!(warnings, [warning]);
        }
    }
}
