//! The way out to one client: a bounded queue of ready frames in front of its socket. Rooms and the
//! session share it; neither ever waits for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use actix::dev::SendError;
use actix::prelude::*;

use super::post::post;
use crate::protocol::code::CloseCode;
use crate::protocol::frame::Frame;

/// What a socket is told to put on the wire, in order.
#[derive(Message, Clone, Debug)]
#[rtype(result = "()")]
pub enum Out {
    /// One message.
    Frame(Frame),
    /// A WebSocket ping.
    Ping,
    /// A close frame; nothing follows.
    Close(CloseCode),
}

/// The client is further behind than its budget, or gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behind {
    /// The queue is full: the slow-consumer verdict is due.
    Full,
    /// The socket has ended.
    Gone,
}

/// Bytes that wait between the rooms and one socket.
#[derive(Debug, Default)]
pub struct Backlog(AtomicUsize);

impl Backlog {
    /// Called by the socket when it has taken `bytes` off the queue.
    pub fn taken(&self, bytes: usize) {
        self.0.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Bytes that wait now.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// Told once to the session whose client fell behind its budget: the slow-consumer verdict is its.
#[derive(Message, Clone, Copy, Debug)]
#[rtype(result = "()")]
pub struct Overrun;

/// A cheap handle; clones lead to the same socket.
#[derive(Clone)]
pub struct Outlet(Arc<Shared>);

struct Shared {
    socket: Recipient<Out>,
    session: Recipient<Overrun>,
    backlog: Arc<Backlog>,
    budget: usize,
    overrun: AtomicBool,
}

impl Outlet {
    /// An outlet in front of `socket` that may hold `budget` bytes (the number of frames is bounded
    /// by the socket's mailbox) and reports to `session`.
    #[must_use]
    pub fn new(
        socket: Recipient<Out>,
        session: Recipient<Overrun>,
        backlog: Arc<Backlog>,
        budget: usize,
    ) -> Self {
        let overrun = AtomicBool::new(false);
        Self(Arc::new(Shared { socket, session, backlog, budget, overrun }))
    }

    /// Queues a frame. Once one did not fit no other is taken, so that what the client reads before
    /// its close has no gap; a single frame larger than the budget passes when nothing else waits.
    ///
    /// # Errors
    /// [`Behind`], and the frame is not queued.
    pub fn send(&self, frame: &Frame) -> Result<(), Behind> {
        if self.0.overrun.load(Ordering::Relaxed) {
            return Err(Behind::Full);
        }
        let bytes = frame.len();
        let waiting = self.0.backlog.0.fetch_add(bytes, Ordering::Relaxed);
        let sent = if waiting > 0 && waiting + bytes > self.0.budget {
            Err(Behind::Full)
        } else {
            self.put(Out::Frame(frame.clone()))
        };
        sent.inspect_err(|behind| self.refused(*behind, bytes))
    }

    /// Queues a ping.
    ///
    /// # Errors
    /// [`Behind`], and nothing is queued.
    pub fn ping(&self) -> Result<(), Behind> {
        self.put(Out::Ping)
    }

    /// Queues the close frame after everything else.
    ///
    /// # Errors
    /// [`Behind`], and nothing is queued.
    pub fn close(&self, code: CloseCode) -> Result<(), Behind> {
        self.put(Out::Close(code))
    }

    /// Whether more than a quarter of the budget waits: droppable messages should be left out.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.0.backlog.bytes() > self.0.budget / 4
    }

    fn refused(&self, behind: Behind, bytes: usize) {
        self.0.backlog.taken(bytes);
        if behind == Behind::Full && !self.0.overrun.swap(true, Ordering::Relaxed) {
            post(self.0.session.clone(), Overrun);
        }
    }

    fn put(&self, out: Out) -> Result<(), Behind> {
        self.0.socket.try_send(out).map_err(|error| match error {
            SendError::Full(_) => Behind::Full,
            SendError::Closed(_) => Behind::Gone,
        })
    }
}
