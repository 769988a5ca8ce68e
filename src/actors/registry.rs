//! Owns the addresses of rooms: finds or starts them, places them on threads by hash, replaces dead
//! ones and forgets the ones that hibernate. A full mailbox means `busy`.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use actix::prelude::*;

use super::bridge::Publish;
use super::room::{Ask, CHANGED, Changed, Room, RoomDeps, Stop};
use crate::domain::{RoomId, TenantId};

/// A room as its tenant knows it. A room asked for by another tenant is a different key, so that
/// nothing about it, not even the time an answer takes, can be told from a room that never was.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RoomKey {
    /// Who asks.
    pub tenant: TenantId,
    /// For what.
    pub room: RoomId,
}

/// Asks for a room's address; it is started when it is not running.
#[derive(Message)]
#[rtype(result = "Addr<Room>")]
pub struct Open(pub RoomKey);

/// A room has ended or hibernates; the address tells it from its successor.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Retired {
    /// Which.
    pub key: RoomKey,
    /// The one that ended.
    pub addr: Addr<Room>,
}

/// Name, zone, members or archive of a room were changed in the store.
#[derive(Message, Clone)]
#[rtype(result = "()")]
pub struct RoomChanged(pub RoomKey);

/// A request that reached a room on its way out, for its successor.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Forward {
    /// Which room.
    pub key: RoomKey,
    /// The request.
    pub ask: Ask,
}

/// All rooms running now.
#[derive(Message)]
#[rtype(result = "Vec<(RoomKey, Addr<Room>)>")]
pub struct Running;

/// Rooms of one tenant that run now.
#[derive(Message)]
#[rtype(result = "Vec<(RoomId, Addr<Room>)>")]
pub struct RunningOf(pub TenantId);

/// Ends every room after its batch in flight; answers how many there were.
#[derive(Message)]
#[rtype(result = "usize")]
pub struct StopAll;

/// The actor.
pub struct Registry {
    rooms: HashMap<RoomKey, Addr<Room>>,
    threads: Vec<ArbiterHandle>,
    deps: RoomDeps,
}

impl Registry {
    /// A registry that places rooms on `threads` (at least one).
    #[must_use]
    pub fn new(threads: Vec<ArbiterHandle>, deps: RoomDeps) -> Self {
        Self { rooms: HashMap::new(), threads, deps }
    }

    fn open(&mut self, key: RoomKey, me: Addr<Self>) -> Addr<Room> {
        if let Some(addr) = self.rooms.get(&key)
            && addr.connected()
        {
            return addr.clone();
        }
        let (deps, of) = (self.deps.clone(), key.clone());
        let mailbox = deps.config.room_mailbox;
        let addr = Room::start_in_arbiter(self.place(&key), move |ctx| {
            ctx.set_mailbox_capacity(mailbox);
            Room::new(of, me, deps)
        });
        if self.rooms.insert(key, addr.clone()).is_some() {
            // It did not retire: it died.
            self.deps.metrics.room_restarts_total.inc();
        }
        addr
    }

    fn place(&self, key: &RoomKey) -> &ArbiterHandle {
        let mut hasher = DefaultHasher::new();
        key.room.hash(&mut hasher);
        &self.threads[hasher.finish() as usize % self.threads.len()]
    }
}

impl Actor for Registry {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(4_096);
    }
}

impl Handler<Open> for Registry {
    type Result = Addr<Room>;

    fn handle(&mut self, Open(key): Open, ctx: &mut Self::Context) -> Addr<Room> {
        self.open(key, ctx.address())
    }
}

impl Handler<Retired> for Registry {
    type Result = ();

    fn handle(&mut self, retired: Retired, _: &mut Self::Context) {
        if self.rooms.get(&retired.key) == Some(&retired.addr) {
            self.rooms.remove(&retired.key);
        }
    }
}

impl Handler<Forward> for Registry {
    type Result = ();

    fn handle(&mut self, Forward { key, ask }: Forward, ctx: &mut Self::Context) {
        super::session::hand_over(&self.open(key, ctx.address()), ask);
    }
}

impl Handler<RoomChanged> for Registry {
    type Result = ();

    fn handle(&mut self, RoomChanged(key): RoomChanged, _: &mut Self::Context) {
        if let Some(addr) = self.rooms.get(&key) {
            super::post::post_to(addr, Changed);
        }
        let payload = bytes::Bytes::from_static(CHANGED);
        super::post::post_to(&self.deps.bridge, Publish::plain(key.room, payload));
    }
}

impl Handler<Running> for Registry {
    type Result = MessageResult<Running>;

    fn handle(&mut self, _: Running, _: &mut Self::Context) -> Self::Result {
        MessageResult(self.rooms.iter().map(|(key, addr)| (key.clone(), addr.clone())).collect())
    }
}

impl Handler<RunningOf> for Registry {
    type Result = MessageResult<RunningOf>;

    fn handle(&mut self, RunningOf(tenant): RunningOf, _: &mut Self::Context) -> Self::Result {
        let own = self.rooms.iter().filter(|(key, _)| key.tenant == tenant);
        MessageResult(own.map(|(key, addr)| (key.room, addr.clone())).collect())
    }
}

impl Handler<StopAll> for Registry {
    type Result = ResponseFuture<usize>;

    fn handle(&mut self, _: StopAll, _: &mut Self::Context) -> Self::Result {
        let rooms: Vec<_> = self.rooms.drain().map(|(_, addr)| addr).collect();
        Box::pin(async move {
            futures_util::future::join_all(rooms.iter().map(|room| room.send(Stop))).await;
            rooms.len()
        })
    }
}
