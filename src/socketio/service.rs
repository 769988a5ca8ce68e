//! What whoever mounts an endpoint gives, and what it gets for each client.

use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use bytestring::ByteString;

use super::socket::{Ack, Socket};
use crate::engineio::{Closed, Cut, Flow, Link};

/// What is mounted.
pub trait Service: Send + Sync + 'static {
    /// What a client is answered that may not come; see [`crate::engineio::Service::refuse`]. Clients
    /// take it for a fault of the network and try again: refuse whom you know in
    /// [`Visitor::connect`].
    fn refuse(&self, request: &HttpRequest) -> Option<HttpResponse> {
        let _ = request;
        None
    }

    /// A client has come with `request`; `link` leads to it. It is in no namespace yet.
    fn visit(&self, request: &HttpRequest, link: &Link) -> Box<dyn Visitor>;

    /// See [`crate::engineio::Service::cutter`].
    fn cutter(&self, request: &HttpRequest) -> Option<Cut> {
        let _ = request;
        None
    }
}

/// One client. All calls, here and on its members, come one at a time in the order of what it sent.
pub trait Visitor: 'static {
    /// The client wants into a namespace, with the JSON object that it sent along, if any.
    ///
    /// # Errors
    /// Why not. It may try again.
    fn connect(
        &mut self,
        namespace: &str,
        auth: Option<&ByteString>,
    ) -> Result<Box<dyn Member>, Refusal>;

    /// A WebSocket has taken the place of long-polling.
    fn upgraded(&mut self) {}
}

/// One client in one namespace.
pub trait Member: 'static {
    /// The client has been told that it is in: what is sent from here on reaches it.
    fn joined(&mut self, socket: Socket);

    /// The client says something. What it says next waits for the flow.
    fn event(&mut self, event: Event) -> Flow;

    /// The client is behind by its whole budget; told once. Nothing more can be sent: close it
    /// ([`Socket::close`]).
    fn behind(&mut self);

    /// It is no longer in. Called once, before the transport of one that is at fault is closed: it can
    /// still be told why ([`Socket::close`]).
    fn left(&mut self, why: Left);
}

/// What a client says.
#[derive(Debug)]
pub struct Event {
    /// What.
    pub name: ByteString,
    /// With what: JSON as it was written.
    pub args: Vec<ByteString>,
    /// The bytes of the placeholders in `args`, which name them by number from 0.
    pub attachments: Vec<Bytes>,
    /// How to answer, when an answer is awaited.
    pub ack: Option<Ack>,
}

/// Why a client is not let into a namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// For people.
    pub message: String,
    /// For programs: JSON, `err.data` in JavaScript.
    pub data: Option<String>,
}

impl Refusal {
    /// There is no such namespace; in the official server's words.
    #[must_use]
    pub fn invalid_namespace() -> Self {
        Self { message: "Invalid namespace".to_owned(), data: None }
    }
}

/// Why a client is no longer in a namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// It said so.
    ByClient,
    /// [`Socket::disconnect`] was called.
    ByServer,
    /// It broke the protocol.
    Violation,
    /// Its session has ended.
    Transport(Closed),
}
