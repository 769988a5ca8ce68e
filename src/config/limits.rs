//! `[limits]`.

use super::Section;

/// How much anybody may ask of one replica.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Operations a second and session. Default 50; beyond it, and the burst, `rate_limited`.
    pub ops_per_second: u32,
    /// Operations at once and session. Default 100.
    pub ops_burst: u32,
    /// Cursor and selection messages a second and session. Default 60; more are dropped, the newest
    /// wins anyway.
    pub presence_per_second: u32,
    /// Operations a second and tenant, long messages counted as several. Default 2000; what keeps one
    /// tenant's flood from the others.
    pub tenant_ops_per_second: u32,
    /// Other requests (joins, history, snapshots, locks) a second and session. Default 50; twice as
    /// many at once.
    pub requests_per_second: u32,
    /// REST requests to rooms, operations apart, a second and tenant. Default 500.
    pub tenant_requests_per_second: u32,
    /// WebSocket connections. Default 20000; each needs a file descriptor and about 10 kB.
    pub max_connections: usize,
    /// Rooms that one session may have joined. Default 100.
    pub rooms_per_session: usize,
}

impl Limits {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        let limits = Self {
            ops_per_second: section.integer("ops_per_second", 1..=1_000_000),
            ops_burst: section.integer("ops_burst", 1..=1_000_000),
            presence_per_second: section.integer("presence_per_second", 1..=1_000_000),
            tenant_ops_per_second: section.integer("tenant_ops_per_second", 1..=10_000_000),
            requests_per_second: section.integer("requests_per_second", 1..=1_000_000),
            tenant_requests_per_second: section
                .integer("tenant_requests_per_second", 1..=10_000_000),
            max_connections: section.integer("max_connections", 1..=1_000_000),
            rooms_per_session: section.integer("rooms_per_session", 1..=10_000),
        };
        if section.is_sound() {
            limits.relate(section);
        }
        limits
    }

    fn relate(&self, section: &mut Section<'_>) {
        let ops = self.ops_per_second;
        if self.ops_burst < ops {
            section.fault("ops_burst", format!("must be at least limits.ops_per_second ({ops})"));
        }
        if self.tenant_ops_per_second < ops {
            let rule = format!("must be at least limits.ops_per_second ({ops})");
            section.fault("tenant_ops_per_second", rule);
        }
    }
}
