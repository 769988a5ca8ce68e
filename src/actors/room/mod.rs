//! A room: the one owner of a timetable on this replica, of its members, presence and locks. It
//! decides operations, hands batches to the [`Journal`] and tells its members what was committed. It
//! never waits: everything slow runs beside it and comes back as a message. Its mailbox is bounded;
//! full means `busy`. When it dies its members are told to join again and the registry starts a
//! successor from the store: nothing that matters lives here alone.

mod alarm;
mod ask;
mod color;
mod commit;
mod crowd;
mod holdings;
mod inspect;
mod joining;
mod leases;
mod live;
mod locking;
mod members;
mod operations;
mod past;
mod peers;
mod pipeline;
mod presence;
mod reading;
mod recent;
mod relay;
mod roster;
mod taken;
#[cfg(test)]
mod tests;
mod traced;
mod turn;
mod wish;
mod witness;

pub use ask::{Ask, Caller, Departure, Join, Note, Want};
pub use crowd::{NodeGone, Resound, Subscribed};
pub use inspect::{Examine, Inspect};
pub use live::Live;
pub use past::PAST_READS;
pub(super) use relay::CHANGED;
pub use relay::{HeadIs, Remote};

use std::collections::VecDeque;
use std::sync::Arc;

use actix::prelude::*;
use tokio::sync::Semaphore;

use self::turn::Turn;
use super::bridge::{Bridge, Unfollow};
use super::config::Realtime;
use super::journal::Journal;
use super::lookout::Lookout;
use super::post::{post, post_to};
use super::registry::{Forward, Registry, Retired, RoomKey};
use crate::bus::NodeId;
use crate::protocol::error::WireError;
use crate::store::Store;
use crate::telemetry::Tracer;
use crate::telemetry::metrics::{GaugeGuard, Metrics};
use crate::time::Clock;

/// What every room of a replica works with.
#[derive(Clone)]
pub struct RoomDeps {
    /// Where the log is.
    pub store: Arc<dyn Store>,
    /// The write path.
    pub journal: Addr<Journal>,
    /// The way to other replicas.
    pub bridge: Addr<Bridge>,
    /// Who shows operators what happens.
    pub lookout: Addr<Lookout>,
    /// This replica.
    pub node: NodeId,
    /// There are no others.
    pub alone: bool,
    /// The time.
    pub clock: Clock,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// What is traced.
    pub tracer: Tracer,
    /// Times and sizes.
    pub config: Arc<Realtime>,
    /// Turns to read an earlier state, [`PAST_READS`] in all.
    pub past_reads: Arc<Semaphore>,
}

/// Members, name, zone or archive were changed in the store: read them again.
#[derive(Message, Clone, Copy)]
#[rtype(result = "()")]
pub struct Changed;

/// Finish what is in flight, then end. The answer comes when it has.
#[derive(Message, Clone, Copy)]
#[rtype(result = "()")]
pub struct Stop;

/// The actor.
pub struct Room {
    key: RoomKey,
    registry: Addr<Registry>,
    deps: RoomDeps,
    phase: Phase,
    /// Something beside the log was changed while it was being read.
    outdated: bool,
    turn: Turn,
    _counted: GaugeGuard,
}

enum Phase {
    /// Requests wait for the store, in order, as many as a mailbox holds.
    Loading(VecDeque<Ask>),
    /// At work.
    Live(Box<Live>),
    /// No longer at work.
    Over(Over),
}

/// How a room has ended.
#[derive(Clone, Debug)]
enum Over {
    /// It hibernates or begins anew: a successor does what is asked.
    Replaced,
    /// Not there, archived or stopped: everything is answered with this.
    Closed(WireError),
}

impl Room {
    /// A room that will load itself when it is started.
    #[must_use]
    pub fn new(key: RoomKey, registry: Addr<Registry>, deps: RoomDeps) -> Self {
        let counted = deps.metrics.rooms_active.guard();
        let phase = Phase::Loading(VecDeque::new());
        Self {
            key,
            registry,
            deps,
            phase,
            outdated: false,
            turn: Turn::default(),
            _counted: counted,
        }
    }

    /// The live part, if there is one: what comes back from a slow call may find the room over.
    fn live(&mut self) -> Option<&mut Live> {
        match &mut self.phase {
            Phase::Live(live) if live.over.is_none() => Some(live),
            Phase::Live(_) | Phase::Loading(_) | Phase::Over(_) => None,
        }
    }

