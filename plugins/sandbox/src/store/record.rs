//! Records: read, found, written, marked as deleted; savepoints around them.
//!
//! All of it happens inside the transaction of one request, which the caller opens and commits.

use std::ops::ControlFlow;

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Map, Value};

use super::index::IndexPlan;
use super::open::StoreError;

/// A stored record.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// 18 characters.
    pub id: String,
    /// Lower-cased name of its object.
    pub object: String,
    /// In the recycle bin.
    pub deleted: bool,
    /// Values by API name, `Id` and `IsDeleted` included; a null is left out.
    pub fields: Map<String, Value>,
}

impl Record {
    /// The value of a field by its API name as the org spells it; null when it has none.
    pub fn get(&self, field: &str) -> &Value {
        self.fields.get(field).unwrap_or(&Value::Null)
    }
}

/// The database inside one transaction.
#[derive(Clone, Copy)]
pub struct Store<'a> {
    pub(super) connection: &'a Connection,
    plan: &'a IndexPlan,
}

impl<'a> Store<'a> {
    /// Reads and writes by this connection, which holds an open transaction, with the index that the org needs.
    pub fn new(connection: &'a Connection, plan: &'a IndexPlan) -> Store<'a> {
        Store { connection, plan }
    }

    /// The record of this 18-character id, deleted or not.
    pub fn get(&self, id: &str) -> Result<Option<Record>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT object, deleted, body FROM record WHERE id = ?1")?;
        let row = statement
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?)))
            .optional()?;
        let Some((object, deleted, body)) = row else { return Ok(None) };
        Ok(Some(Record { id: id.to_owned(), object, deleted, fields: parse(id, &body)? }))
    }

    /// The object (lower-cased) of an id and whether the record is deleted; `None` when there is no such record.
    pub fn find_id(&self, id: &str) -> Result<Option<(String, bool)>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT object, deleted FROM record WHERE id = ?1")?;
        Ok(statement.query_row([id], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
    }

    /// Visits an object's records in the order of their creation until the visitor breaks.
    pub fn scan<E: From<StoreError>>(
        &self,
        object: &str,
        deleted_too: bool,
        mut visit: impl FnMut(Record) -> Result<ControlFlow<()>, E>,
    ) -> Result<(), E> {
        let object = object.to_ascii_lowercase();
        let sql =
            "SELECT id, deleted, body FROM record WHERE object = ?1 AND (deleted = 0 OR ?2) ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql).map_err(StoreError::from)?;
        let mut rows = statement.query(params![object, deleted_too]).map_err(StoreError::from)?;
        while let Some(row) = rows.next().map_err(StoreError::from)? {
            let id: String = row.get(0).map_err(StoreError::from)?;
            let deleted = row.get(1).map_err(StoreError::from)?;
            let body = row.get_ref(2).map_err(StoreError::from)?;
            let fields = parse(&id, body.as_str().unwrap_or_default())?;
            if visit(Record { id, object: object.clone(), deleted, fields })?.is_break() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// How many records an object has.
    pub fn count(&self, object: &str, deleted_too: bool) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM record WHERE object = ?1 AND (deleted = 0 OR ?2)";
        let mut statement = self.connection.prepare_cached(sql)?;
        let object = object.to_ascii_lowercase();
        let count: i64 = statement.query_row(params![object, deleted_too], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// Whether records can be found by this field.
    pub fn is_indexed(&self, object: &str, field: &str) -> bool {
        self.plan.mode(object, field).is_some()
    }

    /// Ids of the records (deleted ones never) whose indexed field has this value, at most `limit`, oldest first.
    /// Empty when the field is not indexed: ask [`Store::is_indexed`] first.
    pub fn find(
        &self,
        object: &str,
        field: &str,
        value: &Value,
        limit: u32,
    ) -> Result<Vec<String>, StoreError> {
        let Some(key) = self.plan.mode(object, field).and_then(|mode| mode.key(value)) else {
            return Ok(Vec::new());
        };
        let sql = "SELECT id FROM entry WHERE object = ?1 AND field = ?2 AND value = ?3 ORDER BY id LIMIT ?4";
        let mut statement = self.connection.prepare_cached(sql)?;
        let (object, field) = (object.to_ascii_lowercase(), field.to_ascii_lowercase());
        let ids = statement.query_map(params![object, field, key, limit], |row| row.get(0))?;
        Ok(ids.collect::<Result<_, _>>()?)
    }

    /// Adds a record.
    pub fn insert(&self, record: &Record) -> Result<(), StoreError> {
        let sql = "INSERT INTO record (id, object, deleted, body) VALUES (?1, ?2, ?3, ?4)";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute(params![record.id, record.object, record.deleted, write(record)?])?;
        self.index(record, None)
    }

    /// Replaces a record by its newer state. A deleted record leaves the index.
    pub fn update(&self, record: &Record, prior: &Record) -> Result<(), StoreError> {
        let mut statement =
            self.connection.prepare_cached("UPDATE record SET deleted = ?2, body = ?3 WHERE id = ?1")?;
        statement.execute(params![record.id, record.deleted, write(record)?])?;
        self.index(record, Some(prior))
    }

    fn index(&self, record: &Record, prior: Option<&Record>) -> Result<(), StoreError> {
        for (field, mode) in self.plan.fields(&record.object) {
            let key = |record: &Record| match record.deleted {
                true => None,
                false => mode.key(record.get(field)),
            };
            let (old, new) = (prior.and_then(key), key(record));
            if old == new {
                continue;
            }
            let field = field.to_ascii_lowercase();
            if let Some(old) = old {
                let sql = "DELETE FROM entry WHERE object = ?1 AND field = ?2 AND value = ?3 AND id = ?4";
                let mut statement = self.connection.prepare_cached(sql)?;
                statement.execute(params![record.object, field, old, record.id])?;
            }
            if let Some(new) = new {
                let sql = "INSERT OR IGNORE INTO entry (object, field, value, id) VALUES (?1, ?2, ?3, ?4)";
                let mut statement = self.connection.prepare_cached(sql)?;
                statement.execute(params![record.object, field, new, record.id])?;
            }
        }
        Ok(())
    }

    /// Builds the index anew for the objects whose indexed fields changed since the database was last used.
    pub fn refresh_index(&self) -> Result<(), StoreError> {
        for object in self.plan.objects() {
            let fingerprint = self.plan.fingerprint(object);
            if self.document("index", object)?.as_deref() == Some(fingerprint.as_bytes()) {
                continue;
            }
            self.connection.execute("DELETE FROM entry WHERE object = ?1", [object])?;
            self.scan(object, false, |record| {
                self.index(&record, None)?;
                Ok::<_, StoreError>(ControlFlow::Continue(()))
            })?;
            self.put_document("index", object, fingerprint.as_bytes())?;
        }
        Ok(())
    }

    /// Does the work; when it fails, everything that it wrote is undone.
    pub fn atomically<T, E: From<StoreError>>(&self, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        self.command("SAVEPOINT work")?;
        let result = work();
        if result.is_err() {
            self.command("ROLLBACK TO work")?;
        }
        self.command("RELEASE work")?;
        result
    }

    fn command(&self, sql: &str) -> Result<(), StoreError> {
        self.connection.prepare_cached(sql)?.execute([])?;
        Ok(())
    }
}

fn parse(id: &str, body: &str) -> Result<Map<String, Value>, StoreError> {
    serde_json::from_str(body).map_err(|error| StoreError::Damaged { what: format!("record {id}"), error })
}

fn write(record: &Record) -> Result<String, StoreError> {
    serde_json::to_string(&record.fields)
        .map_err(|error| StoreError::Damaged { what: format!("record {}", record.id), error })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Database;
    use crate::fixture;
    use serde_json::json;

    fn record(id: &str, fields: Value) -> Record {
        let Value::Object(fields) = fields else { panic!("an object") };
        Record { id: id.into(), object: "contact".into(), deleted: false, fields }
    }

    #[test]
    fn records_are_found_by_what_the_org_indexes() {
        let connection = super::super::open(&Database::Memory).unwrap();
        let plan = IndexPlan::of(&fixture::org());
        let store = Store::new(&connection, &plan);
        let first = record("003sb0000000001AAA", json!({"Ext__c": "A-1", "AccountId": "001sb0000000009AAA"}));
        store.insert(&first).unwrap();
        let find = |value: &str| store.find("Contact", "ext__C", &json!(value), 2).unwrap();
        assert_eq!(find("a-1"), std::slice::from_ref(&first.id));

        let changed = record(&first.id, json!({"Ext__c": "A-2"}));
        store.update(&changed, &first).unwrap();
        assert_eq!((find("a-1"), find("A-2")), (vec![], vec![first.id.clone()]));
        assert_eq!(store.get(&first.id).unwrap(), Some(changed.clone()));

        let deleted = Record { deleted: true, ..changed.clone() };
        store.update(&deleted, &changed).unwrap();
        assert_eq!(find("A-2"), [] as [String; 0]);
        assert_eq!(store.find_id(&first.id).unwrap(), Some(("contact".into(), true)));
        assert_eq!((store.count("Contact", false).unwrap(), store.count("Contact", true).unwrap()), (0, 1));
    }

    #[test]
    fn the_index_follows_an_edit_of_the_org() {
        let connection = super::super::open(&Database::Memory).unwrap();
        let nothing = IndexPlan::default();
        let first = record("003sb0000000001AAA", json!({"Ext__c": "A-1"}));
        Store::new(&connection, &nothing).insert(&first).unwrap();

        let plan = IndexPlan::of(&fixture::org());
        let store = Store::new(&connection, &plan);
        assert_eq!(store.find("Contact", "Ext__c", &json!("A-1"), 2).unwrap(), [] as [String; 0]);
        store.refresh_index().unwrap();
        assert_eq!(store.find("Contact", "Ext__c", &json!("A-1"), 2).unwrap(), [first.id]);
    }

    #[test]
    fn what_fails_is_undone_and_what_went_before_stays() {
        let connection = super::super::open(&Database::Memory).unwrap();
        let plan = IndexPlan::of(&fixture::org());
        let store = Store::new(&connection, &plan);
        let failed = store.atomically(|| {
            store.insert(&record("003sb0000000001AAA", json!({"Ext__c": "A"})))?;
            let inner = store.atomically(|| {
                store.insert(&record("003sb0000000002AAA", json!({"Ext__c": "B"})))?;
                Err::<(), _>(StoreError::NotADatabase { file: "x".into() })
            });
            assert!(inner.is_err());
            Ok::<_, StoreError>(())
        });
        assert!(failed.is_ok());
        assert_eq!(store.count("contact", true).unwrap(), 1);
        assert_eq!(store.find("contact", "Ext__c", &json!("B"), 1).unwrap(), [] as [String; 0]);
    }
}
