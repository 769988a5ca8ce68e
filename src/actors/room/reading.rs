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
        let events: Vec<_> = self.log.wires_since(after)?.take(count).cloned().collect();
        let has_more = match page {
            Page::After(_) => after + (events.len() as u64) < head,
            Page::Before(_) | Page::Newest => after > 0,
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

async fn read_page(
    store: Arc<dyn Store>,
    key: RoomKey,
    page: Page,
    limit: usize,
) -> Result<HistoryBody, WireError> {
    let one_more = limit + 1;
    let read = match page {
        Page::After(after) => store.events_after(key.room, after, one_more).await,
        Page::Before(before) => store.events_before(key.room, before, one_more).await,
        Page::Newest => store.events_before(key.room, u64::MAX, one_more).await,
    };
    let mut rows = read.map_err(|error| unread(&key, &error))?;
    let has_more = rows.len() > limit;
    if has_more {
        let from_front = !matches!(page, Page::After(_));
        if from_front { drop(rows.remove(0)) } else { rows.truncate(limit) }
    }
    let events: Result<Vec<_>, _> = rows.iter().map(wire).collect();
    let events = events.map_err(|cause| incident(&key, "event could not be read", &cause))?;
    Ok(HistoryBody { events, has_more })
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
