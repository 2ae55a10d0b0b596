//! The SQLite file: which files are refused, what lasts, and several programs at one file.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, Ordering};

use domain::{Figures, Job};
use jobs::ledger::sqlite::SqliteLedger;
use jobs::ledger::{Ledger, LedgerErrorKind};
use rusqlite::Connection;
use serde_json::json;
use tempfile::TempDir;

use crate::samples::*;

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger.db");
    (folder, path)
}

/// Every file of a folder with its bytes.
fn files(folder: &TempDir) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(folder.path()).expect("lists").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<_> = entries.map(|path| (path.clone(), fs::read(path).expect("reads"))).collect();
    files.sort();
    files
}

/// Both ways to open it are refused with this text, and not a byte in the folder changes.
fn check_refused(folder: &TempDir, path: &Path, expected: &str) {
    let before = files(folder);
    let expected = expected.replace("FILE", &path.display().to_string());
    assert_eq!(text(SqliteLedger::open(path)), expected);
    assert_eq!(text(SqliteLedger::open_read_only(path)), expected);
    assert!(files(folder) == before, "the folder changed: {expected}");
}

#[test]
fn a_file_of_another_version_is_refused() {
    let (folder, path) = folder();
    drop(SqliteLedger::open(&path).expect("opens"));
    for version in [9, 0] {
        Connection::open(&path).expect("opens").pragma_update(None, "user_version", version).expect("set");
        let expected = format!(
            "open FILE: it is a ledger of version {version}, this program reads version 2; \
             use the crm-export that made it, or name another file; this one was left as it is"
        );
        check_refused(&folder, &path, &expected);
    }
}

#[test]
fn another_programs_database_is_refused() {
    const EXPECTED: &str =
        "open FILE: it is another program's SQLite file, and was left as it is; name another file";
    let (folder, path) = folder();
    let theirs = Connection::open(&path).expect("opens");
    theirs.execute_batch("CREATE TABLE Jobs (x)").expect("made");
    check_refused(&folder, &path, EXPECTED);
    // As a killed program leaves it: what it wrote last stands in the WAL, and must not be moved into the file by us.
    theirs.execute_batch("PRAGMA journal_mode = WAL; INSERT INTO Jobs VALUES (1)").expect("written");
    let (killed, copy) = copy_of(&path);
    check_refused(&killed, &copy, EXPECTED);
    assert_eq!(files(&killed).len(), 3, "with its -wal and -shm");
}

#[test]
fn what_is_no_database_is_refused() {
    for content in ["x".to_owned(), "no database, but long enough for a header".repeat(40)] {
        let (folder, path) = folder();
        fs::write(&path, content).expect("written");
        check_refused(
            &folder,
            &path,
            "open FILE: it is no SQLite file, and was left as it is; name another file",
        );
    }
}

#[test]
fn a_path_that_cannot_be_opened_says_what_to_do() {
    let (folder, path) = folder();
    let none =
        format!("reach the ledger: there is no ledger at {} yet; the first run makes it", path.display());
    assert_eq!(text(SqliteLedger::open_read_only(&path)), none);
    assert_eq!(files(&folder), [], "looking makes no file");
    let nowhere = folder.path().join("no").join("folder.db");
    let refused = text(SqliteLedger::open(&nowhere));
    assert!(refused.starts_with("reach the ledger: "), "{refused}");
    assert!(refused.ends_with("check that its folder exists and may be written"), "{refused}");
    let refused = text(SqliteLedger::open(folder.path()));
    assert!(refused.ends_with("it is a folder; name a file that may be read and written"), "{refused}");
}

#[tokio::test]
async fn a_path_of_odd_characters_is_a_path() {
    let (folder, _) = folder();
    for name in ["with space?immutable=0#x%41.db", "é 漢字.db", ":memory:"] {
        let path = folder.path().join(name);
        for sum in [1, 2, 3] {
            let ledger = SqliteLedger::open(&path).expect(name);
            assert_eq!(
                ledger.count(&account("acme"), "2026-11-23", &Figures::of_calls(1)).await,
                Ok(Figures::of_calls(sum)),
                "{name}"
            );
        }
        Connection::open(&path).expect("opens").pragma_update(None, "user_version", 9).expect("set");
        assert!(text(SqliteLedger::open(&path)).contains("version 9"), "{name}");
    }
    assert_eq!(files(&folder).len(), 3);
}

