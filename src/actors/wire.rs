//! What one connection writes: the frames of its queue, and the few control frames of its socket
//! actor. A broadcast was encoded once for everybody; here it is only handed on, in pieces small
//! enough that no connection's buffer grows for life. The server polls this while the client reads.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use actix_http::ws::{CloseReason, Parser};
use bytes::{Bytes, BytesMut};
use futures_util::Stream;
use futures_util::task::{ArcWake, AtomicWaker, waker};

use super::outlet::{Inlet, Out};
use crate::protocol::Framing;
use crate::protocol::code::CloseCode;

/// The most bytes handed on at once: half of the server's write buffer.
pub const PIECE: usize = 2 * 1024;
/// An unmasked ping without payload (RFC 6455, section 5.5.2).
const PING: &[u8] = &[0x89, 0x00];

/// The stream of one connection. `S` is the socket actor's own stream.
pub struct Wire<S> {
    control: Pin<Box<S>>,
    nudge: Arc<Nudge>,
    inlet: Inlet,
    framing: Framing,
    rest: Bytes,
    closed: bool,
}

impl<S, E> Wire<S>
where
    S: Stream<Item = Result<Bytes, E>>,
{
    /// Frames of `inlet` in `framing`, between the control frames of `control`.
    pub fn new(control: S, inlet: Inlet, framing: Framing) -> Self {
        let control = Box::pin(control);
        Self { control, nudge: Arc::default(), inlet, framing, rest: Bytes::new(), closed: false }
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

    fn encode(&mut self, out: Out) -> Bytes {
        match out {
            Out::Frame(frame) => frame.wire(self.framing),
            Out::Ping => Bytes::from_static(PING),
            Out::Close(code) => {
                self.closed = true;
                close_frame(code)
            }
        }
    }

    fn piece(&mut self, mut bytes: Bytes) -> Bytes {
        let piece = bytes.split_to(bytes.len().min(PIECE));
        self.rest = bytes;
        piece
    }
}

impl<S, E> Stream for Wire<S>
where
    S: Stream<Item = Result<Bytes, E>>,
{
    type Item = Result<Bytes, E>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if !self.rest.is_empty() {
            let rest = std::mem::take(&mut self.rest);
            return Poll::Ready(Some(Ok(self.piece(rest))));
        }
        if self.closed {
            return Poll::Ready(None);
        }
        if let Poll::Ready(control) = self.poll_control(cx) {
            return Poll::Ready(control);
        }
        match self.inlet.poll(cx) {
            Poll::Ready(Some(out)) => {
                let bytes = self.encode(out);
                Poll::Ready(Some(Ok(self.piece(bytes))))
            }
            // The session ends before the socket only when it has closed it.
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
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

fn close_frame(code: CloseCode) -> Bytes {
    let mut frame = BytesMut::new();
    let description = Some(code.reason().to_owned());
    let reason = CloseReason { code: code.number().into(), description };
    Parser::write_close(&mut frame, Some(reason), false);
    frame.freeze()
}
