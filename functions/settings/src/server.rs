//! Serves the API and its pages on one machine. On AWS, API Gateway and Lambda do what is here.
//!
//! Connections, headers and waiting are bounded, so that one client that does odd things does not keep the others out.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};
use tower::ServiceExt;

/// The most connections at a time; a browser opens six.
const CONNECTIONS_MAX: usize = 256;

/// The largest head of a request, in bytes, and the most headers.
const HEAD_BYTES_MAX: usize = 32_768;
const HEADERS_MAX: usize = 64;

/// How long a client may take to send a head, also between two requests of a connection.
const LONGEST_HEAD: Duration = Duration::from_secs(30);

/// How long a stop waits for answers that are under way.
const LONGEST_STOP: Duration = Duration::from_secs(5);

/// A server that runs. It stops when this is dropped; [`Server::stop`] also waits for it.
#[derive(Debug)]
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Server {
    /// Serves what comes to this listener.
    ///
    /// # Errors
    /// When the listener does not know its own address.
    pub fn start(listener: TcpListener, router: Router) -> std::io::Result<Self> {
        let address = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        Ok(Self { address, stop, task: tokio::spawn(accept(listener, router, stopped)) })
    }

    /// Takes no further connections, lets answers that are under way end (at most 5 seconds), and stops.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        // The server bounds its own end; the margin is for a machine that is busy.
        if tokio::time::timeout(LONGEST_STOP + LONGEST_STOP, &mut self.task).await.is_err() {
            self.task.abort();
        }
    }
}

async fn accept(listener: TcpListener, router: Router, mut stopped: watch::Receiver<bool>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    loop {
        let place = Arc::clone(&places).acquire_owned();
        tokio::select! {
            // An error: whoever could stop the server has gone.
            _ = stopped.changed() => break,
            Some(_) = connections.join_next() => {}
            (place, accepted) = async { (place.await, listener.accept().await) } => match accepted {
                Ok((stream, _)) => {
                    let (router, stopped) = (router.clone(), stopped.clone());
                    connections.spawn(async move {
                        serve(stream, router, stopped).await;
                        drop(place);
                    });
                }
                // Out of file handles, most likely: leave the others time to close.
                Err(error) => {
                    tracing::warn!(%error, "cannot take a connection");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
        }
    }
    drop(listener);
    let all = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(LONGEST_STOP, all).await.is_err() {
        connections.shutdown().await;
    }
}

async fn serve(stream: TcpStream, router: Router, mut stopped: watch::Receiver<bool>) {
    // Answers are small and wanted at once.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "cannot set TCP_NODELAY");
    }
    let service =
        service_fn(move |request: Request<Incoming>| router.clone().oneshot(request.map(Body::new)));
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(LONGEST_HEAD)
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(HEADERS_MAX);
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
