//! Serves the shell and its files. Nothing here knows an account: what is served is the same for everyone.

use std::sync::OnceLock;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::files::{FILES, File, SHELL, content_type};
use crate::problem::{Kind, Problem};

/// Addresses of the pages. The shell is the same for all; its router shows the page of the address.
const PAGES: [&str; 5] = ["/settings/crm", "/jobs", "/errors", "/errors/{id}", "/rejections"];

/// A file may be kept, and is asked for again each time: a new version of the program shows at once, and an unchanged file
/// costs an empty answer.
const KEEP: HeaderValue = HeaderValue::from_static("no-cache");

/// The routes of the pages.
pub fn router() -> Router {
    let pages = PAGES.into_iter().fold(Router::new(), |router, path| router.route(path, get(shell)));
    let home = || async { Redirect::temporary("/settings/crm") };
    pages.route("/", get(home)).route("/assets/{*file}", get(asset))
}

async fn shell(headers: HeaderMap) -> Response<Body> {
    static TAG: OnceLock<HeaderValue> = OnceLock::new();
    let tag = TAG.get_or_init(|| tag(SHELL.as_bytes()));
    answer(&headers, tag, "text/html; charset=utf-8", SHELL.as_bytes())
}

async fn asset(Path(path): Path<String>, headers: HeaderMap) -> Response<Body> {
    static TAGS: OnceLock<Vec<HeaderValue>> = OnceLock::new();
    let tags = TAGS.get_or_init(|| FILES.iter().map(|file| tag(file.bytes)).collect());
    let found = FILES.iter().zip(tags).find(|(file, _)| file.path == path);
    let Some((File { path, bytes }, tag)) = found else {
        return Problem::new(Kind::NotFound, "the pages have no such file").into_response();
    };
    answer(&headers, tag, content_type(path), bytes)
}

/// The file, or only that it has not changed.
fn answer(asked: &HeaderMap, tag: &HeaderValue, kind: &'static str, bytes: &'static [u8]) -> Response<Body> {
    let kept = [(header::ETAG, tag.clone()), (header::CACHE_CONTROL, KEEP)];
    if knows(asked, tag) {
        return (StatusCode::NOT_MODIFIED, kept).into_response();
    }
    (kept, [(header::CONTENT_TYPE, kind)], bytes).into_response()
}

/// Whether `If-None-Match` names this version (RFC 9110, 13.1.2). A proxy that compresses may have made the tag weak.
fn knows(asked: &HeaderMap, tag: &HeaderValue) -> bool {
    let named = asked.get_all(header::IF_NONE_MATCH).into_iter().filter_map(|value| value.to_str().ok());
    named
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|known| known == "*" || known.trim_start_matches("W/").as_bytes() == tag.as_bytes())
}

/// Named by what is in it.
fn tag(bytes: &[u8]) -> HeaderValue {
    let digest = URL_SAFE_NO_PAD.encode(&Sha256::digest(bytes)[..12]);
    HeaderValue::from_str(&format!("\"{digest}\"")).expect("base64 is plain text")
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use axum::http::Request;
    use tower::ServiceExt;

    use super::*;

    async fn ask(path: &str, known: Option<&str>) -> (StatusCode, HeaderMap, String) {
        let mut request = Request::get(path);
        if let Some(known) = known {
            request = request.header(header::IF_NONE_MATCH, known);
        }
        let request = request.body(Body::empty()).expect("a request");
        let (parts, body) = router().oneshot(request).await.expect("answers").into_parts();
        let body = to_bytes(body, 1_000_000).await.expect("a body");
        (parts.status, parts.headers, String::from_utf8_lossy(&body).into_owned())
    }

    fn text(headers: &HeaderMap, name: header::HeaderName) -> &str {
        headers[name].to_str().expect("text")
    }

    #[tokio::test]
    async fn every_page_is_the_shell() {
        for path in ["/settings/crm", "/jobs", "/errors", "/errors/a04dd92ca801", "/rejections"] {
            let (status, headers, body) = ask(path, None).await;
            assert_eq!(
                (status, text(&headers, header::CONTENT_TYPE)),
                (StatusCode::OK, "text/html; charset=utf-8")
            );
            assert_eq!(body, SHELL);
        }
        let (status, headers, _) = ask("/", None).await;
        assert_eq!(
            (status, text(&headers, header::LOCATION)),
            (StatusCode::TEMPORARY_REDIRECT, "/settings/crm")
        );
    }

    #[tokio::test]
    async fn files_are_served_whole_and_then_only_when_they_changed() {
        let check = async |path: &str, kind: &str| {
            let (status, headers, body) = ask(path, None).await;
            let file = FILES.iter().find(|file| path.ends_with(file.path)).expect("a file of ours");
            assert_eq!((status, text(&headers, header::CONTENT_TYPE)), (StatusCode::OK, kind));
            assert_eq!((text(&headers, header::CACHE_CONTROL), body.as_bytes()), ("no-cache", file.bytes));
            let tag = text(&headers, header::ETAG);
            for known in [tag.to_owned(), format!("\"other\", W/{tag}"), "*".to_owned()] {
                let (status, headers, body) = ask(path, Some(&known)).await;
                assert_eq!((status, body.as_str()), (StatusCode::NOT_MODIFIED, ""));
                assert_eq!(text(&headers, header::ETAG), tag);
            }
            assert_eq!(ask(path, Some("\"other\"")).await.0, StatusCode::OK);
        };
        check("/assets/app/main.js", "text/javascript; charset=utf-8").await;
        check("/assets/styles/base.css", "text/css; charset=utf-8").await;
        check("/assets/icon.svg", "image/svg+xml").await;
    }

    #[tokio::test]
    async fn nothing_else_is_served() {
        for path in [
            "/assets/",
            "/assets/shell.html",
            "/assets/../Cargo.toml",
            "/assets/%2e%2e/Cargo.toml",
            "/assets/vendor/update",
        ] {
            assert_eq!(ask(path, None).await.0, StatusCode::NOT_FOUND, "{path}");
        }
    }
}
