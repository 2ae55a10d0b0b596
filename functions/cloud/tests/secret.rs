//! The CRM behind the secret, over the real AWS and Salesforce clients against servers on loopback.

#[path = "support/log.rs"]
mod log;
#[path = "support/server.rs"]
mod server;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use aws_credential_types::Credentials;
use cloud::{Config, CrmAccess, SecretCrm};
use domain::{AccountName, Operation, Record};
use jobs::clock::ManualClock;
use jobs::crm::{Chunk, Crm, CrmFailure, own_code};
use log::Lines;
use serde_json::{Value, json};
use server::{Answer, Request, Server};
use tracing::Level;

/// The log of all tests here, everything in it.
static LOG: LazyLock<Lines> = LazyLock::new(|| {
    let lines = Lines::default();
    let out = lines.clone();
    let log = cloud::telemetry::subscriber(Level::TRACE, move || out.clone());
    tracing::subscriber::set_global_default(log).expect("the only one");
    lines
});

/// Secrets Manager and Salesforce in one server, which takes one client secret.
struct World {
    server: Server,
    secret: Arc<Mutex<Answer>>,
    clock: Arc<ManualClock>,
    crm: SecretCrm,
}

impl World {
    async fn new(secret: Answer, good: &'static str) -> Self {
        LazyLock::force(&LOG);
        let secret = Arc::new(Mutex::new(secret));
        let url: Arc<Mutex<String>> = Arc::default();
        let (kept, own_url) = (Arc::clone(&secret), Arc::clone(&url));
        let answer = move |request: &Request| {
            Some(match request.path.as_str() {
                "/" => copy(&kept.lock().expect("whole")),
                "/services/oauth2/token" if request.body.contains(good) => {
                    let instance_url = own_url.lock().expect("whole").clone();
                    Answer::json(200, json!({"access_token": "hush-token", "instance_url": instance_url}))
                }
                "/services/oauth2/token" => Answer::json(400, json!({"error": "invalid_client"})),
                _ => {
                    Answer::json(200, json!([{"id": "003x", "success": true, "created": true, "errors": []}]))
                }
            })
        };
        let server = Server::start(answer).await;
        url.lock().expect("whole").clone_from(&server.url);
        let clock = Arc::new(ManualClock::default());
        let crm = crm(&server.url, &clock);
        Self { server, secret, clock, crm }
    }

    fn put(&self, secret: Answer) {
        *self.secret.lock().expect("whole") = secret;
    }

    /// How often the secret was read, and a sign-in tried.
    fn asked(&self) -> (usize, usize) {
        (
            self.server.requests("/").iter().filter(|request| request.path == "/").count(),
            self.server.requests("/services/oauth2").len(),
        )
    }
}

fn crm(url: &str, clock: &Arc<ManualClock>) -> SecretCrm {
    let mut config = Config::new(AccountName::new("acme").expect("fits"), "stack", "table", "bus");
    config.region = Some("eu-central-1".to_owned());
    config.endpoint_url = Some(url.to_owned());
    config.credentials = Some(Credentials::new("id", "hush-aws", None, None, "test"));
    let secrets = aws_sdk_secretsmanager::Client::new(&cloud::sdk::of_function(&config));
    SecretCrm::new(secrets, CrmAccess { login_url: url, secret: "stack/crm" }, clock.clone())
}

fn copy(answer: &Answer) -> Answer {
    Answer { status: answer.status, headers: answer.headers.clone(), body: answer.body.clone() }
}

fn holding(secret: Value) -> Answer {
    Answer::json(200, json!({"ARN": "arn", "Name": "stack/crm", "SecretString": secret.to_string()}))
}

fn client(secret: &str) -> Answer {
    holding(json!({"clientId": "3MVG", "clientSecret": secret}))
}

