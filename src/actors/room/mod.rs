//! A room: the one owner of a timetable on this replica, of its members, presence and locks. It
//! decides operations, hands batches to the [`Journal`] and tells its members what was committed. It
//! never waits: everything slow runs beside it and comes back as a message. Its mailbox is bounded;
//! full means `busy`. When it dies its members are told to join again and the registry starts a
//! successor from the store: nothing that matters lives here alone.

mod ask;
mod color;
mod commit;
mod joining;
mod live;
mod locking;
mod members;
mod operations;
mod pipeline;
mod presence;
mod reading;
mod relay;
mod roster;
mod taken;

pub use ask::{Ask, Caller, Departure, Join, Note, Want};
pub use live::Live;
pub use relay::{HeadIs, Remote};

use std::collections::VecDeque;
use std::sync::Arc;

use actix::prelude::*;

use super::bridge::{Bridge, Unfollow};
use super::config::Realtime;
use super::journal::Journal;
use super::post::post_to;
use super::registry::{Registry, Retired, RoomKey};
use crate::protocol::error::WireError;
use crate::store::Store;
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
    /// The time.
    pub clock: Clock,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Times and sizes.
    pub config: Arc<Realtime>,
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
    _counted: GaugeGuard,
}

enum Phase {
    /// Requests wait for the store, in order, as many as a mailbox holds.
    Loading(VecDeque<Ask>),
    /// At work.
    Live(Box<Live>),
    /// Not there, archived or at its end: everything is answered with this.
    Over(WireError),
}

impl Room {
    /// A room that will load itself when it is started.
    #[must_use]
    pub fn new(key: RoomKey, registry: Addr<Registry>, deps: RoomDeps) -> Self {
        let counted = deps.metrics.rooms_active.guard();
        let phase = Phase::Loading(VecDeque::new());
        Self { key, registry, deps, phase, _counted: counted }
    }

    /// The live part, if there is one: what comes back from a slow call may find the room over.
    fn live(&mut self) -> Option<&mut Live> {
        match &mut self.phase {
            Phase::Live(live) => Some(live),
            Phase::Loading(_) | Phase::Over(_) => None,
        }
    }

    fn load(&self, ctx: &mut Context<Self>) {
        let (deps, key) = (self.deps.clone(), self.key.clone());
        let loading = async move { Live::load(deps, key).await };
        ctx.spawn(loading.into_actor(self).map(|loaded, room, ctx| match loaded {
            Ok(live) => room.open(live, ctx),
            Err(error) => room.end(error, ctx),
        }));
    }

    fn open(&mut self, mut live: Live, ctx: &mut Context<Self>) {
        live.begin(ctx);
        let before = std::mem::replace(&mut self.phase, Phase::Live(Box::new(live)));
        if let Phase::Loading(waiting) = before {
            for ask in waiting {
                self.answer(ask, ctx);
            }
        }
    }

    /// Stops taking part: whoever asks hears `error`, and the registry forgets the room.
    fn end(&mut self, error: WireError, ctx: &mut Context<Self>) {
        if let Phase::Loading(waiting) =
            std::mem::replace(&mut self.phase, Phase::Over(error.clone()))
        {
            for ask in waiting {
                ask.reply.error(error.clone());
            }
        }
        post_to(&self.deps.bridge, Unfollow { room: self.key.room, addr: ctx.address() });
        post_to(&self.registry, Retired { key: self.key.clone(), addr: ctx.address() });
        // Whoever got this address before the registry forgot it is still answered; then it stops.
        ctx.run_later(std::time::Duration::from_secs(1), |_, ctx| ctx.stop());
    }

    fn answer(&mut self, ask: Ask, ctx: &mut Context<Self>) {
        match &mut self.phase {
            Phase::Live(live) => live.answer(ask, ctx),
            Phase::Over(error) => ask.reply.error(error.clone()),
            Phase::Loading(waiting) if waiting.len() < self.deps.config.room_mailbox => {
                waiting.push_back(ask);
            }
            Phase::Loading(_) => ask.reply.error(WireError::busy(200)),
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
        self.answer(ask, ctx);
    }
}

impl Handler<Changed> for Room {
    type Result = ();

    fn handle(&mut self, _: Changed, ctx: &mut Self::Context) {
        if let Some(live) = self.live() {
            live.reread(ctx);
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
            post_to(&me, End(WireError::unavailable(1_000)));
        })
    }
}

/// The last message of a room: whoever asks from now on hears this.
#[derive(Message, Clone, Debug)]
#[rtype(result = "()")]
struct End(WireError);

impl Handler<End> for Room {
    type Result = ();

    fn handle(&mut self, End(error): End, ctx: &mut Self::Context) {
        self.end(error, ctx);
    }
}
