//! Who may ask: people on this machine, who bring a token of an issuer, or whom API Gateway knows.
//!
//! Each route carries one scope, by its method: `crm-export/read` for what reads, `crm-export/write` for what changes. The
//! account is the one that is served; a token for another is refused, whatever its scopes.

mod access;
mod claims;
mod iam;
mod jwt;
mod keys;
mod loopback;

pub use access::Auth;
pub(crate) use access::{Scope, require, right_place};
pub use iam::Signed;
pub use jwt::{Jwt, JwtConfig, JwtConfigError};
pub use loopback::Loopback;