/// Sends one record. `Ok` when it was taken, else code and text of why the CRM is unavailable.
async fn send(crm: &SecretCrm) -> Result<(), (String, String)> {
    let json = json!({"object": "Contact", "externalId": {"field": "E__c", "value": "1"}, "fields": {"LastName": "Doe"}});
    let record = Record::from_json(json).expect("whole");
    let chunk = Chunk {
        object: "Contact",
        external_id_field: "E__c",
        operation: Operation::Upsert,
        records: &[&record],
        all_or_none: true,
    };
    match crm.send(chunk).await.outcome {
        Ok(rows) => {
            assert_eq!(rows.len(), 1);
            Ok(())
        }
        Err(CrmFailure::Unavailable { error, .. }) => Err((error.code, error.message)),
        Err(other) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_secret_is_read_once() {
    let world = World::new(client("hush-good"), "hush-good").await;
    for _ in 0..3 {
        assert_eq!(send(&world.crm).await, Ok(()));
        world.clock.advance(Duration::from_secs(3600));
    }
    assert_eq!(world.asked(), (1, 1));
    let read = &world.server.requests("/")[0];
    assert_eq!(read.headers["x-amz-target"], "secretsmanager.GetSecretValue");
    assert_eq!(serde_json::from_str::<Value>(&read.body).expect("JSON"), json!({"SecretId": "stack/crm"}));
}

#[tokio::test]
async fn jobs_that_run_at_the_same_time_read_it_once() {
    let world = World::new(client("hush-good"), "hush-good").await;
    let (one, two, three) = tokio::join!(send(&world.crm), send(&world.crm), send(&world.crm));
    assert_eq!((one, two, three, world.asked()), (Ok(()), Ok(()), Ok(()), (1, 1)));
}

#[tokio::test]
async fn a_placeholder_suspends_and_is_read_again_later() {
    let placeholder = json!({"clientId": "", "username": "", "privateKey": "", "placeholder": "hush"});
    let world = World::new(holding(placeholder), "hush-good").await;
    let advice = "put {\"clientId\",\"username\",\"privateKey\"} or {\"clientId\",\"clientSecret\"} into it, see infra/README.md";
    let text =
        format!("the secret stack/crm cannot be used: it has neither privateKey nor clientSecret; {advice}");
    let expected = Err((own_code::SIGN_IN_FAILED.to_owned(), text));
    assert_eq!(send(&world.crm).await, expected);
    world.put(client("hush-good"));
    world.clock.advance(Duration::from_secs(29));
    assert_eq!((send(&world.crm).await, world.asked()), (expected, (1, 0)), "it is not hammered");
    world.clock.advance(Duration::from_secs(1));
    assert_eq!((send(&world.crm).await, world.asked()), (Ok(()), (2, 1)));
}

#[tokio::test]
async fn a_refused_sign_in_has_the_secret_read_again() {
    let world = World::new(client("hush-old"), "hush-new").await;
    let refused = send(&world.crm).await.expect_err("refused");
    assert_eq!(refused.0, own_code::SIGN_IN_FAILED);
    world.put(client("hush-new"));
    assert!(send(&world.crm).await.is_err(), "not at once");
    world.clock.advance(Duration::from_secs(60));
    assert_eq!((send(&world.crm).await, world.asked().0), (Ok(()), 2));
}

#[tokio::test]
async fn what_cannot_be_read_or_used_is_told() {
    let check = async |secret: Answer, code: &str, text: &str| {
        let world = World::new(secret, "hush").await;
        let told = send(&world.crm).await.expect_err("no secret");
        assert_eq!((told.0.as_str(), told.1.as_str()), (code, text));
    };
    let denied = json!({"__type": "AccessDeniedException", "Message": "not authorized to perform it"});
    check(
        Answer::json(400, denied),
        own_code::CONNECTION_FAILED,
        "the secret stack/crm cannot be read: AccessDeniedException: not authorized to perform it",
    )
    .await;
    check(
        Answer::json(200, json!({"Name": "stack/crm", "SecretBinary": "aHVzaA=="})),
        own_code::SIGN_IN_FAILED,
        "the secret stack/crm cannot be used: it holds bytes, not a text",
    )
    .await;
    check(
        holding(json!({"clientId": "a", "username": "b", "privateKey": "hush"})),
        own_code::SIGN_IN_FAILED,
        "the secret stack/crm cannot be used: read the Salesforce private key: it is no PEM text; give the content of the \
         key file, `-----BEGIN PRIVATE KEY-----` and on",
    )
    .await;
    // Nobody listens there.
    let closed = crm("http://127.0.0.1:9", &Arc::default());
    let told = send(&closed).await.expect_err("no answer");
    assert_eq!(told.0, own_code::CONNECTION_FAILED);
    assert!(told.1.starts_with("the secret stack/crm cannot be read: "), "{}", told.1);
}

#[tokio::test]
async fn a_call_that_fails_in_passing_is_tried_again() {
    let tries = AtomicU32::new(0);
    let server = Server::start(move |_| {
        Some(match tries.fetch_add(1, Ordering::Relaxed) {
            0 => Answer::json(500, json!({"__type": "InternalServiceError"})),
            1 => Answer::json(400, json!({"__type": "ThrottlingException", "message": "slow down"})),
            _ => Answer::json(200, json!({"Name": "stack/crm", "SecretString": "{}"})),
        })
    })
    .await;
    let told = send(&crm(&server.url, &Arc::default())).await.expect_err("an empty secret");
    assert_eq!((told.0.as_str(), server.requests("/").len()), (own_code::SIGN_IN_FAILED, 3));
}

#[tokio::test]
async fn no_log_holds_a_secret() {
    let broken = Answer::json(200, r#"{"SecretString": "hush-broken", "#);
    for secret in
        [client("hush-good"), client("hush-bad"), broken, holding(json!({"clientSecret": ["hush"]}))]
    {
        let world = World::new(secret, "hush-good").await;
        let sent = send(&world.crm).await;
        assert!(!format!("{sent:?}").contains("hush"), "{sent:?}");
    }
    let text = LOG.take().join("\n");
    assert!(text.contains("the CRM's credentials cannot be used"), "{text}");
    assert!(!text.contains("hush"), "{text}");
    assert!(!text.contains("Doe"), "{text}");
}
