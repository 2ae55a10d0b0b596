//! All paths of the server.

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{any, get, post};

use super::{auth, data, identity, soap};
use crate::bulk;
use crate::state::AppState;

/// The whole API over a state. Trailing slashes are to be taken off before.
pub fn router(state: AppState) -> Router {
    // Outside of the nest, where the whole path is still to be seen.
    let bulk = Router::new()
        .nest("/services/data/{version}/jobs", bulk::routes())
        .route_layer(from_fn_with_state(state.clone(), data::guard));
    Router::new()
        .route("/services/oauth2/token", post(auth::token))
        .route("/services/oauth2/revoke", any(auth::revoke))
        .route("/services/oauth2/userinfo", get(identity::user_info).post(identity::user_info))
        .route("/id/{organization}/{user}", get(identity::identity).post(identity::identity))
        .route("/services/Soap/u/{version}", post(soap::call))
        .route("/services/Soap/u/{version}/{organization}", post(soap::call))
        .merge(bulk)
        .fallback(data::answer)
        .with_state(state)
}
