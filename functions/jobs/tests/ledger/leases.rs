//! Cases of jobs and leases.

use domain::{Hold, Job, Refusal};
use jobs::ledger::{Lease, Ledger, LedgerError, LedgerErrorKind};

use crate::samples::*;

pub async fn a_job_begins_with_its_first_lease(ledger: &dyn Ledger) {
    let contact = job("acme/Contact");
    assert_eq!(ledger.job(&contact).await, Ok(None));
    let (lease, begun) = ledger.lease(&contact, "run", at(0), at(10)).await.expect("leased");
    assert_eq!(lease, Lease { job: contact.clone(), owner: "run".to_owned(), epoch: 1 });
    assert_eq!(begun, Job::default());
    assert_eq!(ledger.job(&contact).await, Ok(Some(Job::default())));
    assert_eq!(ledger.count_parked(&contact).await, Ok(0));
    assert_eq!(ledger.count_open_errors(&contact).await, Ok(0));
}

pub async fn another_owner_waits_until_the_lease_runs_out(ledger: &dyn Ledger) {
    let contact = job("acme/Contact");
    leased(ledger, "acme/Contact").await;
    let early = ledger.lease(&contact, "other", at(9), at(19)).await.expect_err("held");
    assert_eq!(*early.kind(), LedgerErrorKind::LeaseHeld { job: contact.clone(), until: at(10) });
    assert_eq!(
        early.to_string(),
        "lease acme/Contact: another run has it until 1970-01-01T00:10:00.000Z; try again then"
    );
    let (lease, _) = ledger.lease(&contact, "other", at(10), at(20)).await.expect("run out at that instant");
    assert_eq!((lease.owner.as_str(), lease.epoch), ("other", 2));
    assert_eq!(
        ledger.lease(&contact, "run", at(11), at(21)).await.expect_err("held").kind(),
        &LedgerErrorKind::LeaseHeld { job: contact, until: at(20) }
    );
}

pub async fn the_same_owner_takes_it_again_at_once(ledger: &dyn Ledger) {
    let contact = job("acme/Contact");
    let first = leased(ledger, "acme/Contact").await;
    let second = leased(ledger, "acme/Contact").await;
    assert_eq!((first.epoch, second.epoch), (1, 2));
    assert_eq!(ledger.save(&second, &Job::default(), at(30)).await, Ok(()));
    let lost = ledger.save(&first, &Job::default(), at(40)).await.expect_err("an older epoch");
    assert_eq!(*lost.kind(), LedgerErrorKind::LeaseLost { job: contact.clone() });
    assert_eq!(
        ledger.lease(&contact, "other", at(29), at(50)).await.expect_err("held").kind(),
        &LedgerErrorKind::LeaseHeld { job: contact, until: at(30) },
        "saved by the newer run, and not by the older"
    );
}

pub async fn a_lease_is_given_back(ledger: &dyn Ledger) {
    let contact = job("acme/Contact");
    let lease = leased(ledger, "acme/Contact").await;
    let moved = Job { cursor: Some(position("5.0")), ..Job::default() };
    ledger.save(&lease, &moved, at(-1)).await.expect("saved");
    let (next, found) = ledger.lease(&contact, "other", at(0), at(10)).await.expect("free");
    assert_eq!((next.epoch, found), (2, moved));
}

pub async fn one_of_many_gets_the_lease(ledger: &dyn Ledger) {
    let contact = job("acme/Contact");
    let take = |owner: &'static str| ledger.lease(&contact, owner, at(0), at(10));
    let answers = tokio::join!(take("a"), take("b"), take("c"), take("d"));
    let taken = [answers.0, answers.1, answers.2, answers.3].iter().filter(|answer| answer.is_ok()).count();
    assert_eq!(taken, 1);
}

