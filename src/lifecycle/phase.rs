//! Starting → Ready → Draining → Stopped, never backwards. Ready comes by itself when the last
//! latch is released; the composition root holds one of its own until it has handed out the others.

use std::sync::Arc;

use tokio::sync::watch;

use crate::telemetry::metrics::Notice;

/// Where the process is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Something is not ready yet.
    Starting,
    /// Serving.
    Ready,
    /// Serving those who are here, taking nobody new.
    Draining,
    /// All sessions have gone.
    Stopped,
}

/// A cheap handle to the phase, shared by everyone in the process.
#[derive(Clone, Debug)]
pub struct Lifecycle(Arc<watch::Sender<State>>);

#[derive(Clone, Debug)]
struct State {
    phase: Phase,
    awaited: Vec<&'static str>,
    /// What asked the process to end, first.
    asked: Option<Notice>,
}

/// Keeps the process in [`Phase::Starting`] until it is released. One that is dropped without a
/// release (its owner failed) keeps it there for good: not ready is the honest answer.
#[derive(Debug)]
#[must_use = "the process is not ready until the latch is released"]
pub struct Latch {
    name: &'static str,
    life: Lifecycle,
}

impl Default for Lifecycle {
    fn default() -> Self {
        Self::new()
    }
}

impl Lifecycle {
    /// A process that is starting and awaits nothing yet.
    #[must_use]
    pub fn new() -> Self {
        let state = State { phase: Phase::Starting, awaited: Vec::new(), asked: None };
        Self(Arc::new(watch::Sender::new(state)))
    }

    /// Makes readiness wait for one more thing. Without effect once the process is ready.
    pub fn latch(&self, name: &'static str) -> Latch {
        self.0.send_modify(|state| state.awaited.push(name));
        Latch { name, life: self.clone() }
    }

    /// Where the process is.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.0.borrow().phase
    }

    /// Names of what readiness waits for.
    #[must_use]
    pub fn awaited(&self) -> Vec<&'static str> {
        self.0.borrow().awaited.clone()
    }

    /// Resolves once the process is in `phase` or beyond it.
    pub async fn reached(&self, phase: Phase) {
        let mut changes = self.0.subscribe();
        // The sender is in `self`, so it can't be gone while we wait.
        let _ = changes.wait_for(|state| state.phase >= phase).await;
    }

    /// Asks whoever runs the process to end it, as a signal does. Only the first notice counts.
    pub fn ask_to_end(&self, notice: Notice) {
        self.0.send_modify(|state| {
            state.asked.get_or_insert(notice);
        });
    }

    /// Resolves once the process was asked to end; tells by what.
    pub async fn asked_to_end(&self) -> Notice {
        let mut changes = self.0.subscribe();
        let asked = changes.wait_for(|state| state.asked.is_some()).await;
        let notice = asked.ok().and_then(|state| state.asked);
        notice.expect("the sender is in `self`, so it is not gone while we wait")
    }

    /// Begins the drain, from any earlier phase; false when it had begun already.
    pub fn drain(&self) -> bool {
        self.advance(Phase::Draining)
    }

    /// Says that nobody is left; false when that was said already.
    pub fn stop(&self) -> bool {
        self.advance(Phase::Stopped)
    }

    fn advance(&self, to: Phase) -> bool {
        self.0.send_if_modified(|state| {
            let forward = state.phase < to;
            state.phase = state.phase.max(to);
            forward
        })
    }

    fn release(&self, name: &'static str) {
        self.0.send_modify(|state| {
            if let Some(at) = state.awaited.iter().position(|awaited| *awaited == name) {
                state.awaited.swap_remove(at);
            }
            if state.awaited.is_empty() && state.phase == Phase::Starting {
                state.phase = Phase::Ready;
            }
        });
    }
}

impl Latch {
    /// Says that what was awaited is ready.
    pub fn release(self) {
        self.life.release(self.name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_latch_makes_it_ready() {
        let life = Lifecycle::new();
        let (store, http) = (life.latch("store"), life.latch("http"));
        store.release();
        assert_eq!((life.phase(), life.awaited()), (Phase::Starting, vec!["http"]));
        http.release();
        assert_eq!((life.phase(), life.awaited()), (Phase::Ready, vec![]));
    }

    #[test]
    fn a_latch_that_is_dropped_keeps_it_starting() {
        let life = Lifecycle::new();
        drop(life.latch("store"));
        life.latch("http").release();
        assert_eq!((life.phase(), life.awaited()), (Phase::Starting, vec!["store"]));
    }

    #[test]
    fn phases_never_go_back() {
        let life = Lifecycle::new();
        let late = life.latch("store");
        assert!(life.drain());
        assert!(!life.drain());
        late.release();
        assert_eq!(life.phase(), Phase::Draining);
        assert!(life.stop());
        assert!(!life.drain());
        assert_eq!(life.phase(), Phase::Stopped);
    }

    #[tokio::test]
    async fn the_first_notice_counts() {
        let life = Lifecycle::new();
        life.ask_to_end(Notice::Target);
        life.ask_to_end(Notice::Operator);
        assert_eq!(life.asked_to_end().await, Notice::Target);
    }

    #[tokio::test]
    async fn a_phase_that_was_passed_counts_as_reached() {
        let life = Lifecycle::new();
        let waiter = {
            let life = life.clone();
            async move { life.reached(Phase::Ready).await }
        };
        life.drain();
        waiter.await;
    }
}
