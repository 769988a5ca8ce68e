//! Reading the room: the state now or at any sequence number, and pages of its history.

use std::sync::Arc;

use actix::prelude::*;

use super::Room;
use super::live::{Live, incident};
use super::past::{self, PastState, Turn};
use crate::actors::registry::RoomKey;
use crate::actors::reply::Given;
use crate::actors::reply::ReplyTo;
use crate::domain::Timetable;
use crate::protocol::client::Page;
use crate::protocol::envelope::decode_event;
use crate::protocol::error::WireError;
use crate::protocol::raw::RawJson;
use crate::protocol::server::{HistoryBody, ServerMessage, SnapshotBody};
use crate::protocol::state::{digest_text, state_json};
use crate::store::{EventRow, Store, StoreError};

/// The most bytes of events in one page of history; a single event may be bigger.
const MAX_PAGE_BYTES: usize = 4 * 1024 * 1024;
/// The most events read from the store at once for a page.
const PIECE: usize = 32;

/// The encoded state, made at most once a sequence number however many join.
#[derive(Clone, Debug, Default)]
pub struct StateCache(Option<RawJson>);

impl StateCache {
    /// The encoded state of `timetable`, which must be the one since the last [`Self::forget`].
    pub fn get(&mut self, timetable: &Timetable) -> RawJson {
        self.0.get_or_insert_with(|| state_json(timetable)).clone()
    }

    /// The state has moved.
    pub fn forget(&mut self) {
        self.0 = None;
    }
}

impl Live {
    pub(super) fn snapshot(&mut self, seq: Option<u64>, reply: ReplyTo, ctx: &mut Context<Room>) {
        let head = self.log.head();
        if seq.is_none_or(|seq| seq == head.seq) {
            let state = self.state.get(self.log.committed());
            let digest = digest_text(self.log.committed().digest());
            let body = SnapshotBody { epoch: head.epoch, seq: head.seq, state, digest };
            return reply.ok(ServerMessage::Snapshot(body));
        }
        let Some(turn) = self.past_reads.begin() else {
            return reply.error(past::busy());
        };
        let finding = self.past(turn);
        let reading = async move {
            let found = finding.snapshot(seq.unwrap_or(head.seq), || reply.is_gone()).await;
            (reply, found)
        };
        self.aside(ctx, reading, |_, (reply, found), _| match found {
            Ok(Some(body)) => reply.ok(ServerMessage::Snapshot(body)),
            Ok(None) => reply.error(WireError::invalid("seq", "must not be ahead of the room")),
            Err(error) => reply.error(error),
        });
    }

    pub(super) fn history(
        &mut self,
        page: Page,
        limit: usize,
        reply: ReplyTo,
        ctx: &mut Context<Room>,
    ) {
        if let Some(body) = self.recent(&page, limit) {
            return reply.ok(ServerMessage::History(body));
        }
        let (store, key) = (self.deps.store.clone(), self.key.clone());
        let reading = read_page(store, key, page, limit);
        self.aside(ctx, reading, |_, read, _| {
            reply.send(read.map(|page| Given::Message(ServerMessage::History(page))))
        });
    }

    /// A page out of memory, when all of it is there.
    fn recent(&self, page: &Page, limit: usize) -> Option<HistoryBody> {
        let head = self.log.head().seq;
        let (after, before) = match *page {
            Page::After(after) => (after, after.saturating_add(limit as u64 + 1)),
            Page::Before(before) => (before.min(head + 1).saturating_sub(limit as u64 + 1), before),
            Page::Newest => (head.saturating_sub(limit as u64), head + 1),
        };
        let after = after.min(head);
        let count = before.saturating_sub(after + 1) as usize;
        let there = self.log.wires_since(after)?.take(count);
        let (events, has_more) = match page {
            Page::After(_) => {
                let events = within(there);
                let has_more = after + (events.len() as u64) < head;
                (events, has_more)
            }
            Page::Before(_) | Page::Newest => {
                let mut events = within(there.rev());
                events.reverse();
                let has_more = after > 0 || events.len() < count;
                (events, has_more)
            }
        };
        Some(HistoryBody { events, has_more })
    }

    /// How this room's earlier states are read, in a turn that was given.
    pub(super) fn past(&self, turn: Turn) -> PastState {
        PastState {
            store: self.deps.store.clone(),
            key: self.key.clone(),
            head: self.log.head(),
            zone: self.log.committed().timezone().clone(),
            turn,
        }
    }
}

