//! Cases of export errors.

use domain::{ErrorState, ExportError, ExternalId, JobId};
use jobs::ledger::{ErrorFilter, Ledger};

use crate::samples::*;

async fn all(ledger: &dyn Ledger) -> Vec<ExportError> {
    ledger.errors(&account("acme"), &ErrorFilter::default(), None, 99).await.expect("read")
}

pub async fn an_open_error_is_replaced(ledger: &dyn Ledger) {
    let contact = job("acme/Contact");
    let lease = leased(ledger, "acme/Contact").await;
    let first = refused(&contact, "3.0", "a");
    ledger.put_open_error(&lease, &first).await.expect("logged");
    assert_eq!(ledger.open_errors(&contact, None, 9).await, Ok(vec![first.clone()]));
    let again = refused_again(&contact, "7.0", "a", Some(&first));
    ledger.put_open_error(&lease, &again).await.expect("logged");
    ledger.put_open_error(&lease, &again).await.expect("a repeat");
    assert_eq!((again.id.as_str(), again.attempts), (first.id.as_str(), 2));
    assert_eq!(ledger.open_errors(&contact, None, 9).await, Ok(vec![again.clone()]));
    assert_eq!(ledger.count_open_errors(&contact).await, Ok(1));
    assert_eq!(all(ledger).await, [again]);
}

pub async fn an_open_error_with_another_id_is_replaced(ledger: &dyn Ledger) {
    let contact = job("acme/Contact");
    let lease = leased(ledger, "acme/Contact").await;
    ledger.put_open_error(&lease, &refused(&contact, "3.0", "a")).await.expect("logged");
    let other = refused(&contact, "7.0", "a");
    ledger.put_open_error(&lease, &other).await.expect("logged");
    assert_eq!(all(ledger).await, [other]);
    // External ids are compared as text, the field's name included: only the CRM knows better.
    let mut renamed = refused(&contact, "8.0", "a");
    renamed.record.external_id.field = "ext__C".to_owned();
    for another in [refused(&contact, "9.0", "A"), refused(&contact, "9.1", "a "), renamed] {
        ledger.put_open_error(&lease, &another).await.expect("logged");
    }
    assert_eq!(ledger.count_open_errors(&contact).await, Ok(4));
}

pub async fn closed_errors_are_kept(ledger: &dyn Ledger) {
    let contact = job("acme/Contact");
    let lease = leased(ledger, "acme/Contact").await;
    let first = refused(&contact, "3.0", "a");
    ledger.put_open_error(&lease, &first).await.expect("logged");
    ledger.close_error(&lease, &resolved(&first)).await.expect("closed");
    assert_eq!(ledger.open_errors(&contact, None, 9).await, Ok(vec![]));
    assert_eq!(ledger.count_open_errors(&contact).await, Ok(0));
    let second = refused(&contact, "8.0", "a");
    ledger.put_open_error(&lease, &second).await.expect("logged");
    assert_eq!(all(ledger).await, [resolved(&first), second.clone()]);
    let moot = second.closed(ErrorState::Superseded, at(4));
    ledger.close_error(&lease, &moot).await.expect("closed");
    ledger.close_error(&lease, &moot).await.expect("a repeat");
    assert_eq!(all(ledger).await, [resolved(&first), moot]);
}

pub async fn the_same_failure_written_again_is_one_row(ledger: &dyn Ledger) {
    // A run wrote the success and was killed before the cursor moved; the repeat is refused: the same id is open again.
    let contact = job("acme/Contact");
    let lease = leased(ledger, "acme/Contact").await;
    let error = refused(&contact, "3.0", "a");
    ledger.put_open_error(&lease, &error).await.expect("logged");
    ledger.close_error(&lease, &resolved(&error)).await.expect("closed");
    ledger.put_open_error(&lease, &error).await.expect("logged");
    assert_eq!(all(ledger).await, std::slice::from_ref(&error));
    assert_eq!(ledger.open_errors(&contact, None, 9).await, Ok(vec![error]));
}

pub async fn closing_what_was_never_written_stores_it(ledger: &dyn Ledger) {
    let contact = job("acme/Contact");
    let lease = leased(ledger, "acme/Contact").await;
    ledger.put_open_error(&lease, &refused(&contact, "1.0", "a")).await.expect("logged");
    let closed = resolved(&refused(&contact, "3.0", "a"));
    ledger.close_error(&lease, &closed).await.expect("closed");
    assert_eq!(all(ledger).await, [closed], "nothing is open for its external id");
}

