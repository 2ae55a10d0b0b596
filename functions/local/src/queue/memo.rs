//! What the program remembers from the last export of an account: where records go, and what that CRM's fields take.

use std::path::PathBuf;

use domain::AccountName;
use rusqlite::{OptionalExtension, params};

use super::error::QueueError;
use super::store::Queue;
use crate::input::FieldTypes;

/// Where records go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// The sandbox, enforcing this org folder.
    Org(PathBuf),
    /// A CRM at this URL.
    Crm(String),
}

impl Target {
    fn parts(&self) -> (&'static str, String) {
        match self {
            Self::Org(folder) => ("org", folder.to_string_lossy().into_owned()),
            Self::Crm(url) => ("crm", url.clone()),
        }
    }
}

impl Queue {
    /// Where the last export of this account went.
    pub(crate) fn target(&self, account: &AccountName) -> Result<Option<Target>, QueueError> {
        if !self.there {
            return Ok(None);
        }
        let sql = "SELECT kind, place FROM LocalTargets WHERE account = ?1";
        let read = self.db.query_row(sql, [account.as_str()], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
        });
        let Some((kind, place)) = self.sqlite(read.optional())? else { return Ok(None) };
        match kind.as_str() {
            "org" => Ok(Some(Target::Org(PathBuf::from(place)))),
            "crm" => Ok(Some(Target::Crm(place))),
            other => Err(self.corrupt(format!("the target of {account}"), format!("its kind is `{other}`"))),
        }
    }

    /// Remembers where this account's records go.
    pub(crate) fn remember_target(&self, account: &AccountName, target: &Target) -> Result<(), QueueError> {
        let (kind, place) = target.parts();
        let sql = "INSERT OR REPLACE INTO LocalTargets (account, kind, place) VALUES (?1, ?2, ?3)";
        self.sqlite(self.db.execute(sql, params![account.as_str(), kind, place])).map(drop)
    }

    /// The field types of an object as they were when the CRM last described it.
    pub(crate) fn field_types(
        &self,
        target: &Target,
        object: &str,
    ) -> Result<Option<FieldTypes>, QueueError> {
        let sql = "SELECT types FROM LocalFieldTypes WHERE place = ?1 AND object = ?2";
        let read = self.db.query_row(sql, params![target.parts().1, object], |row| row.get::<_, String>(0));
        let types = self.sqlite(read.optional())?;
        // What cannot be read is asked for again.
        Ok(types.and_then(|types| serde_json::from_str(&types).ok()))
    }

    /// Remembers the field types of an object.
    pub(crate) fn remember_field_types(
        &self,
        target: &Target,
        object: &str,
        types: &FieldTypes,
    ) -> Result<(), QueueError> {
        let text = serde_json::to_string(types).unwrap_or_default();
        let sql = "INSERT OR REPLACE INTO LocalFieldTypes (place, object, types) VALUES (?1, ?2, ?3)";
        self.sqlite(self.db.execute(sql, params![target.parts().1, object, text])).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_and_types_are_remembered() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.db");
        let account = AccountName::new("local").expect("fits");
        let queue = Queue::open(&path).expect("opens");
        assert_eq!(queue.target(&account).expect("read"), None);
        for target in [Target::Org("/o r g".into()), Target::Crm("https://x".into())] {
            queue.remember_target(&account, &target).expect("written");
            let reader = Queue::open_read_only(&path).expect("opens");
            assert_eq!(reader.target(&account).expect("read"), Some(target));
        }
        let crm = Target::Crm("https://x".into());
        let mut types = FieldTypes::default();
        types.number("N__c");
        queue.remember_field_types(&crm, "Lead", &types).expect("written");
        assert_eq!(queue.field_types(&crm, "Lead").expect("read"), Some(types));
        assert_eq!(queue.field_types(&Target::Crm("https://y".into()), "Lead").expect("read"), None);
    }

    #[test]
    fn a_ledger_without_a_queue_is_read_as_empty() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.db");
        rusqlite::Connection::open(&path).expect("opens").execute("CREATE TABLE T (a)", []).expect("made");
        let account = AccountName::new("local").expect("fits");
        let queue = Queue::open_read_only(&path).expect("opens");
        assert_eq!(queue.target(&account).expect("read"), None);
        assert_eq!(queue.waiting(&account).expect("read"), []);
        assert_eq!(queue.unfinished(&account).expect("read"), []);
    }
}
