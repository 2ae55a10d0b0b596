//! A server on loopback whose answers are bytes. It reads requests only as far as it must to find their end.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// An answer, as it goes out.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Further lines of the head.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// So many bytes of the body are promised that do not come.
    pub missing: usize,
}

/// The answers that are to come; signing in is always granted.
#[derive(Clone, Default)]
pub struct Script(Arc<Mutex<VecDeque<Answer>>>);

impl Script {
    /// The next answers; those that were left are dropped.
    pub fn set(&self, answers: Vec<Answer>) {
        *self.0.lock().expect("no panic under the lock") = answers.into();
    }

    fn next(&self) -> Answer {
        let next = self.0.lock().expect("no panic under the lock").pop_front();
        next.unwrap_or(Answer { status: 503, headers: Vec::new(), body: Vec::new(), missing: 0 })
    }
}

/// Serves until the process ends. Answers its URL.
pub fn serve(script: Script) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let url = format!("http://{}", listener.local_addr().expect("it is bound"));
    let token = format!(r#"{{"access_token":"00Dx","instance_url":"{url}","token_type":"Bearer"}}"#);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (script, token) = (script.clone(), token.clone());
            // A connection that breaks is one of the things that are tried.
            std::thread::spawn(move || connection(&stream, &script, &token));
        }
    });
    url
}

fn connection(stream: &TcpStream, script: &Script, token: &str) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    loop {
        let (mut first, mut length) = (String::new(), 0);
        if reader.read_line(&mut first)? == 0 {
            return Ok(());
        }
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            match line.trim_end().split_once(':') {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.trim().parse().unwrap_or(0)
                }
                Some(_) => {}
                None => break,
            }
        }
        reader.by_ref().take(length).read_to_end(&mut Vec::new())?;
        let answer = match first.contains("/oauth2/token") {
            true => Answer { status: 200, headers: Vec::new(), body: token.as_bytes().to_vec(), missing: 0 },
            false => script.next(),
        };
        write(stream, &answer)?;
        if answer.missing > 0 {
            return Ok(());
        }
    }
}

fn write(mut stream: &TcpStream, answer: &Answer) -> std::io::Result<()> {
    let mut head = format!("HTTP/1.1 {} X\r\n", answer.status);
    for (name, value) in &answer.headers {
        head += &format!("{name}: {value}\r\n");
    }
    // These have no body, whatever is promised.
    let none = matches!(answer.status, 204 | 304);
    let body = if none { &[][..] } else { &answer.body };
    if !none {
        head += &format!("Content-Length: {}\r\n", body.len() + answer.missing);
    }
    stream.write_all(&[head.as_bytes(), b"\r\n", body].concat())
}
