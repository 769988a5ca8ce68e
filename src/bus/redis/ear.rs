//! What is heard on all connections on its way to the courier. The library hands pushes to a function
//! that may not wait; a queue of its own behind that function would grow without bound.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::mpsc;

use crate::bus::BusEvent;
use crate::bus::courier::Courier;

/// Events that wait for the courier, who never waits for the receiver: this covers only the time
/// until its thread runs it. More are dropped, counted and told like those that the receiver refused.
const BACKLOG: usize = 1_024;

/// The way to the courier.
#[derive(Clone, Debug)]
pub(super) struct Ear {
    handed: mpsc::Sender<BusEvent>,
    overrun: Arc<AtomicU64>,
}

impl Ear {
    /// Starts the courier's task, which ends with the last ear or with the receiver. Needs a Tokio
    /// runtime.
    pub(super) fn open(events: mpsc::Sender<BusEvent>, dropped: Arc<AtomicU64>) -> Self {
        let (handed, inbox) = mpsc::channel(BACKLOG);
        let overrun = Arc::<AtomicU64>::default();
        let courier = Courier::new(events.clone(), dropped);
        tokio::spawn(deliver(courier, events, inbox, overrun.clone()));
        Self { handed, overrun }
    }

    pub(super) fn offer(&self, event: BusEvent) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.handed.try_send(event) {
            self.overrun.fetch_add(1, Ordering::AcqRel);
        }
    }
}

async fn deliver(
    mut courier: Courier,
    events: mpsc::Sender<BusEvent>,
    mut inbox: mpsc::Receiver<BusEvent>,
    overrun: Arc<AtomicU64>,
) {
    loop {
        tokio::select! {
            biased;
            () = events.closed() => break,
            () = courier.catch_up() => {}
            event = inbox.recv() => {
                let Some(event) = event else { break };
                // There is always one more event after an overrun: the queue was full.
                match overrun.swap(0, Ordering::AcqRel) {
                    0 => {}
                    lost => courier.lose(lost),
                }
                courier.carry(event);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bus::NodeId;

    #[tokio::test]
    async fn an_overrun_is_counted_and_told() {
        let (sender, mut events) = mpsc::channel(4 * BACKLOG);
        let dropped = Arc::<AtomicU64>::default();
        let ear = Ear::open(sender, dropped.clone());
        let node = NodeId(uuid::Uuid::nil());
        // The courier's task does not run before this one waits.
        for _ in 0..BACKLOG + 10 {
            ear.offer(BusEvent::Alive(node));
        }
        assert_eq!(events.recv().await, Some(BusEvent::Lagged));
        drop(ear);
        while let Some(event) = events.recv().await {
            assert_eq!(event, BusEvent::Alive(node));
        }
        assert!(dropped.load(Ordering::Relaxed) >= 10);
    }
}
