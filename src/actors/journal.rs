//! The write path to the store. Gathers the batches of many rooms that arrive while the store's
//! writers are busy into the next transaction: batching comes from the commit's own duration, never
//! from a timer. A full mailbox is back-pressure: rooms wait with their batch and fill the next.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use actix::prelude::*;
use tokio::sync::oneshot;

use super::measure::Measure;
use crate::store::{AppendOutcome, RoomBatch, Store, StoreError};
use crate::telemetry::metrics::Metrics;
use crate::time::Clock;

/// The most rooms in one transaction.
const MAX_ROOMS: usize = 128;

/// What became of one batch.
pub type Appended = Result<AppendOutcome, StoreError>;

/// One room's batch; the answer comes when the transaction has ended.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Append {
    /// The batch.
    pub batch: RoomBatch,
    /// Where the outcome goes.
    pub done: oneshot::Sender<Appended>,
}

/// The actor.
pub struct Journal {
    store: Arc<dyn Store>,
    metrics: Arc<Metrics>,
    clock: Clock,
    waiting: VecDeque<Append>,
    running: usize,
}

impl Journal {
    /// A journal in front of `store`.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, metrics: Arc<Metrics>, clock: Clock) -> Self {
        Self { store, metrics, clock, waiting: VecDeque::new(), running: 0 }
    }

    fn next(&mut self, ctx: &mut Context<Self>) {
        if self.running >= self.store.writers() || self.waiting.is_empty() {
            return;
        }
        let appends = gather(&mut self.waiting);
        if appends.is_empty() {
            return;
        }
        self.running += 1;
        let work = commit(self.store.clone(), self.metrics.clone(), self.clock.clone(), appends);
        ctx.spawn(work.into_actor(self).map(|(), journal, ctx| {
            journal.running -= 1;
            journal.next(ctx);
        }));
    }
}

impl Actor for Journal {
    type Context = Context<Self>;
}

impl Handler<Append> for Journal {
    type Result = ();

    fn handle(&mut self, append: Append, ctx: &mut Self::Context) {
        // A room has one batch in flight; a second one can only come from its successor after a
        // death.
        self.waiting.push_back(append);
        self.next(ctx);
    }
}

/// Takes out the oldest batches, at most one a room, by room. What a dead room left behind is not
/// begun: nobody waits for it, and its successor would only find itself overtaken.
fn gather(waiting: &mut VecDeque<Append>) -> Vec<Append> {
    let mut rooms = BTreeMap::new();
    let mut later = VecDeque::new();
    for append in waiting.drain(..).filter(|append| !append.done.is_closed()) {
        if rooms.len() == MAX_ROOMS || rooms.contains_key(&append.batch.room) {
            later.push_back(append);
        } else {
            rooms.insert(append.batch.room, append);
        }
    }
    *waiting = later;
    rooms.into_values().collect()
}

async fn commit(store: Arc<dyn Store>, metrics: Arc<Metrics>, clock: Clock, appends: Vec<Append>) {
    let began = clock.monotonic();
    let (batches, waiting): (Vec<_>, Vec<_>) =
        appends.into_iter().map(|append| (append.batch, append.done)).unzip();
    let (rooms, events) = (batches.len(), batches.iter().map(|b| b.events.len()).sum());
    let outcomes = store.append(batches).await;
    metrics.append(rooms, events, clock.monotonic() - began);
    match outcomes {
        Ok(outcomes) => {
            for (done, outcome) in waiting.into_iter().zip(outcomes) {
                done.send(Ok(outcome)).ok();
            }
        }
        Err(error) => {
            metrics.store_error(&error);
            tracing::warn!(rooms, events, error = %error, "append failed");
            for done in waiting {
                done.send(Err(error.clone())).ok();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{RoomId, TenantId};
    use crate::store::Head;

    fn append(room: u128, expected: u64) -> (Append, oneshot::Receiver<Appended>) {
        let (done, outcome) = oneshot::channel();
        let batch = RoomBatch {
            room: RoomId(uuid::Uuid::from_u128(room)),
            tenant: TenantId::parse("north").expect("is a name"),
            expected: Head { epoch: 1, seq: expected },
            events: Vec::new(),
            policy: None,
        };
        (Append { batch, done }, outcome)
    }

    /// Newer rooms have greater ids: taken in order of ids they would wait as long as the older ones
    /// keep the journal busy.
    #[test]
    fn rooms_are_served_in_order_of_arrival_whatever_their_ids() {
        let count = MAX_ROOMS as u128 + 10;
        let (mut waiting, outcomes): (VecDeque<_>, Vec<_>) =
            (0..count).rev().map(|room| append(room, 0)).unzip();
        let first = gather(&mut waiting);
        assert_eq!(first.len(), MAX_ROOMS);
        assert!(first.is_sorted_by_key(|append| append.batch.room));
        assert!(first.iter().all(|append| append.batch.room.0.as_u128() >= 10));
        assert_eq!(gather(&mut waiting).len(), 10);
        drop(outcomes);
    }

    #[test]
    fn a_second_batch_of_a_room_waits_and_replaces_nothing() {
        let (one, _one) = append(7, 0);
        let (two, _two) = append(7, 1);
        let (dead, _) = append(8, 0);
        let mut waiting = VecDeque::from([one, two, dead]);
        for expected in [0, 1] {
            let taken = gather(&mut waiting);
            let heads: Vec<_> = taken.iter().map(|append| append.batch.expected.seq).collect();
            assert_eq!(heads, [expected]);
        }
        assert!(gather(&mut waiting).is_empty());
    }
}
