//! Reading and changing an account's settings.

use domain::settings::SettingsError;
use domain::{AccountName, Settings};
use serde_json::{Map, Value};
use thiserror::Error;

use crate::events::Event;
use crate::ledger::LedgerError;
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
        let stored = self.ledger.settings(account).await?;
        let (settings, warnings) = Settings::from_stored(stored.body.as_ref());
        for warning in &warnings {
            tracing::warn!(%account, warning, "settings are damaged");
        }
        Ok((settings, warnings))
    }

    /// Changes settings. They hold from the next run on.
    ///
    /// # Errors
    /// When a change is refused (nothing is changed then), when someone else changed the settings in between, or when
    /// the ledger cannot be reached.
    pub async fn change_settings(
        &self,
        account: &AccountName,
        changes: &Map<String, Value>,
        accept_data_inconsistency: bool,
    ) -> Result<Settings, ChangeError> {
        let stored = self.ledger.settings(account).await?;
        let (settings, _) = Settings::from_stored(stored.body.as_ref());
        let changed = settings.changed(changes, accept_data_inconsistency)?;
        self.ledger.put_settings(account, &changed.to_stored(), stored.version).await?;
        self.events.publish(Event::SettingsChanged { account: account.to_string() }).await;
        Ok(changed)
    }
}