#[test]
fn an_empty_file_becomes_a_ledger() {
    let (_folder, path) = folder();
    fs::write(&path, "").expect("written");
    assert!(text(SqliteLedger::open_read_only(&path)).contains("there is no ledger"));
    drop(SqliteLedger::open(&path).expect("opens"));
    assert!(SqliteLedger::open_read_only(&path).is_ok());
    let connection = Connection::open(&path).expect("opens");
    let mode: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)).expect("a mode");
    assert_eq!(mode, "wal");
}

/// A ledger as version 1 made it: its day's calls in a table of their own.
const TABLES_OF_VERSION_1: &str = "
    DROP TABLE DailyFigures;
    CREATE TABLE ApiCalls (
        Account TEXT NOT NULL, Day TEXT NOT NULL, Calls INTEGER NOT NULL, PRIMARY KEY (Account, Day)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO ApiCalls VALUES ('acme', '2026-11-23', 7);
    PRAGMA user_version = 1;
";

#[tokio::test]
async fn a_ledger_of_the_first_version_is_brought_to_this_one() {
    let (_folder, path) = folder();
    drop(SqliteLedger::open(&path).expect("opens"));
    Connection::open(&path).expect("opens").execute_batch(TABLES_OF_VERSION_1).expect("made older");
    let refused = text(SqliteLedger::open_read_only(&path));
    assert!(refused.ends_with("run `crm-export resume` once, which brings it to this version"), "{refused}");
    for _ in 0..2 {
        let ledger = SqliteLedger::open(&path).expect("opens");
        let day = ("2026-11-23".to_owned(), Figures::of_calls(7));
        assert_eq!(ledger.figures(&account("acme"), "2026-01-01").await, Ok(vec![day]));
    }
    assert!(SqliteLedger::open_read_only(&path).is_ok());
}

/// The database's files as they are now, which is what SIGKILL would leave.
fn copy_of(path: &Path) -> (TempDir, PathBuf) {
    let (folder, copy) = folder();
    for suffix in ["", "-wal", "-shm"] {
        let from = format!("{}{suffix}", path.display());
        if Path::new(&from).exists() {
            fs::copy(from, format!("{}{suffix}", copy.display())).expect("copied");
        }
    }
    (folder, copy)
}

/// Writes one of everything, and answers how to read it.
async fn fill(ledger: &dyn Ledger) -> Job {
    let contact = job("acme/Contact");
    let lease = leased(ledger, "acme/Contact").await;
    let error = refused(&contact, "42.7", "open");
    ledger.put_settings(&account("acme"), &json!({"batchSize": 50}), 0).await.expect("stored");
    ledger.park(&lease, &[placed(&contact, "42.8", "waits")]).await.expect("parked");
    ledger.put_open_error(&lease, &error).await.expect("logged");
    ledger.count(&account("acme"), "2026-11-23", &Figures::of_calls(7)).await.expect("counted");
    let paused = held(&error);
    ledger.save(&lease, &paused, at(10)).await.expect("saved");
    paused
}

async fn check_filled(ledger: &dyn Ledger, paused: &Job) {
    let contact = job("acme/Contact");
    assert_eq!(ledger.job(&contact).await.expect("read").as_ref(), Some(paused));
    assert_eq!(ledger.settings(&account("acme")).await.expect("read").body, Some(json!({"batchSize": 50})));
    assert_eq!(ledger.parked(&contact, None, 9).await, Ok(vec![placed(&contact, "42.8", "waits")]));
    assert_eq!(ledger.open_errors(&contact, None, 9).await, Ok(vec![refused(&contact, "42.7", "open")]));
}

#[tokio::test]
async fn what_was_written_is_there_after_reopening() {
    let (_folder, path) = folder();
    let ledger = SqliteLedger::open(&path).expect("opens");
    let paused = fill(&ledger).await;
    let (_killed, copy) = copy_of(&path);
    drop(ledger);
    for path in [&path, &copy] {
        check_filled(&SqliteLedger::open_read_only(path).expect("opens"), &paused).await;
        let ledger = SqliteLedger::open(path).expect("opens");
        check_filled(&ledger, &paused).await;
        assert_eq!(
            ledger.count(&account("acme"), "2026-11-23", &Figures::of_calls(0)).await,
            Ok(Figures::of_calls(7))
        );
        assert_eq!(leased(&ledger, "acme/Contact").await.epoch, 2);
    }
}

#[tokio::test]
async fn two_programs_fence_each_other() {
    let (_folder, path) = folder();
    let (one, two) = (SqliteLedger::open(&path).expect("opens"), SqliteLedger::open(&path).expect("opens"));
    let contact = job("acme/Contact");
    let older = leased(&one, "acme/Contact").await;
    let held = two.lease(&contact, "two", at(9), at(19)).await.expect_err("held");
    assert_eq!(*held.kind(), LedgerErrorKind::LeaseHeld { job: contact.clone(), until: at(10) });
    let (newer, _) = two.lease(&contact, "two", at(10), at(20)).await.expect("run out");
    let lost = LedgerErrorKind::LeaseLost { job: contact.clone() };
    let records = [placed(&contact, "1.0", "a")];
    assert_eq!(*one.park(&older, &records).await.expect_err("fenced").kind(), lost);
    assert_eq!(two.park(&newer, &records).await, Ok(()));
    assert_eq!(one.count_parked(&contact).await, Ok(1), "each sees what the other wrote");
}

#[test]
fn many_programs_open_one_new_file_and_one_gets_the_lease() {
    const PROGRAMS: u32 = 8;
    const CALLS: u64 = 100;
    let (_folder, path) = folder();
    let (contact, taken, opened) = (job("acme/Contact"), AtomicU32::new(0), Barrier::new(PROGRAMS as usize));
    std::thread::scope(|scope| {
        for owner in 0..PROGRAMS {
            let (path, contact, taken, opened) = (&path, &contact, &taken, &opened);
            scope.spawn(move || {
                let ledger = SqliteLedger::open(path);
                opened.wait();
                let ledger = ledger.expect("opens");
                let owner = format!("run {owner}");
                if wait_for(ledger.lease(contact, &owner, at(0), at(10))).is_ok() {
                    taken.fetch_add(1, Ordering::Relaxed);
                }
                for _ in 0..CALLS {
                    wait_for(ledger.count(&contact.account, "2026-11-23", &Figures::of_calls(1)))
                        .expect("counted");
                }
            });
        }
    });
    assert_eq!(taken.into_inner(), 1);
    let ledger = SqliteLedger::open(&path).expect("opens");
    let sum = wait_for(ledger.count(&contact.account, "2026-11-23", &Figures::of_calls(0)));
    assert_eq!(sum, Ok(Figures::of_calls(u64::from(PROGRAMS) * CALLS)));
}

fn wait_for<T>(call: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(call)
}

#[tokio::test]
async fn a_reader_looks_while_another_program_writes() {
    let (_folder, path) = folder();
    let ledger = SqliteLedger::open(&path).expect("opens");
    let paused = fill(&ledger).await;
    let writer = Connection::open(&path).expect("opens");
    writer.execute_batch("BEGIN IMMEDIATE; DELETE FROM Parked; DELETE FROM ExportErrors").expect("writing");
    let reader = SqliteLedger::open_read_only(&path).expect("opens");
    check_filled(&reader, &paused).await;
    writer.execute_batch("COMMIT").expect("written");
    assert_eq!(reader.count_parked(&job("acme/Contact")).await, Ok(0));
    let refused = text(reader.count(&account("acme"), "2026-11-23", &Figures::of_calls(1)).await);
    assert!(refused.starts_with("reach the ledger: "), "{refused}");
    assert!(refused.contains("attempt to write a readonly database"), "{refused}");
}
