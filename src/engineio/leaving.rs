//! The moments of tunnels when this replica goes away: each has its own, at an even pace. Sessions of
//! this replica have theirs from whoever mounted the endpoint.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// The way to tell all tunnels.
#[derive(Debug)]
pub(super) struct Leaving {
    plan: watch::Sender<Option<Arc<Plan>>>,
    tunnels: watch::Sender<usize>,
}

/// How they leave.
#[derive(Debug)]
struct Plan {
    from: Instant,
    spread: Duration,
    count: usize,
    taken: AtomicUsize,
    status: u16,
}

impl Plan {
    /// The next moment that is nobody's yet; at once when there were fewer tunnels than ask.
    fn turn(&self) -> Duration {
        let index = self.taken.fetch_add(1, Ordering::Relaxed);
        if index < self.count {
            self.spread.mul_f64(index as f64 / self.count as f64)
        } else {
            Duration::ZERO
        }
    }
}

impl Default for Leaving {
    fn default() -> Self {
        Self { plan: watch::Sender::new(None), tunnels: watch::Sender::new(0) }
    }
}

impl Leaving {
    /// Tells those that there are; one that opens later leaves at once.
    pub(super) fn begin(&self, spread: Duration, status: u16) {
        let count = *self.tunnels.borrow();
        let taken = AtomicUsize::new(0);
        let plan = Plan { from: Instant::now(), spread, count, taken, status };
        self.plan.send_replace(Some(Arc::new(plan)));
    }

    /// One more tunnel, until the guard is dropped.
    pub(super) fn enter(self: &Arc<Self>) -> Tunnel {
        self.tunnels.send_modify(|count| *count += 1);
        Tunnel(self.clone())
    }

    /// Resolves once there is no tunnel.
    pub(super) async fn emptied(&self) {
        let mut counts = self.tunnels.subscribe();
        // The sender is in `self`, so it can't be gone while we wait.
        let _ = counts.wait_for(|count| *count == 0).await;
    }
}

/// A tunnel that is open.
pub(super) struct Tunnel(Arc<Leaving>);

impl Tunnel {
    /// Resolves at its moment, with the status that its client is closed with.
    pub(super) async fn moment(&self) -> u16 {
        let mut plans = self.0.plan.subscribe();
        let told = plans.wait_for(Option::is_some).await;
        let plan = told.ok().and_then(|plan| plan.clone());
        let plan = plan.expect("the sender is in `self`, so it is not gone while we wait");
        sleep_until(plan.from + plan.turn()).await;
        plan.status
    }
}

impl Drop for Tunnel {
    fn drop(&mut self) {
        self.0.tunnels.send_modify(|count| *count -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn tunnels_leave_one_after_the_other_and_late_ones_at_once() {
        let leaving = Arc::new(Leaving::default());
        let tunnels: Vec<_> = (0..4).map(|_| leaving.enter()).collect();
        leaving.begin(Duration::from_secs(20), 1012);
        let plan = leaving.plan.borrow().clone().expect("it has begun");
        let turns: Vec<_> = (0..5).map(|_| plan.turn().as_secs()).collect();
        assert_eq!(turns, [0, 5, 10, 15, 0]);
        drop(tunnels);
        leaving.emptied().await;
        assert_eq!(leaving.enter().moment().await, 1012);
    }
}
