//! Signing in and out: every grant, SOAP login, tokens.

use reqwest::Method;
use serde_json::{Value, json};

use crate::crm::Crm;

async fn token(crm: &Crm, form: &[(&str, &str)]) -> (u16, Value) {
    let url = format!("{}/services/oauth2/token", crm.running.url);
    let response = crm.client.post(url).form(form).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn a_grant_answers_as_salesforce_does() {
    let crm = Crm::start("org").await;
    let form = [("grant_type", "client_credentials"), ("client_id", "key"), ("client_secret", "secret")];
    let (status, mut answer) = token(&crm, &form).await;
    let issued = answer["access_token"].take();
    assert!(issued.as_str().unwrap().starts_with("00Dsb0000000001!"), "{issued}");
    assert!(answer["signature"].take().is_string());
    let url = &crm.running.url;
    assert_eq!(
        (status, answer),
        (
            200,
            json!({
                "access_token": null,
                "signature": null,
                "scope": "api",
                "instance_url": url,
                "id": format!("{url}/id/00Dsb0000000001AAA/005sb0000000001AAA"),
                "token_type": "Bearer",
                "issued_at": "1795428000000",
            })
        )
    );

    let (_, second) = token(&crm, &[("grant_type", "password"), ("username", "u"), ("password", "p")]).await;
    assert_ne!(second["access_token"], issued);
    let refused = token(&crm, &[("grant_type", "password"), ("username", "u"), ("password", "wrong")]).await;
    assert_eq!(
        refused,
        (400, json!({"error": "invalid_grant", "error_description": "authentication failure"}))
    );
    let unknown = token(&crm, &[("grant_type", "device")]).await;
    let description = "grant type not supported";
    assert_eq!(unknown, (400, json!({"error": "unsupported_grant_type", "error_description": description})));
    crm.stop().await;
}

#[tokio::test]
async fn tokens_are_good_until_they_are_revoked() {
    let crm = Crm::start("org").await;
    let status = async |token: Option<&str>| {
        let request = crm.client.get(format!("{}/services/data/v59.0/limits", crm.running.url));
        let request = match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };
    let expired =
        (401, r#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#.to_owned());
    assert_eq!(status(Some("00Dany")).await.0, 200);
    assert_eq!(status(Some("other")).await, expired);
    assert_eq!(status(None).await, expired);

    let revoke = format!("{}/services/oauth2/revoke", crm.running.url);
    let answer = crm.client.post(revoke).form(&[("token", "00Dany")]).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    assert_eq!(status(Some("00Dany")).await, expired);
    assert_eq!(status(Some("00Dother")).await.0, 200);
    crm.stop().await;
}

#[tokio::test]
async fn the_identity_is_told_to_who_is_signed_in() {
    let crm = Crm::start("limited-org").await;
    let get = async |path: &str, token: &str| {
        let request = crm.client.get(format!("{}{path}", crm.running.url)).bearer_auth(token);
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json::<Value>().await.unwrap())
    };
    let (status, info) = get("/services/oauth2/userinfo", "00Dx").await;
    assert_eq!((status, &info["preferred_username"]), (200, &json!("export@limited.example")));
    assert_eq!(info["organization_id"], json!("00Dsb0000000001AAA"));
    let (status, identity) = get("/id/00Dsb0000000001AAA/005sb0000000001AAA", "00Dx").await;
    assert_eq!((status, &identity["username"]), (200, &json!("export@limited.example")));
    assert_eq!(get("/services/oauth2/userinfo", "x").await.0, 401);
    assert_eq!(get("/id/00Dsb0000000001AAA/005other", "00Dx").await.0, 404);
    crm.stop().await;
}

#[tokio::test]
async fn soap_login_and_its_fault() {
    let crm = Crm::start("org").await;
    let login = async |password: &str| {
        let envelope = format!(
            "<se:Envelope xmlns:se='http://schemas.xmlsoap.org/soap/envelope/'><se:Header/><se:Body>\
             <login xmlns='urn:partner.soap.sforce.com'><username>u@x</username><password>{password}</password></login>\
             </se:Body></se:Envelope>"
        );
        let url = format!("{}/services/Soap/u/59.0", crm.running.url);
        let request = crm.client.post(url).header("Content-Type", "text/xml").header("SOAPAction", "login");
        let response = request.body(envelope).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };
    let (status, answer) = login("p").await;
    let server = format!("<serverUrl>{}/services/Soap/u/59.0/00Dsb0000000001</serverUrl>", crm.running.url);
    assert_eq!(status, 200);
    for part in [server.as_str(), "<sessionId>00Dsb0000000001!AQ.", "<userId>005sb0000000001AAA</userId>"] {
        assert!(answer.contains(part), "{part} in {answer}");
    }
    let (status, fault) = login("wrong").await;
    let message = "Invalid username, password, security token; or user locked out.";
    assert_eq!(status, 500);
    for part in [
        format!("<faultstring>INVALID_LOGIN: {message}</faultstring>"),
        "<sf:exceptionCode>INVALID_LOGIN</sf:exceptionCode>".to_owned(),
        format!("<sf:exceptionMessage>{message}</sf:exceptionMessage>"),
    ] {
        assert!(fault.contains(&part), "{part} in {fault}");
    }
    assert_eq!(crm.call(Method::GET, "/limits", None).await.0, 200);
    crm.stop().await;
}
