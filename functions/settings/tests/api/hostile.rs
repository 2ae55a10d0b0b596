//! Requests that mean harm: each gets a 4xx, and nothing changes.

use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::world::World;

/// Sends bytes as they are, and reads the answer's status and body.
async fn raw(world: &World, request: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", world.port)).await.expect("connects");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    // A server that refuses half way may reset the connection; what it said before counts.
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    (status, answer)
}

async fn paused() -> World {
    let world = World::new().await;
    world.refuse_bad();
    world.deliver("Contact", 1, &["bad-1", "C-2"]).await;
    world
}

/// Nothing was handed on, and nothing changed.
async fn unchanged(world: &World) {
    assert_eq!(world.asked(), Vec::<String>::new());
    assert_eq!(world.get("/api/settings").await.header("etag"), "\"0\"");
    assert_eq!(world.get("/api/jobs").await.json()["jobs"][0]["state"], "paused");
}

#[tokio::test]
async fn names_that_were_pointed_here_are_refused() {
    let world = paused().await;
    for host in ["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example"] {
        for path in ["/api/jobs", "/api/session", "/settings/crm", "/assets/x", "/"] {
            let (status, answer) =
                raw(&world, &format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"))
                    .await;
            assert_eq!(status, 403, "{host} {path}");
            assert!(!answer.contains("acme"), "{answer}");
        }
    }
    let (status, _) = raw(&world, "GET /api/jobs HTTP/1.1\r\nConnection: close\r\n\r\n").await;
    assert_eq!(status, 403, "no host at all");
    let line = format!(
        "GET http://evil.example/api/jobs HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\r\n",
        world.port
    );
    assert_eq!(raw(&world, &line).await.0, 403);
    for name in ["localhost", "127.0.0.1", "[::1]"] {
        let line =
            format!("GET /api/jobs HTTP/1.1\r\nHost: {name}:{}\r\nConnection: close\r\n\r\n", world.port);
        assert_eq!(raw(&world, &line).await.0, 200, "{name}");
    }
    unchanged(&world).await;
}

#[tokio::test]
async fn pages_of_other_sites_change_nothing() {
    let world = paused().await;
    let writes = [
        (Method::POST, "/api/jobs/resume"),
        (Method::POST, "/api/jobs/Contact/resume"),
        (Method::POST, "/api/jobs/Contact/skip"),
        (Method::POST, "/api/errors/retry"),
        (Method::PUT, "/api/settings"),
        (Method::POST, "/api/records"),
    ];
    for (method, path) in writes {
        let body = json!({"exportToCrm": false});
        let origin = world.write(method.clone(), path, &body).header("Origin", "http://evil.example");
        world.send(origin).await.problem(403, "forbidden");
        let fetched = world.write(method.clone(), path, &body).header("Sec-Fetch-Site", "cross-site");
        world.send(fetched).await.problem(403, "forbidden");
        // A form: no header of ours, and a type that needs nobody's leave.
        let form = world.request(method, path).header("Content-Type", "text/plain").body(body.to_string());
        let answer = world.send(form).await;
        answer.problem(403, "forbidden");
        assert_eq!(answer.header("access-control-allow-origin"), "");
    }
    let asked_first = world.request(Method::OPTIONS, "/api/settings").header("Origin", "http://evil.example");
    assert_eq!(world.send(asked_first).await.status, 403);
    let reads = world.request(Method::GET, "/api/errors").header("Origin", "http://evil.example");
    world.send(reads).await.problem(403, "forbidden");
    unchanged(&world).await;
}

#[tokio::test]
async fn large_bodies_and_heads_are_refused() {
    let world = paused().await;
    let large = json!({"batchSize": 25, "x": "y".repeat(70_000)});
    world.put_settings("\"0\"", large.clone()).await.problem(413, "too-large");
    for path in ["/api/jobs/resume", "/api/jobs/Contact/skip", "/api/errors/retry"] {
        world.post(path, large.clone()).await.problem(413, "too-large");
    }
    // Without a length: the limit holds while it is read.
    let pieces = "1000\r\n".to_owned() + &"x".repeat(4_096) + "\r\n";
    let chunked = format!(
        "POST /api/jobs/resume HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nX-Requested-With: crm-export\r\n\
         Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n{}0\r\n\r\n",
        world.port,
        pieces.repeat(20)
    );
    assert_eq!(raw(&world, &chunked).await.0, 413);
    let head = format!(
        "GET /api/jobs HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nX-A: {}\r\n\r\n",
        world.port,
        "y".repeat(60_000)
    );
    assert_eq!(raw(&world, &head).await.0, 431);
    let many = "X-A: b\r\n".repeat(100);
    let head = format!("GET /api/jobs HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{many}\r\n", world.port);
    assert_eq!(raw(&world, &head).await.0, 431);
    unchanged(&world).await;
}

#[tokio::test]
async fn another_account_is_not_reachable() {
    let world = paused().await;
    // The same ledger keeps another account's jobs and errors.
    let other = domain::AccountName::new("other").expect("fits");
    let body = json!({"account": "other", "object": "Secret", "records": [
        {"externalId": {"field": "E__c", "value": "bad-secret"}, "fields": {}}]});
    let message = domain::message::Message::from_body("m", 1, &body.to_string()).expect("a message");
    world.jobs.run(&message.job.clone(), &[message], ::jobs::Cause::Message, None).await.expect("a run");
    let filter = ::jobs::ledger::ErrorFilter::default();
    let secret = world.jobs.ledger.errors(&other, &filter, None, 1).await.expect("read").remove(0).id;

    world.get(&format!("/api/errors/{secret}")).await.problem(404, "not-found");
    world.get(&format!("/api/errors/{secret}/explanation")).await.problem(404, "not-found");
    world.post("/api/errors/retry", json!({"ids": [secret]})).await.problem(404, "not-found");
    world.post("/api/jobs/Secret/resume", json!({})).await.problem(404, "not-found");
    world.post("/api/jobs/Secret/skip", json!({"errorId": secret})).await.problem(404, "not-found");
    world.post("/api/jobs/other%2FSecret/resume", json!({})).await.problem(404, "not-found");
    world.post("/api/jobs/..%2Fother%2FSecret/resume", json!({})).await.problem(404, "not-found");
    world.get("/api/jobs?account=other").await;
    for path in [
        "/api/jobs",
        "/api/errors?state=all",
        "/api/errors/causes?state=all",
        "/api/errors.ndjson?state=all",
        "/api/figures",
        "/api/rejections",
        "/api/settings",
        &format!("/api/errors?after={secret}&state=all"),
    ] {
        let answer = world.get(path).await;
        assert!(answer.status == 200 && !answer.text.to_lowercase().contains("secret"), "{path}: {answer:?}");
    }
    unchanged(&world).await;
}

#[tokio::test]
async fn paths_lead_nowhere_else() {
    let world = paused().await;
    let paths = [
        "/assets/../Cargo.toml",
        "/assets/..%2f..%2fCargo.toml",
        "/assets/%2e%2e/%2e%2e/etc/passwd",
        "/assets/",
        "/assets/....//x",
        "/assets//etc/passwd",
        "/assets/x%00.js",
        "/api/../api/jobs/x",
        "//api/jobs",
        "/API/jobs",
        "/%61pi/jobs/x",
        "/api",
        "/api/",
        "/api/jobs/",
        "/api/nothing",
    ];
    for path in paths {
        let line =
            format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\r\n", world.port);
        let (status, answer) = raw(&world, &line).await;
        assert_eq!(status, 404, "{path}: {answer}");
    }
    unchanged(&world).await;
}

#[tokio::test]
async fn other_methods_are_told_which_there_are() {
    let world = paused().await;
    for (method, path, allow) in [
        (Method::DELETE, "/api/settings", "GET,HEAD,PUT"),
        (Method::POST, "/api/jobs", "GET,HEAD"),
        (Method::PUT, "/api/errors/retry", "POST"),
        (Method::PATCH, "/api/session", "GET,HEAD"),
    ] {
        let answer = world.send(world.write(method, path, &json!({}))).await;
        answer.problem(405, "method-not-allowed");
        let mut allowed: Vec<&str> = answer.header("allow").split(',').collect();
        allowed.sort_unstable();
        assert_eq!(allowed.join(","), allow, "{path}");
    }
    unchanged(&world).await;
}

#[tokio::test]
async fn script_in_a_record_stays_data() {
    let world = World::new().await;
    let script = "<script>alert(1)</script>";
    world.set(json!({"pauseOnExportErrors": false})).await;
    world.crm.refuse(move |_| Some(vec![domain::CrmError::new("STRING_TOO_LONG", script, &[script])]));
    world.deliver("Contact", 1, &["\"><img src=x onerror=alert(1)>"]).await;
    for path in ["/api/errors", "/api/errors.ndjson", "/api/errors.csv", "/api/errors/causes"] {
        let answer = world.get(path).await;
        assert!(answer.text.contains("<script>alert(1)</script>"), "{path}: as it is");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert!(!answer.header("content-type").contains("html"), "{path}");
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe") && !policy.contains('*'), "{policy}");
    }
    let reflected = world.get("/api/errors?state=%3Cscript%3E").await;
    assert!(!reflected.problem(400, "bad-request").contains("<script>"));
    world.get("/%3Cscript%3E").await.problem(404, "not-found");
}

#[tokio::test]
async fn broken_requests_break_nothing() {
    let world = paused().await;
    let host =
        format!("Host: 127.0.0.1:{}\r\nX-Requested-With: crm-export\r\nConnection: close\r\n", world.port);
    let deep = "[".repeat(10_000);
    let typed = "Content-Type: application/json\r\nIf-Match: *\r\n";
    let requests = [
        format!("PUT /api/settings HTTP/1.1\r\n{host}{typed}Content-Length: {}\r\n\r\n{deep}", deep.len()),
        format!("PUT /api/settings HTTP/1.1\r\n{host}{typed}Content-Length: -1\r\n\r\n"),
        format!(
            "PUT /api/settings HTTP/1.1\r\n{host}{typed}Content-Length: 5\r\nContent-Length: 6\r\n\r\n{{}}"
        ),
        format!("GET /api/errors?text=%zz&limit=%00 HTTP/1.1\r\n{host}\r\n"),
        format!("GET /api/jobs HTTP/1.1\r\n{host}{host}\r\n"),
        "NONSENSE\r\n\r\n".to_owned(),
    ];
    for request in requests {
        let (status, answer) = raw(&world, &request).await;
        assert!((400..500).contains(&status), "{request:.80}: {answer}");
    }
    unchanged(&world).await;
}
