//! A body that is written while it is read: a download of any length needs the memory of two pages.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::Frame;
use tokio::sync::mpsc;

/// How many pieces are made ahead of the reader.
const AHEAD: usize = 2;

/// Where pieces go. Once the reader is gone, sending fails and the writer ends.
pub(crate) type Pieces = mpsc::Sender<io::Result<Bytes>>;

/// A body and where its pieces go.
pub(crate) fn body() -> (Pieces, Body) {
    let (sender, receiver) = mpsc::channel(AHEAD);
    (sender, Body::new(Streamed(receiver)))
}

struct Streamed(mpsc::Receiver<io::Result<Bytes>>);

impl HttpBody for Streamed {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}
