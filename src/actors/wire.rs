//! The frames of one connection's queue, in its framing, as its stream writes them
//! ([`crate::websocket::Wire`]). A broadcast was encoded once for everybody; here it is only handed on.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_http::ws::CloseReason;
use bytes::Bytes;
use futures_util::Stream;

use super::outbox::{Inlet, Out};
use crate::protocol::Framing;
use crate::protocol::code::CloseCode;
use crate::websocket::close_frame;

/// An unmasked ping without payload (RFC 6455, section 5.5.2).
const PING: &[u8] = &[0x89, 0x00];

/// The frames.
pub struct Frames {
    inlet: Inlet,
    framing: Framing,
    closed: bool,
}

impl Frames {
    /// What comes out of `inlet`, in `framing`.
    #[must_use]
    pub fn new(inlet: Inlet, framing: Framing) -> Self {
        Self { inlet, framing, closed: false }
    }
}

impl Stream for Frames {
    type Item = Bytes;

    /// The session ends before the socket only when it has closed it.
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if self.closed {
            return Poll::Ready(None);
        }
        let Some(out) = ready!(self.inlet.poll(cx)) else { return Poll::Ready(None) };
        self.closed = matches!(out, Out::Close(_));
        Poll::Ready(Some(encode(&out, self.framing)))
    }
}

/// The bytes on the wire.
pub(super) fn encode(out: &Out, framing: Framing) -> Bytes {
    match out {
        Out::Frame(frame) => frame.wire(framing),
        Out::Ping => Bytes::from_static(PING),
        Out::Close(code) => close_frame(Some(reason(*code))),
    }
}

/// A close code as WebSockets know it.
pub(super) fn reason(code: CloseCode) -> CloseReason {
    CloseReason { code: code.number().into(), description: Some(code.reason().to_owned()) }
}
