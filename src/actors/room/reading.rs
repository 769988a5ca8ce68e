//! Reading the room: the state now or at any sequence number, and pages of its history.

use std::sync::Arc;

use actix::prelude::*;
use futures_util::future::LocalBoxFuture;
use jiff::tz::TimeZone;

use super::Room;
use super::live::{Live, incident};
use crate::actors::registry::RoomKey;
use crate::actors::reply::Given;
use crate::actors::reply::ReplyTo;
use crate::domain::Timetable;
use crate::protocol::client::Page;
use crate::protocol::envelope::decode_event;
use crate::protocol::error::WireError;
use crate::protocol::raw::RawJson;
use crate::protocol::server::{HistoryBody, ServerMessage, SnapshotBody};
use crate::protocol::state::{decode_timetable, digest_text, state_json};
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
        let finding = self.state_at(seq.unwrap_or(head.seq));
        self.aside(ctx, finding, move |_, found, _| match found {
            Ok(Some(then)) => reply.ok(ServerMessage::Snapshot(SnapshotBody {
                epoch: head.epoch,
                seq: then.head(),
                state: state_json(&then),
                digest: digest_text(then.digest()),
            })),
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

    /// The state at an earlier sequence number; `None` when the room has not come that far.
    pub(super) fn state_at(
        &self,
        seq: u64,
    ) -> LocalBoxFuture<'static, Result<Option<Timetable>, WireError>> {
        let head = self.log.head().seq;
        let zone = self.log.committed().timezone().clone();
        let (store, key) = (self.deps.store.clone(), self.key.clone());
        Box::pin(async move {
            let then = fold_to(store, &key, seq, zone).await?;
            match then.head() {
                reached if reached == seq => Ok(Some(then)),
                // Ahead of this replica and, as it turns out, of the log.
                reached if seq > head && reached >= head => Ok(None),
                reached => Err(incident(&key, "the log has a hole", &reached.to_string())),
            }
        })
    }
}

/// The state at `seq`, or at the end of the log when that comes first.
async fn fold_to(
    store: Arc<dyn Store>,
    key: &RoomKey,
    seq: u64,
    zone: TimeZone,
) -> Result<Timetable, WireError> {
    let broken = |cause: String| incident(key, "an earlier state could not be read", &cause);
    let snapshot = store.snapshot_at(key.room, seq).await.map_err(|e| unread(key, &e))?;
    let snapshot = snapshot.ok_or_else(|| broken("no snapshot before it".to_owned()))?;
    let mut state = decode_timetable(&snapshot.body, zone).map_err(|e| broken(e.to_string()))?;
    while state.head() < seq {
        let most = usize::try_from(seq - state.head()).unwrap_or(usize::MAX).min(1_000);
        let rows = store.events_after(key.room, state.head(), most).await;
        let rows = rows.map_err(|e| unread(key, &e))?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            let (event, _) = decode_event(&row.body).map_err(|e| broken(e.to_string()))?;
            state.evolve(&event);
        }
    }
    Ok(state)
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

fn unread(key: &RoomKey, error: &StoreError) -> WireError {
    match error {
        StoreError::Unavailable(_) => WireError::unavailable(500),
        StoreError::Failed(cause) => incident(key, "store failed", cause),
    }
}
