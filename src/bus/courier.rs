//! Hands events to a node's receiver without ever waiting for it. What does not fit is dropped and
//! counted, and the receiver is told as soon as it has room again, before anything later. Every bus
//! implementation has one courier a node.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use super::BusEvent;

/// The sole sender of a node's events.
#[derive(Debug)]
pub(super) struct Courier {
    events: mpsc::Sender<BusEvent>,
    /// Something was dropped and the receiver does not know yet.
    lagged: bool,
    dropped: Arc<AtomicU64>,
}

impl Courier {
    /// Counts into `dropped`.
    pub(super) fn new(events: mpsc::Sender<BusEvent>, dropped: Arc<AtomicU64>) -> Self {
        Self { events, lagged: false, dropped }
    }

    /// Tells the receiver what it missed once it has room; never returns while it missed nothing.
    /// May be dropped at any time.
    pub(super) async fn catch_up(&mut self) {
        if !self.lagged {
            return std::future::pending().await;
        }
        // An error says that nobody receives any more, which whoever waits for it learns.
        if let Ok(permit) = self.events.reserve().await {
            permit.send(BusEvent::Lagged);
        }
        self.lagged = false;
    }

    pub(super) fn carry(&mut self, event: BusEvent) {
        if self.lagged {
            return self.lose(1);
        }
        match self.events.try_send(event) {
            Ok(()) | Err(TrySendError::Closed(_)) => {}
            Err(TrySendError::Full(_)) => self.lose(1),
        }
    }

    /// Events that were lost before they came here.
    pub(super) fn lose(&mut self, events: u64) {
        self.dropped.fetch_add(events, Ordering::Relaxed);
        self.lagged = true;
    }
}
