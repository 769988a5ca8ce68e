//! Sole owner of the bus: what rooms publish goes out, what other replicas publish goes to the room
//! that follows it. The bus is a hint. When it may have lost something, the heads of all followed
//! rooms are asked from the store in one query, and rooms that are behind catch up.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use bytes::Bytes;
use tokio::sync::mpsc::Receiver;

use super::room::{HeadIs, Remote, Room};
use crate::bus::{Bus, BusError, BusEvent};
use crate::domain::RoomId;
use crate::store::{Head, Store};

/// How often the store is asked for heads unasked: a bus may lose messages without a word, and other
/// processes may share the database without sharing the bus.
const ASK_EVERY: Duration = Duration::from_secs(1);
/// The most messages on their way to the bus; more are hints that a bus in trouble need not get.
const MAX_PUBLISHING: usize = 1_024;

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
}

/// The actor.
pub struct Bridge {
    bus: Arc<dyn Bus>,
    events: Option<Receiver<BusEvent>>,
    store: Arc<dyn Store>,
    rooms: HashMap<RoomId, Addr<Room>>,
    asking: bool,
    publishing: usize,
}

impl Bridge {
    /// A bridge to `bus`, whose messages come out of `events`.
    #[must_use]
    pub fn new(bus: Arc<dyn Bus>, events: Receiver<BusEvent>, store: Arc<dyn Store>) -> Self {
        Self {
            bus,
            events: Some(events),
            store,
            rooms: HashMap::new(),
            asking: false,
            publishing: 0,
        }
    }

    fn arrived(&mut self, event: BusEvent, ctx: &mut Context<Self>) {
        match event {
            BusEvent::Message { room, payload, .. } => {
                if let Some(addr) = self.rooms.get(&room)
                    && addr.try_send(Remote(payload)).is_err()
                {
                    // The room is busy or gone: the next message shows it the gap, and so does its
                    // own next append.
                    tracing::debug!(room.id = %room, "bus message dropped");
                }
            }
            BusEvent::Alive(_) | BusEvent::Left(_) => {}
            BusEvent::Reconnected | BusEvent::Lagged => {
                self.ask_heads(self.rooms.keys().copied().collect(), ctx);
            }
        }
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
            note(subscribed);
            if bridge.rooms.contains_key(&room) {
                // What was committed elsewhere between the room's loading and now was not heard.
                bridge.ask_heads(vec![room], ctx);
            } else {
                bridge.unsubscribe(room, ctx);
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

    fn handle(&mut self, Publish { room, payload }: Publish, ctx: &mut Self::Context) {
        if self.publishing >= MAX_PUBLISHING {
            return note(Err(BusError::Unavailable("too many messages on their way".to_owned())));
        }
        self.publishing += 1;
        let bus = self.bus.clone();
        let publishing = async move { note(bus.publish(room, payload).await) };
        ctx.spawn(publishing.into_actor(self).map(|(), bridge, _| bridge.publishing -= 1));
    }
}

/// A bus that fails is a matter of latency alone.
fn note(done: Result<(), BusError>) {
    if let Err(error) = done {
        tracing::debug!(error = %error, "the bus did not do it");
    }
}
