//! What one connection writes: the frames of its queue, and the few control frames of its socket
//! actor. A broadcast was encoded once for everybody; here it is only handed on, in pieces small
//! enough that no connection's buffer grows for life. The server polls this while the client reads.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use actix_http::ws::{CloseReason, Parser};
use bytes::{Bytes, BytesMut};
use futures_util::task::{ArcWake, AtomicWaker, waker};
use futures_util::{Stream, StreamExt};

/// The most bytes handed on at once: half of the server's write buffer.
pub const PIECE: usize = 2 * 1024;

/// The stream of one connection. `S` is the socket actor's own stream, `Q` gives whole frames as
/// they go on the wire and ends when the connection should.
pub struct Wire<S, Q> {
    control: Pin<Box<S>>,
    nudge: Arc<Nudge>,
    queue: Q,
    rest: Bytes,
}

impl<S, E, Q> Wire<S, Q>
where
    S: Stream<Item = Result<Bytes, E>>,
    Q: Stream<Item = Bytes> + Unpin,
{
    /// Frames of `queue` between the control frames of `control`.
    pub fn new(control: S, queue: Q) -> Self {
        Self { control: Box::pin(control), nudge: Arc::default(), queue, rest: Bytes::new() }
    }

    /// The socket actor runs inside its stream, so it is polled first, and only when something is
    /// there for it: a delivery to this client is not its business.
    fn poll_control(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, E>>> {
        self.nudge.task.register(cx.waker());
        if !self.nudge.due.swap(false, Ordering::AcqRel) {
            return Poll::Pending;
        }
        let waker = waker(self.nudge.clone());
        let polled = self.control.as_mut().poll_next(&mut Context::from_waker(&waker));
        if polled.is_ready() {
            // It may have more; it has not registered to be woken for it.
            self.nudge.due.store(true, Ordering::Release);
        }
        polled
    }

    fn piece(&mut self, mut bytes: Bytes) -> Bytes {
        let piece = bytes.split_to(bytes.len().min(PIECE));
        self.rest = bytes;
        piece
    }
}

impl<S, E, Q> Stream for Wire<S, Q>
where
    S: Stream<Item = Result<Bytes, E>>,
    Q: Stream<Item = Bytes> + Unpin,
{
    type Item = Result<Bytes, E>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if !self.rest.is_empty() {
            let rest = std::mem::take(&mut self.rest);
            return Poll::Ready(Some(Ok(self.piece(rest))));
        }
        if let Poll::Ready(control) = self.poll_control(cx) {
            return Poll::Ready(control);
        }
        let polled = self.queue.poll_next_unpin(cx);
        polled.map(|bytes| bytes.map(|bytes| Ok(self.piece(bytes))))
    }
}

/// Remembers that the socket actor was woken, and wakes the connection's task.
struct Nudge {
    due: AtomicBool,
    task: AtomicWaker,
}

impl Default for Nudge {
    fn default() -> Self {
        Self { due: AtomicBool::new(true), task: AtomicWaker::new() }
    }
}

impl ArcWake for Nudge {
    fn wake_by_ref(nudge: &Arc<Self>) {
        nudge.due.store(true, Ordering::Release);
        nudge.task.wake();
    }
}

/// A close frame; nothing follows it.
#[must_use]
pub fn close_frame(reason: Option<CloseReason>) -> Bytes {
    let mut frame = BytesMut::new();
    Parser::write_close(&mut frame, reason, false);
    frame.freeze()
}
