//! Which operations were reverted, and by which: an operation, its undo, the redo of that undo, and
//! so on form a chain whose last event says whether the operation is in effect.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::{Event, OpId, Tail};

/// The chains among the newest events of a room.
pub(super) struct Chains<'a> {
    tail: &'a Tail,
    reverted_by: HashMap<OpId, &'a Arc<Event>>,
}

/// Where in its chain an event stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// An ordinary operation or a redo: undo reverts it.
    Done,
    /// An undo: redo reverts it.
    Undone,
    /// Its chain begins before the tail.
    Unknown,
}

impl<'a> Chains<'a> {
    /// The chains of a tail.
    pub(super) fn of(tail: &'a Tail) -> Self {
        let reverted_by = tail.iter().filter_map(|event| Some((event.undoes?, event))).collect();
        Self { tail, reverted_by }
    }

    /// The event that reverted this one.
    pub(super) fn reverter(&self, event: &Event) -> Option<&'a Arc<Event>> {
        self.reverted_by.get(&event.op_id).copied()
    }

    /// The last event of the chain that this one is in.
    pub(super) fn end(&self, event: &'a Arc<Event>) -> &'a Arc<Event> {
        let mut end = event;
        while let Some(next) = self.reverter(end).filter(|next| next.seq > end.seq) {
            end = next;
        }
        end
    }

    /// Where in its chain an event stands.
    pub(super) fn link(&self, event: &Event) -> Link {
        let mut link = Link::Done;
        let mut at = event;
        while at.undoes.is_some() {
            let Some(before) = self.reverted(at) else { return Link::Unknown };
            link = if link == Link::Done { Link::Undone } else { Link::Done };
            at = before;
        }
        link
    }

    /// Whether an event changed something after `seq` that is still in effect. A chain that began
    /// after `seq` and ends undone has left nothing behind.
    pub(super) fn counts_after(&self, event: &'a Arc<Event>, seq: u64) -> bool {
        let mut root = event;
        while let Some(before) = self.reverted(root) {
            root = before;
        }
        event.seq > seq && (root.seq <= seq || self.link(self.end(event)) != Link::Undone)
    }

    /// The event that this one reverts, if it does and that is still in the tail.
    fn reverted(&self, event: &Event) -> Option<&'a Arc<Event>> {
        self.tail.by_op(&event.undoes?).filter(|before| before.seq < event.seq)
    }
}
