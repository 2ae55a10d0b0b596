//! The built program `export` as Lambda runs it: with a Runtime API on loopback, and an AWS that is not there.

#[path = "../../cloud/tests/support/server.rs"]
mod server;

use std::net::TcpListener;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use serde_json::{Value, json};
use server::{Answer, Request, Server};

const TRACE: &str = "Root=1-6b04a1d9-a8e6236fb457326379eeb76c;Parent=f34978904a6b01f2;Sampled=1";

/// What `template.yaml` and Lambda give the function.
const ENVIRONMENT: [(&str, &str); 16] = [
    ("CRM_EXPORT_ACCOUNT", "acme"),
    ("CRM_EXPORT_STACK", "crm-export"),
    ("CRM_EXPORT_TABLE", "ledger"),
    ("CRM_EXPORT_EVENT_BUS", "bus"),
    ("CRM_EXPORT_LOG", "info"),
    ("CRM_EXPORT_LOGIN_URL", "http://127.0.0.1:9"),
    ("CRM_EXPORT_SECRET", "arn:aws:secretsmanager:eu-central-1:1:secret:crm"),
    ("AWS_REGION", "eu-central-1"),
    ("AWS_ACCESS_KEY_ID", "id"),
    ("AWS_SECRET_ACCESS_KEY", "hush-key"),
    ("AWS_SESSION_TOKEN", "hush-token"),
    ("AWS_LAMBDA_FUNCTION_NAME", "export"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
    ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
    ("AWS_LAMBDA_LOG_STREAM_NAME", "2026/11/23/[$LATEST]0a"),
    ("LAMBDA_TASK_ROOT", "/nowhere"),
];

/// A Runtime API that has one event, and then none.
async fn runtime_api(event: Value) -> Server {
    let event = Mutex::new(Some(event));
    Server::start(move |request: &Request| {
        if !request.path.ends_with("/invocation/next") {
            return Some(Answer::json(202, json!({})));
        }
        let mut answer = Answer::json(200, event.lock().expect("whole").take()?);
        let arn = "arn:aws:lambda:eu-central-1:123456789012:function:export";
        answer.headers.extend([
            ("lambda-runtime-aws-request-id", "r-1".to_owned()),
            ("lambda-runtime-deadline-ms", "4102444800000".to_owned()),
            ("lambda-runtime-invoked-function-arn", arn.to_owned()),
            ("lambda-runtime-trace-id", TRACE.to_owned()),
        ]);
        Some(answer)
    })
    .await
}

fn start(runtime_api: &str, aws: &str, without: &str) -> Child {
    let given = ENVIRONMENT.iter().filter(|(name, _)| *name != without);
    Command::new(env!("CARGO_BIN_EXE_export"))
        .env_clear()
        .envs(given.copied())
        .env("AWS_LAMBDA_RUNTIME_API", runtime_api.trim_start_matches("http://"))
        .env("AWS_ENDPOINT_URL", aws)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts")
}

/// Waits for the program's answer to its event, and ends it. Answers path and body, and what it printed.
async fn answer(runtime_api: &Server, mut program: Child) -> (String, Value, String) {
    let answered = async {
        loop {
            let posts = runtime_api.requests("/2018-06-01/runtime/invocation/r-1/");
            if let Some(post) = posts.into_iter().next() {
                return post;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let answered = tokio::time::timeout(Duration::from_secs(90), answered).await;
    program.kill().expect("it runs");
    let Output { stdout, stderr, .. } = program.wait_with_output().expect("it ends");
    let printed = format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    let post = answered.unwrap_or_else(|_| panic!("no answer: {printed}"));
    (post.path, serde_json::from_str(&post.body).expect("JSON"), printed)
}

fn sample() -> Value {
    serde_json::from_str(include_str!("../../../infra/events/sqs-batch.json")).expect("JSON")
}

/// An address where nobody listens.
fn closed() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    format!("http://{}", listener.local_addr().expect("an address"))
}

#[tokio::test]
async fn without_aws_every_message_comes_again() {
    let runtime_api = runtime_api(sample()).await;
    let program = start(&runtime_api.url, &closed(), "");
    let (path, body, printed) = answer(&runtime_api, program).await;
    assert_eq!(path, "/2018-06-01/runtime/invocation/r-1/response");
    let id = |number: u32| json!({"itemIdentifier": format!("00000000-0000-4000-8000-00000000000{number}")});
    assert_eq!(body, json!({"batchItemFailures": [id(1), id(2), id(3)]}));
    let lines: Vec<Value> =
        printed.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    let again: Vec<&Value> = lines.iter().filter(|line| line["message"] == "messages come again").collect();
    assert_eq!(again.len(), 2, "one for each group: {printed}");
    assert_eq!(
        (&again[0]["span"]["requestId"], &again[0]["span"]["traceId"]),
        (&json!("r-1"), &json!(TRACE))
    );
    for value in ["hush", "Doe", "C-0001"] {
        assert!(!printed.contains(value), "{value} is in the log: {printed}");
    }
}

#[tokio::test]
async fn the_trace_header_is_passed_on() {
    let runtime_api = runtime_api(json!({"cause": "schedule"})).await;
    let aws = Server::start(|_| {
        Some(Answer::json(400, json!({"__type": "AccessDeniedException", "message": "no"})))
    })
    .await;
    let program = start(&runtime_api.url, &aws.url, "");
    let (path, body, _) = answer(&runtime_api, program).await;
    assert_eq!(path, "/2018-06-01/runtime/invocation/r-1/error");
    assert_eq!(body["errorType"], "Ledger");
    let requests = aws.requests("/");
    assert!(!requests.is_empty());
    for request in requests {
        assert_eq!(request.headers["x-amzn-trace-id"], TRACE, "{request:?}");
        assert_eq!(request.headers["x-amz-security-token"], "hush-token");
    }
}

#[tokio::test]
async fn an_unknown_event_is_told_what_was_expected() {
    let runtime_api = runtime_api(json!({"cause": "curiosity"})).await;
    let program = start(&runtime_api.url, &closed(), "");
    let (path, body, printed) = answer(&runtime_api, program).await;
    assert_eq!(path, "/2018-06-01/runtime/invocation/r-1/error");
    let message = body["errorMessage"].as_str().expect("a text");
    assert!(
        message.starts_with("failed to read the event: its cause is `curiosity`; expected a batch"),
        "{message}"
    );
    assert_eq!(printed.lines().count(), 1, "told once: {printed}");
}

#[tokio::test]
async fn a_variable_that_is_missing_ends_the_start() {
    let runtime_api = runtime_api(sample()).await;
    for variable in ["CRM_EXPORT_TABLE", "CRM_EXPORT_SECRET"] {
        let program = start(&runtime_api.url, &closed(), variable);
        let Output { status, stdout, .. } = program.wait_with_output().expect("it ends");
        let line: Value = serde_json::from_slice(&stdout).expect("one line of JSON");
        assert_eq!((status.code(), &line["level"]), (Some(1), &json!("ERROR")));
        let error = line["error"].as_str().expect("a text");
        assert!(error.starts_with(&format!("read {variable}: it is not set; ")), "{error}");
    }
    assert_eq!(runtime_api.requests("/").len(), 0, "it asked for no event");
}
