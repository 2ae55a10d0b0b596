//! An HTTP server on loopback that answers what it is told and remembers what it was asked. It knows nothing of Salesforce.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// A request as it came in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// `PATCH /path?query`.
    pub line: String,
    /// All headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Seen {
    /// A header's value, empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
    }
}

/// What the server does with a request.
#[derive(Debug, Clone)]
pub enum Step {
    /// Answers status, headers and body.
    Answer(u16, Vec<(&'static str, String)>, String),
    /// Closes the connection without an answer.
    Drop,
    /// Answers 200, promises `n` bytes more than it sends, then closes.
    Truncate(String, usize),
    /// Says nothing for a minute.
    Silence,
}

/// JSON with this status.
pub fn json(status: u16, body: impl Into<String>) -> Step {
    Step::Answer(status, vec![("Content-Type", "application/json;charset=UTF-8".to_owned())], body.into())
}

/// A page of HTML with this status.
pub fn html(status: u16) -> Step {
    Step::Answer(status, vec![("Content-Type", "text/html".to_owned())], "<html>Sorry</html>".to_owned())
}

/// With one more header.
pub fn with(step: Step, name: &'static str, value: impl Into<String>) -> Step {
    match step {
        Step::Answer(status, mut headers, body) => {
            headers.push((name, value.into()));
            Step::Answer(status, headers, body)
        }
        other => other,
    }
}

type Script = Box<dyn FnMut(&Seen) -> Step + Send>;

/// The server. It stops when it is dropped.
pub struct Server {
    /// `http://127.0.0.1:port`, or https.
    pub url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// Answers with these steps, one after the other; then 599. `URL` in a body is the server's own URL.
    pub async fn in_order(steps: Vec<Step>) -> Self {
        let mut steps = VecDeque::from(steps);
        Self::start(None, move |_| steps.pop_front().unwrap_or_else(|| html(599))).await
    }

    /// Answers what `script` says, over TLS when there is an acceptor.
    pub async fn start(tls: Option<TlsAcceptor>, script: impl FnMut(&Seen) -> Step + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let scheme = if tls.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{}", listener.local_addr().expect("bound"));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let script: Arc<Mutex<Script>> = Arc::new(Mutex::new(Box::new(script)));
        let (own_url, all_seen) = (url.clone(), Arc::clone(&seen));
        let task = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (tls, url, seen, script) =
                    (tls.clone(), own_url.clone(), Arc::clone(&all_seen), Arc::clone(&script));
                tokio::spawn(async move {
                    match tls {
                        None => serve(socket, &url, &seen, &script).await,
                        Some(tls) => {
                            if let Ok(socket) = tls.accept(socket).await {
                                serve(socket, &url, &seen, &script).await;
                            }
                        }
                    }
                });
            }
        });
        Self { url, seen, task }
    }

    /// What it was asked, in order.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("no test panics in here").clone()
    }

    /// The request lines.
    pub fn lines(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.line).collect()
    }
}

/// One request for each connection.
async fn serve(
    mut socket: impl AsyncRead + AsyncWrite + Unpin,
    url: &str,
    seen: &Mutex<Vec<Seen>>,
    script: &Mutex<Script>,
) {
    let Some(request) = read(&mut socket).await else { return };
    seen.lock().expect("no test panics in here").push(request.clone());
    let step = (script.lock().expect("no test panics in here"))(&request);
    let (status, headers, body, missing) = match step {
        Step::Answer(status, headers, body) => (status, headers, body, 0),
        Step::Truncate(body, missing) => (200, Vec::new(), body, missing),
        Step::Drop => return,
        Step::Silence => return tokio::time::sleep(Duration::from_secs(60)).await,
    };
    let body = body.replace("URL", url);
    let mut text =
        format!("HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {}\r\n", body.len() + missing);
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    text.push_str(&body);
    // A client that has read enough may be gone.
    let _ = socket.write_all(text.as_bytes()).await;
    let _ = socket.shutdown().await;
}

async fn read(socket: &mut (impl AsyncRead + Unpin)) -> Option<Seen> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
            let mut lines = head.split("\r\n");
            let line = lines.next()?.strip_suffix(" HTTP/1.1")?.to_owned();
            let pair = |line: &str| {
                line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            };
            let mut seen = Seen { line, headers: lines.filter_map(pair).collect(), body: String::new() };
            let length: usize = seen.header("content-length").parse().unwrap_or(0);
            let mut body = bytes[end + 4..].to_vec();
            while body.len() < length {
                if socket.read_buf(&mut body).await.ok()? == 0 {
                    return None;
                }
            }
            seen.body = String::from_utf8(body).ok()?;
            return Some(seen);
        }
        if socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}
