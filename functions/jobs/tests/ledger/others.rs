//! Cases of settings, rejections and daily figures.

use domain::{Figures, Preflight, Settings};
use jobs::ledger::{Ledger, LedgerErrorKind, Rejection, StoredSettings};
use serde_json::json;

use crate::samples::*;

pub async fn settings_change_only_from_the_version_read(ledger: &dyn Ledger) {
    let acme = account("acme");
    assert_eq!(ledger.settings(&acme).await, Ok(StoredSettings::default()));
    let conflict = ledger.put_settings(&acme, &json!({}), 1).await.expect_err("nothing is stored");
    assert_eq!(*conflict.kind(), LedgerErrorKind::Conflict);
    assert_eq!(ledger.settings(&acme).await, Ok(StoredSettings::default()));

    let (first, second) = (json!({"batchSize": 50}), json!({"batchSize": 25}));
    ledger.put_settings(&acme, &first, 0).await.expect("nothing was stored");
    assert_eq!(ledger.settings(&acme).await, Ok(StoredSettings { body: Some(first), version: 1 }));
    ledger.put_settings(&acme, &second, 1).await.expect("the version read");
    for stale in [0, 1, 3, u64::MAX] {
        let conflict = ledger.put_settings(&acme, &json!({}), stale).await.expect_err("another version");
        assert_eq!(*conflict.kind(), LedgerErrorKind::Conflict, "{stale}");
    }
    assert_eq!(ledger.settings(&acme).await, Ok(StoredSettings { body: Some(second), version: 2 }));
    assert_eq!(ledger.settings(&account("acm")).await, Ok(StoredSettings::default()));
}

pub async fn settings_keep_any_json(ledger: &dyn Ledger) {
    let acme = account("acme");
    let bodies =
        [json!({"pauseOnExportErrors": "no", "x": {"y": [1.50, null]}}), json!(7), json!(null), json!("é '")];
    for (version, body) in (0..).zip(bodies) {
        ledger.put_settings(&acme, &body, version).await.expect("stored");
        let stored = StoredSettings { body: Some(body), version: version + 1 };
        assert_eq!(ledger.settings(&acme).await, Ok(stored));
    }
}

pub async fn every_setting_is_kept(ledger: &dyn Ledger) {
    let acme = account("acme");
    for (version, preflight) in (0..).zip([Preflight::Off, Preflight::Report, Preflight::Enforce]) {
        let settings = Settings { batch_size: 25, preflight, ..Settings::default() };
        ledger.put_settings(&acme, &settings.to_stored(), version).await.expect("stored");
        let stored = ledger.settings(&acme).await.expect("read");
        assert_eq!(Settings::from_stored(stored.body.as_ref(), &Settings::default()), (settings, vec![]));
    }
}

pub async fn rejections_are_the_accounts_own(ledger: &dyn Ledger) {
    let rejection = |of: Option<&str>, message_id: &str, minutes: i64| Rejection {
        account: of.map(account),
        message_id: message_id.to_owned(),
        reason: "the body is not JSON: expected value at line 1 column 1".to_owned(),
        body: "{'records': \u{0} 漢".to_owned(),
        at: at(minutes),
    };
    let ours = rejection(Some("acme"), "m1", 5);
    let nobodys = rejection(None, "m2", 4);
    let later = rejection(Some("acme"), "m1", 6);
    let same_instant = rejection(Some("acme"), "m0", 6);
    for kept in [&later, &ours, &nobodys, &rejection(Some("other"), "m3", 1), &same_instant, &ours] {
        ledger.reject(kept).await.expect("kept");
    }
    let acme = account("acme");
    assert_eq!(
        ledger.rejections(Some(&acme), 9).await,
        Ok(vec![ours.clone(), same_instant, later]),
        "oldest first, then by message; a repeat is the same one"
    );
    assert_eq!(ledger.rejections(Some(&acme), 1).await, Ok(vec![ours]));
    assert_eq!(ledger.rejections(Some(&account("nobody")), 9).await, Ok(vec![]));
    assert_eq!(ledger.rejections(None, 9).await, Ok(vec![nobodys]), "no account sees them");
}

pub async fn figures_are_counted_by_day(ledger: &dyn Ledger) {
    let acme = account("acme");
    let figures = |calls, exported, errors: &[(&str, u64)]| Figures {
        calls,
        exported,
        errors: errors.iter().map(|(code, count)| ((*code).to_owned(), *count)).collect(),
    };
    let none = Figures::default();
    assert_eq!(ledger.count(&acme, "2026-11-23", &none).await, Ok(none.clone()));
    assert_eq!(ledger.figures(&acme, "2026-01-01").await, Ok(vec![]), "nothing was counted");
    for (day, added, sums) in [
        ("2026-11-23", figures(3, 500, &[("A.B", 1)]), figures(3, 500, &[("A.B", 1)])),
        ("2026-11-24", figures(5, 0, &[]), figures(5, 0, &[])),
        ("2026-11-23", figures(4, 1, &[("A.B", 2), ("é #", 1)]), figures(7, 501, &[("A.B", 3), ("é #", 1)])),
        ("2026-11-23", none.clone(), figures(7, 501, &[("A.B", 3), ("é #", 1)])),
        ("2026-11-25", figures(0, 0, &[("C", 1)]), figures(0, 0, &[("C", 1)])),
    ] {
        assert_eq!(ledger.count(&acme, day, &added).await, Ok(sums), "{day} {added:?}");
    }
    assert_eq!(
        ledger.count(&account("other"), "2026-11-24", &figures(1, 1, &[])).await,
        Ok(figures(1, 1, &[]))
    );
    let from = ledger.figures(&acme, "2026-11-24").await.expect("read");
    assert_eq!(
        from,
        [
            ("2026-11-24".to_owned(), figures(5, 0, &[])),
            ("2026-11-25".to_owned(), figures(0, 0, &[("C", 1)]))
        ]
    );
    assert_eq!(ledger.figures(&acme, "2027-01-01").await, Ok(vec![]));
}
