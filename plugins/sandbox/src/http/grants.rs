//! Which OAuth grants are given (reference §1). A local CRM has no secrets: the form of a grant is checked, the
//! credentials are not, except that an empty user name or password, or the password `wrong`, is refused.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;
use time::OffsetDateTime;

/// A refused grant: `error` and `error_description` of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GrantError {
    /// For programs.
    pub error: &'static str,
    /// For people.
    pub description: &'static str,
}

const fn refused(error: &'static str, description: &'static str) -> GrantError {
    GrantError { error, description }
}

/// What a sign-in sends.
pub struct Grant<'r> {
    /// The form.
    pub form: &'r [(String, String)],
    /// The `Authorization` header.
    pub authorization: Option<&'r str>,
}

impl Grant<'_> {
    fn get(&self, name: &str) -> &str {
        self.form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// A form field, for those who need to look further.
    pub fn field(&self, name: &str) -> &str {
        self.get(name)
    }

    /// Whether the grant is given.
    pub fn check(&self, now: OffsetDateTime) -> Result<(), GrantError> {
        match self.get("grant_type") {
            "urn:ietf:params:oauth:grant-type:jwt-bearer" => check_assertion(self.get("assertion"), now),
            "client_credentials" if self.has_client() => Ok(()),
            "client_credentials" => Err(refused("invalid_client_id", "client identifier invalid")),
            "password" if credentials_are_good(self.get("username"), self.get("password")) => Ok(()),
            "password" => Err(refused("invalid_grant", "authentication failure")),
            "refresh_token" if !self.get("refresh_token").is_empty() => Ok(()),
            "refresh_token" => Err(refused("invalid_grant", "expired access/refresh token")),
            _ => Err(refused("unsupported_grant_type", "grant type not supported")),
        }
    }

    fn has_client(&self) -> bool {
        let in_header = || {
            let encoded = self.authorization?.strip_prefix("Basic ")?;
            let pair = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
            pair.split_once(':').map(|(id, _)| !id.is_empty())
        };
        !self.get("client_id").is_empty() || in_header().unwrap_or(false)
    }
}

/// Whether a user name and password sign in: any do, unless one is empty or the password is `wrong`.
pub fn credentials_are_good(username: &str, password: &str) -> bool {
    !username.is_empty() && !password.is_empty() && password != "wrong"
}

/// An RS256 assertion with `iss`, `sub`, `aud` and an `exp` to come. The signature is not verified.
fn check_assertion(assertion: &str, now: OffsetDateTime) -> Result<(), GrantError> {
    let invalid = refused("invalid_grant", "invalid assertion");
    let parts: Vec<&str> = assertion.split('.').collect();
    let [header, claims, signature] = parts.as_slice() else { return Err(invalid) };
    let (header, claims) = (decode(header).ok_or(invalid)?, decode(claims).ok_or(invalid)?);
    let text = |name: &str| claims[name].as_str().is_some_and(|text| !text.is_empty());
    if header["alg"] != "RS256" || signature.is_empty() || !text("iss") || !text("sub") {
        return Err(invalid);
    }
    let audience = text("aud") || claims["aud"].as_array().is_some_and(|audience| !audience.is_empty());
    if !audience {
        return Err(refused("invalid_grant", "audience is invalid"));
    }
    // simple-salesforce sends the expiry as text.
    let expiry = match &claims["exp"] {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    let now = now.unix_timestamp();
    match expiry {
        None => Err(invalid),
        // Seconds since 1970 are far below the numbers that a float cannot hold.
        Some(expiry) if expiry as i64 <= now => Err(refused("invalid_grant", "expired authorization code")),
        Some(_) => Ok(()),
    }
}

fn decode(part: &str) -> Option<Value> {
    let bytes = URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-23 10:00 UTC);

    fn jwt(claims: Value) -> String {
        let encode = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.c2ln", encode(json!({"alg": "RS256"})), encode(claims))
    }

    fn check(form: &[(&str, &str)], expected: Result<(), &str>) {
        let form: Vec<_> = form.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let found = Grant { form: &form, authorization: None }.check(NOW).map_err(|error| error.description);
        assert_eq!(found, expected, "{form:?}");
    }

    #[test]
    fn assertions() {
        let later = NOW.unix_timestamp() + 180;
        let check = |claims: Value, expected| {
            let assertion = jwt(claims);
            check(
                &[("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", &assertion)],
                expected,
            );
        };
        let audience = "https://login.salesforce.com";
        check(json!({"iss": "key", "sub": "u", "aud": audience, "exp": later}), Ok(()));
        check(json!({"iss": "key", "sub": "u", "aud": audience, "exp": later.to_string()}), Ok(()));
        check(
            json!({"iss": "key", "sub": "u", "aud": audience, "exp": later - 180}),
            Err("expired authorization code"),
        );
        check(json!({"iss": "key", "sub": "u", "aud": audience}), Err("invalid assertion"));
        check(json!({"iss": "key", "sub": "u", "exp": later}), Err("audience is invalid"));
        check(json!({"sub": "u", "aud": audience, "exp": later}), Err("invalid assertion"));
    }

    #[test]
    fn other_grants() {
        check(&[("grant_type", "client_credentials"), ("client_id", "key")], Ok(()));
        check(&[("grant_type", "client_credentials")], Err("client identifier invalid"));
        check(&[("grant_type", "password"), ("username", "u"), ("password", "p")], Ok(()));
        check(
            &[("grant_type", "password"), ("username", "u"), ("password", "wrong")],
            Err("authentication failure"),
        );
        check(&[("grant_type", "refresh_token"), ("refresh_token", "r")], Ok(()));
        check(&[("grant_type", "device")], Err("grant type not supported"));
    }
}
