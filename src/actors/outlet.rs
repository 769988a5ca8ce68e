//! The way out to one client, whatever it speaks: a bounded queue of ready frames that rooms and the
//! session fill and never wait for. What stands behind it is a native WebSocket's [`super::outbox`] or
//! a Socket.IO client's own queue.

use std::sync::Arc;

use actix::prelude::*;

use super::fanout::Multicast;
use super::outbox::Writer;
use crate::protocol::code::CloseCode;
use crate::protocol::frame::{Frame, closing, disconnecting};
use crate::protocol::operator::Backlog;
use crate::socketio::{self, Socket};

/// Why a frame was not queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behind {
    /// The client is behind by its whole budget: the slow-consumer verdict is due.
    Full,
    /// The connection has ended.
    Gone,
}

/// Told once to the session whose client fell behind its budget: the slow-consumer verdict is its.
#[derive(Message, Clone, Copy, Debug)]
#[rtype(result = "()")]
pub struct Overrun;

/// A cheap handle; clones lead to the same client.
#[derive(Clone)]
pub struct Outlet(Way);

#[derive(Clone)]
enum Way {
    Native(Writer),
    SocketIo(Arc<Socket>),
}

impl Outlet {
    /// To a native WebSocket.
    #[must_use]
    pub fn native(writer: Writer) -> Self {
        Self(Way::Native(writer))
    }

    /// To a Socket.IO client. Its own side tells its session when it is too slow.
    #[must_use]
    pub fn socketio(socket: Socket) -> Self {
        Self(Way::SocketIo(Arc::new(socket)))
    }

    /// Queues a frame. Once one did not fit no other is taken, so that what the client reads before
    /// its close has no gap.
    ///
    /// # Errors
    /// [`Behind`], and the frame is not queued.
    pub fn send(&self, frame: &Frame) -> Result<(), Behind> {
        match &self.0 {
            Way::Native(writer) => writer.send(frame),
            Way::SocketIo(socket) => socket.send(frame.event()).map_err(Behind::from),
        }
    }

    /// Adds this client to those who get a frame, as [`Outlet::send`] would send it. Whether it fits into a
    /// native client's queue shows when the frame is there; if it does not, the next is refused.
    ///
    /// # Errors
    /// [`Behind`], and this client does not get the frame.
    pub fn join(&self, multicast: &mut Multicast<'_>) -> Result<(), Behind> {
        match &self.0 {
            Way::Native(writer) => {
                multicast.add(writer.way()?);
                Ok(())
            }
            Way::SocketIo(_) => self.send(multicast.frame()),
        }
    }

    /// Queues a WebSocket ping; a Socket.IO client's transport has a heartbeat of its own.
    ///
    /// # Errors
    /// [`Behind`], and nothing is queued.
    pub fn ping(&self) -> Result<(), Behind> {
        match &self.0 {
            Way::Native(writer) => writer.ping(),
            Way::SocketIo(_) => Ok(()),
        }
    }

    /// Says that the close is near, to clients that may not understand how it is said; nothing but
    /// the close follows. True when they need a moment to hear it.
    #[must_use]
    pub fn say_closing(&self, code: CloseCode) -> bool {
        match &self.0 {
            Way::Native(_) => false,
            Way::SocketIo(socket) => socket.send_last(&closing(code)).is_ok(),
        }
    }

    /// Queues the close behind everything else. A Socket.IO client hears `disconnecting` first and
    /// then loses its transport: told to disconnect it would stay away for good.
    ///
    /// # Errors
    /// [`Behind`], and nothing is queued.
    pub fn close(&self, code: CloseCode) -> Result<(), Behind> {
        match &self.0 {
            Way::Native(writer) => writer.close(code),
            Way::SocketIo(socket) => {
                socket.close(Some(&disconnecting(code)), Some(code.number()));
                Ok(())
            }
        }
    }

    /// Whether more than a quarter of the budget waits: droppable messages should be left out.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        match &self.0 {
            Way::Native(writer) => writer.is_behind(),
            Way::SocketIo(socket) => socket.is_behind(),
        }
    }

    /// What waits for the client.
    #[must_use]
    pub fn backlog(&self) -> Backlog {
        let (frames, bytes) = match &self.0 {
            Way::Native(writer) => writer.depth(),
            Way::SocketIo(socket) => socket.depth(),
        };
        Backlog { frames, bytes }
    }

    /// Frames that a native client had left unread when its connection was last written; what waits
    /// for the client of another transport.
    #[must_use]
    pub fn unread(&self) -> usize {
        match &self.0 {
            Way::Native(writer) => writer.unread(),
            Way::SocketIo(socket) => socket.depth().0,
        }
    }

    /// Whether the heartbeat is the session's to keep.
    #[must_use]
    pub fn needs_pings(&self) -> bool {
        matches!(self.0, Way::Native(_))
    }
}

impl From<socketio::Behind> for Behind {
    fn from(behind: socketio::Behind) -> Self {
        match behind {
            socketio::Behind::Full => Self::Full,
            socketio::Behind::Gone => Self::Gone,
        }
    }
}
