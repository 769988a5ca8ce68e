//! The bus of nodes that share a process: a single replica, and tests with several. Each node has a
//! station task, which owns the node's subscriptions and has a courier hand messages over.

mod keeper;

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::{Mutex, broadcast, mpsc, oneshot};

use self::keeper::Keeper;
use super::courier::Courier;
use super::{Bus, BusError, BusEvent, Claim, Claimed, Health, Lease, NodeId};
use crate::domain::RoomId;

/// Messages that wait for the slowest station. A station never waits for its receiver, so this
/// covers only the time until its thread runs it; an overrun is a lag.
const BACKLOG: usize = 1_024;
/// Subscriptions that wait for a station; more make their callers wait.
const REQUESTS: usize = 256;

/// Where nodes of one process meet.
#[derive(Clone, Debug)]
pub struct LocalHub {
    messages: broadcast::Sender<Message>,
    keeper: Arc<Mutex<Keeper>>,
}

#[derive(Clone, Debug)]
struct Message {
    from: NodeId,
    said: Said,
}

#[derive(Clone, Debug)]
enum Said {
    InRoom(RoomId, Bytes),
    Alive,
    Left,
}

impl Default for LocalHub {
    fn default() -> Self {
        Self::new()
    }
}

impl LocalHub {
    /// A hub without nodes.
    #[must_use]
    pub fn new() -> Self {
        Self { messages: broadcast::Sender::new(BACKLOG), keeper: Arc::default() }
    }

    /// Joins as `node`. Needs a Tokio runtime, which then runs the node's station until the bus or
    /// the receiver of `events` is dropped.
    #[must_use]
    pub fn connect(&self, node: NodeId, events: mpsc::Sender<BusEvent>) -> LocalBus {
        let (requests, inbox) = mpsc::channel(REQUESTS);
        let dropped = Arc::new(AtomicU64::new(0));
        let courier = Courier::new(events.clone(), dropped.clone());
        let station = Station { node, rooms: HashSet::new(), courier };
        tokio::spawn(station.run(inbox, self.messages.subscribe(), events));
        let (messages, keeper) = (self.messages.clone(), self.keeper.clone());
        LocalBus { node, requests, messages, keeper, dropped }
    }
}

/// One node on a [`LocalHub`].
#[derive(Debug)]
pub struct LocalBus {
    node: NodeId,
    requests: mpsc::Sender<Request>,
    messages: broadcast::Sender<Message>,
    keeper: Arc<Mutex<Keeper>>,
    dropped: Arc<AtomicU64>,
}

#[derive(Debug)]
struct Request {
    room: RoomId,
    wanted: Wanted,
    done: oneshot::Sender<()>,
}

#[derive(Debug)]
enum Wanted {
    Messages,
    Silence,
}

impl LocalBus {
    async fn request(&self, room: RoomId, wanted: Wanted) -> Result<(), BusError> {
        let gone = || BusError::Unavailable("the receiver of events is gone".to_owned());
        let (done, answer) = oneshot::channel();
        self.requests.send(Request { room, wanted, done }).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())
    }

    fn say(&self, said: Said) {
        // An error says that no station is left: a message that nobody gets.
        let _ = self.messages.send(Message { from: self.node, said });
    }
}

#[async_trait]
impl Bus for LocalBus {
    async fn subscribe(&self, room: RoomId) -> Result<(), BusError> {
        self.request(room, Wanted::Messages).await
    }

    async fn unsubscribe(&self, room: RoomId) -> Result<(), BusError> {
        self.request(room, Wanted::Silence).await
    }

    async fn publish(&self, room: RoomId, payload: Bytes) -> Result<(), BusError> {
        self.say(Said::InRoom(room, payload));
        Ok(())
    }

    async fn beat(&self) -> Result<(), BusError> {
        self.say(Said::Alive);
        Ok(())
    }

    async fn leave(&self) -> Result<(), BusError> {
        self.keeper.lock().await.forget(self.node);
        self.say(Said::Left);
        Ok(())
    }

    async fn advertise(&self, address: &str, ttl: Duration) -> Result<(), BusError> {
        self.keeper.lock().await.advertise(self.node, address, ttl);
        Ok(())
    }

    async fn whereabouts(&self, node: NodeId) -> Result<Option<String>, BusError> {
        Ok(self.keeper.lock().await.whereabouts(node))
    }

    async fn announce(&self, room: RoomId, value: Bytes, ttl: Duration) -> Result<(), BusError> {
        self.keeper.lock().await.announce(room, self.node, value, ttl);
        Ok(())
    }

    async fn withdraw(&self, room: RoomId) -> Result<(), BusError> {
        self.keeper.lock().await.withdraw(room, self.node);
        Ok(())
    }

    async fn announced(&self, room: RoomId) -> Result<Vec<(NodeId, Bytes)>, BusError> {
        Ok(self.keeper.lock().await.announced(room, self.node))
    }

    async fn claim(&self, room: RoomId, claim: Claim) -> Result<Claimed, BusError> {
        Ok(self.keeper.lock().await.claim(room, claim))
    }

    async fn release(&self, room: RoomId, name: &str, token: u64) -> Result<bool, BusError> {
        Ok(self.keeper.lock().await.release(room, name, token))
    }

    async fn leases(&self, room: RoomId) -> Result<Vec<Lease>, BusError> {
        Ok(self.keeper.lock().await.leases(room))
    }

    fn health(&self) -> Health {
        Health::default()
    }

    fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

/// One node's side of the hub: what it asked for, and the way to its receiver.
struct Station {
    node: NodeId,
    rooms: HashSet<RoomId>,
    courier: Courier,
}

impl Station {
    async fn run(
        mut self,
        mut inbox: mpsc::Receiver<Request>,
        mut messages: broadcast::Receiver<Message>,
        events: mpsc::Sender<BusEvent>,
    ) {
        loop {
            tokio::select! {
                biased;
                () = events.closed() => break,
                request = inbox.recv() => match request {
                    Some(request) => self.serve(request),
                    None => break,
                },
                () = self.courier.catch_up() => {}
                message = messages.recv() => match message {
                    Ok(message) => self.carry(message),
                    Err(broadcast::error::RecvError::Lagged(missed)) => self.courier.lose(missed),
                    Err(broadcast::error::RecvError::Closed) => break,
                },
            }
        }
    }

    fn serve(&mut self, request: Request) {
        match request.wanted {
            Wanted::Messages => self.rooms.insert(request.room),
            Wanted::Silence => self.rooms.remove(&request.room),
        };
        // Nobody waits any more when the caller's future was dropped; the request holds all the same.
        let _ = request.done.send(());
    }

    fn carry(&mut self, Message { from, said }: Message) {
        if from == self.node {
            return;
        }
        self.courier.carry(match said {
            Said::InRoom(room, _) if !self.rooms.contains(&room) => return,
            Said::InRoom(room, payload) => BusEvent::Message { room, from, payload },
            Said::Alive => BusEvent::Alive(from),
            Said::Left => BusEvent::Left(from),
        });
    }
}
