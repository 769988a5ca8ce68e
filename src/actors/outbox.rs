//! The queue of ready frames in front of one native WebSocket, bounded. [`super::outlet`] puts frames
//! in and never waits; they come by way of the connection's thread ([`super::fanout`]), which writes what the
//! kernel takes at once. What it does not take waits here for the connection's own stream ([`super::wire`]),
//! so that a delivery costs no actor a message.

mod fifo;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{self, Poll, Waker};

use actix::prelude::*;

use self::fifo::Fifo;
use super::fanout::{Fanout, Place, Way};
use super::outlet::{Behind, Overrun};
use super::post::post;
use super::wire::encode;
use crate::protocol::Framing;
use crate::protocol::code::CloseCode;
use crate::protocol::frame::Frame;
use crate::websocket::Connection;

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

/// A connection that frames may be written to without waking its task.
pub struct Pen {
    /// The connection, of this thread.
    pub connection: Connection,
    /// What its client reads.
    pub framing: Framing,
}

/// What waits in a queue. The bound is here and not in a channel, whose bounded kind costs a
/// kilobyte for each idle connection.
#[derive(Debug)]
struct Backlog {
    count: Count,
    budget: Budget,
    /// What waited when the connection was last written, which is nothing but for clients who are slow.
    unread: AtomicUsize,
    /// Whether something did not fit.
    overrun: AtomicBool,
    /// Whether nobody reads the queue any more.
    gone: AtomicBool,
    /// Hears of an overrun, once.
    session: OnceLock<Recipient<Overrun>>,
}

/// In memory of its own: the connection's thread counts each delivery of a frame for many, and who sends
/// one asks only for what seldom changes.
#[derive(Debug, Default)]
#[repr(align(64))]
struct Count {
    frames: AtomicUsize,
    bytes: AtomicUsize,
}

impl Backlog {
    /// Takes room for one thing of `weight`; false when there is none.
    fn enter(&self, weight: usize) -> bool {
        let frames = self.count.frames.fetch_add(1, Ordering::Relaxed);
        let bytes = self.count.bytes.fetch_add(weight, Ordering::Relaxed);
        let fits = frames < self.budget.frames && bytes + weight <= self.budget.bytes;
        if !fits {
            self.leave(weight);
        }
        fits
    }

    fn leave(&self, weight: usize) {
        self.count.frames.fetch_sub(1, Ordering::Relaxed);
        self.count.bytes.fetch_sub(weight, Ordering::Relaxed);
    }

    /// Bytes that something counts for.
    fn weight(&self, out: &Out) -> usize {
        match out {
            Out::Frame(frame) => frame.len().min(self.budget.bytes / 2),
            Out::Ping | Out::Close(_) => 0,
        }
    }

    fn overrun(&self) {
        if !self.overrun.swap(true, Ordering::Relaxed)
            && let Some(session) = self.session.get()
        {
            post(session.clone(), Overrun);
        }
    }

    /// Whether frames are still taken.
    fn check(&self) -> Result<(), Behind> {
        if self.overrun.load(Ordering::Relaxed) {
            Err(Behind::Full)
        } else if self.gone.load(Ordering::Relaxed) {
            Err(Behind::Gone)
        } else {
            Ok(())
        }
    }

    fn is_above_a_quarter(&self) -> bool {
        let (frames, bytes) = self.depth();
        frames > self.budget.frames / 4 || bytes > self.budget.bytes / 4
    }

    /// Frames and bytes.
    fn depth(&self) -> (usize, usize) {
        let Count { frames, bytes } = &self.count;
        (frames.load(Ordering::Relaxed), bytes.load(Ordering::Relaxed))
    }
}

/// The queue without its writers yet.
pub struct Outbox {
    way: Way,
    backlog: Arc<Backlog>,
}

impl Outbox {
    /// A queue with `budget` among those of `fanout`, and the end that its connection reads. With `pen`,
    /// what it need not wait for goes to the connection at once.
    #[must_use]
    pub fn new(fanout: &Rc<Fanout>, budget: Budget, pen: Option<Pen>) -> (Self, Inlet) {
        let backlog = Arc::new(Backlog {
            count: Count::default(),
            budget,
            unread: AtomicUsize::new(0),
            overrun: AtomicBool::new(false),
            gone: AtomicBool::new(false),
            session: OnceLock::new(),
        });
        let queue = Rc::new(Queue {
            waiting: RefCell::default(),
            backlog: backlog.clone(),
            pen,
            reader: RefCell::default(),
            due: Cell::new(false),
            closed: Cell::new(false),
            left: Cell::new(false),
        });
        let way = fanout.add(queue.clone());
        let inlet = Inlet { queue, fanout: fanout.clone(), place: way.place() };
        (Self { way, backlog }, inlet)
    }

    /// The end that is written; `session` hears when the client is too slow.
    #[must_use]
    pub fn writer(self, session: Recipient<Overrun>) -> Writer {
        let Self { way, backlog } = self;
        backlog.session.set(session).ok();
        Writer { way: Arc::new(way), backlog }
    }
}

/// The queue on its connection's thread.
pub(super) struct Queue {
    waiting: RefCell<Fifo>,
    backlog: Arc<Backlog>,
    pen: Option<Pen>,
    /// The connection's task.
    reader: RefCell<Option<Waker>>,
    /// Whether it is among those to be written next.
    due: Cell<bool>,
    /// Whether its close has come.
    closed: Cell<bool>,
    /// Whether nobody writes to it any more.
    left: Cell<bool>,
}