pub async fn every_write_of_an_older_lease_is_refused(ledger: &dyn Ledger) {
    let contact = job("acme/Contact");
    let stale = leased(ledger, "acme/Contact").await;
    let waiting = placed(&contact, "1.0", "waits");
    let open = refused(&contact, "2.0", "open");
    ledger.park(&stale, std::slice::from_ref(&waiting)).await.expect("parked");
    ledger.put_open_error(&stale, &open).await.expect("logged");
    let (newer, before) = ledger.lease(&contact, "other", at(10), at(20)).await.expect("leased");

    let nobody = Lease { job: job("acme/Nobody"), owner: "run".to_owned(), epoch: 1 };
    let thief = Lease { owner: "thief".to_owned(), ..newer };
    let ahead = Lease { epoch: 99, ..stale.clone() };
    for lease in [&stale, &nobody, &thief, &ahead] {
        check_refused(lease, ledger.save(lease, &held(&open), at(90)).await);
        check_refused(lease, ledger.park(lease, &[placed(&contact, "9.0", "late")]).await);
        check_refused(lease, ledger.park(lease, &[]).await);
        check_refused(lease, ledger.unpark(lease, position("9.0")).await);
        check_refused(lease, ledger.put_open_error(lease, &refused(&contact, "9.0", "late")).await);
        check_refused(lease, ledger.close_error(lease, &resolved(&open)).await);
    }
    assert_eq!(ledger.job(&contact).await, Ok(Some(before)));
    assert_eq!(ledger.job(&job("acme/Nobody")).await, Ok(None));
    assert_eq!(ledger.parked(&contact, None, 9).await, Ok(vec![waiting]));
    assert_eq!(ledger.open_errors(&contact, None, 9).await, Ok(vec![open]));
}

fn check_refused(lease: &Lease, answer: Result<(), LedgerError>) {
    let lost = LedgerErrorKind::LeaseLost { job: lease.job.clone() };
    assert_eq!(*answer.expect_err("refused").kind(), lost, "{lease:?}");
}

pub async fn a_lease_that_ran_out_still_writes_until_another_run_comes(ledger: &dyn Ledger) {
    let contact = job("acme/Contact");
    let lease = leased(ledger, "acme/Contact").await;
    ledger.save(&lease, &Job::default(), at(-1)).await.expect("given back");
    assert_eq!(ledger.park(&lease, &[placed(&contact, "1.0", "a")]).await, Ok(()));
    ledger.lease(&contact, "other", at(0), at(10)).await.expect("free");
    check_refused(&lease, ledger.park(&lease, &[placed(&contact, "2.0", "b")]).await);
    assert_eq!(ledger.count_parked(&contact).await, Ok(1));
}

pub async fn a_job_is_read_back_whole(ledger: &dyn Ledger) {
    let contact = job("acme/Contact");
    let paused = held(&refused(&contact, "42.7", "it's \"42\"\0 é 漢字"));
    let limit = Refusal::new(vec![domain::CrmError::new("REQUEST_LIMIT_EXCEEDED", "", &[])]);
    let suspended = Job { hold: Some(Hold::unavailable(&limit, None, at(1), at(9))), ..paused.clone() };
    for saved in [paused, suspended, Job::default()] {
        let lease = leased(ledger, "acme/Contact").await;
        ledger.save(&lease, &saved, at(10)).await.expect("saved");
        assert_eq!(ledger.job(&contact).await, Ok(Some(saved.clone())));
        let (_, again) = ledger.lease(&contact, "run", at(0), at(10)).await.expect("leased");
        assert_eq!(again, saved);
    }
}

pub async fn jobs_are_listed_by_object_within_their_account(ledger: &dyn Ledger) {
    for name in ["acme/Lead", "acme/Contact", "acme/Account", "acme-1/Contact", "acm/Lead", "ACME/Task"] {
        leased(ledger, name).await;
    }
    let lease = leased(ledger, "acme/Contact").await;
    let moved = Job { cursor: Some(position("5.0")), ..Job::default() };
    ledger.save(&lease, &moved, at(10)).await.expect("saved");
    let expected = vec![
        (job("acme/Account"), Job::default()),
        (job("acme/Contact"), moved),
        (job("acme/Lead"), Job::default()),
    ];
    assert_eq!(ledger.jobs(&account("acme")).await, Ok(expected));
    assert_eq!(ledger.jobs(&account("acm")).await, Ok(vec![(job("acm/Lead"), Job::default())]));
    assert_eq!(ledger.jobs(&account("nobody")).await, Ok(vec![]));
}
