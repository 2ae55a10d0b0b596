//! Starting, stopping, TLS, files that change, and many clients at once.

use std::path::Path;

use reqwest::Method;
use sandbox::{Database, start};
use serde_json::json;

use crate::crm::{Crm, config, org};

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(std::fs::copy(entry.path(), target).unwrap()),
        }
    }
}

#[tokio::test]
async fn tls_with_its_own_certificate() {
    let crm = Crm::with(org("org"), |config| config.tls = true).await;
    assert!(crm.running.url.starts_with("https://127.0.0.1:"), "{}", crm.running.url);
    assert_eq!(crm.get("/limits").await.0, 200);
    let token = crm.client.post(format!("{}/services/oauth2/token", crm.running.url));
    let token = token.form(&[("grant_type", "client_credentials"), ("client_id", "x")]).send().await.unwrap();
    assert_eq!(token.json::<serde_json::Value>().await.unwrap()["instance_url"], json!(crm.running.url));
    crm.stop().await;
}

#[tokio::test]
async fn records_outlive_the_sandbox() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("crm.db");
    let crm = Crm::with(org("org"), |config| config.database = Database::File(file.clone())).await;
    let id = crm.create("Account", json!({"Name": "A", "Ext__c": "1"})).await;
    crm.stop().await;
    let crm = Crm::with(org("org"), |config| config.database = Database::File(file.clone())).await;
    let second = Crm::with(org("org"), |config| config.database = Database::File(file.clone())).await;
    assert_eq!(crm.value("Account", &id, "Name").await, json!("A"));
    let updated = second.patch("/sobjects/Account/Ext__c/1", json!({"Name": "B"})).await;
    assert_eq!((updated.0, &updated.1["created"]), (200, &json!(false)), "another process on the same file");
    assert_eq!(crm.value("Account", &id, "Name").await, json!("B"));
    crm.stop().await;
    second.stop().await;
}

#[tokio::test]
async fn an_edit_of_the_org_is_seen_while_it_runs() {
    let folder = tempfile::tempdir().unwrap();
    copy(&org("org"), folder.path());
    let crm = Crm::with(folder.path().into(), |_| {}).await;
    let file = folder.path().join("objects/Touchpoint__c/fields/Type__c.field-meta.xml");
    let field = std::fs::read_to_string(&file).unwrap();
    let until = async |edit: &str, status: u16| {
        std::fs::write(&file, edit).unwrap();
        for _ in 0..100 {
            let answer = crm.post("/sobjects/Touchpoint__c", json!({})).await;
            if answer.0 == status {
                return answer.1;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("the edit was not seen");
    };
    assert_eq!(crm.post("/sobjects/Touchpoint__c", json!({})).await.0, 400);
    until(&field.replace("<required>true", "<required>false"), 201).await;
    let broken = until("<CustomField", 503).await;
    assert_eq!(broken[0]["errorCode"], json!("SERVER_UNAVAILABLE"));
    let message = broken[0]["message"].as_str().unwrap();
    assert!(message.contains("Type__c.field-meta.xml"), "{message}");
    until(&field, 400).await;
    crm.stop().await;
}

#[tokio::test]
async fn what_cannot_be_started() {
    let (config, _) = config("/nowhere/at/all".into());
    let error = start(config).await.err().unwrap().to_string();
    assert!(error.contains("/nowhere/at/all"), "{error}");
    let crm = Crm::start("org").await;
    let (mut taken, _) = crate::crm::config(org("org"));
    let address = crm.running.url.strip_prefix("http://").unwrap().to_owned();
    taken.listen = address.parse().unwrap();
    let error = start(taken).await.err().unwrap().to_string();
    assert!(error.starts_with(&format!("listen on {address}: ")), "{error}");
    crm.stop().await;
}

#[tokio::test]
async fn many_clients_at_once() {
    let crm = std::sync::Arc::new(Crm::start("org").await);
    let mut clients = tokio::task::JoinSet::new();
    for client in 0..8 {
        let crm = crm.clone();
        clients.spawn(async move {
            for number in 0..5 {
                let body = json!({"Name": format!("{client}"), "Ext__c": format!("{client}-{number}")});
                crm.create("Account", body).await;
                let again = crm.patch("/sobjects/Account/Ext__c/shared", json!({"Name": "S"})).await;
                assert!([200, 201].contains(&again.0), "{again:?}");
            }
        });
    }
    while let Some(client) = clients.join_next().await {
        client.unwrap();
    }
    assert_eq!(crm.count("Account").await, json!(41));
    let url = crm.running.url.clone();
    std::sync::Arc::into_inner(crm).unwrap().stop().await;
    let client = reqwest::Client::new();
    assert!(client.request(Method::GET, url).send().await.is_err(), "it listens no more");
}

#[tokio::test]
async fn a_body_that_is_too_large() {
    let crm = Crm::start("org").await;
    let large = vec![b' '; 50 * 1024 * 1024 + 1];
    let url = format!("{}/services/data/v59.0/sobjects/Account", crm.running.url);
    let answer = crm.client.post(url).bearer_auth("00Dx").body(large).send().await;
    // The answer may come while the body is still being sent; then the client sees a broken connection.
    if let Ok(answer) = answer {
        assert_eq!(answer.status().as_u16(), 413);
    }
    assert_eq!(crm.get("/limits").await.0, 200);
    crm.stop().await;
}
