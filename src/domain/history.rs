//! The newest events of a room, kept in memory for resume, undo and repeated operations.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::{Event, OpId};

/// A bounded, gapless run of events that ends at the head.
#[derive(Clone, Debug)]
pub struct Tail {
    events: VecDeque<Arc<Event>>,
    by_op: HashMap<OpId, u64>,
    head: u64,
    capacity: usize,
}

impl Tail {
    /// An empty tail whose head is `head`; the next event must be `head + 1`.
    #[must_use]
    pub fn new(head: u64, capacity: usize) -> Self {
        Self { events: VecDeque::new(), by_op: HashMap::new(), head, capacity }
    }

    /// Sequence number of the newest event.
    #[must_use]
    pub fn head(&self) -> u64 {
        self.head
    }

    /// Adds the next event and forgets the oldest beyond the capacity.
    ///
    /// # Panics
    /// When `event.seq` is not the head plus one: the caller broke the order.
    pub fn push(&mut self, event: Arc<Event>) {
        assert_eq!(event.seq, self.head + 1, "events arrive in order");
        self.head = event.seq;
        self.by_op.insert(event.op_id, event.seq);
        self.events.push_back(event);
        if self.events.len() > self.capacity {
            self.forget_oldest();
        }
    }

    /// Forgets the oldest event that is here; false when none is.
    pub fn forget_oldest(&mut self) -> bool {
        let Some(old) = self.events.pop_front() else { return false };
        self.by_op.remove(&old.op_id);
        true
    }

    /// Events after `seq` in order; `None` when some of them are no longer here or `seq` is ahead.
    #[must_use]
    pub fn since(&self, seq: u64) -> Option<impl DoubleEndedIterator<Item = &Arc<Event>>> {
        let first = self.first();
        (seq >= first && seq <= self.head).then(|| self.events.range((seq - first) as usize..))
    }

    /// The event of an operation, if it is recent.
    #[must_use]
    pub fn by_op(&self, op: &OpId) -> Option<&Arc<Event>> {
        let first = self.first();
        let seq = self.by_op.get(op)?;
        self.events.get((seq - first - 1) as usize)
    }

    /// All events that are here, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Arc<Event>> {
        self.events.iter()
    }

    /// How many events are here.
    #[must_use]
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether no event is here.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The sequence number before the oldest event that is here.
    fn first(&self) -> u64 {
        self.head - self.events.len() as u64
    }
}
