//! What whoever mounts an endpoint gives, and what it gets for each session.

use std::any::Any;
use std::time::Instant;

use actix::prelude::Recipient;
use actix_web::{HttpRequest, HttpResponse};
use futures_util::future::LocalBoxFuture;

use super::packet::Message;
use super::post::post;
use super::queue::Outlet;

/// What is mounted.
pub trait Service: Send + Sync + 'static {
    /// What a client is answered that may not begin a new session; `None` when it may. Called before
    /// any state exists.
    fn refuse(&self, request: &HttpRequest) -> Option<HttpResponse> {
        let _ = request;
        None
    }

    /// A session begins with `request`; `link` leads to it. Called on the session's own thread.
    fn open(&self, request: &HttpRequest, link: Link) -> Box<dyn Handler>;

    /// How to cut the connection that a WebSocket came on. A WebSocket whose client does not read
    /// can't be closed by writing to it; without this it keeps its connection until the kernel
    /// gives up.
    fn cutter(&self, request: &HttpRequest) -> Option<Cut> {
        let _ = request;
        None
    }
}

/// Cuts a connection.
pub type Cut = Box<dyn FnOnce() + Send>;

/// The owner of one session's meaning. All calls come from the session's actor, one at a time, in
/// the order of what the client sent.
pub trait Handler: 'static {
    /// The client said something. What it says next waits for the flow.
    fn message(&mut self, message: Message) -> Flow;

    /// The client is behind by its whole budget; told once. Nothing more can be sent: close.
    fn behind(&mut self);

    /// Something came through [`Link::note`].
    fn note(&mut self, note: Note);

    /// A WebSocket has taken the place of long-polling.
    fn upgraded(&mut self) {}

    /// This replica goes away. Who is not told so by anybody else must be closed with `status`.
    fn leaving(&mut self, status: u16) {
        let _ = status;
    }

    /// When [`Handler::due`] is to be called.
    fn deadline(&self) -> Option<Instant> {
        None
    }

    /// The deadline has passed; must move it.
    fn due(&mut self, now: Instant) {
        let _ = now;
    }

    /// The session is over; nothing more will be said or heard. Called once.
    fn closed(&mut self, why: Closed);
}

/// Something to wait for before the next message is handled, when there is.
pub type Flow = Option<LocalBoxFuture<'static, ()>>;

/// Whatever a handler is told from other threads; it knows the type.
pub type Note = Box<dyn Any + Send>;

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// [`Outlet::close`] was called.
    ByOwner,
    /// The client said that it leaves.
    ClientLeft,
    /// The last ping was not answered in time.
    PingTimeout,
    /// What came was not a packet, or one that clients must not send.
    BadPacket,
    /// Requests overlapped, or one was broken off.
    TransportError,
    /// The WebSocket ended.
    TransportClosed,
}

/// The way to one session, from any thread.
#[derive(Clone)]
pub struct Link {
    /// Its queue.
    pub outlet: Outlet,
    notes: Recipient<Noted>,
}

/// Carries a note to the session's actor.
#[derive(actix::Message)]
#[rtype(result = "()")]
pub(super) struct Noted(pub Note);

impl Link {
    pub(super) fn new(outlet: Outlet, notes: Recipient<Noted>) -> Self {
        Self { outlet, notes }
    }

    /// Tells the session's handler something; lost when the session has ended. Call it on a thread
    /// with an actix system.
    pub fn note(&self, note: Note) {
        post(&self.notes, Noted(note));
    }
}
