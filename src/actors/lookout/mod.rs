//! Hears what happens in rooms and with sessions, counts it by tenant, and passes it on to operators
//! who follow. Everything here is a picture of what is owned elsewhere: what does not fit in its
//! mailbox is missing from the picture and from nothing else.

mod tally;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use self::tally::Tally;
use crate::domain::{RoomId, TenantId, UserId};
use crate::protocol::error::WireError;
use crate::protocol::operator::{OperationsBody, Sight};
use crate::time::Clock;

/// What waits for the lookout; more is not seen.
const MAILBOX: usize = 4_096;
/// Events that may wait for one follower; one who is further behind is let go.
const BACKLOG: usize = 256;
/// The most followers of one tenant.
const PER_TENANT: usize = 4;
/// The most followers.
const IN_ALL: usize = 32;
/// Quiet tenants are forgotten after so long.
const QUIET: Duration = Duration::from_hours(1);
/// The most tenants that are counted: each costs some ten kilobytes.
const MAX_TENANTS: usize = 1_024;
/// How often followers that have gone and tenants that are quiet are looked for.
const SWEEP: Duration = Duration::from_secs(30);

/// Something happened.
#[derive(Message, Clone, Debug)]
#[rtype(result = "()")]
pub struct Seen {
    /// To whom.
    pub tenant: TenantId,
    /// What.
    pub sight: Sight,
}

/// What a follower wants to hear of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// All that happens in a room.
    Room(RoomId),
    /// All that one person does.
    User(UserId),
}

/// Begins to follow. The channel's end is dropped when the follower is too slow.
#[derive(Message)]
#[rtype(result = "Result<mpsc::Receiver<Arc<Sight>>, WireError>")]
pub struct Watch {
    /// Of which tenant.
    pub tenant: TenantId,
    /// Whom.
    pub whom: Whom,
}

/// How a tenant's operations went.
#[derive(Message)]
#[rtype(result = "OperationsBody")]
pub struct Went(pub TenantId);

/// How many followers a tenant has.
#[derive(Message)]
#[rtype(result = "usize")]
pub struct Followers(pub TenantId);

struct Follower {
    tenant: TenantId,
    whom: Whom,
    way: mpsc::Sender<Arc<Sight>>,
}

impl Follower {
    fn wants(&self, seen: &Seen) -> bool {
        self.tenant == seen.tenant
            && match &self.whom {
                Whom::Room(room) => seen.sight.room().is_some_and(|of| of.0 == *room),
                Whom::User(user) => seen.sight.user().0 == *user,
            }
    }
}

/// The actor.
pub struct Lookout {
    clock: Clock,
    tallies: HashMap<TenantId, Tally>,
    followers: Vec<Follower>,
}

impl Lookout {
    /// One that has seen nothing yet.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self { clock, tallies: HashMap::new(), followers: Vec::new() }
    }

    fn count(&mut self, seen: &Seen) {
        let Sight::Operation(operation) = &seen.sight else { return };
        let full = self.tallies.len() >= MAX_TENANTS;
        let tally = match self.tallies.entry(seen.tenant.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(_) if full => return,
            Entry::Vacant(new) => new.insert(Tally::new(&self.clock)),
        };
        tally.count(&operation.what, self.clock.monotonic());
    }

    fn pass_on(&mut self, seen: Seen) {
        if !self.followers.iter().any(|follower| follower.wants(&seen)) {
            return;
        }
        let sight = Arc::new(seen.sight.clone());
        self.followers.retain(|follower| {
            !follower.wants(&seen)
                || match follower.way.try_send(sight.clone()) {
                    Ok(()) => true,
                    Err(TrySendError::Full(_) | TrySendError::Closed(_)) => false,
                }
        });
    }

    fn sweep(&mut self) {
        let now = self.clock.monotonic();
        self.followers.retain(|follower| !follower.way.is_closed());
        self.tallies.retain(|_, tally| now.saturating_duration_since(tally.touched) < QUIET);
    }
}

impl Actor for Lookout {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX);
        ctx.run_interval(SWEEP, |lookout, _| lookout.sweep());
    }
}

impl Handler<Seen> for Lookout {
    type Result = ();

    fn handle(&mut self, seen: Seen, _: &mut Self::Context) {
        self.count(&seen);
        if !self.followers.is_empty() {
            self.pass_on(seen);
        }
    }
}

impl Handler<Watch> for Lookout {
    type Result = Result<mpsc::Receiver<Arc<Sight>>, WireError>;

    fn handle(&mut self, Watch { tenant, whom }: Watch, _: &mut Self::Context) -> Self::Result {
        self.followers.retain(|follower| !follower.way.is_closed());
        let own = self.followers.iter().filter(|follower| follower.tenant == tenant).count();
        if own >= PER_TENANT || self.followers.len() >= IN_ALL {
            return Err(WireError::busy(5_000));
        }
        let (way, follower) = mpsc::channel(BACKLOG);
        self.followers.push(Follower { tenant, whom, way });
        Ok(follower)
    }
}

impl Handler<Went> for Lookout {
    type Result = MessageResult<Went>;

    fn handle(&mut self, Went(tenant): Went, _: &mut Self::Context) -> Self::Result {
        let fresh = || Tally::new(&self.clock).body();
        MessageResult(self.tallies.get(&tenant).map_or_else(fresh, Tally::body))
    }
}

impl Handler<Followers> for Lookout {
    type Result = usize;

    fn handle(&mut self, Followers(tenant): Followers, _: &mut Self::Context) -> usize {
        let open = |follower: &&Follower| follower.tenant == tenant && !follower.way.is_closed();
        self.followers.iter().filter(open).count()
    }
}
