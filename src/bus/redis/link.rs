//! What the tasks of one primary, the router and whoever asks for health share: the queue of what is
//! to be said, the pool for commands, and the age of the last sign of life that came back.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use deadpool_redis::Pool;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::topology::Address;

/// Something to be said on a channel.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub channel: String,
    pub frame: Vec<u8>,
    /// Since when it waits.
    pub since: Instant,
    /// Told when the server has it.
    pub sent: Option<oneshot::Sender<()>>,
}

/// One primary as it is used.
pub(super) struct Link {
    pub address: Address,
    pub queue: mpsc::Sender<Outgoing>,
    pub pool: Pool,
    born: Instant,
    /// Milliseconds from birth to the last sign of life that came back, plus one; 0 is never.
    heard: AtomicU64,
    /// The same for the last that was sent.
    sent: AtomicU64,
    listening: AtomicBool,
    speaking: AtomicBool,
}

impl Link {
    pub(super) fn new(address: Address, queue: mpsc::Sender<Outgoing>, pool: Pool) -> Self {
        Self {
            address,
            queue,
            pool,
            born: Instant::now(),
            heard: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            listening: AtomicBool::new(false),
            speaking: AtomicBool::new(false),
        }
    }

    pub(super) fn pulse_came_back(&self) {
        self.heard.store(self.stamp(), Ordering::Relaxed);
    }

    pub(super) fn pulse_sent(&self) {
        self.sent.store(self.stamp(), Ordering::Relaxed);
    }

    /// Time since a sign of life came back, or since birth.
    pub(super) fn canary_age(&self) -> Duration {
        self.since(&self.heard)
    }

    /// Whether one ever came back, and not longer ago than `patience`.
    pub(super) fn is_alive(&self, patience: Duration) -> bool {
        self.heard.load(Ordering::Relaxed) > 0 && self.canary_age() <= patience
    }

    /// Whether signs are sent but none came back for `patience`.
    pub(super) fn is_overdue(&self, patience: Duration) -> bool {
        let sends = self.sent.load(Ordering::Relaxed) > 0 && self.since(&self.sent) <= patience;
        sends && self.canary_age() > patience
    }

    pub(super) fn set_listening(&self, listening: bool) {
        self.listening.store(listening, Ordering::Relaxed);
    }

    pub(super) fn set_speaking(&self, speaking: bool) {
        self.speaking.store(speaking, Ordering::Relaxed);
    }

    /// Whether both of its connections stand.
    pub(super) fn stands(&self) -> bool {
        self.listening.load(Ordering::Relaxed) && self.speaking.load(Ordering::Relaxed)
    }

    fn stamp(&self) -> u64 {
        u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX).saturating_add(1)
    }

    fn since(&self, stamp: &AtomicU64) -> Duration {
        let then = stamp.load(Ordering::Relaxed).saturating_sub(1);
        self.born.elapsed().saturating_sub(Duration::from_millis(then))
    }
}
