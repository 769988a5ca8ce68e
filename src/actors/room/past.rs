//! Earlier states of a room, read from the store. Decoding, folding and encoding are as long as the
//! log is: they run on threads for blocking work, never on that of the rooms, and only a few at once.
//! Called by snapshots of the past and by `restore`.

use std::sync::Arc;

use jiff::tz::TimeZone;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::live::incident;
use super::reading::unread;
use crate::actors::registry::RoomKey;
use crate::domain::Timetable;
use crate::protocol::envelope::decode_event;
use crate::protocol::error::WireError;
use crate::protocol::server::SnapshotBody;
use crate::protocol::state::{decode_timetable, digest_text, state_json};
use crate::store::{EventRow, Head, Store};

/// How many earlier states a replica reads at once; more are answered `busy`.
pub const PAST_READS: usize = 2;
/// The same for one room.
const ROOM_READS: usize = 1;
/// The most events that are in memory at once while folding.
const PAGE: u64 = 100;

/// The answer to whoever finds no turn.
pub(super) fn busy() -> WireError {
    WireError::busy(500)
}

/// The turns that one room can get.
pub struct PastReads {
    replica: Arc<Semaphore>,
    room: Arc<Semaphore>,
}

/// Leave to read one earlier state. Work that outlives its room keeps it until it is done.
#[derive(Clone)]
pub struct Turn(#[expect(dead_code, reason = "held, not used")] Arc<[OwnedSemaphorePermit; 2]>);

impl PastReads {
    /// Turns out of those of the replica.
    pub fn new(replica: Arc<Semaphore>) -> Self {
        Self { replica, room: Arc::new(Semaphore::new(ROOM_READS)) }
    }

    /// A turn, if one is free.
    pub fn begin(&self) -> Option<Turn> {
        let room = self.room.clone().try_acquire_owned().ok()?;
        let replica = self.replica.clone().try_acquire_owned().ok()?;
        Some(Turn(Arc::new([room, replica])))
    }
}

/// The way to the earlier states of one room.
pub struct PastState {
    pub(super) store: Arc<dyn Store>,
    pub(super) key: RoomKey,
    pub(super) head: Head,
    pub(super) zone: TimeZone,
    pub(super) turn: Turn,
}

impl PastState {
    /// The state at `seq`; `None` when the room has not come that far.
    pub async fn state(&self, seq: u64) -> Result<Option<Timetable>, WireError> {
        self.found(self.fold_to(seq, || false).await?, seq)
    }

    /// The encoded state at `seq`; `None` when the room has not come that far. Nobody reads the
    /// result once `gone` says so.
    pub async fn snapshot(
        &self,
        seq: u64,
        gone: impl Fn() -> bool,
    ) -> Result<Option<SnapshotBody>, WireError> {
        let folded = self.fold_to(seq, gone).await?;
        let Some(then) = self.found(folded, seq)? else { return Ok(None) };
        let epoch = self.head.epoch;
        let encoded = self.apart(move || {
            let (state, digest) = (state_json(&then), digest_text(then.digest()));
            Ok(SnapshotBody { epoch, seq: then.head(), state, digest })
        });
        encoded.await.map(Some)
    }

    fn found(&self, then: Timetable, seq: u64) -> Result<Option<Timetable>, WireError> {
        let head = self.head.seq;
        match then.head() {
            reached if reached == seq => Ok(Some(then)),
            // Ahead of this replica and, as it turns out, of the log.
            reached if seq > head && reached >= head => Ok(None),
            reached => Err(incident(&self.key, "the log has a hole", &reached.to_string())),
        }
    }

    /// The state at `seq`, or at the end of the log when that comes first.
    async fn fold_to(&self, seq: u64, gone: impl Fn() -> bool) -> Result<Timetable, WireError> {
        let (room, zone) = (self.key.room, self.zone.clone());
        let snapshot = self.store.snapshot_at(room, seq).await;
        let snapshot = snapshot.map_err(|error| unread(&self.key, &error))?;
        let snapshot = snapshot.ok_or_else(|| self.broken("no snapshot before it"))?;
        let decode = move || decode_timetable(&snapshot.body, zone).map_err(|e| e.to_string());
        let mut state = self.apart(decode).await?;
        while state.head() < seq {
            if gone() {
                return Err(WireError::unavailable(500));
            }
            let most = (seq - state.head()).min(PAGE) as usize;
            let rows = self.store.events_after(room, state.head(), most).await;
            let rows = rows.map_err(|error| unread(&self.key, &error))?;
            if rows.is_empty() {
                break;
            }
            state = self.apart(move || fold(state, &rows)).await?;
        }
        Ok(state)
    }

    /// Runs `work` on a thread that may be kept busy, for as long as which the turn is taken.
    async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, String> + Send + 'static,
    ) -> Result<T, WireError> {
        let turn = self.turn.clone();
        let working = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        });
        let done = working.await.unwrap_or_else(|lost| Err(lost.to_string()));
        done.map_err(|cause| self.broken(&cause))
    }

    fn broken(&self, cause: &str) -> WireError {
        incident(&self.key, "an earlier state could not be read", cause)
    }
}

fn fold(mut state: Timetable, rows: &[EventRow]) -> Result<Timetable, String> {
    for row in rows {
        let (event, _) = decode_event(&row.body).map_err(|error| error.to_string())?;
        state.evolve(&event);
    }
    Ok(state)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_has_one_turn_and_a_replica_two() {
        let replica = Arc::new(Semaphore::new(PAST_READS));
        let rooms = [(); 3].map(|()| PastReads::new(replica.clone()));
        let first = rooms[0].begin().expect("a free turn");
        assert!(rooms[0].begin().is_none(), "one a room");
        let working = first.clone();
        let second = rooms[1].begin().expect("a free turn");
        assert!(rooms[2].begin().is_none(), "two a replica");
        drop(first);
        assert!(rooms[2].begin().is_none(), "work under way keeps the turn");
        drop(working);
        assert!(rooms[2].begin().is_some());
        drop(second);
        assert!(rooms[0].begin().is_some());
    }
}
