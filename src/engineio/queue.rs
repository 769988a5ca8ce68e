//! The way out to one client: a bounded queue that anybody may fill from any thread and that nobody
//! waits for. Its other end belongs to the session while the client polls, and to the WebSocket's own
//! stream after that, so that a delivery wakes no actor.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use futures_channel::mpsc::{self, UnboundedReceiver, UnboundedSender};
use futures_util::StreamExt;
use futures_util::task::AtomicWaker;

use super::batch::Batch;
use super::config::Budget;

/// What is to be sent, in order.
#[derive(Clone, Debug)]
pub(super) enum Out {
    Batch(Batch),
    /// An Engine.IO ping.
    Ping,
    /// The end, with a WebSocket close status; nothing follows. With one, the client is to come back.
    Close(Option<u16>),
}

/// What is queued as one, so that whoever takes its beginning gets its end with it.
#[derive(Debug)]
enum Queued {
    One(Out),
    /// A close after the owner's last words.
    Farewell(Batch, Option<u16>),
}

/// Why something was not queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Behind {
    /// The client is behind by its whole budget; the session's handler has been told.
    #[error("the client is too slow")]
    Full,
    /// The session is being closed, or has ended.
    #[error("the session has ended")]
    Gone,
}

/// A cheap handle to one client's queue; clones lead to the same client.
#[derive(Clone, Debug)]
pub struct Outlet(Arc<Shared>);

/// The other end.
#[derive(Debug)]
pub(super) struct Inlet {
    receiver: UnboundedReceiver<Queued>,
    /// The close whose last words have just been taken.
    close: Option<Out>,
    shared: Arc<Shared>,
}

/// The bound is here and not in the channel, whose bounded kind costs a kilobyte for each idle
/// connection.
#[derive(Debug)]
struct Shared {
    sender: UnboundedSender<Queued>,
    budget: Budget,
    packets: AtomicUsize,
    bytes: AtomicUsize,
    full: AtomicBool,
    closing: AtomicBool,
    /// The session, which has to hear of both.
    session: AtomicWaker,
}

/// A queue and its end.
pub(super) fn queue(budget: Budget) -> (Outlet, Inlet) {
    let (sender, receiver) = mpsc::unbounded();
    let shared = Arc::new(Shared {
        sender,
        budget,
        packets: AtomicUsize::new(0),
        bytes: AtomicUsize::new(0),
        full: AtomicBool::new(false),
        closing: AtomicBool::new(false),
        session: AtomicWaker::new(),
    });
    (Outlet(shared.clone()), Inlet { receiver, close: None, shared })
}

impl Outlet {
    /// Queues a batch. Once one did not fit no other is taken: what the client reads has no gap.
    ///
    /// # Errors
    /// [`Behind`], and the batch is not queued.
    pub fn send(&self, batch: &Batch) -> Result<(), Behind> {
        if self.is_closing() {
            return Err(Behind::Gone);
        }
        if self.0.full.load(Ordering::Relaxed) {
            return Err(Behind::Full);
        }
        if !self.0.enter(batch) {
            self.0.full.store(true, Ordering::Release);
            self.0.session.wake();
            return Err(Behind::Full);
        }
        self.put(Out::Batch(batch.clone())).inspect_err(|_| self.0.leave(batch))
    }

    /// Queues the owner's last words, which always have room; nothing but [`Outlet::close`] follows.
    ///
    /// # Errors
    /// [`Behind::Gone`], and they are not queued.
    pub fn send_last(&self, batch: &Batch) -> Result<(), Behind> {
        if self.is_closing() {
            return Err(Behind::Gone);
        }
        self.0.full.store(true, Ordering::Release);
        self.put_anyway(batch)
    }