    fn load(&self, ctx: &mut Context<Self>) {
        let (deps, key) = (self.deps.clone(), self.key.clone());
        let loading = async move { Live::load(deps, key).await };
        ctx.spawn(loading.into_actor(self).map(|loaded, room, ctx| match loaded {
            Ok(live) => room.open(live, ctx),
            Err(error) => room.end(Over::Closed(error), ctx),
        }));
    }

    fn open(&mut self, mut live: Live, ctx: &mut Context<Self>) {
        if matches!(self.phase, Phase::Over(_)) {
            return;
        }
        live.begin(ctx);
        if self.outdated {
            live.reread(ctx);
        }
        let before = std::mem::replace(&mut self.phase, Phase::Live(Box::new(live)));
        if let Phase::Loading(waiting) = before {
            for ask in waiting {
                self.answer(ask, ctx);
            }
        }
    }

    /// Stops taking part, and the registry forgets the room.
    fn end(&mut self, over: Over, ctx: &mut Context<Self>) {
        let before = std::mem::replace(&mut self.phase, Phase::Over(over));
        post_to(&self.deps.bridge, Unfollow { room: self.key.room, addr: ctx.address() });
        post_to(&self.registry, Retired { key: self.key.clone(), addr: ctx.address() });
        let waiting = match before {
            Phase::Loading(waiting) => waiting.into(),
            Phase::Live(mut live) => {
                live.withdraw();
                std::mem::take(&mut live.late)
            }
            Phase::Over(_) => Vec::new(),
        };
        for ask in waiting {
            self.answer(ask, ctx);
        }
        // Whoever got this address before the registry forgot it is still answered; then it stops.
        ctx.run_later(std::time::Duration::from_secs(1), |_, ctx| ctx.stop());
    }

    fn answer(&mut self, ask: Ask, ctx: &mut Context<Self>) {
        if let Some(over) = self.over() {
            return self.turn_away(ask, &over, ctx);
        }
        match &mut self.phase {
            Phase::Live(live) => live.answer(ask, ctx),
            Phase::Loading(waiting) if waiting.len() < self.deps.config.room_mailbox => {
                waiting.push_back(ask);
            }
            Phase::Loading(_) | Phase::Over(_) => ask.reply.error(WireError::busy(200)),
        }
    }

    /// How it has ended, once it has; the phase follows a message later.
    fn over(&self) -> Option<Over> {
        match &self.phase {
            Phase::Loading(_) => None,
            Phase::Live(live) => live.over.clone(),
            Phase::Over(over) => Some(over.clone()),
        }
    }

    /// Sends whoever asks to the successor, or tells why there is none.
    fn turn_away(&self, ask: Ask, over: &Over, ctx: &mut Context<Self>) {
        let (room, addr) = (self.key.room, ctx.address());
        let notes = match &ask.want {
            Want::Join(join) => Some(join.notes.clone()),
            _ => None,
        };
        match (over, notes) {
            (Over::Replaced, Some(notes)) => {
                post(notes, Note::Again { room, addr, ask: Box::new(ask) });
            }
            (Over::Replaced, None) => {
                post_to(&self.registry, Forward { key: self.key.clone(), ask });
            }
            (Over::Closed(error), notes) => {
                if let Some(notes) = notes {
                    post(notes, Note::Refused { room, addr });
                }
                ask.reply.error(error.clone());
            }
        }
    }
}

impl Actor for Room {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.load(ctx);
    }
}

impl Handler<Ask> for Room {
    type Result = ();

    fn handle(&mut self, ask: Ask, ctx: &mut Self::Context) {
        let began = self.deps.clock.monotonic();
        self.answer(ask, ctx);
        if self.turn.spend(self.deps.clock.monotonic() - began) {
            ctx.wait(tokio::task::yield_now().into_actor(self));
        }
    }
}

impl Handler<Changed> for Room {
    type Result = ();

    fn handle(&mut self, _: Changed, ctx: &mut Self::Context) {
        match &mut self.phase {
            Phase::Loading(_) => self.outdated = true,
            Phase::Live(live) => live.reread(ctx),
            Phase::Over(_) => {}
        }
    }
}

impl Handler<Stop> for Room {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, _: Stop, ctx: &mut Self::Context) -> Self::Result {
        let flushed = self.live().map(Live::when_flushed);
        let me = ctx.address();
        Box::pin(async move {
            if let Some(flushed) = flushed {
                flushed.await.ok();
            }
            post_to(&me, End(Over::Closed(WireError::unavailable(1_000))));
        })
    }
}

/// The last message of a room.
#[derive(Message, Clone, Debug)]
#[rtype(result = "()")]
struct End(Over);

impl Handler<End> for Room {
    type Result = ();

    fn handle(&mut self, End(over): End, ctx: &mut Self::Context) {
        self.end(over, ctx);
    }
}
