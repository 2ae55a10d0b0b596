//! The calls to DynamoDB, each repeated as long as that can help and no longer. It knows no item of ours.
//!
//! Every read is strongly consistent: decisions rest on what was read. Pages are followed to their end.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::types::{
    Delete, DeleteRequest, KeysAndAttributes, Put, ReturnValue, ReturnValuesOnConditionCheckFailure,
    TransactWriteItem, WriteRequest,
};

use super::change::Change;
use super::failure::{Failure, judge, unavailable};
use super::item::{Item, Key, Row, text};
use crate::clock::{Clock, SystemClock};
use crate::ledger::LedgerError;

/// How often the SDK makes a call, with 50 ms to 5 s and chance between: some ten seconds in all.
const ATTEMPTS: u32 = 8;

/// How often we make one that met another transaction, or of which something was left over: 25 ms, doubled up to a second,
/// some six seconds in all.
const TRIES: u32 = 10;

/// An attempt that takes longer is given up and repeated: a transaction of 4 MB takes less than a second.
const ATTEMPT_TIME: Duration = Duration::from_secs(10);

/// A call with all its attempts. A lease outlives it several times.
const CALL_TIME: Duration = Duration::from_secs(30);

/// DynamoDB's limits of one call (reference aws §3).
const GET_KEYS_MAX: usize = 100;
const DELETE_KEYS_MAX: usize = 25;

/// The table.
#[derive(Debug, Clone)]
pub(super) struct Table {
    client: Client,
    pub(super) name: String,
}

/// Items of one partition between two sort keys, both included.
#[derive(Debug, Clone)]
pub(super) struct Range {
    pub(super) pk: String,
    pub(super) from: String,
    pub(super) through: String,
}

/// A page of a range.
pub(super) struct Page {
    pub(super) rows: Vec<Row>,
    /// Where the next page begins, if there may be one.
    pub(super) next: Option<Item>,
}

impl Table {
    /// Takes the caller's client with its connection, credentials and region, but repeats and waits in our way.
    pub(super) fn new(client: &Client, name: String) -> Self {
        let retry = RetryConfig::standard()
            .with_max_attempts(ATTEMPTS)
            .with_initial_backoff(Duration::from_millis(50))
            .with_max_backoff(Duration::from_secs(5));
        let timeout = TimeoutConfig::builder()
            .operation_attempt_timeout(ATTEMPT_TIME)
            .operation_timeout(CALL_TIME)
            .build();
        let config = client.config().to_builder().retry_config(retry).timeout_config(timeout).build();
        Self { client: Client::from_conf(config), name }
    }

    /// One item.
    pub(super) async fn get(&self, key: &Key) -> Result<Option<Row>, LedgerError> {
        let request =
            self.client.get_item().table_name(&self.name).set_key(Some(key.item())).consistent_read(true);
        let answer = self.patiently(|| request.clone().send()).await.map_err(|failure| self.told(failure))?;
        Ok(answer.item.map(Row))
    }

    /// The items of these keys that are there, in no order. Each key is given once.
    pub(super) async fn get_all(&self, keys: &[Key]) -> Result<Vec<Row>, LedgerError> {
        let mut rows = Vec::new();
        for keys in keys.chunks(GET_KEYS_MAX) {
            let mut wanted: Vec<Item> = keys.iter().map(Key::item).collect();
            let mut tries = 0;
            while !wanted.is_empty() {
                let keys = KeysAndAttributes::builder().set_keys(Some(wanted)).consistent_read(true);
                let keys = keys.build().expect("keys are given");
                let request = self.client.batch_get_item().request_items(&self.name, keys);
                let answer =
                    self.patiently(|| request.clone().send()).await.map_err(|failure| self.told(failure))?;
                let found = answer.responses.unwrap_or_default().remove(&self.name).unwrap_or_default();
                rows.extend(found.into_iter().map(Row));
                let left = answer.unprocessed_keys.unwrap_or_default().remove(&self.name);
                wanted = left.map(|left| left.keys).unwrap_or_default();
                if !wanted.is_empty() {
                    self.wait(&mut tries, "keys were left over").await?;
                }
            }
        }
        Ok(rows)
    }

