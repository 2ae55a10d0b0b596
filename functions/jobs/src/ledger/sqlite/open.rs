//! Opens the file, and refuses one that is not a ledger of this version before SQLite may touch it.
//!
//! The first look takes the file for one that never changes (`immutable`): SQLite then reads its header and nothing
//! else, where an ordinary opening can already change it (a journal is rolled back, a WAL is moved into the file). Our two
//! numbers stand in the header and never move, because the tables are made before the file goes into WAL mode. We do not
//! read the header ourselves: closing a file by hand drops the locks that SQLite has on it elsewhere in this program
//! (<https://www.sqlite.org/howtocorrupt.html> §2.2).

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use super::failure::Trouble;
use super::schema::{APPLICATION_ID, FROM_VERSION_1, PAGE_BYTES, TABLES, VERSION};
use crate::ledger::{LedgerError, LedgerErrorKind};

/// How long a call waits for another program's write.
pub(super) const BUSY_WAIT: Duration = Duration::from_secs(5);

/// More statements than the ledger has, so that each is prepared once.
const STATEMENTS_MAX: usize = 64;

/// One page of the smallest size. SQLite takes a shorter file for an empty database, whatever stands in it.
const FILE_BYTES_MIN: u64 = 512;

/// What lies at the path.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    Nothing,
    Ledger,
}

/// Opens the ledger, and begins it when there is no file or an empty one.
pub(super) fn open(path: &Path) -> Result<Connection, LedgerError> {
    let found = look(path)?;
    let told = |trouble: Trouble| trouble.told(path);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let flags = if found == Found::Nothing { flags | OpenFlags::SQLITE_OPEN_CREATE } else { flags };
    let mut connection = connect(path, flags).map_err(told)?;
    if found == Found::Nothing {
        begin(&mut connection).map_err(told)?;
    }
    upgrade(&mut connection).map_err(told)?;
    check_opened(&connection, path)?;
    use_wal(&connection).map_err(told)?;
    Ok(connection)
}

/// Opens the ledger for reading only.
pub(super) fn open_read_only(path: &Path) -> Result<Connection, LedgerError> {
    if look(path)? == Found::Nothing {
        let none = format!("there is no ledger at {} yet; the first run makes it", path.display());
        return Err(LedgerErrorKind::Unavailable(none).into());
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = connect(path, flags).map_err(|trouble| trouble.told(path))?;
    check_opened(&connection, path)?;
    Ok(connection)
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, Trouble> {
    let connection = Connection::open_with_flags(plain(path), flags)?;
    connection.busy_timeout(BUSY_WAIT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    Ok(connection)
}

/// SQLite reads `:memory:`, `file:` and the empty path as something else; behind `./` they are paths like others.
fn plain(path: &Path) -> PathBuf {
    if path.is_relative() { Path::new(".").join(path) } else { path.to_owned() }
}

/// Makes the tables, unless another program just did.
fn begin(connection: &mut Connection) -> Result<(), Trouble> {
    connection.pragma_update(None, "page_size", PAGE_BYTES)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let tables: i64 = transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables == 0 {
        transaction.execute_batch(TABLES)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    }
    Ok(transaction.commit()?)
}

/// Brings an older ledger to this version, unless another program just did.
fn upgrade(connection: &mut Connection) -> Result<(), Trouble> {
    if numbers(connection)? != (APPLICATION_ID, 1) {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if numbers(&transaction)?.1 == 1 {
        transaction.execute_batch(FROM_VERSION_1)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    }
    Ok(transaction.commit()?)
}

/// WAL mode stays with the file, so that only its first opening changes it. SQLite does not wait for that change when
/// another program is at the file: that one makes it too, and this connection sees it with its next transaction.
fn use_wal(connection: &Connection) -> Result<(), Trouble> {
    match connection.pragma_update(None, "journal_mode", "WAL") {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => Ok(()),
        answer => Ok(answer?),
    }
}

/// The check once more when the file is open: the WAL may hold newer numbers than the header.
fn check_opened(connection: &Connection, path: &Path) -> Result<(), LedgerError> {
    let (application_id, version) = numbers(connection).map_err(|error| Trouble::from(error).told(path))?;
    check(path, application_id, version)
}

fn numbers(connection: &Connection) -> Result<(u32, u32), rusqlite::Error> {
    let number = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    Ok((number("application_id")?.cast_unsigned(), number("user_version")?.cast_unsigned()))
}

/// Looks at the file without changing anything.
fn look(path: &Path) -> Result<Found, LedgerError> {
    let unavailable = |why: String| {
        let text = format!("{}: {why}; name a file that may be read and written", path.display());
        Err(LedgerErrorKind::Unavailable(text).into())
    };
    match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return unavailable(error.to_string()),
        Ok(metadata) if metadata.is_dir() => return unavailable("it is a folder".to_owned()),
        Ok(metadata) if metadata.len() == 0 => return Ok(Found::Nothing),
        Ok(metadata) if metadata.len() < FILE_BYTES_MIN => return Err(no_database(path)),
        Ok(_) => {}
    }
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    match Connection::open_with_flags(immutable(path), flags).and_then(|connection| numbers(&connection)) {
        // Opening for writing upgrades it; for reading, the check once more tells what to do.
        Ok((APPLICATION_ID, 1)) => Ok(Found::Ledger),
        Ok((application_id, version)) => {
            check(path, application_id, version)?;
            Ok(Found::Ledger)
        }
        // While another program's checkpoint makes the file longer, its header is ahead of its length. The ordinary
        // opening waits for that, or finds that the file is really broken.
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) => Ok(Found::Ledger),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => Err(no_database(path)),
        Err(error) => Err(Trouble::from(error).told(path)),
    }
}

fn no_database(path: &Path) -> LedgerError {
    LedgerErrorKind::NotALedger { path: path.display().to_string(), found: "it is no SQLite file" }.into()
}

/// The file as a URI that asks SQLite to take no lock, read no journal and make no file.
fn immutable(path: &Path) -> String {
    let mut uri = String::from("file:");
    for byte in plain(path).as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-".contains(byte) {
            uri.push(char::from(*byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri + "?immutable=1"
}

fn check(path: &Path, application_id: u32, version: u32) -> Result<(), LedgerError> {
    let shown = path.display().to_string();
    if application_id != APPLICATION_ID {
        let found = "it is another program's SQLite file";
        return Err(LedgerErrorKind::NotALedger { path: shown, found }.into());
    }
    if version != VERSION {
        let advice = match version {
            1 => "run `crm-export resume` once, which brings it to this version",
            _ => "use the crm-export that made it, or name another file; this one was left as it is",
        };
        let advice = advice.to_owned();
        let found = version.to_string();
        return Err(LedgerErrorKind::OtherVersion { path: shown, found, expected: VERSION, advice }.into());
    }
    Ok(())
}
