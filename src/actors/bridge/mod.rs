//! Sole owner of the bus: what rooms publish goes out, what other replicas publish goes to the room
//! that follows it. The bus is a hint. When it may have lost something, the heads of all followed
//! rooms are asked from the store in one query, rooms that are behind catch up, and each says again
//! who is in it. It gives the sign of life and knows which other replicas give theirs, and where they
//! are.

mod commands;
mod directory;
mod gauges;
mod locating;
mod nodes;

pub use commands::{Announce, GiveBack, Kept, Look, Part, Take, Withdraw};
pub use locating::{Locate, ReachableAt};

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use bytes::Bytes;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::Receiver;

use self::directory::Directory;
use self::gauges::Counted;
use self::locating::Own;
use self::nodes::Nodes;
use super::post::post_to;
use super::room::{HeadIs, NodeGone, Remote, Resound, Room, Subscribed};
use crate::bus::{Bus, BusError, BusEvent, Link, NodeId};
use crate::domain::RoomId;
use crate::store::{Head, Store};
use crate::telemetry::metrics::Metrics;
use crate::telemetry::trace::Span;
use crate::time::Clock;

/// How often the store is asked for heads unasked: a bus may lose messages without a word, and other
/// processes may share the database without sharing the bus.
const ASK_EVERY: Duration = Duration::from_secs(1);
/// The most messages on their way to the bus; more are hints that a bus in trouble need not get.
const MAX_PUBLISHING: usize = 1_024;
/// The most announcements, looks and leases asked for at once; more are refused, and rooms ask again.
const MAX_TURNS: usize = 1_024;
/// A round that is this late says that this replica stood still, and not that the others did.
const STOOD_STILL: Duration = Duration::from_secs(3);

/// A room begins to listen.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Follow {
    /// Which.
    pub room: RoomId,
    /// Where its messages go.
    pub addr: Addr<Room>,
}

/// A room has ended.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Unfollow {
    /// Which.
    pub room: RoomId,
    /// The one that ended; a successor goes on.
    pub addr: Addr<Room>,
}

/// Something for the other replicas.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Publish {
    /// About which room.
    pub room: RoomId,
    /// What.
    pub payload: Bytes,
    /// The telling is recorded here.
    pub spans: Vec<Span>,
}

impl Publish {
    /// Of which nothing is recorded.
    #[must_use]
    pub fn plain(room: RoomId, payload: Bytes) -> Self {
        Self { room, payload, spans: Vec::new() }
    }
}

/// The actor.
pub struct Bridge {
    node: NodeId,
    bus: Arc<dyn Bus>,
    events: Option<Receiver<BusEvent>>,
    store: Arc<dyn Store>,
    clock: Clock,
    metrics: Arc<Metrics>,
    rooms: HashMap<RoomId, Addr<Room>>,
    nodes: Nodes,
    directory: Directory,
    own: Own,
    counted: Counted,
    turns: Arc<Semaphore>,
    asking: bool,
    publishing: usize,
    /// When it last looked around.
    looked: std::time::Instant,
    link: Link,
    /// It has told that it ends: no more signs of life.
    parted: bool,
}

impl Bridge {
    /// A bridge of `node` to `bus`, whose messages come out of `events`.
    #[must_use]
    pub fn new(
        node: NodeId,
        bus: Arc<dyn Bus>,
        events: Receiver<BusEvent>,
        store: Arc<dyn Store>,
        clock: Clock,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self {
            node,
            link: bus.health().link,
            bus,
            events: Some(events),
            store,
            looked: clock.monotonic(),
            clock,
            metrics,
            rooms: HashMap::new(),
            nodes: Nodes::default(),
            directory: Directory::default(),
            own: Own::default(),
            counted: Counted::default(),
            turns: Arc::new(Semaphore::new(MAX_TURNS)),
            asking: false,
            publishing: 0,
            parted: false,
        }
    }

    fn arrived(&mut self, event: BusEvent, ctx: &mut Context<Self>) {
        let now = self.clock.monotonic();
        match event {
            BusEvent::Message { room, from, payload } => {
                if self.nodes.listens_to(from, now)
                    && let Some(addr) = self.rooms.get(&room)
                    && addr.try_send(Remote { from, payload }).is_err()
                {
                    // The room is busy or gone: the next message shows it the gap, and so does its
                    // own next append.
                    tracing::debug!(room.id = %room, "bus message dropped");
                }
            }
            BusEvent::Alive(node) => {
                if self.nodes.sign(node, now) {
                    tracing::info!(node.id = %node, "another replica is back");
                    self.begin_again(ctx);
                }
            }
            BusEvent::Left(node) => {
                self.nodes.leave(node, now);
                self.directory.part(node, now);
                self.tell_gone(node, true);
            }
            BusEvent::Reconnected | BusEvent::Lagged => self.begin_again(ctx),
        }
    }

    /// Anything may be missing, here and there: the store is asked, and everyone says again what
    /// they have said.
    fn begin_again(&mut self, ctx: &mut Context<Self>) {
        self.ask_heads(self.rooms.keys().copied().collect(), ctx);
        for addr in self.rooms.values() {
            post_to(addr, Resound);
        }
        self.advertise_again(ctx);
    }

    fn tell_gone(&self, node: NodeId, in_order: bool) {
        tracing::info!(node.id = %node, in_order, "another replica is gone");
        for addr in self.rooms.values() {
            post_to(addr, NodeGone { node, in_order });
        }
    }

