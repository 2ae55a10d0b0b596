//! Preflight: what is sent and what is not, what is logged, and who has the last word when the rules are wrong.

use std::time::Duration;

use domain::{CrmError, ErrorState, Hold};
use jobs::crm::CrmFailure;
use jobs::events::Event;
use jobs::ledger::{ErrorFilter, Ledger};
use jobs::rules::{Forecast, Foretold, RuleBookError};
use jobs::{Cause, Disagreement, Disagreements, FORECAST_TIME, RunReport};
use serde_json::{Value, json};

use crate::world::{TIER_NEEDED, World, noon, record};

async fn with(settings: Value) -> World {
    let world = World::new();
    world.set(settings).await;
    world.events.take();
    world
}

async fn enforcing() -> World {
    with(json!({"preflight": "enforce"})).await
}

async fn enforcing_and_passing() -> World {
    with(json!({"preflight": "enforce", "pauseOnExportErrors": false})).await
}

/// The calls and the questions to the rules since the last look: external ids of each, `1,2 | 1`.
fn sent_and_asked(world: &World) -> String {
    let asked: Vec<String> = world.rules.take_asked().iter().map(|ids| ids.join(",")).collect();
    format!("{} | {}", world.calls().join(" "), asked.join(" "))
}

/// What the open rows say, each with the rule that foretold it: `3 FIELD_... no tier: 3 by Tier`.
async fn open_rows(world: &World) -> Vec<String> {
    let open = ErrorFilter { state: Some(ErrorState::Open), ..ErrorFilter::default() };
    let rows = world.ledger.errors(&world.job.account, &open, None, 100).await.expect("errors");
    let shown = rows.iter().map(|row| {
        let error = row.crm_error();
        let by = error.foretold_by.as_deref().unwrap_or("the CRM");
        format!("{} {} {} by {by}", row.record.external_id.value, error.code, error.message)
    });
    shown.collect()
}

/// The rule by which preflight holds the job; `None` when the CRM holds it.
async fn held_by(world: &World) -> Option<String> {
    match world.status().await.hold {
        Some(Hold::RecordRefused(held)) => held.foretold_by,
        other => panic!("not paused: {other:?}"),
    }
}

fn false_alarm(rule: &str) -> Disagreement {
    Disagreement::FalseAlarm { rule: rule.to_owned(), code: TIER_NEEDED.to_owned() }
}

fn miss() -> Disagreement {
    Disagreement::Miss { code: "REQUIRED_FIELD_MISSING".to_owned() }
}

/// False alarms, misses, and what is named.
fn check_disagreements(report: &RunReport, false_alarms: u64, misses: u64, first: &[Disagreement]) {
    let expected = Disagreements { false_alarms, misses, first: first.to_vec() };
    assert_eq!(report.disagreements, expected);
}

#[tokio::test]
async fn while_it_is_off_the_rules_are_not_asked() {
    let world = World::new();
    world.foretell(&[("1", "Tier")]);
    let report = world.deliver(1, &["1", "2"]).await;
    assert_eq!((report.exported, sent_and_asked(&world)), (2, "1,2 | ".to_owned()));
    check_disagreements(&report, 0, 0, &[]);
}

