//! What a token says, once its signature is known to be good: for whom, until when, for what.
//!
//! Pure: it is told the time. A claim that is missing or of the wrong type is as good as a wrong one.

use domain::{AccountName, Timestamp};
use serde_json::{Map, Value};

use super::access::Scope;

/// How far the issuer's clock may be from ours, in seconds.
const LEEWAY: f64 = 60.0;

/// The claim that names the account.
pub(super) const ACCOUNT_CLAIM: &str = "crm_export_account";

/// Why a token with a good signature is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// It is over, not yet good, or of and for someone else: sign in again.
    Invalid(&'static str),
    /// It is for another account.
    OtherAccount,
    /// It does not reach that far.
    Scope(Scope),
}

/// The claims of a token.
pub(super) struct Claims(pub(super) Map<String, Value>);

impl Claims {
    /// Whether they allow this.
    pub(super) fn allow(
        &self,
        issuer: &str,
        audience: &str,
        now: Timestamp,
        account: &AccountName,
        scope: Scope,
    ) -> Result<(), Refused> {
        // Milliseconds since 1970 fit a double without loss for 285,000 years.
        let now = now.millis() as f64 / 1000.0;
        if self.text("iss") != Some(issuer) {
            return Err(Refused::Invalid("the token is of another issuer"));
        }
        if !self.number("exp").is_some_and(|exp| now < exp + LEEWAY) {
            return Err(Refused::Invalid("the token has expired: sign in again"));
        }
        for claim in ["nbf", "iat"] {
            if self.0.contains_key(claim) && !self.number(claim).is_some_and(|from| from <= now + LEEWAY) {
                return Err(Refused::Invalid("the token is not good yet: check the clocks"));
            }
        }
        if !self.is_for(audience) {
            return Err(Refused::Invalid("the token is for another audience"));
        }
        if self.text(ACCOUNT_CLAIM) != Some(account.as_str()) {
            return Err(Refused::OtherAccount);
        }
        if self.has(scope) { Ok(()) } else { Err(Refused::Scope(scope)) }
    }

    fn text(&self, claim: &str) -> Option<&str> {
        self.0.get(claim).and_then(Value::as_str)
    }

    fn number(&self, claim: &str) -> Option<f64> {
        self.0.get(claim).and_then(Value::as_f64).filter(|number| number.is_finite())
    }

    /// `aud`, or `client_id` where there is none: so Cognito writes access tokens, and so API Gateway reads them.
    fn is_for(&self, audience: &str) -> bool {
        match self.0.get("aud") {
            Some(Value::String(one)) => one == audience,
            Some(Value::Array(several)) => several.iter().any(|one| one == audience),
            Some(_) => false,
            None => self.text("client_id") == Some(audience),
        }
    }

    fn has(&self, scope: Scope) -> bool {
        let wanted = scope.as_str();
        ["scope", "scp"].into_iter().filter_map(|claim| self.0.get(claim)).any(|scopes| match scopes {
            Value::String(scopes) => scopes.split(' ').any(|scope| scope == wanted),
            Value::Array(scopes) => scopes.iter().any(|scope| scope == wanted),
            _ => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Checks good claims with one changed (`null`: left out).
    fn check(claim: &str, value: Value, expected: Result<(), Refused>) {
        let good = json!({
            "iss": "https://issuer", "aud": "crm-export-api", "exp": 1_000, "iat": 100,
            "scope": "openid crm-export/read", "crm_export_account": "acme",
        });
        let Value::Object(mut claims) = good else { panic!("an object") };
        claims.insert(claim.to_owned(), value.clone());
        claims.retain(|_, value| !value.is_null());
        let account = AccountName::new("acme").expect("fits");
        let now = Timestamp::from_millis(500_000);
        let allowed = Claims(claims).allow("https://issuer", "crm-export-api", now, &account, Scope::Read);
        assert_eq!(allowed, expected, "{claim} = {value}");
    }

    fn invalid(claim: &str, values: &[Value], why: &'static str) {
        for value in values {
            check(claim, value.clone(), Err(Refused::Invalid(why)));
        }
    }

    #[test]
    fn times_are_kept_within_a_minute() {
        for exp in [json!(441), json!(440.5), json!(1e12)] {
            check("exp", exp, Ok(()));
        }
        let over = "the token has expired: sign in again";
        invalid("exp", &[json!(440), json!(0), json!(null), json!("1000"), json!(-5)], over);
        check("nbf", json!(560), Ok(()));
        let early = "the token is not good yet: check the clocks";
        invalid("nbf", &[json!(561), json!("0")], early);
        invalid("iat", &[json!(561)], early);
    }

    #[test]
    fn of_whom_and_for_whom() {
        invalid(
            "iss",
            &[json!("https://issuer/"), json!(null), json!(["https://issuer"])],
            "the token is of another issuer",
        );
        check("aud", json!(["x", "crm-export-api"]), Ok(()));
        let other = "the token is for another audience";
        invalid("aud", &[json!("x"), json!([]), json!({}), json!(null)], other);
        for account in [json!("other"), json!(null), json!(["acme"]), json!("ACME")] {
            check("crm_export_account", account, Err(Refused::OtherAccount));
        }
    }

    #[test]
    fn an_access_token_of_cognito_names_its_client() {
        let claims = json!({
            "iss": "i", "client_id": "c", "exp": 1_000, "scope": "crm-export/write", "crm_export_account": "a",
        });
        let Value::Object(claims) = claims else { panic!("an object") };
        let account = AccountName::new("a").expect("fits");
        let claims = Claims(claims);
        let allowed = |audience| claims.allow("i", audience, Timestamp::default(), &account, Scope::Write);
        assert_eq!(allowed("c"), Ok(()));
        assert_eq!(allowed("d"), Err(Refused::Invalid("the token is for another audience")));
    }

    #[test]
    fn scopes_are_whole_words() {
        for scope in [json!(["crm-export/read"]), json!("crm-export/read")] {
            check("scope", scope, Ok(()));
        }
        for scope in [json!("crm-export/reader"), json!("crm-export/write"), json!(null), json!(7), json!("")]
        {
            check("scope", scope, Err(Refused::Scope(Scope::Read)));
        }
    }
}
