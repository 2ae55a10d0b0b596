//! API Gateway checked the signature (AWS_IAM). Which routes a caller may use, its policy says (`execute-api:Invoke`).

use axum::http::request::Parts;

use super::access::unauthorized;
use crate::problem::Problem;

/// Put into a request's extensions by whoever reads API Gateway's event: it names the caller whose signature was checked. A
/// client cannot set it.
#[derive(Debug, Clone)]
pub struct Signed {
    /// ARN of the caller.
    pub caller: String,
}

/// Lets through what was signed. A route that someone deployed without an authorizer is closed.
pub(super) fn check(request: &Parts) -> Result<(), Problem> {
    match request.extensions.get::<Signed>() {
        Some(_) => Ok(()),
        None => Err(unauthorized(
            "AWS4-HMAC-SHA256",
            "sign the request with AWS credentials (Signature Version 4)",
        )),
    }
}