pub async fn open_errors_are_found_by_external_id(ledger: &dyn Ledger) {
    let (contact, lead) = (job("acme/Contact"), job("acme/Lead"));
    let mut values: Vec<String> = [
        "",
        " ",
        "'",
        "''; DROP TABLE ExportErrors; --",
        "\"",
        "%",
        "漢字 é",
        "e\u{301}",
        "a\0b",
        "a",
        "A",
        "?1",
    ]
    .map(str::to_owned)
    .to_vec();
    values.extend((values.len()..200).map(|n| format!("id {n}")));
    let lease = leased(ledger, "acme/Contact").await;
    // Every second one has an open error; the last of them is closed.
    let mut open: Vec<ExportError> = Vec::new();
    for (n, value) in values.iter().enumerate().step_by(2) {
        let error = refused(&contact, &format!("{}.0", 1000 - n), value);
        ledger.put_open_error(&lease, &error).await.expect("logged");
        open.push(error);
    }
    let closed = open.pop().expect("the last");
    ledger.close_error(&lease, &resolved(&closed)).await.expect("closed");
    let elsewhere = leased(ledger, "acme/Lead").await;
    ledger.put_open_error(&elsewhere, &refused(&lead, "1.0", "'")).await.expect("logged");

    let mut ids: Vec<ExternalId> =
        values.iter().map(|value| ExternalId { field: "Ext__c".to_owned(), value: value.clone() }).collect();
    ids.push(ids[0].clone());
    ids.push(ExternalId { field: "Other__c".to_owned(), value: "a".to_owned() });
    let ids: Vec<&ExternalId> = ids.iter().collect();
    open.reverse();
    assert_eq!(ledger.open_errors_of(&contact, &ids).await, Ok(open), "by position, each once");
    assert_eq!(ledger.open_errors_of(&contact, &[]).await, Ok(vec![]));
    assert_eq!(ledger.open_errors_of(&job("acme/Nobody"), &ids).await, Ok(vec![]));
}

pub async fn open_errors_are_paged_by_position(ledger: &dyn Ledger) {
    let contact = job("acme/Contact");
    let lease = leased(ledger, "acme/Contact").await;
    for (place, id) in
        [("10.0", "d"), ("9.2", "b"), ("9.10", "c"), ("18446744073709551616.0", "e"), ("1.0", "a")]
    {
        ledger.put_open_error(&lease, &refused(&contact, place, id)).await.expect("logged");
    }
    ledger.close_error(&lease, &resolved(&refused(&contact, "9.10", "c"))).await.expect("closed");
    let pages =
        [(None, "a open,b open"), (Some("9.2"), "d open,e open"), (Some("18446744073709551616.0"), "")];
    for (after, expected) in pages {
        let page = ledger.open_errors(&contact, after.map(position), 2).await.expect("read");
        assert_eq!(shown(&page).join(","), expected, "{after:?}");
    }
    assert_eq!(ledger.open_errors(&contact, None, 0).await, Ok(vec![]));
    assert_eq!(ledger.count_open_errors(&contact).await, Ok(4));
}

/// Errors of two objects of `acme`, and of another account: job, position, external id, state.
const FILLED: &[(&str, &str, &str, ErrorState)] = &[
    ("acme/Lead", "2.0", "l2", ErrorState::Open),
    ("acme/Lead", "1.0", "l1", ErrorState::Superseded),
    ("acme/Contact", "10.0", "c10", ErrorState::Open),
    ("acme/Contact", "9.0", "c9", ErrorState::Resolved),
    ("acme/Contact", "9.1", "c91", ErrorState::Open),
    ("other/Contact", "5.0", "o5", ErrorState::Open),
];

async fn fill(ledger: &dyn Ledger) {
    for (name, place, id, state) in FILLED {
        let lease = leased(ledger, name).await;
        let error = refused(&job(name), place, id);
        ledger.put_open_error(&lease, &error).await.expect("logged");
        if *state != ErrorState::Open {
            ledger.close_error(&lease, &error.closed(*state, at(3))).await.expect("closed");
        }
    }
}

