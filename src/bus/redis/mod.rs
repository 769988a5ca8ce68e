//! The bus of nodes that meet at a Redis: a cluster of version 7 or newer, or one server alone.
//!
//! Reading order: `endpoint`, `names`, `frame`, `topology` (values); `dial`, `discovery` (how servers
//! are reached and asked); `hub` (the owner of it all) with a `publisher` and a `subscriber` for each
//! primary; `control` and `script` (addresses, announcements and leases). ADR 0007 says why not the
//! library's own cluster connection.

mod backoff;
mod control;
mod dial;
mod discovery;
mod ear;
mod endpoint;
mod frame;
mod hub;
mod keeping;
mod line;
mod link;
mod names;
mod publisher;
mod script;
mod shared;
mod subscriber;
mod topology;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, timeout};

pub(crate) use self::dial::Dialer;
use self::discovery::Blind;
use self::ear::Ear;
pub(crate) use self::endpoint::Endpoint;
use self::frame::{Frame, Said};
use self::hub::{Ask, Hub};
use self::link::{Link, Outgoing};
use self::names::slot_of;
use self::script::Scripts;
use self::shared::{Routes, Shared};
use super::{Bus, BusError, BusEvent, Claim, Claimed, Config, Health, Lease, Link as Way, NodeId};
use crate::domain::RoomId;

/// Subscriptions that wait for the hub; more make their callers wait.
const ASKS: usize = 256;
/// A way is up while its signs of life are not older than this; they are sent once a second.
const CANARY_PATIENCE: Duration = Duration::from_millis(3_000);

/// One node at a Redis.
pub(super) struct RedisBus {
    shared: Arc<Shared>,
    asks: mpsc::Sender<Ask>,
    routes: watch::Receiver<Routes>,
    scripts: Scripts,
    start: Instant,
}

impl RedisBus {
    /// Looks at the servers once and begins to work with them; a Redis that is not there may come
    /// later. Needs a Tokio runtime, which then runs the bus until it is dropped.
    ///
    /// # Errors
    /// When the settings are wrong, or a server says that they are.
    pub(super) async fn connect(
        config: &Config,
        endpoint: &Endpoint,
        node: NodeId,
        events: mpsc::Sender<BusEvent>,
    ) -> Result<Self, BusError> {
        let dialer = Dialer::new(config, endpoint).map_err(BusError::Failed)?;
        let seeds: BTreeSet<_> = endpoint.seeds.iter().cloned().collect();
        let first = discovery::look(&dialer, &seeds, config.topology_timeout).await;
        match &first {
            Err(Blind::Wrong(reason)) => return Err(BusError::Failed(reason.clone())),
            Ok(view) if view.is_single && endpoint.seeds.len() > 1 => {
                let rule = "several addresses must be those of one cluster, and one is not";
                return Err(BusError::Failed(format!("redis_cluster_endpoint: {rule}")));
            }
            _ => {}
        }
        let dropped = Arc::<AtomicU64>::default();
        let ear = Ear::open(events.clone(), dropped.clone());
        let shared = Shared::new(node, config.clone(), dialer, ear, dropped);
        let shared = Arc::new(shared);
        let (asks, inbox) = mpsc::channel(ASKS);
        let (found, routes) = watch::channel(Routes::default());
        let hub = Hub::new(shared.clone(), seeds, found, first);
        tokio::spawn(hub.run(inbox, events));
        let (scripts, start) = (Scripts::new(), Instant::now());
        Ok(Self { shared, asks, routes, scripts, start })
    }

    async fn ask(&self, ask: impl FnOnce(oneshot::Sender<()>) -> Ask) -> Result<(), BusError> {
        let unavailable = |why: &str| BusError::Unavailable(why.to_owned());
        let (done, answer) = oneshot::channel();
        let asking = async {
            self.asks.send(ask(done)).await.ok()?;
            answer.await.ok()
        };
        match timeout(self.shared.config.call_timeout, asking).await {
            Ok(Some(())) => Ok(()),
            Ok(None) => Err(unavailable("not connected, or nobody receives events")),
            Err(_) => Err(unavailable("no answer in time")),
        }
    }

    fn frame(&self, said: Said) -> Vec<u8> {
        Frame { from: self.shared.node, said }.encode()
    }