    /// Gives the sign of life, and looks whose is missing.
    fn listen(&mut self, ctx: &mut Context<Self>) {
        let now = self.clock.monotonic();
        let health = self.bus.health();
        let still = now.saturating_duration_since(self.looked) >= STOOD_STILL;
        let is_back = health.link == Link::Up && self.link != Link::Up;
        (self.looked, self.link) = (now, health.link);
        if still {
            self.nodes.excuse(now);
        }
        if still || is_back {
            self.begin_again(ctx);
        }
        for node in self.nodes.die(now) {
            self.tell_gone(node, false);
        }
        self.counted.show(&self.metrics, health, self.bus.dropped(), self.nodes.alive());
        if !self.parted {
            let bus = self.bus.clone();
            ctx.spawn(async move { note(bus.beat().await) }.into_actor(self));
        }
        self.directory.next_round();
        self.advertise_now_and_then(ctx);
    }

    fn ask_heads(&self, rooms: Vec<RoomId>, ctx: &mut Context<Self>) {
        let store = self.store.clone();
        let asking = async move { store.heads(&rooms).await.map(|heads| (rooms, heads)) };
        ctx.spawn(asking.into_actor(self).map(|asked, bridge, _| {
            bridge.asking = false;
            match asked {
                Ok((rooms, heads)) => bridge.tell_heads(&rooms, heads.into_iter().collect()),
                Err(error) => tracing::warn!(error = %error, "heads could not be asked"),
            }
        }));
    }

    fn tell_heads(&self, asked: &[RoomId], heads: HashMap<RoomId, Head>) {
        for room in asked {
            if let Some(addr) = self.rooms.get(room) {
                // A room that is too busy for it is asked again soon.
                addr.try_send(HeadIs(heads.get(room).copied())).ok();
            }
        }
    }

    /// The slow routine behind the bus: forgets rooms that died without a word, asks for the others.
    fn look_around(&mut self, ctx: &mut Context<Self>) {
        self.listen(ctx);
        let dead: Vec<_> = self.rooms.iter().filter(|(_, addr)| !addr.connected()).collect();
        let dead: Vec<_> = dead.into_iter().map(|(room, _)| *room).collect();
        for room in dead {
            self.rooms.remove(&room);
            self.unsubscribe(room, ctx);
        }
        if !self.rooms.is_empty() && !self.asking {
            self.asking = true;
            self.ask_heads(self.rooms.keys().copied().collect(), ctx);
        }
    }

    fn subscribe(&self, room: RoomId, ctx: &mut Context<Self>) {
        let bus = self.bus.clone();
        let subscribing = async move { bus.subscribe(room).await };
        ctx.spawn(subscribing.into_actor(self).map(move |subscribed, bridge, ctx| {
            let heard = subscribed.is_ok();
            note(subscribed);
            match bridge.rooms.get(&room) {
                Some(addr) => {
                    if heard {
                        post_to(addr, Subscribed);
                    }
                    // What was committed elsewhere between the room's loading and now was not heard.
                    bridge.ask_heads(vec![room], ctx);
                }
                None => bridge.unsubscribe(room, ctx),
            }
        }));
    }

    fn unsubscribe(&self, room: RoomId, ctx: &mut Context<Self>) {
        let bus = self.bus.clone();
        let leaving = async move { note(bus.unsubscribe(room).await) };
        ctx.spawn(leaving.into_actor(self).map(move |(), bridge, ctx| {
            // A successor came while the bus was at it: the two may have passed each other.
            if bridge.rooms.contains_key(&room) {
                bridge.subscribe(room, ctx);
            }
        }));
    }
}

impl Actor for Bridge {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(8_192);
        self.looked = self.clock.monotonic();
        self.listen(ctx);
        ctx.run_interval(ASK_EVERY, Self::look_around);
        if let Some(events) = self.events.take() {
            let stream = futures_util::stream::unfold(events, |mut events| async move {
                events.recv().await.map(|event| (event, events))
            });
            ctx.add_stream(stream);
        }
    }
}

impl StreamHandler<BusEvent> for Bridge {
    fn handle(&mut self, event: BusEvent, ctx: &mut Self::Context) {
        self.arrived(event, ctx);
    }

    /// The bus ended before the bridge: nothing more will come, and rooms still work on their own.
    fn finished(&mut self, _: &mut Self::Context) {}
}

impl Handler<Follow> for Bridge {
    type Result = ();

    fn handle(&mut self, Follow { room, addr }: Follow, ctx: &mut Self::Context) {
        self.rooms.insert(room, addr);
        self.subscribe(room, ctx);
    }
}

impl Handler<Unfollow> for Bridge {
    type Result = ();

    fn handle(&mut self, Unfollow { room, addr }: Unfollow, ctx: &mut Self::Context) {
        if self.rooms.get(&room) == Some(&addr) {
            self.rooms.remove(&room);
            self.unsubscribe(room, ctx);
        }
    }
}

impl Handler<Publish> for Bridge {
    type Result = ();

    fn handle(&mut self, publish: Publish, ctx: &mut Self::Context) {
        let Publish { room, payload, spans } = publish;
        if self.publishing >= MAX_PUBLISHING {
            let refused = BusError::Unavailable("too many messages on their way".to_owned());
            return note_on(spans, Err(refused));
        }
        self.publishing += 1;
        let bus = self.bus.clone();
        let publishing = async move {
            let published = bus.publish(room, payload).await;
            note_on(spans, published);
        };
        ctx.spawn(publishing.into_actor(self).map(|(), bridge, _| bridge.publishing -= 1));
    }
}

/// The spans of a message end with the bus's answer.
fn note_on(spans: Vec<Span>, published: Result<(), BusError>) {
    for mut span in spans {
        if let Err(error) = &published {
            span.fail(|| error.to_string().into());
        }
    }
    note(published);
}

/// A bus that fails is a matter of latency alone.
fn note(done: Result<(), BusError>) {
    if let Err(error) = done {
        tracing::debug!(error = %error, "the bus did not do it");
    }
}