pub async fn errors_are_filtered_and_paged(ledger: &dyn Ledger) {
    fill(ledger).await;
    let cases: [(Option<ErrorState>, Option<&str>, &str); 6] = [
        (None, None, "c9 resolved,c91 open,c10 open,l1 superseded,l2 open"),
        (Some(ErrorState::Open), None, "c91 open,c10 open,l2 open"),
        (Some(ErrorState::Resolved), None, "c9 resolved"),
        (None, Some("Lead"), "l1 superseded,l2 open"),
        (Some(ErrorState::Open), Some("Lead"), "l2 open"),
        (None, Some("contact"), ""),
    ];
    for (state, object, expected) in cases {
        let filter = ErrorFilter { state, object: object.map(str::to_owned), ..ErrorFilter::default() };
        for limit in [1, 2, 99] {
            check_pages(ledger, &filter, limit, expected).await;
        }
    }
    assert_eq!(ledger.errors(&account("acme"), &ErrorFilter::default(), None, 0).await, Ok(vec![]));
}

pub async fn errors_are_found_by_code_and_text(ledger: &dyn Ledger) {
    fill(ledger).await;
    let all = "c9 resolved,c91 open,c10 open,l1 superseded,l2 open";
    let cases = [
        (Some("REQUIRED_FIELD_MISSING"), None, all),
        (Some("required_field_missing"), None, ""),
        (None, Some("C1"), "c10 open"),
        (None, Some("are MISSING: [email"), all),
        (None, Some("contacts.ndjson:812"), all),
        (None, Some("Doe"), ""),
        (Some("REQUIRED_FIELD_MISSING"), Some("l2"), "l2 open"),
        (Some("OTHER"), Some("l2"), ""),
    ];
    for (code, text, expected) in cases {
        let (code, text) = (code.map(str::to_owned), text.map(str::to_owned));
        let filter = ErrorFilter { code, text, ..ErrorFilter::default() };
        for limit in [1, 99] {
            check_pages(ledger, &filter, limit, expected).await;
        }
    }
}

async fn check_pages(ledger: &dyn Ledger, filter: &ErrorFilter, limit: usize, expected: &str) {
    let mut read: Vec<ExportError> = Vec::new();
    loop {
        let after = read.last().map(|error| error.id.clone());
        let page = ledger.errors(&account("acme"), filter, after.as_deref(), limit).await.expect("read");
        if page.is_empty() {
            break;
        }
        assert!(page.len() <= limit && read.len() < 9, "{filter:?} {limit}: {read:?}");
        read.extend(page);
    }
    assert_eq!(shown(&read).join(","), expected, "{filter:?} {limit}");
}

pub async fn paging_behind_an_unknown_id_ends(ledger: &dyn Ledger) {
    fill(ledger).await;
    let another_accounts = refused(&job("other/Contact"), "5.0", "o5").id;
    for after in ["", "nonsense", &another_accounts] {
        let page = ledger.errors(&account("acme"), &ErrorFilter::default(), Some(after), 9).await;
        assert_eq!(page, Ok(vec![]), "{after}");
    }
    // A row that no longer fits the filter is still a place to go on from.
    let open = ErrorFilter { state: Some(ErrorState::Open), ..ErrorFilter::default() };
    let resolved_id = refused(&job("acme/Contact"), "9.0", "c9").id;
    let page = ledger.errors(&account("acme"), &open, Some(&resolved_id), 9).await.expect("read");
    assert_eq!(shown(&page).join(","), "c91 open,c10 open,l2 open");
}

pub async fn an_error_is_its_accounts(ledger: &dyn Ledger) {
    fill(ledger).await;
    let of = |job: &JobId, place: &str, id: &str| refused(job, place, id);
    let (ours, theirs) = (of(&job("acme/Lead"), "2.0", "l2"), of(&job("other/Contact"), "5.0", "o5"));
    assert_eq!(ledger.error(&account("acme"), &ours.id).await, Ok(Some(ours.clone())));
    assert_eq!(ledger.error(&account("other"), &theirs.id).await, Ok(Some(theirs.clone())));
    assert_eq!(ledger.error(&account("acme"), &theirs.id).await, Ok(None));
    assert_eq!(ledger.error(&account("other"), &ours.id).await, Ok(None));
    assert_eq!(ledger.error(&account("acme"), "").await, Ok(None));
}
