//! How a bus does, for `/health/deps`, metrics and alarms.

use std::time::Duration;

use serde::Serialize;

/// Whether a bus carries messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// Inside this process: there are no other nodes.
    #[default]
    Alone,
    /// This node's own signs of life come back on every way.
    Up,
    /// Not on all of them, or late: some rooms hear of other replicas from the database alone.
    Degraded,
    /// On none.
    Down,
}

/// A bus at one moment. Counts are since its connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// In one word.
    pub link: Link,
    /// Ways that messages take (primaries of a cluster); 0 while none is known.
    pub shards: usize,
    /// Those of them on which this node's signs of life come back.
    pub shards_up: usize,
    /// Time since the last sign of life that came back on the way that is worst off.
    pub canary_age: Duration,
    /// Messages, signs and commands that were given up.
    pub failures: u64,
    /// Connections that were built again.
    pub rebuilds: u64,
}