#[tokio::test]
async fn report_sends_every_record_and_counts_where_the_crm_says_otherwise() {
    let world = with(json!({"preflight": "report", "pauseOnExportErrors": false})).await;
    world.refuse(&["2", "4", "6"]);
    world.rules.foretell(|record| match record.external_id.value.as_str() {
        // 1 and 3 are false alarms, 2 agrees, 4 is a miss, 5 and 6 are not known.
        id @ ("1" | "2" | "3") => Forecast::Refuse(vec![Foretold::new("Tier", TIER_NEEDED, id, &[])]),
        "5" | "6" => Forecast::Unknown("an Apex trigger".to_owned()),
        _ => Forecast::Accept,
    });
    let report = world.deliver(1, &["1", "2", "3", "4", "5", "6", "7"]).await;
    assert_eq!((report.exported, report.errors, report.calls), (4, 3, 1));
    assert_eq!(sent_and_asked(&world), "1,2,3,4,5,6,7 | 1,2,3,4,5,6,7");
    check_disagreements(&report, 2, 1, &[false_alarm("Tier"), miss()]);
    let disagreed = Event::PreflightDisagreed { job: world.job.clone(), false_alarms: 2, misses: 1 };
    assert_eq!(world.events.take().last(), Some(&disagreed));
    assert_eq!(
        open_rows(&world).await[0],
        "2 REQUIRED_FIELD_MISSING refused 2 by the CRM",
        "what the CRM said is logged, not what the rules did"
    );
}

#[tokio::test]
async fn report_in_order_counts_only_what_the_crm_answered() {
    let world = with(json!({"preflight": "report"})).await;
    world.refuse(&["3"]);
    world.foretell(&[("1", "Tier"), ("4", "Tier")]);
    let report = world.deliver(1, &["1", "2", "3", "4"]).await;
    check_disagreements(&report, 1, 1, &[false_alarm("Tier"), miss()]);
    assert_eq!(world.shown().await, "paused 1.1 2 1");
}

#[tokio::test]
async fn agreement_tells_nothing() {
    let world = with(json!({"preflight": "report"})).await;
    world.refuse(&["2"]);
    world.foretell(&[("2", "Tier")]);
    let report = world.deliver(1, &["1", "2"]).await;
    check_disagreements(&report, 0, 0, &[]);
    assert!(!world.events.take().iter().any(|event| matches!(event, Event::PreflightDisagreed { .. })));
}

#[tokio::test]
async fn only_the_first_few_different_disagreements_are_named() {
    let world = with(json!({"preflight": "report"})).await;
    world.rules.foretell(|record| {
        let rule = format!("Rule {}", record.external_id.value.len());
        Forecast::Refuse(vec![Foretold::new(rule, TIER_NEEDED, "a value", &[])])
    });
    let report = world.deliver(1, &["1", "2", "10", "100", "1000", "10000", "100000"]).await;
    let named = ["Rule 1", "Rule 2", "Rule 3", "Rule 4", "Rule 5"].map(false_alarm);
    check_disagreements(&report, 7, 0, &named);
}

#[tokio::test]
async fn enforce_halts_exactly_at_the_record_without_a_call_for_it() {
    let world = enforcing().await;
    world.foretell(&[("3", "Tier"), ("4", "Tier")]);
    let report = world.deliver(1, &["1", "2", "3", "4", "5"]).await;
    assert_eq!((report.exported, report.errors, report.calls), (2, 1, 1));
    assert_eq!(sent_and_asked(&world), "1,2 | 1,2,3,4,5");
    assert_eq!(world.shown().await, "paused 1.1 3 1");
    let row = format!("3 {TIER_NEEDED} no tier: 3 by Tier");
    assert_eq!((open_rows(&world).await, held_by(&world).await), (vec![row], Some("Tier".to_owned())));
    let code = "RECORD_NONCOMPLIANT_WITH_VALIDATION_RULES".to_owned();
    let paused = Event::ExportPaused { job: world.job.clone(), external_id: "Ext__c=3".into(), code };
    assert_eq!(world.events.take(), [paused]);

    let report = world.run(Cause::Schedule).await;
    assert_eq!((report.errors, sent_and_asked(&world)), (1, " | 3".to_owned()), "tried, and no call");
    assert_eq!((world.attempts().await, world.shown().await), (2, "paused 1.1 3 1".to_owned()));
    world.deliver(2, &["6"]).await;
    assert_eq!(sent_and_asked(&world), " | ", "the head was tried a moment ago");

    world.foretell(&[("4", "Tier")]);
    let report = world.run(Cause::Schedule).await;
    assert_eq!((report.exported, sent_and_asked(&world)), (1, "3 | 3 4,5,6".to_owned()));
    assert_eq!(world.crm.written(), ["1", "2", "3"]);
    assert_eq!(world.shown().await, "paused 1.2 3 1");
}

