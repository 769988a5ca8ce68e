//! The way to one client in one namespace, from any thread, and the way to answer one event.

use std::time::Duration;

use bytes::Bytes;
use bytestring::ByteString;
use futures_channel::oneshot;

use super::asks::{Ask, Reply};
use super::encode;
use crate::engineio::{Batch, Behind, Link};

/// A cheap handle; clones lead to the same client.
#[derive(Clone)]
pub struct Socket {
    id: ByteString,
    namespace: ByteString,
    link: Link,
}

/// What a socket asks of its client's own thread.
pub(super) enum Wish {
    Ask { namespace: ByteString, id: ByteString, ask: Ask },
    Disconnect { namespace: ByteString, id: ByteString },
}

impl Socket {
    pub(super) fn new(id: ByteString, namespace: ByteString, link: Link) -> Self {
        Self { id, namespace, link }
    }

    /// The client's id in this namespace. Unlike the session's it is no secret.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The namespace.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// Sends a packet that was made for this namespace ([`encode::event`]).
    ///
    /// # Errors
    /// [`Behind`], and it is not sent.
    pub fn send(&self, packet: &Batch) -> Result<(), Behind> {
        self.link.outlet.send(packet)
    }

    /// Sends the last packet before [`Socket::close`]; it always has room.
    ///
    /// # Errors
    /// [`Behind::Gone`], and it is not sent.
    pub fn send_last(&self, packet: &Batch) -> Result<(), Behind> {
        self.link.outlet.send_last(packet)
    }

    /// Whether more than a quarter of the client's budget waits: leave out what can be left out.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.link.outlet.is_behind()
    }

    /// Packets and bytes that wait for the client.
    #[must_use]
    pub fn depth(&self) -> (usize, usize) {
        self.link.outlet.depth()
    }

    /// Sends an event and awaits its answer for so long. Cancelled when the client leaves before.
    /// Call it on a thread with an actix system.
    pub fn ask(
        &self,
        name: &str,
        args: Vec<ByteString>,
        attachments: Vec<Bytes>,
        patience: Duration,
    ) -> oneshot::Receiver<Reply> {
        let (reply, receiver) = oneshot::channel();
        let ask = Ask { name: name.into(), args, attachments, patience, reply };
        let (namespace, id) = (self.namespace.clone(), self.id.clone());
        self.link.note(Box::new(Wish::Ask { namespace, id, ask }));
        receiver
    }

    /// Puts the client out of this namespace; its transport stays. JavaScript clients do not come
    /// back by themselves: to move a client elsewhere, close it. Call it on a thread with an actix
    /// system.
    pub fn disconnect(&self) {
        let (namespace, id) = (self.namespace.clone(), self.id.clone());
        self.link.note(Box::new(Wish::Disconnect { namespace, id }));
    }

    /// Closes the client's transport, all namespaces with it, once it has taken what is queued and
    /// `last`, which always has room. A WebSocket gets `status`; with one the client comes back by
    /// itself.
    pub fn close(&self, last: Option<&Batch>, status: Option<u16>) {
        self.link.outlet.close(last, status);
    }
}

/// The one answer to one event.
pub struct Ack {
    namespace: ByteString,
    id: u64,
    link: Link,
}

impl Ack {
    pub(super) fn new(namespace: ByteString, id: u64, link: Link) -> Self {
        Self { namespace, id, link }
    }

    /// Answers with JSON texts and the bytes of their placeholders.
    ///
    /// # Errors
    /// [`Behind`], and the answer is not sent.
    pub fn answer<A: AsRef<str>>(self, args: &[A], attachments: &[Bytes]) -> Result<(), Behind> {
        self.link.outlet.send(&encode::ack(&self.namespace, self.id, args, attachments))
    }
}

impl std::fmt::Debug for Ack {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Ack({})", self.id)
    }
}
