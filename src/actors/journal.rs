//! The write path to the store. Gathers the batches of many rooms that arrive while the store's
//! writers are busy into the next transaction: batching comes from the commit's own duration, never
//! from a timer. A full mailbox is back-pressure: rooms wait with their batch and fill the next.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use actix::prelude::*;
use tokio::sync::oneshot;

use super::measure::Measure;
use crate::domain::TenantId;
use crate::store::{AppendOutcome, RoomBatch, Store, StoreError};
use crate::telemetry::metrics::Metrics;
use crate::time::Clock;

/// The most rooms in one transaction.
const MAX_ROOMS: usize = 128;
/// Bytes of events after which a tenant's second batch waits for the next, which so comes soon.
const MAX_BYTES: usize = 256 * 1024;

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

/// Takes out the oldest batches, at most one a room, by room: of each tenant one, then of each another
/// until they are heavy, so that nobody waits for more than one of another tenant's long batches. What
/// a dead room left behind is not begun: nobody waits for it, and its successor would only find itself
/// overtaken.
fn gather(waiting: &mut VecDeque<Append>) -> Vec<Append> {
    let mut seen = HashSet::new();
    let mut turns: HashMap<TenantId, usize> = HashMap::new();
    let (mut firsts, mut later) = (Vec::new(), VecDeque::new());
    for append in waiting.drain(..).filter(|append| !append.done.is_closed()) {
        if seen.insert(append.batch.room) {
            let turn = turns.entry(append.batch.tenant.clone()).or_default();
            *turn += 1;
            firsts.push((*turn, firsts.len(), append));
        } else {
            later.push_back(append);
        }
    }
    firsts.sort_unstable_by_key(|(turn, arrival, _)| (*turn, *arrival));
    let mut bytes = 0;
    let fits = |(turn, _, append): &&(usize, usize, Append)| {
        let light = bytes < MAX_BYTES;
        bytes += weight(&append.batch);
        *turn == 1 || light
    };
    let count = firsts.iter().take(MAX_ROOMS).take_while(fits).count();
    let mut rest = firsts.split_off(count);
    rest.sort_unstable_by_key(|(_, arrival, _)| *arrival);
    // A later batch of a room stays behind its earlier one.
    *waiting = rest.into_iter().map(|(_, _, append)| append).chain(later).collect();
    let mut taken: Vec<_> = firsts.into_iter().map(|(_, _, append)| append).collect();
    taken.sort_unstable_by_key(|append| append.batch.room);
    taken
}

/// Bytes of a batch's events.
fn weight(batch: &RoomBatch) -> usize {
    batch.events.iter().map(|event| event.row.body.len()).sum()
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
    use crate::domain::{Instant, OpId, RoomId, TenantId, UserId};
    use crate::store::{EventRow, Head, NewEvent};

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

    fn heavy(room: u128, tenant: &str, bytes: usize) -> (Append, oneshot::Receiver<Appended>) {
        let (mut append, outcome) = append(room, 0);
        append.batch.tenant = TenantId::parse(tenant).expect("is a name");
        let row = EventRow {
            seq: 1,
            op_id: OpId(uuid::Uuid::from_u128(room)),
            actor: UserId::parse("author").expect("is a name"),
            at: Instant(0),
            kind: "batch".to_owned(),
            body: vec![b'x'; bytes],
        };
        append.batch.events = vec![NewEvent { row, occupancy: Vec::new() }];
        (append, outcome)
    }

    /// A tenant that wrote a megabyte in each of its rooms had all of them committed at once, and
    /// whoever came behind waited for that and for the next.
    #[test]
    fn one_tenants_heavy_batches_go_one_by_one_and_another_tenant_goes_between() {
        let floods = (1..=4).map(|room| heavy(room, "south", MAX_BYTES));
        let others = [heavy(9, "north", 400), heavy(8, "north", 400)];
        let (mut waiting, _outcomes): (VecDeque<_>, Vec<_>) = floods.chain(others).unzip();
        let mut rooms = || -> Vec<u128> {
            gather(&mut waiting).iter().map(|append| append.batch.room.0.as_u128()).collect()
        };
        let taken: Vec<Vec<u128>> = (0..5).map(|_| rooms()).collect();
        assert_eq!(taken, [vec![1, 9], vec![2, 8], vec![3], vec![4], vec![]]);
    }
}
