//! What one connection's own task writes: the frames that its queue has left for it (a native one's pass by it
//! where nothing waits, [`super::Connection::write_through`]), and the few control frames of its socket
//! actor. A broadcast was encoded once for everybody; here it is only handed on. The connection polls this
//! while its client reads.

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_http::ws::{CloseReason, Parser};
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};

use super::Signal;

/// The stream of one connection. `S` is the socket actor's own stream, `Q` gives whole frames as
/// they go on the wire and ends when the connection should.
pub struct Wire<S, Q> {
    control: Pin<Box<S>>,
    signal: Signal,
    queue: Q,
}

impl<S, E, Q> Wire<S, Q>
where
    S: Stream<Item = Result<Bytes, E>>,
    Q: Stream<Item = Bytes> + Unpin,
{
    /// Frames of `queue` between the control frames of `control`, on the connection of `signal`.
    pub fn new(control: S, queue: Q, signal: Signal) -> Self {
        Self { control: Box::pin(control), signal, queue }
    }

    /// The socket actor runs inside its stream, so it is polled first, and only when something is
    /// there for it: a delivery to this client is not its business.
    fn poll_control(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, E>>> {
        if !self.signal.poll_due(cx) {
            return Poll::Pending;
        }
        let waker = self.signal.waker();
        let polled = self.control.as_mut().poll_next(&mut Context::from_waker(&waker));
        if polled.is_ready() {
            // It may have more; it has not registered to be woken for it.
            self.signal.set_due();
        }
        polled
    }
}

impl<S, E, Q> Stream for Wire<S, Q>
where
    S: Stream<Item = Result<Bytes, E>>,
    Q: Stream<Item = Bytes> + Unpin,
{
    type Item = Result<Bytes, E>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Poll::Ready(control) = self.poll_control(cx) {
            return Poll::Ready(control);
        }
        self.queue.poll_next_unpin(cx).map(|frame| frame.map(Ok))
    }
}

/// A close frame; nothing follows it.
#[must_use]
pub fn close_frame(reason: Option<CloseReason>) -> Bytes {
    let mut frame = BytesMut::new();
    Parser::write_close(&mut frame, reason, false);
    frame.freeze()
}
