//! A sandbox without HTTP, in memory: whether records would be refused, and by which rule.

use std::path::Path;
use std::sync::Arc;

use engine::{Rules, Unknown};
use metadata::Org;
use rusqlite::{Connection, TransactionBehavior};
use time::OffsetDateTime;

use crate::config::{Database, SandboxError};
use crate::reload::{Loaded, Plugin, read_plugins};
use crate::save::{self, Row, RowResult, SaveOptions};
use crate::store::{self, Store, StoreError};
use crate::system;
use crate::view::View;
use crate::watch::{Explaining, Explanations, Watch};

/// API version whose behaviour is checked.
const VERSION: u32 = 59;

/// An org without records, ready to be asked what it refuses.
///
/// Rows are saved one after the other, each seeing those before: parents first. A record that a row names and that was
/// not saved or given is stood in for, unless [`Check::strict`] is asked for: its values are not known, so a rule that
/// looks at them says so and refuses nothing.
pub struct Check {
    connection: Connection,
    loaded: Loaded,
    watch: Watch,
    now: OffsetDateTime,
    strict: bool,
    /// Nothing that is saved stays.
    undo: bool,
}

impl Check {
    /// Reads an org folder with its plugins. `now` is what time it is for its rules.
    ///
    /// # Errors
    /// The folder cannot be read, or the database in memory cannot be made.
    pub fn read(folder: &Path, now: OffsetDateTime) -> Result<Check, SandboxError> {
        Ok(Check::open(Org::read(folder)?, read_plugins(folder)?, now)?)
    }

    /// The same with an org that was read, and with authors' plugins by name.
    ///
    /// # Errors
    /// The database in memory cannot be made.
    pub fn open(org: Org, plugins: Vec<Plugin>, now: OffsetDateTime) -> Result<Check, StoreError> {
        let check = Check {
            connection: store::open(&Database::Memory)?,
            loaded: Loaded::new(org, plugins),
            watch: Watch::default(),
            now,
            strict: false,
            undo: false,
        };
        system::seed(&Store::new(&check.connection, &check.loaded.plan), &check.loaded.org, now)?;
        Ok(check)
    }

    /// The same over the records of a sandbox's database, which stays as it is: what is saved is undone at once.
    ///
    /// # Errors
    /// The folder or the database cannot be read.
    pub fn over(folder: &Path, database: &Path, now: OffsetDateTime) -> Result<Check, SandboxError> {
        let connection = store::open(&Database::File(database.to_owned()))?;
        let check = Check::read(folder, now)?;
        Ok(Check { connection, undo: true, strict: true, ..check })
    }

    /// Refuses rows that name records which are not there, as the CRM would.
    #[must_use]
    pub fn strict(self) -> Check {
        Check { strict: true, ..self }
    }

    /// The org, completed with what every org has.
    pub fn org(&self) -> &Arc<Org> {
        &self.loaded.org
    }

    /// The org's rules.
    pub fn rules(&self) -> &Rules {
        &self.loaded.rules
    }

    /// Saves a row as the export user, by all rules.
    ///
    /// # Errors
    /// The database fails. A refusal is in the result, each error with the rule that refused, when one did.
    pub fn save(&mut self, row: &Row) -> Result<RowResult, StoreError> {
        let strict = self.strict;
        self.run(|view| {
            if !strict {
                save::provide(view, row)?;
            }
            save::save_one(view, row, SaveOptions::default())
        })
    }

    /// Saves a row and explains every refusal by a rule: the values that decided, and the flows that ran.
    ///
    /// # Errors
    /// The database fails.
    pub fn explain(&mut self, row: &Row) -> Result<(RowResult, Explanations), StoreError> {
        self.watch.explaining = Explaining::asked();
        let result = self.save(row);
        let found = self.watch.explaining.take();
        self.watch.explaining = Explaining::default();
        Ok((result?, found))
    }

    /// Whether a row would change a record that is there.
    ///
    /// # Errors
    /// The database fails.
    pub fn finds(&mut self, row: &Row) -> Result<bool, StoreError> {
        self.run(|view| save::finds(view, row))
    }

    /// Stores a row as it is, without any rule: what was there before. Computed fields are passed over.
    ///
    /// # Errors
    /// The database fails. What cannot be stored is in the result.
    pub fn give(&mut self, row: &Row) -> Result<RowResult, StoreError> {
        let strict = self.strict;
        self.run(|view| {
            if !strict {
                save::provide(view, row)?;
            }
            save::give(view, row)
        })
    }

    /// Rules whose answer was not known in some save, each once, with the first reason and the number of times.
    pub fn unknown(&self) -> Vec<(Unknown, u64)> {
        self.watch.unknown.all()
    }

    fn run<T>(&mut self, work: impl FnOnce(&View<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let view = View {
            org: &self.loaded.org,
            rules: &self.loaded.rules,
            store: Store::new(&transaction, &self.loaded.plan),
            now: self.now,
            version: VERSION,
            watch: &self.watch,
            allow_duplicates: false,
        };
        let result = work(&view)?;
        if self.undo {
            transaction.rollback()?;
        } else {
            transaction.commit()?;
        }
        Ok(result)
    }
}