    /// A page of a range, in order: at most `limit` items and 1 MB. `only` names the attributes that are wanted, which
    /// saves the way and not the read units.
    pub(super) async fn page(
        &self,
        range: &Range,
        only: &[&str],
        limit: usize,
        from: Option<Item>,
    ) -> Result<Page, LedgerError> {
        let mut request = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .key_condition_expression("#pk = :pk AND #sk BETWEEN :from AND :through")
            .expression_attribute_names("#pk", "pk")
            .expression_attribute_names("#sk", "sk")
            .expression_attribute_values(":pk", text(&range.pk))
            .expression_attribute_values(":from", text(&range.from))
            .expression_attribute_values(":through", text(&range.through))
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .set_exclusive_start_key(from);
        if !only.is_empty() {
            let placeholders = (0..only.len()).map(|at| format!("#o{at}"));
            request = request
                .projection_expression(format!("#pk, #sk, {}", placeholders.collect::<Vec<_>>().join(", ")));
            for (at, name) in only.iter().enumerate() {
                request = request.expression_attribute_names(format!("#o{at}"), *name);
            }
        }
        let answer = self.patiently(|| request.clone().send()).await.map_err(|failure| self.told(failure))?;
        let rows = answer.items.unwrap_or_default().into_iter().map(Row).collect();
        Ok(Page { rows, next: answer.last_evaluated_key })
    }

    /// The first `limit` items of a range.
    pub(super) async fn first(
        &self,
        range: &Range,
        only: &[&str],
        limit: usize,
    ) -> Result<Vec<Row>, LedgerError> {
        let mut rows = Vec::new();
        let mut from = None;
        while rows.len() < limit {
            let page = self.page(range, only, limit - rows.len(), from).await?;
            rows.extend(page.rows);
            from = page.next;
            if from.is_none() {
                break;
            }
        }
        Ok(rows)
    }

    /// Writes an item that is not there yet; one that is there stays.
    pub(super) async fn put_new(&self, item: Item) -> Result<(), LedgerError> {
        match self
            .put(item, Change::of(Key::new(String::new(), "")).when("attribute_not_exists(#pk)", []))
            .await
        {
            Ok(()) | Err(Failure::Refused(_)) => Ok(()),
            Err(failure) => Err(self.told(failure)),
        }
    }

