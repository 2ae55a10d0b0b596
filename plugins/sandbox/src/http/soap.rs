//! `login` and `logout` of the partner SOAP API, which older clients sign in by (reference §1.5). Nothing else of SOAP is
//! spoken.
//!
//! Any user name and password sign in; an empty one, or the password `wrong`, is a fault.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;

use super::auth::{base_url, issue_token};
use super::grants::credentials_are_good;
use super::request::VERSIONS;
use crate::state::{AppState, revoke_token};
use crate::system::{ORGANIZATION_ID, PROFILE_ID, USER_ID};

const PARTNER: &str = "urn:partner.soap.sforce.com";

/// What a SOAP body asks for.
#[derive(Debug, PartialEq, Eq)]
enum Call {
    Login { username: String, password: String },
    Logout { session: String },
    Other(String),
}

/// `POST /services/Soap/u/59.0`.
pub async fn call(
    State(state): State<AppState>,
    Path(path): Path<Vec<(String, String)>>,
    headers: HeaderMap,
    body: String,
) -> Response<Body> {
    let version = path.first().map(|(_, version)| version.clone()).unwrap_or_default();
    let username = match read(&body) {
        Ok(Call::Login { username, password }) if credentials_are_good(&username, &password) => username,
        Ok(Call::Login { .. }) => {
            let message = "Invalid username, password, security token; or user locked out.";
            return fault("INVALID_LOGIN", message);
        }
        Ok(Call::Logout { session }) => return logout(&state, session).await,
        Ok(Call::Other(name)) => {
            return fault(
                "UNKNOWN_OPERATION",
                &format!("The sandbox knows only login, not {name}; use the REST API."),
            );
        }
        Err(error) => {
            return fault("UNKNOWN_EXCEPTION", &format!("The SOAP envelope cannot be read: {error}"));
        }
    };
    if let Some((code, message)) = state.watch().on_sign_in() {
        return fault(&code, message);
    }
    let token = state.with_session(*VERSIONS.end(), |view| Ok(issue_token(&view.store)?)).await;
    match token {
        Ok(token) => xml(200, success(&base_url(&state, &headers), &version, &token, &username)),
        Err(error) => error.into_response(),
    }
}

async fn logout(state: &AppState, session: String) -> Response<Body> {
    match state.with_session(*VERSIONS.end(), move |view| Ok(revoke_token(&view.store, &session)?)).await {
        Ok(()) => xml(200, envelope("<logoutResponse/>")),
        Err(error) => error.into_response(),
    }
}

fn read(body: &str) -> Result<Call, String> {
    let document = roxmltree::Document::parse(body).map_err(|error| error.to_string())?;
    let elements = || document.descendants().filter(roxmltree::Node::is_element);
    let body = elements().find(|node| node.tag_name().name() == "Body");
    let call =
        body.and_then(|body| body.children().find(roxmltree::Node::is_element)).ok_or("it has no body")?;
    let text = |name: &str| {
        let child = call.children().find(|child| child.tag_name().name() == name);
        child.and_then(|child| child.text()).unwrap_or_default().to_owned()
    };
    let session =
        || elements().find(|node| node.tag_name().name() == "sessionId").and_then(|node| node.text());
    let name = call.tag_name().name();
    Ok(match (call.tag_name().namespace(), name) {
        (Some(PARTNER), "login") => Call::Login { username: text("username"), password: text("password") },
        (Some(PARTNER), "logout") => Call::Logout { session: session().unwrap_or_default().to_owned() },
        _ => Call::Other(name.to_owned()),
    })
}

fn success(base: &str, version: &str, token: &str, username: &str) -> String {
    let organization = &ORGANIZATION_ID[..15];
    let (base, version, username) = (escape(base), escape(version), escape(username));
    envelope(&format!(
        "<loginResponse><result>\
         <metadataServerUrl>{base}/services/Soap/m/{version}/{organization}</metadataServerUrl>\
         <passwordExpired>false</passwordExpired><sandbox>false</sandbox>\
         <serverUrl>{base}/services/Soap/u/{version}/{organization}</serverUrl>\
         <sessionId>{token}</sessionId><userId>{USER_ID}</userId>\
         <userInfo><organizationId>{ORGANIZATION_ID}</organizationId>\
         <organizationName>crm-export sandbox</organizationName><profileId>{PROFILE_ID}</profileId>\
         <sessionSecondsValid>7200</sessionSecondsValid><userFullName>{username}</userFullName>\
         <userId>{USER_ID}</userId><userName>{username}</userName></userInfo></result></loginResponse>"
    ))
}

/// Clients look for these prefixes, not only for the namespaces.
fn envelope(body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns=\"{PARTNER}\" \
         xmlns:sf=\"urn:fault.partner.soap.sforce.com\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\
         <soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
    )
}

fn fault(code: &str, message: &str) -> Response<Body> {
    let message = escape(message);
    let body = format!(
        "<soapenv:Fault><faultcode>{code}</faultcode><faultstring>{code}: {message}</faultstring><detail>\
         <sf:LoginFault xsi:type=\"sf:LoginFault\"><sf:exceptionCode>{code}</sf:exceptionCode>\
         <sf:exceptionMessage>{message}</sf:exceptionMessage></sf:LoginFault></detail></soapenv:Fault>"
    );
    xml(500, envelope(&body))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn xml(status: u16, envelope: String) -> Response<Body> {
    let mut response = Response::new(Body::from(envelope));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/xml;charset=UTF-8"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_do_not_matter_and_namespaces_do() {
        let check = |login: &str, expected: Call| {
            let envelope = format!(
                "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body>{login}</e:Body></e:Envelope>"
            );
            assert_eq!(read(&envelope), Ok(expected), "{login}");
        };
        let login = || Call::Login { username: "u@x".into(), password: "p&q".into() };
        check(
            "<login xmlns='urn:partner.soap.sforce.com'><username>u@x</username><password>p&amp;q</password></login>",
            login(),
        );
        check(
            "<n1:login xmlns:n1='urn:partner.soap.sforce.com'><n1:username>u@x</n1:username>\
             <n1:password>p&amp;q</n1:password></n1:login>",
            login(),
        );
        check("<login><username>u</username></login>", Call::Other("login".into()));
        let header = "<logout xmlns='urn:partner.soap.sforce.com'><sessionId>00Dx</sessionId></logout>";
        check(header, Call::Logout { session: "00Dx".into() });
        check("<query xmlns='urn:partner.soap.sforce.com'/>", Call::Other("query".into()));
        assert!(read("<open>").is_err());
    }
}
