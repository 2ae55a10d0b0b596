//! HTTP to loopback, as much as the local cloud and the sandbox need: one request a connection, answers with a length or
//! in chunks. It deliberately does no TLS, redirects or retries: a test that is refused should see it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// Longer than anything the local cloud does in one request.
const TIMEOUT: Duration = Duration::from_secs(60);

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; null when there is none.
    pub fn json(&self) -> Value {
        if self.body.is_empty() {
            return Value::Null;
        }
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("no JSON ({error}): {self:?}"))
    }

    /// The first header of this name, which is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

/// Sends a request to `host:port` and reads the answer.
///
/// # Errors
/// What the connection says: nobody listens, it was closed, it took longer than a minute.
pub fn send(
    address: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> std::io::Result<Answer> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_nodelay(true)?;
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
    stream.write_all(&[head.as_bytes(), body].concat())?;
    read_answer(&mut BufReader::new(stream), method)
}

/// Reads an answer from its first byte to its last, and nothing behind it.
///
/// # Errors
/// What the connection says, and what is no HTTP.
pub(super) fn read_answer(stream: &mut impl BufRead, method: &str) -> std::io::Result<Answer> {
    let status = line(stream)?;
    let status =
        status.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or_else(|| broken(&status))?;
    let headers = read_headers(stream)?;
    let mut answer = Answer { status, headers, body: Vec::new() };
    if method != "HEAD" && !matches!(status, 100..=199 | 204 | 304) {
        let length = answer.header("content-length").and_then(|length| length.parse().ok());
        let chunked = answer.header("transfer-encoding").is_some_and(|coding| coding.contains("chunked"));
        answer.body = read_body(stream, length, chunked)?;
    }
    Ok(answer)
}

/// Header lines up to the empty one, names in lower case.
pub(super) fn read_headers(stream: &mut impl BufRead) -> std::io::Result<Vec<(String, String)>> {
    let mut headers = Vec::new();
    loop {
        let text = line(stream)?;
        if text.is_empty() {
            return Ok(headers);
        }
        let (name, value) = text.split_once(':').ok_or_else(|| broken(&text))?;
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
}

/// A body of a known length, in chunks, or (an answer only) up to the connection's end.
pub(super) fn read_body(
    stream: &mut impl BufRead,
    length: Option<usize>,
    chunked: bool,
) -> std::io::Result<Vec<u8>> {
    let mut body = Vec::new();
    match length {
        _ if chunked => loop {
            let size = line(stream)?;
            let size = usize::from_str_radix(size.split(';').next().unwrap_or_default().trim(), 16)
                .map_err(|_| broken(&size))?;
            stream.take(size as u64).read_to_end(&mut body)?;
            line(stream)?;
            if size == 0 {
                break;
            }
        },
        Some(length) => {
            body.resize(length, 0);
            stream.read_exact(&mut body)?;
        }
        None => {
            stream.read_to_end(&mut body)?;
        }
    }
    Ok(body)
}

pub(super) fn line(stream: &mut impl BufRead) -> std::io::Result<String> {
    let mut text = String::new();
    if stream.read_line(&mut text)? == 0 {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    Ok(text.trim_end().to_owned())
}

fn broken(text: &str) -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::InvalidData, format!("no HTTP: {text}"))
}