    /// Writes an item in place of what is there, when the condition of `when` holds.
    pub(super) async fn put(&self, item: Item, when: Change) -> Result<(), Failure> {
        let request = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item))
            .set_condition_expression(when.condition)
            .set_expression_attribute_names((!when.names.is_empty()).then_some(when.names))
            .set_expression_attribute_values((!when.values.is_empty()).then_some(when.values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        self.patiently(|| request.clone().send()).await.map(drop)
    }

    /// Updates an item and answers it as it is then.
    pub(super) async fn update(&self, change: Change, answer: ReturnValue) -> Result<Row, Failure> {
        let request = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(change.key.item()))
            .set_update_expression(change.expression())
            .set_condition_expression(change.condition)
            .set_expression_attribute_names(Some(change.names))
            .set_expression_attribute_values((!change.values.is_empty()).then_some(change.values))
            .return_values(answer)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let updated = self.patiently(|| request.clone().send()).await?;
        Ok(Row(updated.attributes.unwrap_or_default()))
    }

    /// A transaction's action that writes an item in place of what is there.
    pub(super) fn putting(&self, item: Item) -> TransactWriteItem {
        let put = Put::builder().table_name(&self.name).set_item(Some(item));
        TransactWriteItem::builder().put(put.build().expect("table and item are given")).build()
    }

    /// A transaction's action that deletes an item, if it is there.
    pub(super) fn deleting(&self, key: &Key) -> TransactWriteItem {
        let delete = Delete::builder().table_name(&self.name).set_key(Some(key.item()));
        TransactWriteItem::builder().delete(delete.build().expect("table and key are given")).build()
    }

    /// Makes every action or none. The same token within ten minutes makes them once.
    pub(super) async fn transact(&self, token: &str, actions: Vec<TransactWriteItem>) -> Result<(), Failure> {
        let request =
            self.client.transact_write_items().client_request_token(token).set_transact_items(Some(actions));
        self.patiently(|| request.clone().send()).await.map(drop)
    }

    /// Deletes items, in no order and not at once. What is not there is deleted already.
    pub(super) async fn delete_all(&self, keys: &[Key]) -> Result<(), LedgerError> {
        let delete = |key: &Key| {
            let request = DeleteRequest::builder().set_key(Some(key.item())).build().expect("a key is given");
            WriteRequest::builder().delete_request(request).build()
        };
        for keys in keys.chunks(DELETE_KEYS_MAX) {
            let mut left: Vec<WriteRequest> = keys.iter().map(delete).collect();
            let mut tries = 0;
            while !left.is_empty() {
                let request = self.client.batch_write_item().request_items(&self.name, left);
                let answer =
                    self.patiently(|| request.clone().send()).await.map_err(|failure| self.told(failure))?;
                left = answer.unprocessed_items.unwrap_or_default().remove(&self.name).unwrap_or_default();
                if !left.is_empty() {
                    self.wait(&mut tries, "deletions were left over").await?;
                }
            }
        }
        Ok(())
    }

    /// As the caller is told.
    pub(super) fn told(&self, failure: Failure) -> LedgerError {
        failure.told(&self.name)
    }

    /// Makes a call until it does not meet another transaction any more, or the tries are over.
    async fn patiently<T, E, F>(&self, call: impl Fn() -> F) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, SdkError<E>>>,
        aws_sdk_dynamodb::Error: From<SdkError<E>>,
    {
        let mut tries = 0;
        loop {
            match call().await.map_err(|error| judge(&self.name, error.into())) {
                Err(Failure::Busy(why)) => self.wait(&mut tries, &why).await?,
                answer => return answer,
            }
        }
    }

    /// Waits before another try, or fails when there were enough.
    async fn wait(&self, tries: &mut u32, why: &str) -> Result<(), LedgerError> {
        *tries += 1;
        if *tries >= TRIES {
            return Err(unavailable(&self.name, why, "the table is busy; try again"));
        }
        SystemClock.sleep(pause(*tries)).await;
        Ok(())
    }
}

/// Between half and the whole of 25 ms, doubled with each try up to a second. Runs that met each other must not meet again:
/// the chance is the standard library's own, since nothing but the length of a pause rests on it.
fn pause(tries: u32) -> Duration {
    const FIRST_MS: u64 = 25;
    const LONGEST_MS: u64 = 1_000;
    let whole = (FIRST_MS << tries.saturating_sub(1).min(10)).min(LONGEST_MS);
    let half = whole / 2;
    let chance = RandomState::new().hash_one(tries);
    Duration::from_millis(half + chance % (whole - half + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end() {
        let mut together = Duration::ZERO;
        for tries in 1..TRIES {
            let whole = Duration::from_millis((25 << (tries - 1)).min(1_000));
            for _ in 0..100 {
                let drawn = pause(tries);
                assert!(
                    drawn >= whole / 2 - Duration::from_millis(1) && drawn <= whole,
                    "{tries}: {drawn:?}"
                );
            }
            together += whole;
        }
        assert!(together < Duration::from_secs(7), "{together:?}");
        let drawn: std::collections::BTreeSet<Duration> = (0..100).map(|_| pause(6)).collect();
        assert!(drawn.len() > 50, "chance spreads them: {}", drawn.len());
    }
}
