//! The ledger's contract: one suite that every adapter passes. A new adapter joins with one line at the end.
//!
//! Each case gets a ledger of its own from the adapter's `open`. What only SQLite has (its file, its tables) is in
//! `ledger/sqlite_*.rs`; what only DynamoDB has (its items, sizes, units and lost replies) in `ledger/dynamo_*.rs`, tried
//! against DynamoDB Local with the feature `dynamodb-local`.

#[cfg(feature = "dynamodb-local")]
#[path = "ledger/dynamo_items.rs"]
mod dynamo_ledger_items;
#[cfg(feature = "dynamodb-local")]
#[path = "ledger/dynamo_large.rs"]
mod dynamo_ledger_large;
#[cfg(feature = "dynamodb-local")]
#[path = "ledger/dynamo_lost.rs"]
mod dynamo_ledger_lost;
#[cfg(feature = "dynamodb-local")]
#[path = "ledger/dynamo_units.rs"]
mod dynamo_ledger_units;
#[cfg(feature = "dynamodb-local")]
#[path = "ledger/dynamo_local.rs"]
mod dynamo_local;
#[path = "ledger/errors.rs"]
mod errors;
#[path = "ledger/leases.rs"]
mod leases;
#[path = "ledger/others.rs"]
mod others;
#[path = "ledger/parked.rs"]
mod parked;
#[path = "ledger/samples.rs"]
mod samples;
#[cfg(feature = "sqlite")]
#[path = "ledger/sqlite_file.rs"]
mod sqlite_ledger_file;
#[cfg(feature = "sqlite")]
#[path = "ledger/sqlite_rows.rs"]
mod sqlite_ledger_rows;

use jobs::ledger::{Ledger, MemoryLedger};

/// A ledger under test, with what must live as long as it does.
struct Opened {
    ledger: Box<dyn Ledger>,
    _folder: Option<tempfile::TempDir>,
}

async fn memory() -> Opened {
    Opened { ledger: Box::new(MemoryLedger::default()), _folder: None }
}

#[cfg(feature = "sqlite")]
async fn sqlite() -> Opened {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = jobs::ledger::sqlite::SqliteLedger::open(&folder.path().join("ledger.db")).expect("opens");
    Opened { ledger: Box::new(ledger), _folder: Some(folder) }
}

#[cfg(feature = "dynamodb-local")]
async fn dynamo() -> Opened {
    Opened { ledger: Box::new(dynamo_local::dynamo().await.ledger), _folder: None }
}

macro_rules! cases {
    ($open:path: $($group:ident { $($case:ident)* })*) => {
        $($(
            #[tokio::test]
            async fn $case() {
                let opened = $open().await;
                crate::$group::$case(opened.ledger.as_ref()).await;
            }
        )*)*
    };
}

macro_rules! contract {
    ($adapter:ident, $open:path) => {
        mod $adapter {
            cases! { $open:
                leases {
                    a_job_begins_with_its_first_lease
                    another_owner_waits_until_the_lease_runs_out
                    the_same_owner_takes_it_again_at_once
                    a_lease_is_given_back
                    one_of_many_gets_the_lease
                    every_write_of_an_older_lease_is_refused
                    a_lease_that_ran_out_still_writes_until_another_run_comes
                    a_job_is_read_back_whole
                    jobs_are_listed_by_object_within_their_account
                }
                parked {
                    parking_twice_changes_nothing
                    order_is_by_number_and_not_by_text
                    pages_go_on_behind_a_position
                    unpark_removes_through_a_position
                    jobs_do_not_share_parked_records
                    a_record_is_read_back_as_it_was_parked
                }
                errors {
                    an_open_error_is_replaced
                    an_open_error_with_another_id_is_replaced
                    closed_errors_are_kept
                    the_same_failure_written_again_is_one_row
                    closing_what_was_never_written_stores_it
                    open_errors_are_found_by_external_id
                    open_errors_are_paged_by_position
                    errors_are_filtered_and_paged
                    errors_are_found_by_code_and_text
                    paging_behind_an_unknown_id_ends
                    an_error_is_its_accounts
                }
                others {
                    settings_change_only_from_the_version_read
                    settings_keep_any_json
                    every_setting_is_kept
                    rejections_are_the_accounts_own
                    figures_are_counted_by_day
                }
            }
        }
    };
}

contract!(memory_ledger, crate::memory);
#[cfg(feature = "sqlite")]
contract!(sqlite_ledger, crate::sqlite);
#[cfg(feature = "dynamodb-local")]
contract!(dynamo_ledger, crate::dynamo);
