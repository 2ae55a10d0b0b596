//! The tables. They are a product surface: comments stand inside the statements, so that `.schema` shows them.
//!
//! Where a column repeats what `Body` says, it is for people and for indexes; the program reads `Body`. Every change
//! here is a new [`VERSION`].

/// `PRAGMA application_id`, "CRMX": tells our file from other programs' SQLite files.
pub(super) const APPLICATION_ID: u32 = 0x4352_4D58;

/// `PRAGMA user_version` of the tables below.
pub(super) const VERSION: u32 = 2;

/// Brings a ledger of version 1 to version 2: the day's calls became the day's figures.
pub(super) const FROM_VERSION_1: &str = "
ALTER TABLE ApiCalls RENAME TO DailyFigures;
ALTER TABLE DailyFigures ADD COLUMN Exported INTEGER NOT NULL DEFAULT 0;
ALTER TABLE DailyFigures ADD COLUMN Errors TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(Errors));
";

/// Larger than SQLite's 4096 bytes, because records are: with 2 KB of JSON each, parking takes two thirds of the time.
pub(super) const PAGE_BYTES: u32 = 8192;

/// Makes an empty file a ledger. `Parked` has a rowid on purpose: its key is then an index without the bodies, and
/// counting 100,000 parked records takes some 10 ms and not 50 to 250.
pub(super) const TABLES: &str = "
CREATE TABLE Settings (
    -- An account's settings, as JSON. A setting that does not fit reads as its safe default, with a warning.
    Account TEXT NOT NULL PRIMARY KEY,
    Body    TEXT NOT NULL,
    Version INTEGER NOT NULL DEFAULT 1  -- grows with every change
) STRICT, WITHOUT ROWID;

-- A change by hand counts as a change: a program that read the settings before it must read them again.
CREATE TRIGGER SettingsChangedByHand AFTER UPDATE OF Body ON Settings WHEN NEW.Version = OLD.Version
BEGIN
    UPDATE Settings SET Version = Version + 1 WHERE Account = NEW.Account;
END;

CREATE TABLE Jobs (
    -- One job for each account and CRM object. The program reads Body, LeaseOwner, LeaseUntil and Epoch.
    Account      TEXT NOT NULL,
    Object       TEXT NOT NULL,
    Cursor       TEXT,              -- the last position (sequence.index) whose fate is settled
    Hold         TEXT,              -- why it does not move: RecordRefused, CrmUnavailable, or NULL
    HoldPosition TEXT,              -- RecordRefused: the record's position
    HoldErrorId  TEXT,              -- RecordRefused: its Id in ExportErrors
    HoldCode     TEXT,
    HoldMessage  TEXT,
    HoldSince    TEXT,
    HoldUntil    TEXT,              -- CrmUnavailable: the CRM is not asked before
    LeaseOwner   TEXT,              -- the run that has the job
    LeaseUntil   TEXT,              -- set it to NULL to free a job whose run is certainly gone
    Epoch        INTEGER NOT NULL,  -- grows with every lease; a run with an older one can no longer write
    Body         TEXT NOT NULL CHECK (json_valid(Body)),
    PRIMARY KEY (Account, Object)
) STRICT, WITHOUT ROWID;

CREATE TABLE Parked (
    -- Records that wait behind a hold, one in each row.
    Account    TEXT NOT NULL,
    Object     TEXT NOT NULL,
    SortKey    TEXT NOT NULL,       -- the position with leading zeros: text order is the job's order
    ExternalId TEXT NOT NULL,
    Body       TEXT NOT NULL CHECK (json_valid(Body)),
    PRIMARY KEY (Account, Object, SortKey)
) STRICT;

CREATE TABLE ExportErrors (
    -- Records that the CRM refused. Rows are kept when they are closed. To give one up by hand, set
    -- State = 'superseded'; the program reads State and Body, the other columns only find and show the row.
    Id              TEXT NOT NULL,
    Account         TEXT NOT NULL,
    Object          TEXT NOT NULL,
    ExternalIdField TEXT NOT NULL,
    ExternalId      TEXT NOT NULL,
    Operation       TEXT NOT NULL,     -- upsert, delete
    Position        TEXT NOT NULL,     -- sequence.index
    Code            TEXT NOT NULL,     -- Marketo Measure's code
    CrmCode         TEXT NOT NULL,     -- the CRM's code
    Class           TEXT NOT NULL,     -- permission, validation, automation, data, duplicate
    Message         TEXT NOT NULL,     -- the CRM's message
    Fields          TEXT NOT NULL,     -- the fields that the CRM names, comma separated
    State           TEXT NOT NULL CHECK (State IN ('open', 'resolved', 'superseded')),
    Attempts        INTEGER NOT NULL,
    FirstFailedAt   TEXT NOT NULL,
    LastFailedAt    TEXT NOT NULL,
    ClosedAt        TEXT,
    Source          TEXT,              -- where the record came from
    SortKey         TEXT NOT NULL,     -- the position with leading zeros
    Body            TEXT NOT NULL CHECK (json_valid(Body))
) STRICT;
CREATE UNIQUE INDEX ErrorById ON ExportErrors (Account, Id, Object, ExternalIdField, ExternalId);
CREATE UNIQUE INDEX OneOpenErrorPerRecord ON ExportErrors (Account, Object, ExternalIdField, ExternalId)
    WHERE State = 'open';
CREATE INDEX OpenErrorsInOrder ON ExportErrors (Account, Object, SortKey, Id) WHERE State = 'open';
CREATE INDEX ErrorsInOrder ON ExportErrors (Account, Object, SortKey, Id, State);

CREATE TABLE Rejections (
    -- Messages that could not be read. Account is NULL when the message does not even say that.
    Account   TEXT,
    At        TEXT NOT NULL,
    MessageId TEXT NOT NULL,
    Reason    TEXT NOT NULL,
    Body      TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX RejectionOnce ON Rejections (ifnull(Account, ''), At, MessageId);

CREATE TABLE DailyFigures (
    -- What an account's jobs did in a UTC day.
    Account  TEXT NOT NULL,
    Day      TEXT NOT NULL,
    Calls    INTEGER NOT NULL,          -- CRM calls
    Exported INTEGER NOT NULL DEFAULT 0,
    Errors   TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(Errors)),  -- logged errors by code, as JSON
    PRIMARY KEY (Account, Day)
) STRICT, WITHOUT ROWID;

CREATE VIEW JobStatus AS
    -- What to look at first.
    SELECT Account, Object, Cursor, Hold, HoldPosition, HoldErrorId, HoldCode, HoldMessage, HoldSince, HoldUntil,
        (SELECT count(*) FROM Parked p WHERE p.Account = j.Account AND p.Object = j.Object) AS ParkedRecords,
        (SELECT count(*) FROM ExportErrors e
            WHERE e.Account = j.Account AND e.Object = j.Object AND e.State = 'open') AS OpenErrors
    FROM Jobs j;
";
