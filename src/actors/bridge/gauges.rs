//! The bus's health as metrics: gauges as they are, counters by what was added since the last look.

use crate::bus::{Health, Link};
use crate::telemetry::metrics::{BusLink, Label, Metrics};

/// What was counted already.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counted {
    failures: u64,
    rebuilds: u64,
    dropped: u64,
}

impl Counted {
    /// Shows a bus as it is now.
    pub(super) fn show(&mut self, metrics: &Metrics, health: Health, dropped: u64, nodes: usize) {
        let link = match health.link {
            Link::Alone => BusLink::Alone,
            Link::Up => BusLink::Up,
            Link::Degraded => BusLink::Degraded,
            Link::Down => BusLink::Down,
        };
        for one in BusLink::ALL {
            metrics.bus_link.of(*one).set(usize::from(*one == link));
        }
        metrics.bus_shards.set(health.shards);
        metrics.bus_shards_up.set(health.shards_up);
        metrics.bus_canary_age_seconds.set(health.canary_age);
        metrics.bus_nodes.set(nodes);
        metrics.bus_failures_total.add(raised(&mut self.failures, health.failures));
        metrics.bus_rebuilds_total.add(raised(&mut self.rebuilds, health.rebuilds));
        metrics.bus_dropped_total.add(raised(&mut self.dropped, dropped));
    }
}

fn raised(from: &mut u64, to: u64) -> usize {
    let added = to.saturating_sub(*from);
    *from = to.max(*from);
    added as usize
}
