//! What goes into and comes out of [`Store::feed`](super::Store::feed): where a follower stands, and
//! the next part of its tenant's events. Plain values; how a page is cut is decided here once for
//! every implementation.

use super::{EventRow, StoreError};
use crate::domain::{OpId, RoomId};

/// The most bytes of bodies in one page; a single event may be bigger.
pub const MAX_FEED_BYTES: u64 = 4 * 1024 * 1024;

/// The newest event that a follower has had. It names an event of the follower's own tenant and
/// nothing of the database's inside, so it tells nothing of others, and it outlives a restore as long
/// as its event does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedMark {
    /// Where.
    pub room: RoomId,
    /// Its place in that room.
    pub seq: u64,
    /// Which operation: after a restore another one may stand in the same place.
    pub op_id: OpId,
}

/// Where a page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedStart {
    /// With the tenant's first event.
    Beginning,
    /// Right after this event.
    After(FeedMark),
    /// After all that is there: an empty page, to follow from now on.
    Latest,
}

/// One event of the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedItem {
    /// Where.
    pub room: RoomId,
    /// What.
    pub event: EventRow,
}

/// A part of the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedPage {
    /// In the order of the feed.
    pub items: Vec<FeedItem>,
    /// Where to go on; `None` is the beginning.
    pub next: Option<FeedMark>,
    /// Whether there is more to read at once.
    pub has_more: bool,
    /// The event that the follower stood at is not in the log, so this page begins at the beginning.
    pub reset: bool,
}

impl FeedItem {
    /// Where a follower stands that has had this event.
    #[must_use]
    pub fn mark(&self) -> FeedMark {
        FeedMark { room: self.room, seq: self.event.seq, op_id: self.event.op_id }
    }
}

impl FeedPage {
    /// A page without events, for a follower that stands here and has missed nothing.
    #[must_use]
    pub(super) fn empty(next: Option<FeedMark>) -> Self {
        Self { items: Vec::new(), next, has_more: false, reset: false }
    }

    /// The first `limit` of `found`, as many as fit in [`MAX_FEED_BYTES`] and at least one. `stood` is
    /// the follower's mark where its event was found. There is more when `found` gives more than is
    /// taken, so offer one more than `limit`; no more than that is taken out of it.
    ///
    /// # Errors
    /// The first fault of `found`.
    pub(super) fn cut(
        stood: Option<FeedMark>,
        found: impl Iterator<Item = Result<FeedItem, StoreError>>,
        limit: usize,
    ) -> Result<Self, StoreError> {
        let mut page = Self::empty(stood);
        let mut bytes = 0;
        for item in found {
            let item = item?;
            bytes += item.event.body.len() as u64;
            let fits = page.items.is_empty() || bytes <= MAX_FEED_BYTES;
            if page.items.len() == limit || !fits {
                page.has_more = true;
                break;
            }
            page.next = Some(item.mark());
            page.items.push(item);
        }
        Ok(page)
    }

    /// The same page for a follower whose event is not in the log.
    #[must_use]
    pub(super) fn after_reset(self) -> Self {
        Self { reset: true, ..self }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::{Instant, UserId};

    fn item(seq: u64, bytes: u64) -> Result<FeedItem, StoreError> {
        let event = EventRow {
            seq,
            op_id: OpId(Uuid::from_u128(u128::from(seq))),
            actor: UserId::parse("anna").expect("a name"),
            at: Instant(0),
            kind: "batch".to_owned(),
            body: vec![b'x'; usize::try_from(bytes).expect("fits in memory")],
        };
        Ok(FeedItem { room: RoomId(Uuid::nil()), event })
    }

    fn cut(sizes: &[u64], limit: usize) -> (usize, bool) {
        let items = sizes.iter().zip(1..).map(|(bytes, seq)| item(seq, *bytes));
        let page = FeedPage::cut(None, items, limit).expect("no faults");
        assert_eq!(page.next, page.items.last().map(FeedItem::mark));
        (page.items.len(), page.has_more)
    }

    #[test]
    fn a_page_ends_at_its_limit_in_events_and_in_bytes() {
        let half = MAX_FEED_BYTES / 2;
        for (sizes, limit, expected) in [
            (&[] as &[u64], 2, (0, false)),
            (&[9, 9], 2, (2, false)),
            (&[9, 9, 9], 2, (2, true)),
            (&[half, half, 1], 9, (2, true)),
            (&[3 * half], 9, (1, false)),
            (&[3 * half, 1], 9, (1, true)),
        ] {
            assert_eq!(cut(sizes, limit), expected, "{sizes:?} by {limit}");
        }
    }

    #[test]
    fn a_page_without_events_stays_where_the_follower_stands() {
        let stood = item(7, 1).expect("an item").mark();
        let page = FeedPage::cut(Some(stood), std::iter::empty(), 9).expect("no faults");
        assert_eq!(page, FeedPage::empty(Some(stood)));
    }
}
