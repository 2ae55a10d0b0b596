//! What the schedule and people ask for: waiting jobs resumed, chosen errors tried again.

use domain::{ErrorState, Timestamp};
use jobs::ledger::{ErrorFilter, Ledger};
use jobs::{Cause, Jobs};
use serde_json::json;

use crate::world::World;

async fn id_of(world: &World, external_id: &str) -> String {
    let filter = ErrorFilter { text: Some(external_id.to_owned()), ..ErrorFilter::default() };
    let found = world.ledger.errors(&world.job.account, &filter, None, 9).await.expect("errors");
    assert_eq!(found.len(), 1, "{external_id}");
    found[0].id.clone()
}

#[tokio::test]
async fn waiting_jobs_are_resumed_and_others_left_alone() {
    let world = World::new();
    let resume = async || world.jobs.resume(&world.job.account, Cause::Schedule, None).await.expect("a run");
    assert_eq!(resume().await, []);
    world.refuse(&["2"]);
    world.deliver(1, &["1", "2", "3"]).await;
    world.calls();
    assert_eq!((resume().await[0].errors, world.calls()), (1, vec!["2".to_owned()]));
    world.crm.accept();
    assert_eq!(resume().await[0].exported, 2);
    assert_eq!(resume().await, [], "nothing waits any more");
}

#[tokio::test]
async fn what_was_parked_while_export_was_off_is_resumed() {
    let world = World::new();
    world.set(json!({"exportToCrm": false})).await;
    world.deliver(1, &["1", "2"]).await;
    assert_eq!(world.jobs.resume(&world.job.account, Cause::Schedule, None).await, Ok(vec![]), "it is off");
    world.set(json!({"exportToCrm": true})).await;
    let reports = world.jobs.resume(&world.job.account, Cause::Schedule, None).await.expect("a run");
    assert_eq!((reports[0].exported, world.shown().await), (2, "running 1.1 0 0".to_owned()));
}

#[tokio::test]
async fn a_job_that_another_run_has_is_passed_with_a_warning() {
    let world = World::new();
    world.refuse(&["1"]);
    world.deliver(1, &["1"]).await;
    let until = Timestamp::from_millis(i64::MAX / 2);
    world.ledger.lease(&world.job, "two", until, until).await.expect("leased");
    let other = Jobs { owner: "three".into(), ..world.jobs.clone() };
    let reports = other.resume(&world.job.account, Cause::Schedule, None).await.expect("a run");
    assert!(reports[0].warnings[0].starts_with("not resumed: lease acme/Contact"), "{reports:?}");
}

#[tokio::test]
async fn chosen_errors_are_tried_and_no_others() {
    let world = World::new();
    world.set(json!({"pauseOnExportErrors": false})).await;
    world.refuse(&["a1", "a2", "a3"]);
    world.deliver(1, &["a1", "a2", "a3", "a4"]).await;
    world.calls();
    world.refuse(&["a3"]);
    let ids = [id_of(&world, "a3").await, id_of(&world, "a2").await, "nonsense".to_owned()];
    let reports = world.jobs.retry_errors(&world.job.account, &ids, None).await.expect("a retry");
    assert_eq!((reports.len(), reports[0].exported, reports[0].errors), (1, 1, 1));
    assert_eq!(reports[0].errors_by_code.get("MISSING_REQUIRED_FIELD"), Some(&1));
    let open = ErrorFilter { state: Some(ErrorState::Open), ..ErrorFilter::default() };
    let open = world.ledger.errors(&world.job.account, &open, None, 9).await.expect("errors");
    let open: Vec<_> = open.iter().map(|error| error.record.external_id.value.as_str()).collect();
    assert_eq!(open, ["a1", "a3"]);
    world.calls();
    world.jobs.retry_errors(&world.job.account, &ids[1..2], None).await.expect("a retry");
    assert_eq!(world.calls(), Vec::<String>::new(), "it is resolved already");
}

#[tokio::test]
async fn asking_for_the_head_of_a_held_job_resumes_it() {
    let world = World::new();
    world.refuse(&["2"]);
    world.deliver(1, &["1", "2", "3"]).await;
    world.crm.accept();
    let head = id_of(&world, "refused 2").await;
    let reports = world.jobs.retry_errors(&world.job.account, &[head], None).await;
    assert_eq!(reports.expect("a retry")[0].exported, 2);
    assert_eq!(world.shown().await, "running 1.2 0 0");
}

#[tokio::test]
async fn a_day_counts_what_was_exported_and_refused() {
    let world = World::new();
    world.set(json!({"pauseOnExportErrors": false})).await;
    world.refuse(&["2"]);
    world.deliver(1, &["1", "2", "3"]).await;
    let days = world.ledger.figures(&world.job.account, "2026-11-23").await.expect("figures");
    let (day, figures) = &days[0];
    assert_eq!((day.as_str(), figures.exported, figures.calls), ("2026-11-23", 2, 1));
    assert_eq!(figures.errors.get("MISSING_REQUIRED_FIELD"), Some(&1));
}