/// As many encodings from the start as fit in a page, at least one.
fn within<'a>(wires: impl Iterator<Item = &'a RawJson>) -> Vec<RawJson> {
    let mut bytes = 0;
    let fits = |wire: &&RawJson| {
        let first = bytes == 0;
        bytes += wire.len();
        first || bytes <= MAX_PAGE_BYTES
    };
    wires.take_while(fits).cloned().collect()
}

/// A page out of the store, read in small pieces: how big it gets is not known before.
async fn read_page(
    store: Arc<dyn Store>,
    key: RoomKey,
    page: Page,
    limit: usize,
) -> Result<HistoryBody, WireError> {
    let (forward, start) = match page {
        Page::After(after) => (true, after),
        Page::Before(before) => (false, before),
        Page::Newest => (false, u64::MAX),
    };
    let mut gathered = Gathered::default();
    loop {
        let from = gathered.rows.last().map_or(start, |row| row.seq);
        let most = PIECE.min(limit + 1 - gathered.rows.len());
        let read = if forward {
            store.events_after(key.room, from, most).await
        } else {
            store.events_before(key.room, from, most).await
        };
        let mut rows = read.map_err(|error| unread(&key, &error))?;
        let last = rows.len() < most;
        if !forward {
            rows.reverse();
        }
        if !gathered.add(rows, limit) || last {
            break;
        }
    }
    let encoding = tokio::task::spawn_blocking(move || gathered.body(forward));
    let body = encoding.await.unwrap_or_else(|lost| Err(lost.to_string()));
    body.map_err(|cause| incident(&key, "event could not be read", &cause))
}

/// A page in the making, in the order of reading.
#[derive(Default)]
struct Gathered {
    rows: Vec<EventRow>,
    bytes: usize,
    has_more: bool,
}

impl Gathered {
    /// Adds what fits, at least one; false when something did not.
    fn add(&mut self, rows: Vec<EventRow>, limit: usize) -> bool {
        for row in rows {
            self.bytes += row.body.len();
            let fits = self.rows.is_empty() || self.bytes <= MAX_PAGE_BYTES;
            if self.rows.len() == limit || !fits {
                self.has_more = true;
                return false;
            }
            self.rows.push(row);
        }
        true
    }

    fn body(self, forward: bool) -> Result<HistoryBody, String> {
        let mut events = self.rows.iter().map(wire).collect::<Result<Vec<_>, _>>()?;
        if !forward {
            events.reverse();
        }
        Ok(HistoryBody { events, has_more: self.has_more })
    }
}

fn wire(row: &EventRow) -> Result<RawJson, String> {
    decode_event(&row.body).map(|(_, wire)| wire).map_err(|error| error.to_string())
}

pub(super) fn unread(key: &RoomKey, error: &StoreError) -> WireError {
    match error {
        StoreError::Unavailable(_) => WireError::unavailable(500),
        StoreError::Failed(cause) => incident(key, "store failed", cause),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Instant, OpId, UserId};

    fn row(seq: u64, bytes: usize) -> EventRow {
        EventRow {
            seq,
            op_id: OpId(uuid::Uuid::from_u128(u128::from(seq))),
            actor: UserId::parse("anna").expect("a name"),
            at: Instant(0),
            kind: "batch".to_owned(),
            body: vec![b'x'; bytes],
        }
    }

    fn gathered(rows: Vec<EventRow>, limit: usize) -> (usize, bool) {
        let mut gathered = Gathered::default();
        gathered.add(rows, limit);
        (gathered.rows.len(), gathered.has_more)
    }

    #[test]
    fn a_page_ends_at_its_limit_in_events_and_in_bytes() {
        assert_eq!(gathered(vec![row(1, 9), row(2, 9)], 2), (2, false));
        assert_eq!(gathered(vec![row(1, 9), row(2, 9), row(3, 9)], 2), (2, true));
        let (half, whole) = (MAX_PAGE_BYTES / 2, MAX_PAGE_BYTES);
        assert_eq!(gathered(vec![row(1, half), row(2, half), row(3, 1)], 9), (2, true));
        assert_eq!(gathered(vec![row(1, whole * 2)], 9), (1, false));
        assert_eq!(gathered(vec![row(1, whole * 2), row(2, 1)], 9), (1, true));
    }

    #[test]
    fn a_page_out_of_memory_ends_with_its_bytes() {
        let wires = |sizes: &[usize]| -> Vec<RawJson> {
            sizes.iter().map(|size| RawJson::of(&"x".repeat(size - 2))).collect()
        };
        let half = MAX_PAGE_BYTES / 2;
        assert_eq!(within(wires(&[half, half, 2]).iter()).len(), 2);
        assert_eq!(within(wires(&[3 * half, 2]).iter()).len(), 1);
        assert_eq!(within(wires(&[]).iter()).len(), 0);
    }
}
