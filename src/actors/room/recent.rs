//! The newest events of a room as values and as clients see them, within a number of events and of
//! bytes. The pipeline owns it; resume, undo, repeats and history read it.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::domain::{Event, Tail};
use crate::protocol::raw::RawJson;

/// The most bytes of encoded events kept in memory; the newest event is kept whatever its size.
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// A bounded, gapless run of events that ends at the head.
#[derive(Clone, Debug)]
pub struct Recent {
    tail: Tail,
    wires: VecDeque<RawJson>,
    bytes: usize,
}

impl Recent {
    /// Nothing, at `head`; the next event must be the one after it.
    #[must_use]
    pub fn new(head: u64, capacity: usize) -> Self {
        Self { tail: Tail::new(head, capacity), wires: VecDeque::new(), bytes: 0 }
    }

    /// The events as values.
    #[must_use]
    pub fn tail(&self) -> &Tail {
        &self.tail
    }

    /// The sequence number before the oldest event that is here.
    #[must_use]
    pub fn first(&self) -> u64 {
        self.tail.head() - self.tail.len() as u64
    }

    /// Adds the next event and forgets the oldest beyond the bounds.
    ///
    /// # Panics
    /// When it is not the next one.
    pub fn push(&mut self, event: Arc<Event>, wire: RawJson) {
        self.tail.push(event);
        self.bytes += wire.len();
        self.wires.push_back(wire);
        while self.bytes > MAX_BYTES && self.tail.len() > 1 {
            self.tail.forget_oldest();
            self.trim();
        }
        self.trim();
    }

    /// The encodings of the events after `seq`; `None` when some are no longer in memory.
    #[must_use]
    pub fn wires_since(
        &self,
        seq: u64,
    ) -> Option<impl DoubleEndedIterator<Item = &RawJson> + ExactSizeIterator> {
        let first = self.first();
        (seq >= first && seq <= self.tail.head())
            .then(|| self.wires.range((seq - first) as usize..))
    }

    fn trim(&mut self) {
        while self.wires.len() > self.tail.len() {
            self.bytes -= self.wires.pop_front().map_or(0, |old| old.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Change, ConflictChanges, Instant, OpId, Policy, UserId};

    fn event(seq: u64) -> Event {
        Event {
            seq,
            op_id: OpId(uuid::Uuid::from_u128(u128::from(seq))),
            user_id: UserId::parse("anna").expect("a name"),
            session_id: None,
            at: Instant(0),
            change: Change::PolicySet(Policy::default()),
            undoes: None,
            override_reason: None,
            conflicts: ConflictChanges::default(),
            inverse: Vec::new(),
        }
    }

    fn wire(bytes: usize) -> RawJson {
        RawJson::of(&"x".repeat(bytes - 2))
    }

    #[test]
    fn keeps_as_many_events_as_fit() {
        let mut recent = Recent::new(4, 3);
        (5..=9).for_each(|seq| recent.push(Arc::new(event(seq)), wire(10)));
        assert_eq!((recent.first(), recent.bytes), (6, 30));
        assert_eq!(recent.wires_since(6).map(|wires| wires.len()), Some(3));
        assert!(recent.wires_since(5).is_none() && recent.wires_since(10).is_none());
    }

    #[test]
    fn keeps_as_many_bytes_as_fit_and_the_newest_event_in_any_case() {
        let mut recent = Recent::new(0, 500);
        (1..=4).for_each(|seq| recent.push(Arc::new(event(seq)), wire(3 << 20)));
        assert_eq!((recent.first(), recent.bytes), (2, 6 << 20));
        recent.push(Arc::new(event(5)), wire(9 << 20));
        assert_eq!((recent.first(), recent.bytes), (4, 9 << 20));
        assert!(recent.tail().by_op(&event(4).op_id).is_none());
        assert!(recent.tail().by_op(&event(5).op_id).is_some());
    }
}
