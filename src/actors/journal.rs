//! The write path to the store. Gathers the batches of many rooms that arrive while the store's
//! writers are busy into the next transaction: batching comes from the commit's own duration, never
//! from a timer. A full mailbox is back-pressure: rooms wait with their batch and fill the next. While
//! several tenants write, none keeps the others waiting: of what it has a backlog of, a transaction holds
//! a part, and one writer is left to the others.

mod gather;
mod neighbours;
mod running;

use std::collections::VecDeque;
use std::sync::Arc;

use actix::prelude::*;
use tokio::sync::oneshot;

use self::gather::{Bounds, Gathered, gather};
use self::neighbours::Neighbours;
use self::running::{Events, Running, full};
use super::measure::Measure;
use crate::store::{AppendOutcome, RoomBatch, Store, StoreError};
use crate::telemetry::metrics::Metrics;
use crate::time::Clock;

/// Events of a tenant in a transaction, while others write: it lasts as long as its events.
const MAX_EVENTS: usize = 16;
/// The same where there is one writer, for whose end everybody waits.
const MAX_EVENTS_OF_ONE: usize = 4;

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
    behind: Events,
    running: Vec<Arc<Running>>,
    neighbours: Neighbours,
}

impl Journal {
    /// A journal in front of `store`.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, metrics: Arc<Metrics>, clock: Clock) -> Self {
        let (waiting, behind, running) = (VecDeque::new(), Events::default(), Vec::new());
        let neighbours = Neighbours::default();
        Self { store, metrics, clock, waiting, behind, running, neighbours }
    }

    fn next(&mut self, ctx: &mut Context<Self>) {
        if self.running.len() >= self.store.writers() || self.waiting.is_empty() {
            return;
        }
        let bounds = self.bounds();
        let Gathered { appends, backlog } = gather(&mut self.waiting, &bounds);
        self.behind = Events::of(&self.waiting);
        if appends.is_empty() {
            return;
        }
        let running = Arc::new(Running { events: Events::of(&appends), backlog });
        self.running.push(running.clone());
        let work = commit(self.store.clone(), self.metrics.clone(), self.clock.clone(), appends);
        ctx.spawn(work.into_actor(self).map(move |(), journal, ctx| {
            journal.running.retain(|other| !Arc::ptr_eq(other, &running));
            journal.next(ctx);
        }));
    }

    fn bounds(&self) -> Bounds {
        let others = self.store.writers().saturating_sub(1);
        if !self.neighbours.are_there(self.clock.monotonic()) {
            let full = full(&self.running, &self.behind, usize::MAX);
            return Bounds { events: usize::MAX, full };
        }
        let events = if others > 0 { MAX_EVENTS } else { MAX_EVENTS_OF_ONE };
        Bounds { events, full: full(&self.running, &self.behind, others.max(1)) }
    }
}

impl Actor for Journal {
    type Context = Context<Self>;
}

impl Handler<Append> for Journal {
    type Result = ();

    fn handle(&mut self, append: Append, ctx: &mut Self::Context) {
        self.neighbours.note(&append.batch.tenant, self.clock.monotonic());
        self.behind.add(&append.batch);
        let tenant = append.batch.tenant.clone();
        // A room has one batch in flight; a second one can only come from its successor after a
        // death.
        self.waiting.push_back(append);
        // Who has its writers goes on at the end of one of them.
        if !self.bounds().full.contains(&tenant) {
            self.next(ctx);
        }
    }
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
