//! From rooms to the connections of one thread. A room's frame for a thousand members is handed to each
//! thread once, with the places of those who get it; the thread puts it into their queues and writes it.
//! To wake each connection's task for itself would touch memory of another core for each of them.
//!
//! All that rooms and its session send to a native connection comes this way, so it arrives in the order in
//! which one sender sent it.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use futures_channel::mpsc::{self, UnboundedReceiver, UnboundedSender};
use futures_util::StreamExt;
use slab::Slab;
use tokio::task::yield_now;

use super::outbox::{Out, Queue};
use super::outlet::Behind;
use crate::protocol::frame::Frame;

/// Connections written in a row before the thread's other tasks have their turn.
const TURN: usize = 64;
/// Bytes of frames for many, and of their lists of places, that may wait for one thread. One that is so far
/// behind serves nobody: who is sent another then is too slow.
const WAITING: usize = 64 * 1024 * 1024;
/// From how many places on a thread takes a copy of a frame for itself.
const APART: usize = 4;
/// Deliveries sorted into queues in a row.
const SORTED: usize = 4_096;

/// A queue of one thread. Never that of a later connection in the same place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    index: u32,
    serial: u32,
}

/// What comes to a thread.
enum Load {
    One(Place, Out),
    /// The same frame for all of them.
    Each(Box<[Place]>, Frame),
    /// Nobody is left who would send anything.
    Left(Place),
}

/// The way to one thread, from any other; clones lead to the same.
#[derive(Clone)]
struct Entry {
    loads: UnboundedSender<Load>,
    /// Bytes of frames for many that have not been sorted yet.
    waiting: Arc<AtomicUsize>,
}

impl Entry {
    fn send(&self, load: Load) -> Result<(), Behind> {
        self.loads.unbounded_send(load).map_err(|_| Behind::Gone)
    }

    fn send_each(&self, places: Box<[Place]>, frame: &Frame) {
        self.waiting.fetch_add(weight(&places, frame), Ordering::Relaxed);
        // A thread that has ended has no connections.
        self.send(Load::Each(places, frame.clone())).ok();
    }

    fn leads_where(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.waiting, &other.waiting)
    }
}

fn weight(places: &[Place], frame: &Frame) -> usize {
    size_of_val(places) + frame.len()
}

/// The way to one queue, which hears when it is dropped.
pub(super) struct Way {
    entry: Entry,
    place: Place,
}

impl Way {
    /// Sends it; the caller has made sure that there is room.
    pub(super) fn send(&self, out: Out) -> Result<(), Behind> {
        self.entry.send(Load::One(self.place, out))
    }

    /// Whether too much that is for many waits for its thread.
    pub(super) fn is_full(&self) -> bool {
        self.entry.waiting.load(Ordering::Relaxed) >= WAITING
    }

    /// Whether so much waits that what can be left out should be.
    pub(super) fn is_behind(&self) -> bool {
        self.entry.waiting.load(Ordering::Relaxed) >= WAITING / 4
    }

    pub(super) fn place(&self) -> Place {
        self.place
    }
}

impl Drop for Way {
    fn drop(&mut self) {
        self.entry.send(Load::Left(self.place)).ok();
    }
}

/// One frame for many connections.
pub struct Multicast<'f> {
    frame: &'f Frame,
    threads: Vec<(Entry, Vec<Place>)>,
    members: usize,
}

impl<'f> Multicast<'f> {
    /// `frame` for some `members`.
    #[must_use]
    pub fn new(frame: &'f Frame, members: usize) -> Self {
        Self { frame, threads: Vec::new(), members }
    }

    /// The frame.
    #[must_use]
    pub fn frame(&self) -> &'f Frame {
        self.frame
    }

    pub(super) fn add(&mut self, Way { entry, place }: &Way) {
        let known = self.threads.iter_mut().find(|(known, _)| known.leads_where(entry));
        match known {
            Some((_, places)) => places.push(*place),
            None => {
                let mut places = Vec::with_capacity(self.members);
                places.push(*place);
                self.threads.push((entry.clone(), places));
            }
        }
    }

    /// Hands it to the threads.
    pub fn send(self) {
        for (entry, places) in self.threads {
            entry.send_each(places.into_boxed_slice(), self.frame);
        }
    }
}

