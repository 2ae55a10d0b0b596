//! Access on one machine. Whoever can open a connection to it is let in; what has to be kept out are pages of other sites
//! in the person's own browser, which can connect as well.
//!
//! The Host header keeps out names that were pointed at this machine (DNS rebinding), Origin and Sec-Fetch-Site other
//! sites' scripts, and a header that only scripts of the same origin may set keeps out their forms.

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, header};

use super::access::Scope;
use crate::problem::{Kind, Problem};

const REQUESTED_WITH: HeaderName = HeaderName::from_static("x-requested-with");
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What writes carry in `X-Requested-With`.
const WRITER: &str = "crm-export";

/// The names of one port of this machine.
#[derive(Debug, Clone)]
pub struct Loopback {
    hosts: Vec<String>,
}

impl Loopback {
    /// For a server that listens on this port.
    pub fn new(port: u16) -> Self {
        let names = ["127.0.0.1", "[::1]", "localhost"];
        let mut hosts: Vec<String> = names.iter().map(|name| format!("{name}:{port}")).collect();
        if port == 80 {
            hosts.extend(names.map(str::to_owned));
        }
        Self { hosts }
    }

    fn is_host(&self, name: &str) -> bool {
        self.hosts.iter().any(|host| host.eq_ignore_ascii_case(name))
    }

    /// Whether a request was meant for this place.
    pub(super) fn check_place(&self, request: &Parts) -> Result<(), Problem> {
        let headers = &request.headers;
        let asked = one(headers, &header::HOST)?.is_some_and(|host| self.is_host(host));
        // `GET http://elsewhere/ HTTP/1.1` names a host as well.
        let line = request.uri.authority().is_none_or(|authority| self.is_host(authority.as_str()));
        if !asked || !line {
            return Err(forbidden("ask for http://localhost or http://127.0.0.1 with this port"));
        }
        let is_ours = |origin: &str| origin.strip_prefix("http://").is_some_and(|host| self.is_host(host));
        match one(headers, &header::ORIGIN)? {
            Some(origin) if !is_ours(origin) => Err(forbidden("a page of another site may not ask")),
            _ => Ok(()),
        }
    }

    /// Whether a call of the API comes from where it may, and a write from a script of ours or a program.
    pub(super) fn check_call(&self, request: &Parts, scope: Scope) -> Result<(), Problem> {
        let headers = &request.headers;
        if one(headers, &FETCH_SITE)?.is_some_and(|site| site != "same-origin" && site != "none") {
            return Err(forbidden("a page of another site may not ask"));
        }
        if scope == Scope::Write && one(headers, &REQUESTED_WITH)? != Some(WRITER) {
            return Err(forbidden(
                "send the header `X-Requested-With: crm-export` with what changes something",
            ));
        }
        Ok(())
    }
}

/// The one value of a header. Two of them are read differently by different programs, so they are not read at all.
fn one<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<Option<&'h str>, Problem> {
    let mut values = headers.get_all(name).iter();
    let unreadable = || Problem::new(Kind::BadRequest, format!("send the header {name} once, as plain text"));
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| unreadable()),
        (Some(_), Some(_)) => Err(unreadable()),
    }
}

fn forbidden(why: &str) -> Problem {
    Problem::new(Kind::Forbidden, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(uri: &str, headers: &[(&str, &str)], scope: Scope, status: Option<u16>) {
        let mut request = axum::http::Request::builder().uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (request, ()) = request.body(()).expect("a request").into_parts();
        let loopback = Loopback::new(8088);
        let checked = loopback.check_place(&request).and_then(|()| loopback.check_call(&request, scope));
        assert_eq!(checked.err().map(|problem| problem.status().as_u16()), status, "{uri} {headers:?}");
    }

    #[test]
    fn only_this_place_is_asked() {
        let host = ("host", "localhost:8088");
        for here in ["localhost:8088", "127.0.0.1:8088", "[::1]:8088", "LOCALHOST:8088"] {
            check("/x", &[("host", here)], Scope::Read, None);
        }
        for elsewhere in ["localhost", "evil.example", "localhost:8089", "127.0.0.1.evil.example:8088", ""] {
            check("/x", &[("host", elsewhere)], Scope::Read, Some(403));
        }
        check("/x", &[], Scope::Read, Some(403));
        check("/x", &[host, ("host", "evil.example")], Scope::Read, Some(400));
        check("http://evil.example/x", &[host], Scope::Read, Some(403));
        check("http://localhost:8088/x", &[host], Scope::Read, None);
    }

    #[test]
    fn pages_of_other_sites_are_kept_out() {
        let host = ("host", "127.0.0.1:8088");
        let ours = ("x-requested-with", "crm-export");
        for origin in
            ["http://evil.example", "null", "https://127.0.0.1:8088", "http://127.0.0.1:8089", "http://"]
        {
            check("/x", &[host, ours, ("origin", origin)], Scope::Read, Some(403));
        }
        check("/x", &[host, ours, ("origin", "http://127.0.0.1:8088")], Scope::Write, None);
        for site in ["cross-site", "same-site", "x"] {
            check("/x", &[host, ours, ("sec-fetch-site", site)], Scope::Read, Some(403));
        }
        check("/x", &[host, ours, ("sec-fetch-site", "same-origin")], Scope::Write, None);
        check("/x", &[host, ("origin", "http://127.0.0.1:8088")], Scope::Write, Some(403));
        check("/x", &[host, ("x-requested-with", "XMLHttpRequest")], Scope::Write, Some(403));
        check("/x", &[host], Scope::Read, None);
    }
}
