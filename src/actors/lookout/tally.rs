//! How one tenant's operations went on this replica.

use std::collections::BTreeMap;
use std::time::{Duration, Instant as Monotonic};

use crate::domain::Instant;
use crate::protocol::operator::{AckMillis, OperationBody, OperationsBody};
use crate::protocol::text::Text;
use crate::telemetry::metrics::Window;
use crate::time::Clock;

/// Counts of one tenant.
pub(super) struct Tally {
    since: Instant,
    /// When the last one came.
    pub(super) touched: Monotonic,
    outcomes: BTreeMap<&'static str, u64>,
    commits: Window,
}

impl Tally {
    pub(super) fn new(clock: &Clock) -> Self {
        Self {
            since: clock.now(),
            touched: clock.monotonic(),
            outcomes: BTreeMap::new(),
            commits: Window::new(clock.clone()),
        }
    }

    pub(super) fn count(&mut self, operation: &OperationBody, now: Monotonic) {
        self.touched = now;
        *self.outcomes.entry(operation.outcome).or_default() += 1;
        if operation.outcome == "committed" {
            self.commits.observe(Duration::from_secs_f64(operation.ms / 1_000.0));
        }
    }

    pub(super) fn body(&self) -> OperationsBody {
        let [p50, p90, p99] =
            self.commits.quantiles([0.5, 0.9, 0.99]).map(|s| (s * 1_000_000.0).round() / 1_000.0);
        let ack_ms = AckMillis { p50, p90, p99, samples: self.commits.total() };
        OperationsBody { since: Text(self.since), outcomes: self.outcomes.clone(), ack_ms }
    }
}