impl Queue {
    /// Takes what has had room since it was sent. After an overrun no frame is: what the client
    /// reads before its close has no gap.
    pub(super) fn take(&self, out: Out) {
        let late = matches!(out, Out::Frame(_)) && self.backlog.overrun.load(Ordering::Relaxed);
        if late || self.closed.get() {
            return self.backlog.leave(self.backlog.weight(&out));
        }
        self.closed.set(matches!(out, Out::Close(_)));
        self.waiting.borrow_mut().push(out);
    }

    /// Takes a frame that many get, if there is room.
    pub(super) fn share(&self, frame: &Frame) {
        if self.closed.get() || self.backlog.check().is_err() {
            return;
        }
        let out = Out::Frame(frame.clone());
        if self.backlog.enter(self.backlog.weight(&out)) {
            self.waiting.borrow_mut().push(out);
        } else {
            self.backlog.overrun();
        }
    }

    /// Nothing more comes.
    pub(super) fn leave(&self) {
        self.left.set(true);
    }

    /// Nobody brings anything any more.
    pub(super) fn abandon(&self) {
        self.backlog.gone.store(true, Ordering::Relaxed);
        self.leave();
        self.wake();
    }

    /// True once until it is flushed.
    pub(super) fn becomes_due(&self) -> bool {
        !self.due.replace(true)
    }

    /// Writes what waits as far as the kernel takes it; the rest is for the connection's task.
    pub(super) fn flush(&self) {
        self.due.set(false);
        let written = self.pen.as_ref().is_some_and(|Pen { connection, framing }| {
            connection.write_through(|| self.next_but_the_close().map(|out| encode(&out, *framing)))
        });
        self.note_unread();
        let done = written && self.waiting.borrow().is_empty() && !self.left.get();
        if !done {
            self.wake();
        }
    }

    fn note_unread(&self) {
        let (now, unread) = (self.waiting.borrow().len(), &self.backlog.unread);
        if unread.load(Ordering::Relaxed) != now {
            unread.store(now, Ordering::Relaxed);
        }
    }

    fn wake(&self) {
        if let Some(reader) = &*self.reader.borrow() {
            reader.wake_by_ref();
        }
    }

    fn next(&self) -> Option<Out> {
        let out = self.waiting.borrow_mut().pop()?;
        self.backlog.leave(self.backlog.weight(&out));
        Some(out)
    }

    /// A close ends the connection's stream, so the stream has to say it.
    fn next_but_the_close(&self) -> Option<Out> {
        let closes = matches!(self.waiting.borrow().first(), Some(Out::Close(_)));
        if closes { None } else { self.next() }
    }

    fn watch(&self, task: &Waker) {
        let mut reader = self.reader.borrow_mut();
        if !reader.as_ref().is_some_and(|known| known.will_wake(task)) {
            *reader = Some(task.clone());
        }
    }
}

/// The end of the queue that the connection reads.
pub struct Inlet {
    queue: Rc<Queue>,
    fanout: Rc<Fanout>,
    place: Place,
}

impl Inlet {
    /// The next thing to put on the wire; never `Ready(None)` while a writer is left, unless what serves
    /// its [`Fanout`] has ended.
    pub fn poll(&mut self, cx: &mut task::Context<'_>) -> Poll<Option<Out>> {
        self.queue.watch(cx.waker());
        let next = self.queue.next();
        self.queue.note_unread();
        match next {
            None if !self.queue.left.get() => Poll::Pending,
            out => Poll::Ready(out),
        }
    }
}

impl Drop for Inlet {
    fn drop(&mut self) {
        self.queue.backlog.gone.store(true, Ordering::Relaxed);
        self.fanout.remove(self.place);
    }
}

/// The end of the queue that is written; clones lead to the same connection.
#[derive(Clone)]
pub struct Writer {
    way: Arc<Way>,
    backlog: Arc<Backlog>,
}

impl Writer {
    /// Queues a frame. Once one did not fit no other is taken, so that what the client reads before
    /// its close has no gap.
    ///
    /// # Errors
    /// [`Behind`], and the frame is not queued.
    pub fn send(&self, frame: &Frame) -> Result<(), Behind> {
        self.backlog.check()?;
        let sent = self.put(Out::Frame(frame.clone()));
        if sent == Err(Behind::Full) {
            self.backlog.overrun();
        }
        sent
    }

    /// The way to it, for a frame that many get; whether it fits shows when it is there.
    ///
    /// # Errors
    /// [`Behind`], and it gets none.
    pub(super) fn way(&self) -> Result<&Way, Behind> {
        self.backlog.check()?;
        if self.way.is_full() {
            self.backlog.overrun();
            return Err(Behind::Full);
        }
        Ok(&self.way)
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

    /// Whether more than a quarter of the budget waits, or its thread is far behind: droppable messages
    /// should be left out.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.way.is_behind() || self.backlog.is_above_a_quarter()
    }

    /// Frames that had not been read when the connection was last written.
    #[must_use]
    pub fn unread(&self) -> usize {
        self.backlog.unread.load(Ordering::Relaxed)
    }

    /// Frames and bytes that wait.
    #[must_use]
    pub fn depth(&self) -> (usize, usize) {
        self.backlog.depth()
    }

    fn put(&self, out: Out) -> Result<(), Behind> {
        let Self { way, backlog } = self;
        if backlog.gone.load(Ordering::Relaxed) {
            return Err(Behind::Gone);
        }
        let weight = backlog.weight(&out);
        if !backlog.enter(weight) {
            return Err(Behind::Full);
        }
        way.send(out).inspect_err(|_| backlog.leave(weight))
    }
}
