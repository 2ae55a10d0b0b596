//! Starts and stops a sandbox: listens, serves each connection, lets the org folder be looked at once a second.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::Uri;
use engine::CompileError;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use metadata::Org;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use crate::config::{Config, SandboxError};
use crate::http::{is_dropped, router};
use crate::state::AppState;
use crate::tls;

/// How long a stop waits for requests that are under way.
const LONGEST_STOP: Duration = Duration::from_secs(5);
/// How long a client may take to begin TLS.
const LONGEST_HANDSHAKE: Duration = Duration::from_secs(30);
/// How long a connection may wait for its next request; clients keep connections between two runs of a job.
const LONGEST_IDLE: Duration = Duration::from_secs(300);

/// A sandbox that is being served. It stops when this is dropped; [`Running::stop`] also waits for it.
pub struct Running {
    /// Where it is reached, for example `http://127.0.0.1:41234`.
    pub url: String,
    /// The certificate that clients have to trust; `None` without TLS.
    pub certificate_pem: Option<String>,
    stop: watch::Sender<bool>,
    server: JoinHandle<()>,
    state: AppState,
}

impl Running {
    /// The org that is served, and what is wrong with its rules that do not compile; none while its folder cannot be read.
    pub fn org(&self) -> Option<(Arc<Org>, Vec<CompileError>)> {
        let loaded = self.state.loaded().ok()?;
        Some((loaded.org.clone(), loaded.errors.clone()))
    }

    /// Rules whose answer was not known in some save, each once, with the first reason. Nothing was refused for them.
    pub fn unknown(&self) -> Vec<engine::Unknown> {
        self.state.watch().unknown.all().into_iter().map(|(unknown, _)| unknown).collect()
    }

    /// As [`Running::unknown`], each with the number of saves in which its answer was not known.
    pub fn unknown_counted(&self) -> Vec<(engine::Unknown, u64)> {
        self.state.watch().unknown.all()
    }

    /// Takes no further connections, lets requests that are under way end (at most 5 seconds), and stops.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        // The server bounds its own end; the margin is for a machine that is busy.
        let waited = tokio::time::timeout(LONGEST_STOP + LONGEST_STOP, &mut self.server).await;
        if waited.is_err() {
            self.server.abort();
        }
    }
}

/// Opens the database, reads the org folder and serves.
///
/// # Errors
/// When the folder cannot be read, the database cannot be opened, or the address cannot be listened on.
pub async fn start(config: Config) -> Result<Running, SandboxError> {
    let state = AppState::open(&config)?;
    let listener = TcpListener::bind(config.listen).await;
    let listener = listener.map_err(|error| SandboxError::Listen { address: config.listen, error })?;
    let address = listener.local_addr();
    let address = address.map_err(|error| SandboxError::Listen { address: config.listen, error })?;
    let tls = if config.tls { Some(tls::make()?) } else { None };
    let (acceptor, certificate_pem) = match tls {
        Some(tls) => (Some(tls.acceptor), Some(tls.certificate_pem)),
        None => (None, None),
    };
    let url = format!("{}://{}", state.scheme(), reachable(address));
    let (stop, stopped) = watch::channel(false);
    let server = Server { listener, acceptor, router: router(state.clone()), state: state.clone(), stopped };
    Ok(Running { url, certificate_pem, stop, server: tokio::spawn(server.run()), state })
}

/// An address that a client on this machine can use.
fn reachable(address: SocketAddr) -> SocketAddr {
    match address.ip().is_unspecified() {
        true => SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), address.port()),
        false => address,
    }
}

struct Server {
    listener: TcpListener,
    acceptor: Option<TlsAcceptor>,
    router: Router,
    state: AppState,
    stopped: watch::Receiver<bool>,
}

impl Server {
    async fn run(mut self) {
        let mut connections = JoinSet::new();
        let mut second = tokio::time::interval(Duration::from_secs(1));
        loop {
            tokio::select! {
                // An error: whoever could stop the server has gone.
                _ = self.stopped.changed() => break,
                _ = second.tick() => self.state.check_org_soon(),
                // Without connections there is nothing to join; the branch is then off.
                Some(_) = connections.join_next() => {}
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => drop(connections.spawn(self.connection(stream))),
                    // Out of file handles, most likely: leave the others time to close.
                    Err(error) => {
                        tracing::warn!(%error, "cannot take a connection");
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                },
            }
        }
        drop(self.listener);
        let all = async { while connections.join_next().await.is_some() {} };
        if tokio::time::timeout(LONGEST_STOP, all).await.is_err() {
            connections.shutdown().await;
        }
    }

    fn connection(&self, stream: TcpStream) -> impl Future<Output = ()> + Send + 'static {
        let (acceptor, router, stopped) = (self.acceptor.clone(), self.router.clone(), self.stopped.clone());
        async move {
            // Answers are small and wanted at once.
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "cannot set TCP_NODELAY");
            }
            match acceptor {
                None => serve(stream, router, stopped).await,
                Some(acceptor) => {
                    match tokio::time::timeout(LONGEST_HANDSHAKE, acceptor.accept(stream)).await {
                        Ok(Ok(stream)) => serve(stream, router, stopped).await,
                        Ok(Err(error)) => tracing::debug!(%error, "a client did not speak TLS"),
                        Err(_) => tracing::debug!("a client did not begin TLS in time"),
                    }
                }
            }
        }
    }
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    router: Router,
    mut stopped: watch::Receiver<bool>,
) {
    let service = service_fn(move |request: Request<Incoming>| {
        let answered = router.clone().oneshot(without_trailing_slash(request.map(Body::new)));
        async move {
            let Ok(response) = answered.await;
            // An error of the service ends the connection without an answer.
            if is_dropped(&response) { Err(std::io::Error::other("an injected fault")) } else { Ok(response) }
        }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(LONGEST_IDLE);
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        _ = stopped.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended");
    }
}

/// Clients disagree about the slash at the end of a path (reference §2).
fn without_trailing_slash(mut request: Request) -> Request {
    let path = request.uri().path();
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() || trimmed.len() == path.len() {
        return request;
    }
    let target = match request.uri().query() {
        Some(query) => format!("{trimmed}?{query}"),
        None => trimmed.to_owned(),
    };
    let mut parts = request.uri().clone().into_parts();
    parts.path_and_query = target.parse().ok();
    if let Ok(uri) = Uri::from_parts(parts) {
        *request.uri_mut() = uri;
    }
    request
}