/// The queues of one thread.
pub struct Fanout {
    entry: Entry,
    queues: Queues,
    serial: Cell<u32>,
}

type Queues = Rc<RefCell<Slab<(u32, Rc<Queue>)>>>;

impl Fanout {
    /// None yet, and what serves them.
    #[must_use]
    pub fn new() -> (Rc<Self>, Round) {
        let (sender, loads) = mpsc::unbounded();
        let (waiting, queues) = (Arc::default(), Queues::default());
        let round = Round {
            loads,
            waiting: Arc::clone(&waiting),
            queues: queues.clone(),
            due: VecDeque::new(),
        };
        let entry = Entry { loads: sender, waiting };
        (Rc::new(Self { entry, queues, serial: Cell::new(0) }), round)
    }

    /// None yet; served by a task of this thread, which must have an actix system.
    #[must_use]
    pub fn start() -> Rc<Self> {
        let (fanout, round) = Self::new();
        actix::spawn(round.serve());
        fanout
    }

    /// Whether nobody serves its queues any more.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.entry.loads.is_closed()
    }

    pub(super) fn add(&self, queue: Rc<Queue>) -> Way {
        let serial = self.serial.get().wrapping_add(1);
        self.serial.set(serial);
        let index = self.queues.borrow_mut().insert((serial, queue));
        // Each has a descriptor, of which no process has as many.
        let place = Place { index: index as u32, serial };
        Way { entry: self.entry.clone(), place }
    }

    pub(super) fn remove(&self, place: Place) {
        self.queues.borrow_mut().remove(place.index as usize);
    }
}

/// What serves the queues of a [`Fanout`].
pub struct Round {
    loads: UnboundedReceiver<Load>,
    waiting: Arc<AtomicUsize>,
    queues: Queues,
    /// Those with something new.
    due: VecDeque<Rc<Queue>>,
}

impl Round {
    /// Serves them until nothing more can come.
    async fn serve(mut self) {
        while poll_fn(|cx| self.step(cx)).await.is_continue() {
            // Sockets and timers have their turn too, which a task that wakes itself would not give them.
            yield_now().await;
        }
    }

    /// Puts what has come into its queues and writes some of them; ready when there is more to do, or
    /// nothing more can come.
    pub fn step(&mut self, cx: &mut Context<'_>) -> Poll<ControlFlow<()>> {
        let sorted = self.sort(cx);
        let turn = self.due.len().min(TURN);
        for queue in self.due.drain(..turn) {
            queue.flush();
        }
        if self.due.is_empty() { sorted } else { Poll::Ready(ControlFlow::Continue(())) }
    }

    fn sort(&mut self, cx: &mut Context<'_>) -> Poll<ControlFlow<()>> {
        let mut sorted = 0;
        while sorted < SORTED {
            match ready!(self.loads.poll_next_unpin(cx)) {
                Some(Load::One(place, out)) => {
                    sorted += 1;
                    self.put(place, |queue| queue.take(out));
                }
                Some(Load::Each(places, frame)) => {
                    sorted += places.len();
                    self.waiting.fetch_sub(weight(&places, &frame), Ordering::Relaxed);
                    let frame = if places.len() < APART { frame } else { frame.apart() };
                    for place in places {
                        self.put(place, |queue| queue.share(&frame));
                    }
                }
                Some(Load::Left(place)) => self.put(place, Queue::leave),
                None => return Poll::Ready(ControlFlow::Break(())),
            }
        }
        Poll::Ready(ControlFlow::Continue(()))
    }

    fn put(&mut self, Place { index, serial }: Place, put: impl FnOnce(&Queue)) {
        let queues = self.queues.borrow();
        let Some((_, queue)) = queues.get(index as usize).filter(|(known, _)| *known == serial)
        else {
            return;
        };
        put(queue);
        if queue.becomes_due() {
            self.due.push_back(queue.clone());
        }
    }
}

impl Drop for Round {
    /// Its connections must not wait for what nobody brings: they end, and their clients come back.
    fn drop(&mut self) {
        for (_, (_, queue)) in &*self.queues.borrow() {
            queue.abandon();
        }
    }
}

#[cfg(test)]
mod tests;
