//! Wake-ups between replicas: what one committed, the others need not look up. [`Bus`] is the
//! contract; `tests/contract/bus.rs` holds for every implementation. It carries opaque bytes and
//! knows rooms by their ids only. Called by the bridge actor alone.
//!
//! Nothing depends on a bus for truth: whoever misses a message asks the database.

pub mod local;

mod config;
mod courier;
mod health;
mod lease;
mod redis;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::mpsc;
use uuid::Uuid;

pub use config::*;
pub use health::*;
pub use lease::*;

use crate::domain::RoomId;

/// One running replica; a new one at each start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub Uuid);

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a bus tells its node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BusEvent {
    /// Another node published in a subscribed room.
    Message {
        /// Where.
        room: RoomId,
        /// Who; never this node itself.
        from: NodeId,
        /// Opaque.
        payload: Bytes,
    },
    /// Another node has sent its sign of life.
    Alive(NodeId),
    /// Another node ends in order: nothing more of it will come.
    Left(NodeId),
    /// The connection was lost and is back: anything may be missing.
    Reconnected,
    /// The receiver was full and messages of any room were dropped since the last event.
    Lagged,
}

/// Why a bus did not do what it was asked. The connection heals itself; nothing else has to be
/// done than to go on without it.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// Passing: not connected just now.
    #[error("bus unavailable: {0}")]
    Unavailable(String),
    /// Permanent: wrong settings.
    #[error("bus failed: {0}")]
    Failed(String),
}

/// Carries messages between nodes, each at most once or, after a reconnection, twice.
///
/// * A message of a room goes to each other node that is subscribed to it, or is lost. The sender is
///   not told, and never gets its own message.
/// * What one node publishes in one room arrives in the order of publishing; between rooms and
///   between nodes there is no order.
/// * Messages published after `subscribe` has answered arrive; after `unsubscribe` has answered,
///   only what was already on its way to the receiver.
/// * Events go through the bounded channel given at connection. When it is full, messages are
///   dropped and counted, and [`BusEvent::Lagged`] follows as soon as there is room again, before
///   any later message: a slow receiver never slows a publisher or another node.
/// * Dropping a bus, or its receiver, ends the subscriptions.
/// * Beside the messages it keeps three kinds of small things for a limited time, where every node can
///   read them: *where* each node is, what each node *announces* about a room, and *leases*. They are
///   hints like the rest:
///   all of them may be lost at any time, and nothing durable may depend on them.
/// * No call waits longer than a few seconds; then it is `Unavailable`, and may have had its effect.
#[async_trait]
pub trait Bus: Send + Sync + 'static {
    /// Begins to deliver a room's messages; no effect when it already does.
    async fn subscribe(&self, room: RoomId) -> Result<(), BusError>;

    /// Ends it; no effect when it does not.
    async fn unsubscribe(&self, room: RoomId) -> Result<(), BusError>;

    /// Sends to all other subscribed nodes; never waits for a receiver.
    async fn publish(&self, room: RoomId, payload: Bytes) -> Result<(), BusError>;

    /// A sign of life to all nodes, whatever they are subscribed to. It comes back to this node too,
    /// on every way that messages take: what [`Health`] says of the bus rests on it, so it is to be
    /// sent about once a second.
    async fn beat(&self) -> Result<(), BusError>;

    /// Tells all nodes that this one ends, and forgets where it was.
    async fn leave(&self) -> Result<(), BusError>;

    /// Says for `ttl` where the other nodes reach this one; opaque.
    async fn advertise(&self, address: &str, ttl: Duration) -> Result<(), BusError>;

    /// Where a node says that it is reached.
    async fn whereabouts(&self, node: NodeId) -> Result<Option<String>, BusError>;

    /// Keeps what this node says about a room for `ttl`, instead of what it said before.
    async fn announce(&self, room: RoomId, value: Bytes, ttl: Duration) -> Result<(), BusError>;

    /// Takes back what this node said about a room; no effect when it said nothing.
    async fn withdraw(&self, room: RoomId) -> Result<(), BusError>;

    /// What the other nodes say about a room, by node.
    async fn announced(&self, room: RoomId) -> Result<Vec<(NodeId, Bytes)>, BusError>;

    /// Takes a lease of a room, unless it is held under another token than the claim names. Tokens
    /// of one room only grow, even when the bus has lost everything meanwhile.
    async fn claim(&self, room: RoomId, claim: Claim) -> Result<Claimed, BusError>;

    /// Ends a lease; false when it is not held under `token` (any more).
    async fn release(&self, room: RoomId, name: &str, token: u64) -> Result<bool, BusError>;

    /// The leases of a room that are held now, by name.
    async fn leases(&self, room: RoomId) -> Result<Vec<Lease>, BusError>;

    /// How it is now, without asking anybody.
    fn health(&self) -> Health;

    /// Messages that this node lost because its receiver was full (an overrun counts those of rooms
    /// that it did not ask for too).
    fn dropped(&self) -> u64;
}

/// Joins the configured bus as `node`; events go to `events`. Without a Redis address that is a bus
/// with nobody else on it. A Redis that can't be reached is no error: the bus is down until it comes.
/// Needs a Tokio runtime, which has to outlive the bus.
///
/// # Errors
/// When the settings are wrong, or a Redis that is reached says so: it is too old, refuses the user, or
/// shows a certificate that is not trusted.
pub async fn connect(
    config: &Config,
    node: NodeId,
    events: mpsc::Sender<BusEvent>,
) -> Result<Arc<dyn Bus>, BusError> {
    match config.endpoint().map_err(BusError::Failed)? {
        None => Ok(Arc::new(local::LocalHub::new().connect(node, events))),
        Some(endpoint) => {
            Ok(Arc::new(redis::RedisBus::connect(config, &endpoint, node, events).await?))
        }
    }
}
