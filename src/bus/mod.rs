//! Wake-ups between replicas: what one committed, the others need not look up. [`Bus`] is the
//! contract; `tests/contract/bus.rs` holds for every implementation. It carries opaque bytes and
//! knows rooms by their ids only. Called by the bridge actor alone.
//!
//! Nothing depends on a bus for truth: whoever misses a message asks the database.

pub mod local;

mod config;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::mpsc;
use uuid::Uuid;

pub use config::*;

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
#[async_trait]
pub trait Bus: Send + Sync + 'static {
    /// Begins to deliver a room's messages; no effect when it already does.
    async fn subscribe(&self, room: RoomId) -> Result<(), BusError>;

    /// Ends it; no effect when it does not.
    async fn unsubscribe(&self, room: RoomId) -> Result<(), BusError>;

    /// Sends to all other subscribed nodes; never waits for a receiver.
    async fn publish(&self, room: RoomId, payload: Bytes) -> Result<(), BusError>;

    /// Messages that this node lost because its receiver was full (an overrun counts those of rooms
    /// that it did not ask for too).
    fn dropped(&self) -> u64;
}

/// Joins the configured bus as `node`; events go to `events`. Without a Redis address that is a bus
/// with nobody else on it.
///
/// # Errors
/// When the settings are wrong or not supported by this build.
pub async fn connect(
    config: &Config,
    node: NodeId,
    events: mpsc::Sender<BusEvent>,
) -> Result<Arc<dyn Bus>, BusError> {
    config.check().map_err(BusError::Failed)?;
    Ok(Arc::new(local::LocalHub::new().connect(node, events)))
}