#[tokio::test]
async fn the_crms_refusal_of_an_earlier_record_comes_first() {
    let world = enforcing().await;
    world.foretell(&[("4", "Tier")]);
    world.refuse(&["2"]);
    let report = world.deliver(1, &["1", "2", "3", "4"]).await;
    assert_eq!(sent_and_asked(&world), "1,2,3 1 | 1,2,3,4");
    assert_eq!((world.shown().await, held_by(&world).await), ("paused 1.0 3 1".to_owned(), None));
    check_disagreements(&report, 0, 1, &[miss()]);
}

#[tokio::test]
async fn behind_an_unavailable_crm_nothing_is_foretold() {
    for world in [enforcing().await, enforcing_and_passing().await] {
        let error = CrmError::new("CONNECTION_FAILED", "connection refused", &[]);
        world.crm.fail(CrmFailure::Unavailable { error, retry_after: None });
        world.foretell(&[("2", "Tier")]);
        let report = world.deliver(1, &["1", "2", "3"]).await;
        assert_eq!((report.exported, report.errors), (0, 0));
        assert_eq!((world.shown().await, open_rows(&world).await), ("suspended - 3 0".to_owned(), vec![]));
    }
}

#[tokio::test]
async fn a_person_brings_the_head_before_the_crm() {
    let world = enforcing().await;
    world.foretell(&[("2", "Tier"), ("4", "Tier"), ("6", "Phone")]);
    world.refuse(&["2"]);
    world.deliver(1, &["1", "2", "3", "4", "5", "6", "7"]).await;
    sent_and_asked(&world);
    world.run(Cause::Person).await;
    assert_eq!(sent_and_asked(&world), "2 | 2", "one call, whatever the rules say");
    let row = "2 REQUIRED_FIELD_MISSING refused 2 by the CRM";
    assert_eq!((open_rows(&world).await, held_by(&world).await), (vec![row.to_owned()], None));

    world.crm.accept();
    let report = world.run(Cause::Person).await;
    assert_eq!(
        sent_and_asked(&world),
        "2 3,4,5 | 2 3,4,5,6,7",
        "a rule that was wrong decides nothing more in this run, another one does"
    );
    check_disagreements(&report, 2, 0, &[false_alarm("Tier")]);
    assert_eq!(
        (world.shown().await, held_by(&world).await),
        ("paused 1.4 2 1".to_owned(), Some("Phone".to_owned()))
    );
}

#[tokio::test]
async fn a_wrong_rule_is_trusted_again_in_the_next_run() {
    let world = enforcing().await;
    world.foretell(&[("1", "Tier"), ("2", "Tier")]);
    world.deliver(1, &["1"]).await;
    world.run(Cause::Person).await;
    assert_eq!(world.shown().await, "running 1.0 0 0");
    world.deliver(2, &["2"]).await;
    assert_eq!(
        (world.shown().await, held_by(&world).await),
        ("paused 1.0 1 1".to_owned(), Some("Tier".to_owned()))
    );
}

#[tokio::test]
async fn of_two_rules_the_one_that_was_not_wrong_still_refuses() {
    let world = enforcing().await;
    world.foretell(&[("1", "Tier"), ("2", "Tier"), ("2", "Phone")]);
    world.deliver(1, &["1", "2"]).await;
    world.run(Cause::Person).await;
    assert_eq!(
        (world.shown().await, held_by(&world).await),
        ("paused 1.0 1 1".to_owned(), Some("Phone".to_owned()))
    );
}