    /// Puts something into a primary's queue.
    fn say(
        &self,
        link: &Link,
        channel: String,
        frame: Vec<u8>,
        sent: Option<oneshot::Sender<()>>,
    ) -> Result<(), BusError> {
        let message = Outgoing { channel, frame, since: Instant::now(), sent };
        link.queue.try_send(message).map_err(|_| {
            self.shared.failed();
            BusError::Unavailable("too many messages wait".to_owned())
        })
    }

    /// Says something on every way; succeeds if any takes it.
    fn say_everywhere(&self, said: &Said) -> Result<Vec<oneshot::Receiver<()>>, BusError> {
        let mut done = Err(BusError::Unavailable("not connected".to_owned()));
        let mut waiting = Vec::new();
        for (link, pulse) in self.routes.borrow().pulses() {
            let (sent, answer) = oneshot::channel();
            let frame = self.frame(said.clone());
            if self.say(link, pulse.to_owned(), frame, Some(sent)).is_ok() {
                link.pulse_sent();
                waiting.push(answer);
                done = Ok(());
            }
        }
        done.map(|()| waiting)
    }
}

#[async_trait]
impl Bus for RedisBus {
    async fn subscribe(&self, room: RoomId) -> Result<(), BusError> {
        self.ask(|done| Ask::Subscribe(room, done)).await
    }

    async fn unsubscribe(&self, room: RoomId) -> Result<(), BusError> {
        self.ask(|done| Ask::Unsubscribe(room, done)).await
    }

    async fn publish(&self, room: RoomId, payload: Bytes) -> Result<(), BusError> {
        let channel = self.shared.names.channel(room);
        let frame = self.frame(Said::Message(payload));
        let routes = self.routes.borrow();
        match routes.owner(slot_of(&channel)) {
            Some(link) => self.say(link, channel, frame, None),
            None => {
                self.shared.failed();
                Err(BusError::Unavailable("not connected".to_owned()))
            }
        }
    }

    async fn beat(&self) -> Result<(), BusError> {
        self.say_everywhere(&Said::Alive).map(drop)
    }

    async fn leave(&self) -> Result<(), BusError> {
        let waiting = self.say_everywhere(&Said::Left)?;
        let sent = futures_util::future::join_all(waiting);
        let patience = self.shared.config.command_timeout;
        // The address ends by itself where it can't be taken back.
        let (sent, _) =
            tokio::join!(timeout(patience, sent), timeout(patience, self.keep_no_address()));
        match sent {
            Ok(answers) if answers.iter().any(Result::is_ok) => Ok(()),
            _ => Err(BusError::Unavailable("no answer in time".to_owned())),
        }
    }

    async fn advertise(&self, address: &str, ttl: Duration) -> Result<(), BusError> {
        self.keep_address(address, ttl).await
    }

    async fn whereabouts(&self, node: NodeId) -> Result<Option<String>, BusError> {
        self.read_address(node).await
    }

    async fn announce(&self, room: RoomId, value: Bytes, ttl: Duration) -> Result<(), BusError> {
        self.keep_announced(room, &value, ttl).await
    }

    async fn withdraw(&self, room: RoomId) -> Result<(), BusError> {
        self.keep_withdrawn(room).await
    }

    async fn announced(&self, room: RoomId) -> Result<Vec<(NodeId, Bytes)>, BusError> {
        self.read_announced(room).await
    }

    async fn claim(&self, room: RoomId, claim: Claim) -> Result<Claimed, BusError> {
        self.keep_claimed(room, claim).await
    }

    async fn release(&self, room: RoomId, name: &str, token: u64) -> Result<bool, BusError> {
        self.keep_released(room, name, token).await
    }

    async fn leases(&self, room: RoomId) -> Result<Vec<Lease>, BusError> {
        self.read_leases(room).await
    }

    fn health(&self) -> Health {
        let routes = self.routes.borrow();
        let links = routes.links();
        let up = links.iter().filter(|link| link.is_alive(CANARY_PATIENCE)).count();
        let way = match up {
            0 => Way::Down,
            up if up == links.len() => Way::Up,
            _ => Way::Degraded,
        };
        let oldest = links.iter().map(|link| link.canary_age()).max();
        Health {
            link: way,
            shards: links.len(),
            shards_up: up,
            canary_age: oldest.unwrap_or_else(|| self.start.elapsed()),
            failures: self.shared.failures(),
            rebuilds: self.shared.rebuilds(),
        }
    }

    fn dropped(&self) -> u64 {
        self.shared.dropped.load(Ordering::Relaxed)
    }
}
