//! Reading and changing an account's settings.

use domain::settings::SettingsError;
use domain::{AccountName, Settings};
use serde_json::{Map, Value};
use thiserror::Error;

use crate::events::Event;
use crate::ledger::{LedgerError, LedgerErrorKind};
use crate::run::Jobs;

/// Why settings were not changed.
#[derive(Debug, Error)]
pub enum ChangeError {
    /// The change itself is refused.
    #[error(transparent)]
    Refused(#[from] SettingsError),
    /// The ledger could not be read or written, or someone else was faster.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Jobs {
    /// An account's settings, and warnings when the stored ones are damaged.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn settings(&self, account: &AccountName) -> Result<(Settings, Vec<String>), LedgerError> {
        let (settings, warnings, _) = self.settings_with_version(account).await?;
        for warning in &warnings {
            tracing::warn!(%account, warning, "settings are damaged");
        }
        Ok((settings, warnings))
    }

    /// The same, with the version that a change may be made to.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn settings_with_version(
        &self,
        account: &AccountName,
    ) -> Result<(Settings, Vec<String>, u64), LedgerError> {
        let stored = self.ledger.settings(account).await?;
        let (settings, warnings) = Settings::from_stored(stored.body.as_ref(), &self.defaults);
        Ok((settings, warnings, stored.version))
    }

    /// Changes settings, and answers them with their new version. They hold from the next run on. With `expected` it
    /// fails with `Conflict` when the stored version is another one.
    ///
    /// # Errors
    /// When a change is refused (nothing is changed then), when someone else changed the settings in between, or when
    /// the ledger cannot be reached.
    pub async fn change_settings(
        &self,
        account: &AccountName,
        changes: &Map<String, Value>,
        accept_data_inconsistency: bool,
        expected: Option<u64>,
    ) -> Result<(Settings, u64), ChangeError> {
        let (settings, _, version) = self.settings_with_version(account).await?;
        if expected.is_some_and(|expected| expected != version) {
            return Err(LedgerError::from(LedgerErrorKind::Conflict).into());
        }
        let changed = settings.changed(changes, accept_data_inconsistency)?;
        self.ledger.put_settings(account, &changed.to_stored(), version).await?;
        self.events.publish(Event::SettingsChanged { account: account.to_string() }).await;
        Ok((changed, version + 1))
    }
}