#[tokio::test]
async fn once_a_day_the_crm_has_the_last_word() {
    let world = enforcing().await;
    world.foretell(&[("1", "Tier"), ("3", "Phone")]);
    world.deliver(1, &["1", "2", "3", "4"]).await;
    sent_and_asked(&world);
    let report = world.retry().await;
    assert_eq!(world.crm.written(), ["1", "2"], "the head went out, and what the rules accept behind it");
    check_disagreements(&report, 1, 0, &[false_alarm("Tier")]);
    assert_eq!(world.shown().await, "paused 1.1 2 1");
    world.retry().await;
    assert_eq!((world.crm.written().len(), world.shown().await), (4, "running 1.3 0 0".to_owned()));
}

#[tokio::test]
async fn the_daily_job_tries_what_preflight_refused() {
    let world = enforcing_and_passing().await;
    world.foretell(&[("1", "Tier"), ("3", "Tier")]);
    world.refuse(&["3"]);
    let report = world.deliver(1, &["1", "2", "3", "4"]).await;
    assert_eq!((report.exported, report.errors, report.calls), (2, 2, 1));
    assert_eq!(
        (sent_and_asked(&world), world.shown().await),
        ("2,4 | 1,2,3,4".to_owned(), "running 1.3 0 2".to_owned())
    );
    assert_eq!(world.events.take(), [Event::ExportErrorsLogged { job: world.job.clone(), count: 2 }]);
    let report = world.retry().await;
    assert_eq!((report.exported, report.errors), (1, 1));
    check_disagreements(&report, 1, 0, &[false_alarm("Tier")]);
    assert_eq!(open_rows(&world).await, ["3 REQUIRED_FIELD_MISSING refused 3 by the CRM"]);
    assert_eq!(world.crm.written(), ["2", "4", "1"]);
}

#[tokio::test]
async fn a_chunk_that_the_rules_refuse_whole_costs_no_call() {
    let world = enforcing_and_passing().await;
    world.foretell(&[("1", "Tier"), ("2", "Tier")]);
    let report = world.deliver(1, &["1", "2"]).await;
    assert_eq!((report.errors, report.calls, world.shown().await), (2, 0, "running 1.1 0 2".to_owned()));
    world.rules.foretell(|_| Forecast::Accept);
    world.deliver_records(2, vec![record("1", json!({"A": 1}))]).await;
    assert_eq!(
        world.field("1", "LastName"),
        Some(json!("1")),
        "the newer record carries the refused one along"
    );
    assert_eq!(world.shown().await, "running 2.0 0 1");
}

#[tokio::test]
async fn behind_a_locked_record_nothing_is_logged_by_the_rules() {
    let world = enforcing_and_passing().await;
    world.refuse_with("UNABLE_TO_LOCK_ROW", &["2"]);
    world.foretell(&[("1", "Tier"), ("3", "Tier")]);
    world.deliver(1, &["1", "2", "3", "4"]).await;
    assert_eq!(world.shown().await, "suspended 1.0 3 1");
    assert_eq!(open_rows(&world).await, [format!("1 {TIER_NEEDED} no tier: 1 by Tier")]);
    world.crm.accept();
    world.run(Cause::Person).await;
    assert_eq!((world.shown().await, world.errors().await.len()), ("running 1.3 0 2".to_owned(), 2));
}

#[tokio::test]
async fn the_rules_judge_a_record_as_it_is_sent() {
    let world = enforcing_and_passing().await;
    world.rules.foretell(|record| match record.fields.get("Tier__c") {
        Some(Value::Null) => {
            Forecast::Refuse(vec![Foretold::new("Tier", TIER_NEEDED, "no tier", &["Tier__c"])])
        }
        _ => Forecast::Accept,
    });
    world.deliver_records(1, vec![record("1", json!({"Tier__c": null}))]).await;
    world.deliver_records(2, vec![record("1", json!({"LastName": "A"}))]).await;
    assert_eq!(world.crm.written(), [""; 0], "joined with the open error it has no tier either");
    world.deliver_records(3, vec![record("1", json!({"Tier__c": "gold"}))]).await;
    assert_eq!(
        (world.field("1", "LastName"), world.shown().await),
        (Some(json!("A")), "running 3.0 0 0".to_owned())
    );
}

