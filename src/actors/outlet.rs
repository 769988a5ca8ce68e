//! The way out to one client: a bounded queue of ready frames in front of its socket. Rooms and the
//! session put frames in and never wait; the connection's own stream ([`super::wire`]) takes them
//! out, so that a delivery costs no actor a message.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use actix::prelude::*;
use tokio::sync::mpsc::{self, Receiver, Sender};

use super::post::post;
use crate::protocol::code::CloseCode;
use crate::protocol::frame::Frame;

/// What is to go on the wire, in order.
#[derive(Clone, Debug)]
pub enum Out {
    /// One message.
    Frame(Frame),
    /// A WebSocket ping.
    Ping,
    /// A close frame; nothing follows.
    Close(CloseCode),
}

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

/// How far a client may be behind.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Frames.
    pub frames: usize,
    /// Bytes. A frame larger than half of it counts as half: a whole timetable fits, with room for
    /// what happens while it is being read.
    pub bytes: usize,
}

/// The queue without its ends' owners yet.
pub struct Outbox {
    sender: Sender<Out>,
    backlog: Arc<Backlog>,
}

/// Bytes that wait in a queue.
#[derive(Debug)]
struct Backlog {
    bytes: AtomicUsize,
    budget: usize,
}

impl Backlog {
    fn weight(&self, frame: &Frame) -> usize {
        frame.len().min(self.budget / 2)
    }
}

impl Outbox {
    /// A queue with `budget`, and the end that the connection reads.
    #[must_use]
    pub fn new(budget: Budget) -> (Self, Inlet) {
        let (sender, receiver) = mpsc::channel(budget.frames);
        let backlog = Arc::new(Backlog { bytes: AtomicUsize::new(0), budget: budget.bytes });
        let inlet = Inlet { receiver, backlog: backlog.clone() };
        (Self { sender, backlog }, inlet)
    }

    /// The end that rooms and the session write; `session` hears when the client is too slow.
    #[must_use]
    pub fn outlet(self, session: Recipient<Overrun>) -> Outlet {
        let Self { sender, backlog } = self;
        Outlet(Arc::new(Shared { sender, session, backlog, overrun: AtomicBool::new(false) }))
    }
}

/// The end of the queue that the connection reads.
pub struct Inlet {
    receiver: Receiver<Out>,
    backlog: Arc<Backlog>,
}

impl Inlet {
    /// The next thing to put on the wire; never `Ready(None)` while an outlet is left.
    pub fn poll(&mut self, cx: &mut std::task::Context<'_>) -> std::task::Poll<Option<Out>> {
        let polled = self.receiver.poll_recv(cx);
        if let std::task::Poll::Ready(Some(Out::Frame(frame))) = &polled {
            self.backlog.bytes.fetch_sub(self.backlog.weight(frame), Ordering::Relaxed);
        }
        polled
    }
}

/// A cheap handle; clones lead to the same connection.
#[derive(Clone)]
pub struct Outlet(Arc<Shared>);

struct Shared {
    sender: Sender<Out>,
    session: Recipient<Overrun>,
    backlog: Arc<Backlog>,
    overrun: AtomicBool,
}

impl Outlet {
    /// Queues a frame. Once one did not fit no other is taken, so that what the client reads before
    /// its close has no gap.
    ///
    /// # Errors
    /// [`Behind`], and the frame is not queued.
    pub fn send(&self, frame: &Frame) -> Result<(), Behind> {
        if self.0.overrun.load(Ordering::Relaxed) {
            return Err(Behind::Full);
        }
        let backlog = &self.0.backlog;
        let weight = backlog.weight(frame);
        let waiting = backlog.bytes.fetch_add(weight, Ordering::Relaxed);
        let sent = if waiting + weight > backlog.budget {
            Err(Behind::Full)
        } else {
            self.put(Out::Frame(frame.clone()))
        };
        sent.inspect_err(|behind| self.refused(*behind, weight))
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
        let backlog = &self.0.backlog;
        let frames = self.0.sender.max_capacity() - self.0.sender.capacity();
        frames > self.0.sender.max_capacity() / 4
            || backlog.bytes.load(Ordering::Relaxed) > backlog.budget / 4
    }

    fn refused(&self, behind: Behind, weight: usize) {
        self.0.backlog.bytes.fetch_sub(weight, Ordering::Relaxed);
        if behind == Behind::Full && !self.0.overrun.swap(true, Ordering::Relaxed) {
            post(self.0.session.clone(), Overrun);
        }
    }

    fn put(&self, out: Out) -> Result<(), Behind> {
        self.0.sender.try_send(out).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Behind::Full,
            mpsc::error::TrySendError::Closed(_) => Behind::Gone,
        })
    }
}
