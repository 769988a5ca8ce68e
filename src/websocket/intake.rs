//! How much of a client's input is taken in ahead of its handling. The WebSocket stream of
//! actix-web-actors drains all that has arrived into one buffer before it decodes the first frame of
//! it; this stands before it and gives no more than one message's worth that is not yet handled. What
//! is not taken stays in the socket, whose window closes: a client that floods slows itself alone.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use actix_http::ws::{Item, Message};
use bytes::Bytes;
use futures_util::Stream;

/// Bytes of the longest header of a client's frame (RFC 6455, section 5.2): two, the length, the mask.
const LONGEST_HEADER: usize = 2 + 8 + 4;

/// Counts what was given and not yet handled; one a connection, shared on its thread.
#[derive(Default)]
pub struct Meter {
    waiting: Cell<usize>,
    parked: Cell<Option<Waker>>,
}

impl Meter {
    /// A frame with so many bytes of payload was handled. A length that was spelled longer than
    /// needed counts as the shorter one: such a client runs dry and is let go as silent.
    pub fn handled(&self, payload: usize) {
        let header = match payload {
            0..126 => 6,
            126..65_536 => 8,
            _ => LONGEST_HEADER,
        };
        self.waiting.set(self.waiting.get().saturating_sub(payload + header));
        if let Some(waker) = self.parked.take() {
            waker.wake();
        }
    }
}

/// A connection's input, metered.
pub struct Intake<S> {
    payload: S,
    meter: Rc<Meter>,
    most: usize,
}

impl<S> Intake<S> {
    /// `payload` as far as `meter` allows, for messages of at most `largest` bytes: the largest must
    /// be complete before any of it can be handled.
    #[must_use]
    pub fn new(payload: S, meter: Rc<Meter>, largest: usize) -> Self {
        Self { payload, meter, most: largest + LONGEST_HEADER }
    }
}

impl<S, E> Stream for Intake<S>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
{
    type Item = Result<Bytes, E>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.meter.waiting.get() > self.most {
            self.meter.parked.set(Some(cx.waker().clone()));
            return Poll::Pending;
        }
        match Pin::new(&mut self.payload).poll_next(cx) {
            Poll::Ready(Some(Ok(bytes))) => {
                self.meter.waiting.set(self.meter.waiting.get() + bytes.len());
                Poll::Ready(Some(Ok(bytes)))
            }
            // The connection broke off. What reads from here takes an error for one in a frame, and
            // would tell a client whose balancer ends one direction first that it is at fault.
            Poll::Ready(Some(Err(_)) | None) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }
}

/// Bytes of payload in one frame, for [`Meter::handled`].
#[must_use]
pub fn payload_of(message: &Message) -> usize {
    match message {
        Message::Text(text) => text.len(),
        Message::Binary(bytes) | Message::Ping(bytes) | Message::Pong(bytes) => bytes.len(),
        Message::Continuation(
            Item::FirstText(bytes)
            | Item::FirstBinary(bytes)
            | Item::Continue(bytes)
            | Item::Last(bytes),
        ) => bytes.len(),
        Message::Close(_) | Message::Nop => 0,
    }
}
