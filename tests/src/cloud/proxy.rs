//! A reverse proxy in front of the local cloud, which is the endpoint that functions and programs get: it counts what they
//! ask, in the units that AWS bills, and can answer for a while as a service does that throttles or is down.
//!
//! It deliberately decides nothing else: every other request reaches the local cloud as it is. What the local cloud asks
//! of itself (the queue's event source, schedules) does not pass here.

use std::collections::BTreeMap;
use std::io::{BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

use serde_json::{Value, json};

use super::http::{self, Answer};

/// What passed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Seen {
    /// Requests by their `X-Amz-Target`, and REST requests by method and path.
    pub requests: BTreeMap<String, u64>,
    /// DynamoDB's write units, as the local cloud counts them (size and indexes, transactions twice).
    pub write_units: f64,
    /// DynamoDB's read units: each started 4 KB of an answer is one, and half of one for a read that may be stale.
    pub read_units: f64,
    /// SQS requests in billing units: each started 64 KB of a request is one.
    pub sqs_units: u64,
    /// Answers that were given in a service's name.
    pub refused: u64,
}

impl Seen {
    /// How many requests had a target that begins so.
    pub fn count(&self, start: &str) -> u64 {
        self.requests.iter().filter(|(target, _)| target.starts_with(start)).map(|(_, count)| count).sum()
    }
}

/// An answer in a service's name.
#[derive(Debug, Clone)]
struct Refusal {
    target: String,
    status: u16,
    body: Value,
    left: u64,
}

#[derive(Default)]
struct State {
    seen: Seen,
    refusals: Vec<Refusal>,
}

/// A running proxy. It ends with the process: its thread holds nothing but a socket of loopback.
#[derive(Clone)]
pub struct Proxy {
    state: Arc<Mutex<State>>,
    address: String,
}

impl Proxy {
    /// Starts one in front of `address`.
    pub fn start(upstream: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let address = listener.local_addr().expect("it has an address").to_string();
        let state = Arc::new(Mutex::new(State::default()));
        let (shared, upstream) = (Arc::clone(&state), upstream.to_owned());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (shared, upstream) = (Arc::clone(&shared), upstream.clone());
                // A client that goes away ends its connection, nothing more.
                thread::spawn(move || {
                    let _ = serve(stream, &upstream, &shared);
                });
            }
        });
        Self { state, address }
    }

    /// Its URL.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What passed until now.
    pub fn seen(&self) -> Seen {
        self.state().seen.clone()
    }

    /// Refuses the next `times` requests whose target begins so, with a service's error.
    pub fn refuse(&self, target: &str, status: u16, code: &str, times: u64) {
        let body = json!({ "__type": code, "message": "refused by the test" });
        self.state().refusals.push(Refusal { target: target.to_owned(), status, body, left: times });
    }

    /// Refuses nothing any more.
    pub fn relent(&self) {
        self.state().refusals.clear();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no thread panics with it")
    }
}

/// One request of a client.
struct Request {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    fn target(&self) -> String {
        let rest = || format!("{} {}", self.method, self.path.split('?').next().unwrap_or_default());
        self.header("x-amz-target").map_or_else(rest, str::to_owned)
    }
}

/// Serves a connection until its client closes it.
fn serve(client: TcpStream, upstream: &str, state: &Mutex<State>) -> std::io::Result<()> {
    client.set_nodelay(true)?;
    let mut writer = client.try_clone()?;
    let mut reader = BufReader::new(client);
    loop {
        let mut request = read_request(&mut reader)?;
        let target = request.target();
        let refusal = refusal(&mut state.lock().expect("no thread panics with it"), &target);
        let answer = match refusal {
            Some(answer) => answer,
            None => {
                ask_for_units(&mut request, &target);
                let answer = forward(&request, upstream)?;
                count(&mut state.lock().expect("no thread panics with it").seen, &request, &target, &answer);
                answer
            }
        };
        write_answer(&mut writer, &answer)?;
    }
}

