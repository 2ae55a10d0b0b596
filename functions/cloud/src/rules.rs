//! The CRM's rules in the package: compiled ahead of time by `crm-export rules compile --out`, loaded when they are asked.
//!
//! Jobs ask the rules only when the account's setting `preflight` is not off, so that nothing is loaded before. Rules that
//! cannot be loaded are told once, and then know nothing: records go out without a forecast. Nothing is compiled here.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use domain::{AccountName, Operation, Record};
use engine::{Artifact, ArtifactError, Rules, Verdict};
use formula::DateTime;
use host::{Host, HostConfig, HostError};
use jobs::clock::Clock;
use jobs::rules::{Forecast, Foretold, RuleBook, RuleBookError};
use thiserror::Error;

/// The package's folder of rules.
const FOLDER: &str = "rules";

/// What every record's forecast is once the rules could not be loaded.
const NOT_LOADED: &str = "the package's rules could not be loaded";

/// The rules in a function's package.
pub struct PackagedRules {
    folder: PathBuf,
    clock: Arc<dyn Clock>,
    rules: OnceLock<Option<Rules>>,
}

/// Why rules cannot be loaded.
#[derive(Debug, Error)]
enum LoadError {
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    #[error("load {}: {error}; compile the rules again, on the function's architecture and with its version", folder.display())]
    Host { folder: PathBuf, error: HostError },
}

impl PackagedRules {
    /// The rules of a package, if it has a folder `rules`. Reads nothing of it yet.
    pub fn find(package: &Path, clock: &Arc<dyn Clock>) -> Option<Self> {
        let folder = package.join(FOLDER);
        folder.is_dir().then(|| Self { folder, clock: Arc::clone(clock), rules: OnceLock::new() })
    }

    fn load(&self) -> Result<Rules, LoadError> {
        let failed = |error| LoadError::Host { folder: self.folder.clone(), error };
        let artifact = Artifact::read(&self.folder)?;
        let host = Host::new(HostConfig::default()).map_err(failed)?;
        Rules::of_artifact(artifact, &host).map_err(failed)
    }

    /// The rules, loaded at the first time; `None` when they could not be.
    fn rules(&self) -> Option<&Rules> {
        let load = || match self.load() {
            Ok(rules) => Some(rules),
            Err(error) => {
                tracing::error!(%error, "failed to load the package's rules; preflight knows nothing");
                None
            }
        };
        self.rules.get_or_init(load).as_ref()
    }
}

#[async_trait]
impl RuleBook for PackagedRules {
    async fn forecast(&self, _: &AccountName, records: &[&Record]) -> Result<Vec<Forecast>, RuleBookError> {
        let Some(rules) = self.rules() else {
            return Ok(vec![Forecast::Unknown(NOT_LOADED.to_owned()); records.len()]);
        };
        let now = DateTime::from_ms(self.clock.now().millis())
            .ok_or_else(|| RuleBookError::new("the clock shows no date that formulas know"))?;
        Ok(records.iter().map(|record| one(rules, record, now)).collect())
    }
}

fn one(rules: &Rules, record: &Record, now: DateTime) -> Forecast {
    if record.operation == Operation::Delete {
        return Forecast::Unknown("deletes are not foretold".to_owned());
    }
    let mut fields = record.fields.clone();
    let key = &record.external_id;
    fields.insert(key.field.clone(), key.value.as_str().into());
    forecast(rules.preflight(&record.object, &fields, now))
}

fn forecast(verdict: Verdict) -> Forecast {
    let foretold = |refusal: engine::Refusal| Foretold {
        rule: refusal.rule.name,
        code: refusal.code,
        message: refusal.message,
        fields: refusal.fields,
    };
    if !verdict.refusals.is_empty() {
        return Forecast::Refuse(verdict.refusals.into_iter().map(foretold).collect());
    }
    match verdict.unknown.into_iter().next() {
        Some(unknown) => Forecast::Unknown(format!("{}: {}", unknown.rule.name, unknown.reason)),
        None => Forecast::Accept,
    }
}
