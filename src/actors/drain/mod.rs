//! The directory of sessions, and the order in which a replica goes away: not ready, then every
//! session at its own moment, then the rooms. One deadline bounds it all.

mod listing;
mod moments;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::prelude::*;
use tokio::sync::oneshot;

pub use self::listing::{Card, CountOf, Known, Listing};
use self::moments::moments;
use super::lookout::Lookout;
use super::post::post_to;
use super::session::{Cut, Leave, Session};
use crate::domain::SessionId;
use crate::telemetry::metrics::Metrics;
use crate::time::Clock;

/// A session begins.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Enter {
    /// Which.
    pub id: SessionId,
    /// Where.
    pub addr: Addr<Session>,
}

/// A session has ended.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Exit {
    /// Which.
    pub id: SessionId,
}

/// How many sessions there are.
#[derive(Message)]
#[rtype(result = "usize")]
pub struct Count;

/// Moves every session away; answers when none is left or the deadline has passed, with the number of
/// those that were then cut.
#[derive(Message)]
#[rtype(result = "usize")]
pub struct Empty {
    /// Time over which the reconnect moments are spread.
    pub spread: Duration,
    /// When whoever is still here is cut.
    pub deadline: Duration,
}

/// A session in the directory.
struct Listed {
    addr: Addr<Session>,
    /// Once it has said who it is.
    card: Option<Card>,
}

/// The actor.
pub struct Drain {
    sessions: HashMap<SessionId, Listed>,
    lookout: Addr<Lookout>,
    metrics: Arc<Metrics>,
    clock: Clock,
    draining: Option<Instant>,
    emptied: Vec<oneshot::Sender<()>>,
}

impl Drain {
    /// An empty directory.
    #[must_use]
    pub fn new(metrics: Arc<Metrics>, clock: Clock, lookout: Addr<Lookout>) -> Self {
        let (sessions, emptied) = (HashMap::new(), Vec::new());
        Self { sessions, lookout, metrics, clock, draining: None, emptied }
    }

    fn tell(&self, spread: Duration, deadline: Duration) {
        // In the order of a hash with random keys: neighbours of a room or an office do not go together.
        let sessions = self.sessions.values().zip(moments(self.sessions.len(), spread));
        for (Listed { addr, .. }, moment) in sessions {
            self.tell_one(addr, moment, deadline);
        }
    }

    fn tell_one(&self, addr: &Addr<Session>, moment: Duration, deadline: Duration) {
        self.metrics.drain_sessions_told_total.inc();
        let reconnect_after_ms = moment.as_millis() as u64;
        let deadline_ms = deadline.as_millis() as u64;
        post_to(addr, Leave { reconnect_after_ms, deadline_ms });
    }

    /// The time is over: without a word more.
    fn cut_the_rest(&self) -> usize {
        for Listed { addr, .. } in self.sessions.values() {
            post_to(addr, Cut);
        }
        self.metrics.drain_sessions_cut_total.add(self.sessions.len());
        self.sessions.len()
    }

    fn check_empty(&mut self) {
        if self.draining.is_some() {
            self.metrics.drain_sessions_remaining.set(self.sessions.len());
        }
        if self.sessions.is_empty() {
            for done in self.emptied.drain(..) {
                done.send(()).ok();
            }
        }
    }
}

impl Actor for Drain {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(4_096);
    }
}

impl Handler<Enter> for Drain {
    type Result = ();

    fn handle(&mut self, Enter { id, addr }: Enter, _: &mut Self::Context) {
        if let Some(deadline) = self.draining {
            // Came in through a door that was closing: its moment is now.
            let left = deadline.saturating_duration_since(self.clock.monotonic());
            self.tell_one(&addr, Duration::ZERO, left);
        }
        self.sessions.insert(id, Listed { addr, card: None });
    }
}

impl Handler<Exit> for Drain {
    type Result = ();

    fn handle(&mut self, Exit { id }: Exit, _: &mut Self::Context) {
        if let Some(card) = self.sessions.remove(&id).and_then(|entry| entry.card) {
            self.tell_gone(&id, &card);
        }
        self.check_empty();
    }
}

impl Handler<Count> for Drain {
    type Result = usize;

    fn handle(&mut self, _: Count, _: &mut Self::Context) -> usize {
        self.sessions.len()
    }
}

impl Handler<Empty> for Drain {
    type Result = ResponseActFuture<Self, usize>;

    fn handle(&mut self, Empty { spread, deadline }: Empty, _: &mut Self::Context) -> Self::Result {
        self.draining = Some(self.clock.monotonic() + deadline);
        let (done, emptied) = oneshot::channel();
        self.emptied.push(done);
        self.tell(spread, deadline);
        self.check_empty();
        let waiting = actix::clock::timeout(deadline, emptied);
        Box::pin(waiting.into_actor(self).map(|_, drain, _| drain.cut_the_rest()))
    }
}