fn read_request(reader: &mut BufReader<TcpStream>) -> std::io::Result<Request> {
    let line = http::line(reader)?;
    let mut words = line.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or("/"));
    let (method, path) = (method.to_owned(), path.to_owned());
    let headers = http::read_headers(reader)?;
    let mut request = Request { method, path, headers, body: Vec::new() };
    let length = request.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let chunked = request.header("transfer-encoding").is_some_and(|coding| coding.contains("chunked"));
    request.body = http::read_body(reader, Some(length), chunked)?;
    Ok(request)
}

fn refusal(state: &mut State, target: &str) -> Option<Answer> {
    let refusal = state.refusals.iter_mut().find(|one| one.left > 0 && target.starts_with(&one.target))?;
    refusal.left -= 1;
    state.seen.refused += 1;
    let headers = vec![("content-type".to_owned(), "application/x-amz-json-1.0".to_owned())];
    Some(Answer { status: refusal.status, headers, body: refusal.body.to_string().into_bytes() })
}

/// DynamoDB tells what a write consumed when it is asked.
fn ask_for_units(request: &mut Request, target: &str) {
    if !target.starts_with("DynamoDB_") {
        return;
    }
    if let Ok(Value::Object(mut body)) = serde_json::from_slice(&request.body) {
        body.insert("ReturnConsumedCapacity".to_owned(), "TOTAL".into());
        request.body = Value::Object(body).to_string().into_bytes();
    }
}

fn forward(request: &Request, upstream: &str) -> std::io::Result<Answer> {
    let own = ["host", "content-length", "connection", "transfer-encoding"];
    let passed = request.headers.iter().filter(|(name, _)| !own.contains(&name.as_str()));
    let headers: Vec<(&str, &str)> = passed.map(|(name, value)| (name.as_str(), value.as_str())).collect();
    http::send(upstream, &request.method, &request.path, &headers, &request.body)
}

fn write_answer(writer: &mut TcpStream, answer: &Answer) -> std::io::Result<()> {
    let own = ["content-length", "connection", "transfer-encoding"];
    let mut head = format!("HTTP/1.1 {} From-Upstream\r\n", answer.status);
    for (name, value) in answer.headers.iter().filter(|(name, _)| !own.contains(&name.as_str())) {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\n\r\n", answer.body.len()));
    writer.write_all(&[head.as_bytes(), &answer.body].concat())
}

fn count(seen: &mut Seen, request: &Request, target: &str, answer: &Answer) {
    *seen.requests.entry(target.to_owned()).or_default() += 1;
    if target.starts_with("AmazonSQS") {
        seen.sqs_units += (request.body.len() as u64).div_ceil(64 * 1024).max(1);
    }
    let Some(operation) = target.strip_prefix("DynamoDB_20120810.") else { return };
    let asked: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    if matches!(operation, "GetItem" | "Query" | "Scan" | "BatchGetItem" | "TransactGetItems") {
        seen.read_units += read_units(operation, &asked, answer);
    } else {
        let told = serde_json::from_slice(&answer.body).unwrap_or_default();
        seen.write_units += write_units(&told);
    }
}

/// A batch's reads are rounded up item by item, all others as a whole.
fn read_units(operation: &str, asked: &Value, answer: &Answer) -> f64 {
    let stale = match operation {
        "BatchGetItem" => !asked["RequestItems"].to_string().contains(r#""ConsistentRead":true"#),
        _ => asked["ConsistentRead"] != true,
    };
    let told: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let pages = |bytes: usize| bytes.div_ceil(4096).max(1) as f64;
    let units = match operation {
        "BatchGetItem" => {
            let items = told["Responses"].as_object().into_iter().flatten();
            let items = items.flat_map(|(_, items)| items.as_array().into_iter().flatten());
            items.map(|item| pages(item.to_string().len())).sum()
        }
        "GetItem" => pages(told["Item"].to_string().len()),
        _ => pages(told["Items"].to_string().len()),
    };
    if stale { units / 2.0 } else { units }
}

/// What DynamoDB says that it consumed; a write whose condition failed costs one unit at least.
fn write_units(told: &Value) -> f64 {
    let consumed = &told["ConsumedCapacity"];
    let tables: Vec<&Value> = consumed.as_array().map_or_else(|| vec![consumed], |all| all.iter().collect());
    let units: f64 = tables.iter().filter_map(|table| table["CapacityUnits"].as_f64()).sum();
    units.max(1.0)
}
