//! The queue of ready frames in front of one native WebSocket, bounded. [`super::outlet`] puts frames
//! in and never waits; the connection's own stream ([`super::wire`]) takes them out, so that a
//! delivery costs no actor a message.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{self, Poll};

use actix::prelude::*;
use futures_channel::mpsc::{self, UnboundedReceiver, UnboundedSender};
use futures_util::StreamExt;

use super::outlet::{Behind, Overrun};
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
    sender: UnboundedSender<Out>,
    backlog: Arc<Backlog>,
}

/// What waits in a queue. The bound is here and not in the channel, whose bounded kind costs a
/// kilobyte for each idle connection.
#[derive(Debug)]
struct Backlog {
    frames: AtomicUsize,
    bytes: AtomicUsize,
    budget: Budget,
    /// Whether something did not fit.
    overrun: AtomicBool,
    /// Hears of it, once.
    session: OnceLock<Recipient<Overrun>>,
}

impl Backlog {
    /// Takes room for one thing of `weight`; false when there is none.
    fn enter(&self, weight: usize) -> bool {
        let frames = self.frames.fetch_add(1, Ordering::Relaxed);
        let bytes = self.bytes.fetch_add(weight, Ordering::Relaxed);
        let fits = frames < self.budget.frames && bytes + weight <= self.budget.bytes;
        if !fits {
            self.leave(weight);
        }
        fits
    }

    fn leave(&self, weight: usize) {
        self.frames.fetch_sub(1, Ordering::Relaxed);
        self.bytes.fetch_sub(weight, Ordering::Relaxed);
    }

    fn is_above_a_quarter(&self) -> bool {
        self.frames.load(Ordering::Relaxed) > self.budget.frames / 4
            || self.bytes.load(Ordering::Relaxed) > self.budget.bytes / 4
    }
}

impl Outbox {
    /// A queue with `budget`, and the end that the connection reads.
    #[must_use]
    pub fn new(budget: Budget) -> (Self, Inlet) {
        let (sender, receiver) = mpsc::unbounded();
        let backlog = Arc::new(Backlog {
            frames: AtomicUsize::new(0),
            bytes: AtomicUsize::new(0),
            budget,
            overrun: AtomicBool::new(false),
            session: OnceLock::new(),
        });
        let inlet = Inlet { receiver, backlog: backlog.clone() };
        (Self { sender, backlog }, inlet)
    }

    /// The end that is written; `session` hears when the client is too slow.
    #[must_use]
    pub fn writer(self, session: Recipient<Overrun>) -> Writer {
        let Self { sender, backlog } = self;
        backlog.session.set(session).ok();
        Writer { sender, backlog }
    }
}

/// The end of the queue that the connection reads.
pub struct Inlet {
    receiver: UnboundedReceiver<Out>,
    backlog: Arc<Backlog>,
}

impl Inlet {
    /// The next thing to put on the wire; never `Ready(None)` while a writer is left.
    pub fn poll(&mut self, cx: &mut task::Context<'_>) -> Poll<Option<Out>> {
        let polled = self.receiver.poll_next_unpin(cx);
        if let Poll::Ready(Some(out)) = &polled {
            self.backlog.leave(weight(&self.backlog, out));
        }
        polled
    }
}

/// The end of the queue that is written; clones lead to the same connection.
#[derive(Clone)]
pub struct Writer {
    sender: UnboundedSender<Out>,
    backlog: Arc<Backlog>,
}

impl Writer {
    /// Queues a frame. Once one did not fit no other is taken, so that what the client reads before
    /// its close has no gap.
    ///
    /// # Errors
    /// [`Behind`], and the frame is not queued.
    pub fn send(&self, frame: &Frame) -> Result<(), Behind> {
        let Backlog { overrun, session, .. } = &*self.backlog;
        if overrun.load(Ordering::Relaxed) {
            return Err(Behind::Full);
        }
        let sent = self.put(Out::Frame(frame.clone()));
        if sent == Err(Behind::Full)
            && !overrun.swap(true, Ordering::Relaxed)
            && let Some(session) = session.get()
        {
            post(session.clone(), Overrun);
        }
        sent
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
        self.backlog.is_above_a_quarter()
    }

    /// Frames and bytes that wait.
    #[must_use]
    pub fn depth(&self) -> (usize, usize) {
        let Backlog { frames, bytes, .. } = &*self.backlog;
        (frames.load(Ordering::Relaxed), bytes.load(Ordering::Relaxed))
    }

    fn put(&self, out: Out) -> Result<(), Behind> {
        let Self { sender, backlog } = self;
        let weight = weight(backlog, &out);
        if !backlog.enter(weight) {
            return Err(Behind::Full);
        }
        sender.unbounded_send(out).map_err(|_| {
            backlog.leave(weight);
            Behind::Gone
        })
    }
}

/// Bytes that something counts for.
fn weight(backlog: &Backlog, out: &Out) -> usize {
    match out {
        Out::Frame(frame) => frame.len().min(backlog.budget.bytes / 2),
        Out::Ping | Out::Close(_) => 0,
    }
}
