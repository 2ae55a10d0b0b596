//! Who may ask, whatever the way: the one question that every route with data asks first.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{Method, Response, header};
use axum::middleware::Next;
use axum::response::IntoResponse;
use domain::AccountName;

use super::iam;
use super::jwt::Jwt;
use super::loopback::Loopback;
use crate::api::Api;
use crate::problem::{Kind, Problem};

/// Who may ask.
#[derive(Clone)]
pub enum Auth {
    /// Whoever sits at this machine; pages of other sites are kept out.
    Loopback(Loopback),
    /// Who brings a token of this issuer.
    Jwt(Arc<Jwt>),
    /// Whose signature API Gateway has checked ([`super::Signed`]).
    Iam,
}

/// What a request needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Looking.
    Read,
    /// Changing.
    Write,
}

impl Scope {
    fn of(method: &Method) -> Self {
        if *method == Method::GET || *method == Method::HEAD { Self::Read } else { Self::Write }
    }

    /// As it stands in a token.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Read => "crm-export/read",
            Self::Write => "crm-export/write",
        }
    }
}

impl Auth {
    /// What it is called in `/api/session`.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Loopback(_) => "loopback",
            Self::Jwt(_) => "jwt",
            Self::Iam => "iam",
        }
    }

    /// Origins that pages must reach to sign people in.
    pub(crate) async fn origins(&self) -> Vec<String> {
        match self {
            Self::Jwt(jwt) => jwt.origins().await,
            Self::Loopback(_) | Self::Iam => Vec::new(),
        }
    }

    /// Whether this request may do what its method asks, for this account.
    pub(crate) async fn allows(&self, request: &Parts, account: &AccountName) -> Result<(), Problem> {
        let scope = Scope::of(&request.method);
        match self {
            Self::Loopback(loopback) => loopback.check_call(request, scope),
            Self::Jwt(jwt) => jwt.check(&request.headers, scope, account).await,
            Self::Iam => iam::check(request),
        }
    }
}

/// Lets through what may be asked; on every route with data.
pub(crate) async fn require(State(api): State<Api>, request: Request, next: Next) -> Response<Body> {
    let (head, body) = request.into_parts();
    match api.auth.allows(&head, &api.account).await {
        Ok(()) => next.run(Request::from_parts(head, body)).await,
        Err(problem) => {
            tracing::info!(method = %head.method, path = head.uri.path(), "refused a request");
            problem.into_response()
        }
    }
}

/// Lets through what was sent to this place; on everything, pages too.
pub(crate) async fn right_place(State(api): State<Api>, request: Request, next: Next) -> Response<Body> {
    match &api.auth {
        Auth::Loopback(loopback) => {
            let (head, body) = request.into_parts();
            match loopback.check_place(&head) {
                Ok(()) => next.run(Request::from_parts(head, body)).await,
                Err(problem) => problem.into_response(),
            }
        }
        Auth::Jwt(_) | Auth::Iam => next.run(request).await,
    }
}

/// Nobody is signed in. `why` goes to the client, so it names no claim of a token.
pub(super) fn unauthorized(challenge: &str, why: &str) -> Problem {
    Problem::new(Kind::Unauthorized, why).with(header::WWW_AUTHENTICATE, challenge)
}
