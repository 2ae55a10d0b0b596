//! What the secret with the CRM's credentials says. It is only read here, never kept, logged or shown.

use jobs::crm::salesforce::Credentials;
use serde_json::{Map, Value};
use thiserror::Error;

/// Why a secret holds no credentials. Names members, never their values.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "{0}; put {{\"clientId\",\"username\",\"privateKey\"}} or {{\"clientId\",\"clientSecret\"}} into it, see infra/README.md"
)]
pub(crate) struct SecretProblem(String);

/// The credentials in a secret's text: JWT bearer when there is a private key, else client credentials.
pub(crate) fn credentials(text: &str) -> Result<Credentials, SecretProblem> {
    // What the parser says of a broken text may quote it.
    let members: Map<String, Value> =
        serde_json::from_str(text).map_err(|_| SecretProblem("it is not a JSON object".to_owned()))?;
    let secret = Members { members };
    match (secret.text("privateKey")?, secret.text("clientSecret")?) {
        (Some(private_key_pem), _) => {
            secret.complete(&["clientId", "username"])?;
            Ok(Credentials::JwtBearer {
                client_id: secret.text("clientId")?.unwrap_or_default(),
                username: secret.text("username")?.unwrap_or_default(),
                private_key_pem,
                audience: secret.text("audience")?,
            })
        }
        (None, Some(client_secret)) => {
            secret.complete(&["clientId"])?;
            Ok(Credentials::ClientCredentials {
                client_id: secret.text("clientId")?.unwrap_or_default(),
                client_secret,
            })
        }
        (None, None) => Err(SecretProblem("it has neither privateKey nor clientSecret".to_owned())),
    }
}

/// The members of the secret. No `Debug`.
struct Members {
    members: Map<String, Value>,
}

impl Members {
    /// A member's text; an empty one counts as missing, as the template's placeholder has it.
    fn text(&self, name: &str) -> Result<Option<String>, SecretProblem> {
        match self.members.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(SecretProblem(format!("its member {name} is not a text"))),
        }
    }

    /// Names all that is missing at once.
    fn complete(&self, needed: &[&str]) -> Result<(), SecretProblem> {
        let mut missing = Vec::new();
        for name in needed {
            if self.text(name)?.is_none() {
                missing.push(*name);
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        Err(SecretProblem(format!("it has no {}", missing.join(" and no "))))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_kinds_of_credentials_are_read() {
        let jwt = json!({"clientId": "3MVG", "username": "bot@acme", "privateKey": "PEM", "audience": "aud", "placeholder": "x"});
        match credentials(&jwt.to_string()) {
            Ok(Credentials::JwtBearer { client_id, username, private_key_pem, audience }) => {
                let read =
                    (client_id.as_str(), username.as_str(), private_key_pem.as_str(), audience.as_deref());
                assert_eq!(read, ("3MVG", "bot@acme", "PEM", Some("aud")));
            }
            other => panic!("{other:?}"),
        }
        let client = json!({"clientId": "3MVG", "clientSecret": "hush", "username": "", "privateKey": ""});
        match credentials(&client.to_string()) {
            Ok(Credentials::ClientCredentials { client_id, client_secret }) => {
                assert_eq!((client_id.as_str(), client_secret.as_str()), ("3MVG", "hush"));
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_wrong_shape_says_what_is_missing_and_shows_nothing() {
        let check = |text: &str, problem: &str| {
            let error = credentials(text).expect_err("no credentials").to_string();
            let advice = "put {\"clientId\",\"username\",\"privateKey\"} or {\"clientId\",\"clientSecret\"} into it, see \
                          infra/README.md";
            assert_eq!(error, format!("{problem}; {advice}"));
        };
        check("hush-hush", "it is not a JSON object");
        check("[\"hush\"]", "it is not a JSON object");
        check(
            r#"{"clientId":"","username":"","privateKey":"","placeholder":"hush"}"#,
            "it has neither privateKey nor clientSecret",
        );
        check(r#"{"privateKey":"hush"}"#, "it has no clientId and no username");
        check(r#"{"privateKey":"hush","clientId":"a"}"#, "it has no username");
        check(r#"{"clientSecret":"hush"}"#, "it has no clientId");
        check(r#"{"clientSecret":["hush"]}"#, "its member clientSecret is not a text");
        check(r#"{"clientSecret":"hush","clientId":7}"#, "its member clientId is not a text");
    }
}
