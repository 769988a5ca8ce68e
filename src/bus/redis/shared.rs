//! What all tasks of one bus share: who they are, how they connect, where they count, whom they wake.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

use super::dial::Dialer;
use super::ear::Ear;
use super::link::Link;
use super::names::Names;
use super::topology::Topology;
use crate::bus::{Config, NodeId};

/// One for each bus, never changed but for its counters.
pub(super) struct Shared {
    pub node: NodeId,
    pub config: Config,
    pub names: Names,
    pub dialer: Dialer,
    pub ear: Ear,
    /// Wakes the hub: a connection is lost or comes back, or the topology may have changed.
    pub look: Notify,
    pub dropped: Arc<AtomicU64>,
    failures: AtomicU64,
    rebuilds: AtomicU64,
}

impl Shared {
    pub(super) fn new(
        node: NodeId,
        config: Config,
        dialer: Dialer,
        ear: Ear,
        dropped: Arc<AtomicU64>,
    ) -> Self {
        let zero = AtomicU64::default;
        let names = Names::new(&config.namespace);
        let look = Notify::new();
        let (failures, rebuilds) = (zero(), zero());
        Self { node, config, names, dialer, ear, look, dropped, failures, rebuilds }
    }

    /// Something was given up.
    pub(super) fn failed(&self) {
        self.failures.fetch_add(1, Ordering::Relaxed);
    }

    /// A connection was built again.
    pub(super) fn rebuilt(&self) {
        self.rebuilds.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    pub(super) fn rebuilds(&self) -> u64 {
        self.rebuilds.load(Ordering::Relaxed)
    }
}

/// Who gets what, as the hub last saw it.
#[derive(Clone, Default)]
pub(super) struct Routes {
    topology: Topology,
    links: Arc<[Arc<Link>]>,
    /// Where each primary takes signs of life.
    pulses: Arc<[Option<String>]>,
}

impl Routes {
    /// `links` in the order of the topology's primaries.
    pub(super) fn new(topology: Topology, links: Vec<Arc<Link>>, names: &Names) -> Self {
        let pulses = topology.pulses(names).into();
        Self { topology, links: links.into(), pulses }
    }

    pub(super) fn topology(&self) -> &Topology {
        &self.topology
    }

    /// Each primary with the channel for signs of life that lies in it.
    pub(super) fn pulses(&self) -> impl Iterator<Item = (&Arc<Link>, &str)> {
        let pairs = self.links.iter().zip(self.pulses.iter());
        pairs.filter_map(|(link, pulse)| Some((link, pulse.as_deref()?)))
    }

    pub(super) fn links(&self) -> &[Arc<Link>] {
        &self.links
    }

    /// The owner of a slot, if it has one.
    pub(super) fn owner(&self, slot: u16) -> Option<&Arc<Link>> {
        self.links.get(self.topology.owner(slot)?)
    }
}