#[tokio::test]
async fn turning_it_off_lets_the_crm_decide() {
    let world = enforcing().await;
    world.foretell(&[("1", "Tier")]);
    world.deliver(1, &["1", "2"]).await;
    assert_eq!(world.shown().await, "paused - 2 1");
    world.set(json!({"preflight": "off"})).await;
    world.run(Cause::Schedule).await;
    assert_eq!(
        (world.shown().await, world.crm.written()),
        ("running 1.1 0 0".to_owned(), vec!["1".into(), "2".into()])
    );
}

#[tokio::test]
async fn a_rule_book_that_fails_blocks_nothing_and_is_told_once() {
    let world = with(json!({"preflight": "enforce", "batchSize": 25})).await;
    let ids: Vec<String> = (0..60).map(|id| id.to_string()).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    world.rules.fail(RuleBookError::new("no artifact for this org"));
    let report = world.deliver(1, &ids).await;
    assert_eq!((report.exported, world.rules.take_asked().len()), (60, 3));
    let told =
        "preflight: failed to ask the rules: no artifact for this org; records are sent without a forecast";
    assert_eq!(report.warnings, [told]);

    world.rules.hang();
    let report = world.deliver(2, &ids).await;
    assert_eq!((report.exported, world.rules.take_asked().len()), (60, 1), "it is not waited for again");
    assert_eq!(world.jobs.clock.now().since(noon()), FORECAST_TIME);
    let told =
        "preflight: failed to ask the rules: no answer within 5 seconds; records are sent without a forecast";
    assert_eq!(report.warnings, [told]);
}

#[tokio::test]
async fn without_a_rule_book_people_are_told_that_preflight_does_nothing() {
    let mut world = enforcing().await;
    world.jobs.crm = world.crm.clone();
    let report = world.deliver(1, &["1"]).await;
    let told = "preflight: failed to ask the rules: no rules of this CRM are known here; records are sent without a forecast";
    assert_eq!((report.exported, report.warnings), (1, vec![told.to_owned()]));
}

#[tokio::test]
async fn codes_that_say_nothing_of_a_record_are_never_foretold() {
    for code in ["UNABLE_TO_LOCK_ROW", "REQUEST_LIMIT_EXCEEDED", "ALL_OR_NONE_OPERATION_ROLLED_BACK"] {
        let world = enforcing().await;
        world.rules.foretell(move |_| Forecast::Refuse(vec![Foretold::new("Odd", code, "text", &[])]));
        let report = world.deliver(1, &["1", "2"]).await;
        assert_eq!((report.exported, world.shown().await), (2, "running 1.1 0 0".to_owned()), "{code}");
        check_disagreements(&report, 0, 0, &[]);
    }
}

#[tokio::test]
async fn a_record_that_is_not_whole_is_no_matter_of_the_rules() {
    let world = enforcing_and_passing().await;
    world
        .deliver_records(1, vec![record("1", json!({})), json!({"fields": {}}), record("2", json!({}))])
        .await;
    assert_eq!(sent_and_asked(&world), "1 2 | 1 2");
    assert_eq!(world.errors().await, ["at 1.1 open INCOMPLETE_RECORD 1"]);
}

#[tokio::test]
async fn skip_passes_a_head_that_the_rules_refuse() {
    let world = enforcing().await;
    world.foretell(&[("2", "Tier")]);
    world.deliver(1, &["1", "2", "3"]).await;
    world.clock.advance(Duration::from_secs(1));
    world.jobs.skip(&world.job).await.expect("skipped");
    assert_eq!(
        (world.crm.written(), world.shown().await),
        (vec!["1".into(), "3".into()], "running 1.2 0 1".to_owned())
    );
}