    /// Closes the transport once the client has taken what is queued; `last` goes before it and has
    /// room even in a full queue. A WebSocket gets `status`; a client that polls is told to stay away if
    /// there is none. The first call counts.
    pub fn close(&self, last: Option<&Batch>, status: Option<u16>) {
        if self.0.closing.swap(true, Ordering::AcqRel) {
            return;
        }
        match last {
            Some(last) => {
                self.0.enter_anyway(last);
                self.queue(Queued::Farewell(last.clone(), status)).ok();
            }
            None => {
                self.put(Out::Close(status)).ok();
            }
        }
        self.0.session.wake();
    }

    /// Whether more than a quarter of the budget waits: droppable messages should be left out.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        let Shared { packets, bytes, budget, .. } = &*self.0;
        packets.load(Ordering::Relaxed) > budget.packets / 4
            || bytes.load(Ordering::Relaxed) > budget.bytes / 4
    }

    /// Packets and bytes that wait.
    #[must_use]
    pub fn depth(&self) -> (usize, usize) {
        (self.0.packets.load(Ordering::Relaxed), self.0.bytes.load(Ordering::Relaxed))
    }

    /// Whether [`Outlet::close`] was called.
    #[must_use]
    pub fn is_closing(&self) -> bool {
        self.0.closing.load(Ordering::Acquire)
    }

    /// Whether something did not fit.
    pub(super) fn is_full(&self) -> bool {
        self.0.full.load(Ordering::Acquire)
    }

    /// Wakes `cx` when [`Outlet::is_full`] or [`Outlet::is_closing`] becomes true.
    pub(super) fn watch(&self, cx: &Context<'_>) {
        self.0.session.register(cx.waker());
    }

    /// At most one waits at a time, so it needs no room.
    pub(super) fn ping(&self) {
        self.put(Out::Ping).ok();
    }

    fn put_anyway(&self, batch: &Batch) -> Result<(), Behind> {
        self.0.enter_anyway(batch);
        self.put(Out::Batch(batch.clone()))
    }

    fn put(&self, out: Out) -> Result<(), Behind> {
        self.queue(Queued::One(out))
    }

    fn queue(&self, queued: Queued) -> Result<(), Behind> {
        self.0.sender.unbounded_send(queued).map_err(|_| Behind::Gone)
    }
}

impl Shared {
    fn weight(&self, batch: &Batch) -> usize {
        batch.weight().min(self.budget.bytes / 2)
    }

    /// Takes room for a batch; false when there is none.
    fn enter(&self, batch: &Batch) -> bool {
        let (count, weight) = (batch.packets(), self.weight(batch));
        let packets = self.packets.fetch_add(count, Ordering::Relaxed) + count;
        let bytes = self.bytes.fetch_add(weight, Ordering::Relaxed) + weight;
        let fits = packets <= self.budget.packets && bytes <= self.budget.bytes;
        if !fits {
            self.leave(batch);
        }
        fits
    }

    /// Counts a batch that has room in any case.
    fn enter_anyway(&self, batch: &Batch) {
        self.packets.fetch_add(batch.packets(), Ordering::Relaxed);
        self.bytes.fetch_add(self.weight(batch), Ordering::Relaxed);
    }

    fn leave(&self, batch: &Batch) {
        self.packets.fetch_sub(batch.packets(), Ordering::Relaxed);
        self.bytes.fetch_sub(self.weight(batch), Ordering::Relaxed);
    }
}

impl Inlet {
    /// The next thing to send.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Out>> {
        if let Some(close) = self.close.take() {
            return Poll::Ready(Some(close));
        }
        let out = match ready!(self.receiver.poll_next_unpin(cx)) {
            Some(Queued::One(out)) => out,
            Some(Queued::Farewell(last, status)) => {
                self.close = Some(Out::Close(status));
                Out::Batch(last)
            }
            None => return Poll::Ready(None),
        };
        if let Out::Batch(batch) = &out {
            self.shared.leave(batch);
        }
        Poll::Ready(Some(out))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::task::noop_waker_ref;

    use super::*;

    const BUDGET: Budget = Budget { packets: 4, bytes: 100 };

