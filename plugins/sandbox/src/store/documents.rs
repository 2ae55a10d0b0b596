//! Counters and documents: what the sandbox keeps beside records (ids given, API calls of a day, revoked tokens, jobs).
//!
//! A document is bytes under a kind and a key; what is in it is known to whoever wrote it.

use rusqlite::{OptionalExtension, params};

use super::open::StoreError;
use super::record::Store;

impl Store<'_> {
    /// Adds one to a counter and returns the new value; a new counter begins at 1.
    pub fn count_up(&self, name: &str) -> Result<u64, StoreError> {
        // Two plain statements are several times faster than one with RETURNING.
        let next = self.counter(name)? + 1;
        let sql = match next {
            1 => "INSERT INTO counter (value, name) VALUES (?1, ?2)",
            _ => "UPDATE counter SET value = ?1 WHERE name = ?2",
        };
        self.connection.prepare_cached(sql)?.execute(params![next.cast_signed(), name])?;
        Ok(next)
    }

    /// A counter's value; 0 when it was never counted up.
    pub fn counter(&self, name: &str) -> Result<u64, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT value FROM counter WHERE name = ?1")?;
        let value: Option<i64> = statement.query_row([name], |row| row.get(0)).optional()?;
        Ok(value.unwrap_or(0).unsigned_abs())
    }

    /// A document's bytes.
    pub fn document(&self, kind: &str, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT body FROM document WHERE kind = ?1 AND key = ?2";
        Ok(self.connection.prepare_cached(sql)?.query_row([kind, key], |row| row.get(0)).optional()?)
    }

    /// Writes a document, in the place of the one that had this kind and key.
    pub fn put_document(&self, kind: &str, key: &str, body: &[u8]) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO document (kind, key, body) VALUES (?1, ?2, ?3)";
        self.connection.prepare_cached(sql)?.execute(params![kind, key, body])?;
        Ok(())
    }

    /// Removes a document; whether there was one.
    pub fn delete_document(&self, kind: &str, key: &str) -> Result<bool, StoreError> {
        let sql = "DELETE FROM document WHERE kind = ?1 AND key = ?2";
        Ok(self.connection.prepare_cached(sql)?.execute([kind, key])? > 0)
    }

    /// Keys of all documents of a kind, sorted.
    pub fn document_keys(&self, kind: &str) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT key FROM document WHERE kind = ?1 ORDER BY key";
        let mut statement = self.connection.prepare_cached(sql)?;
        let keys = statement.query_map([kind], |row| row.get(0))?;
        Ok(keys.collect::<Result<_, _>>()?)
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Database;
    use crate::store::{IndexPlan, Store, open};

    #[test]
    fn documents_and_counters_keep_what_they_are_given() {
        let connection = open(&Database::Memory).unwrap();
        let plan = IndexPlan::default();
        let store = Store::new(&connection, &plan);
        assert_eq!((store.count_up("id").unwrap(), store.count_up("id").unwrap()), (1, 2));
        assert_eq!((store.counter("id").unwrap(), store.counter("other").unwrap()), (2, 0));
        store.put_document("job", "b", b"1").unwrap();
        store.put_document("job", "a", b"2").unwrap();
        store.put_document("job", "b", b"3").unwrap();
        assert_eq!(store.document_keys("job").unwrap(), ["a", "b"]);
        assert_eq!(store.document("job", "b").unwrap(), Some(b"3".to_vec()));
        assert!(store.delete_document("job", "b").unwrap());
        assert!(!store.delete_document("job", "b").unwrap());
    }
}