    fn take(inlet: &mut Inlet) -> Option<Out> {
        match inlet.poll(&mut Context::from_waker(noop_waker_ref())) {
            Poll::Ready(out) => out,
            Poll::Pending => None,
        }
    }

    #[test]
    fn a_full_queue_takes_nothing_more_and_what_it_has_is_whole() {
        let (outlet, mut inlet) = queue(BUDGET);
        let batch = Batch::text("x");
        for _ in 0..4 {
            assert_eq!(outlet.send(&batch), Ok(()));
        }
        assert!(!outlet.is_full());
        assert_eq!(outlet.send(&batch), Err(Behind::Full));
        assert!(outlet.is_full());
        assert!(matches!(take(&mut inlet), Some(Out::Batch(_))));
        assert_eq!(outlet.send(&batch), Err(Behind::Full), "there would be a gap");
    }

    #[test]
    fn bytes_are_bounded_too_and_one_large_batch_fits() {
        let (outlet, _inlet) = queue(BUDGET);
        assert_eq!(outlet.send(&Batch::text(&"x".repeat(1_000))), Ok(()));
        assert!(outlet.is_behind());
        assert_eq!(outlet.send(&Batch::text("x")), Ok(()));
        assert_eq!(outlet.send(&Batch::text(&"x".repeat(60))), Err(Behind::Full));
    }

    #[test]
    fn a_close_and_its_last_words_fit_into_a_full_queue() {
        let (outlet, mut inlet) = queue(BUDGET);
        while outlet.send(&Batch::text("x")).is_ok() {}
        outlet.close(Some(&Batch::text("bye")), Some(1001));
        outlet.close(None, None);
        assert_eq!(outlet.send(&Batch::text("x")), Err(Behind::Gone));
        let mut all = Vec::new();
        while let Some(out) = take(&mut inlet) {
            all.push(out);
        }
        assert_eq!(all.len(), 6);
        assert!(matches!(all.last(), Some(Out::Close(Some(1001)))));
        assert_eq!(outlet.0.packets.load(Ordering::Relaxed), 0);
        assert_eq!(outlet.0.bytes.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn last_words_have_room_and_nothing_comes_between_them_and_the_close() {
        let (outlet, mut inlet) = queue(BUDGET);
        while outlet.send(&Batch::text("x")).is_ok() {}
        assert_eq!(outlet.send_last(&Batch::text("last")), Ok(()));
        assert_eq!(outlet.send(&Batch::text("x")), Err(Behind::Full));
        outlet.close(Some(&Batch::text("least")), None);
        assert_eq!(outlet.send_last(&Batch::text("later")), Err(Behind::Gone));
        let mut all = Vec::new();
        while let Some(out) = take(&mut inlet) {
            all.push(format!("{out:?}"));
        }
        let [.., last, least, _] = &*all else { panic!("{all:?}") };
        assert!(last.contains("4last") && least.contains("4least"), "{last} {least}");
    }

    #[test]
    fn whoever_takes_the_last_words_gets_the_close_with_them() {
        let last = Batch::text("bye");
        for _ in 0..2_000 {
            let (outlet, mut inlet) = queue(BUDGET);
            std::thread::scope(|threads| {
                threads.spawn(|| outlet.close(Some(&last), None));
                let words = std::iter::repeat_with(|| take(&mut inlet)).flatten().next();
                assert!(matches!(words, Some(Out::Batch(_))), "{words:?}");
                assert!(matches!(take(&mut inlet), Some(Out::Close(None))), "words without an end");
            });
        }
    }

    #[test]
    fn nobody_reads_a_queue_whose_end_is_gone() {
        let (outlet, inlet) = queue(BUDGET);
        drop(inlet);
        assert_eq!(outlet.send(&Batch::text("x")), Err(Behind::Gone));
        assert_eq!(outlet.0.packets.load(Ordering::Relaxed), 0);
    }
}
