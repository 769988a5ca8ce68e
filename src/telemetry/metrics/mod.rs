//! The metric catalogue: every family of `/metrics`, declared once in [`Metrics`] with the help
//! text as its doc comment. Handles are resolved when the catalogue is made, so that recording is an
//! atomic addition; label values are closed enums (`labels.rs`), never ids, names or paths.

mod families;
mod labels;
mod window;

use prometheus::process_collector::ProcessCollector;
use prometheus::{IntGauge, Opts, Registry, TextEncoder};

pub use families::{
    Counter, CounterGrid, Counters, Gauge, GaugeGuard, Gauges, Latency, Peak, Seconds, SecondsNow,
    Sizes,
};
pub use labels::*;
pub use window::Window;

use families::{Family, Row};

use crate::time::Clock;

/// The media type of [`Metrics::render`].
pub const CONTENT_TYPE: &str = prometheus::TEXT_FORMAT;

macro_rules! catalogue {
    ($(#[$meta:meta])* pub struct $name:ident {
        $($(#[doc = $help:literal])+ pub $field:ident: $family:ty,)+
    }) => {
        $(#[$meta])*
        pub struct $name {
            registry: Registry,
            $($(#[doc = $help])+ pub $field: $family,)+
        }

        impl $name {
            fn declare(registry: Registry, clock: &Clock) -> prometheus::Result<Self> {
                $(let $field = <$family>::register(&Row {
                    registry: &registry,
                    clock,
                    name: stringify!($field),
                    help: concat!($($help),+).trim(),
                })?;)+
                Ok(Self { registry, $($field,)+ })
            }

            fn refresh(&self) {
                $(self.$field.refresh();)+
            }
        }
    };
}

catalogue! {
    /// Every family of one process. Share it behind an `Arc`. A field's name is the family's name
    /// without the prefix `kyo_`, and its doc comment is the help text that scrapers see.
    pub struct Metrics {
        /// TCP connections that are open, HTTP and WebSocket.
        pub connections: Gauge,
        /// Authenticated sessions that are live, by transport.
        pub sessions: Gauges<Transport>,
        /// Rooms that are in memory.
        pub rooms_active: Gauge,
        /// Rooms whose snapshot and events were read from the store to start them.
        pub room_loads_total: Counter,
        /// Rooms that panicked and were built again from the store.
        pub room_restarts_total: Counter,
        /// Operations answered, by kind and outcome; refusals by their error code.
        pub operations_total: CounterGrid<OpKind, Outcome>,
        /// Seconds from an operation's arrival to its ack, committed operations alone.
        pub ack_latency_seconds: Latency,
        /// Events in one append to the store.
        pub append_batch_events: Sizes,
        /// Rooms in one append to the store.
        pub append_batch_rooms: Sizes,
        /// Seconds that one append to the store took.
        pub append_seconds: Seconds,
        /// Room batches that another replica had overtaken and that were decided again.
        pub append_stale_total: Counter,
        /// Frames handed to sockets, one for each member of a broadcast.
        pub fanout_frames_total: Counter,
        /// Seconds to hand one broadcast to the threads of its local members; writing is not in it.
        pub fanout_seconds: Seconds,
        /// Most frames that one member had left unread when its connection was last written, since the last scrape.
        pub outbox_depth_max: Peak,
        /// Seconds from the publishing of committed events to their arrival here, by the clocks of both.
        pub bus_lag_seconds: Latency,
        /// Gaps in a room's sequence that were found on the bus and filled from the store.
        pub bus_gaps_total: Counter,
        /// 1 for how the bus to other replicas does now.
        pub bus_link: Gauges<BusLink>,
        /// Ways that bus messages take, the primaries of a cluster.
        pub bus_shards: Gauge,
        /// Those of them on which this replica's signs of life come back.
        pub bus_shards_up: Gauge,
        /// Seconds since the last sign of life came back on the way that is worst off.
        pub bus_canary_age_seconds: SecondsNow,
        /// Other replicas that are heard.
        pub bus_nodes: Gauge,
        /// Bus messages, signs of life and commands that were given up.
        pub bus_failures_total: Counter,
        /// Bus connections that were built again.
        pub bus_rebuilds_total: Counter,
        /// Bus messages lost because this replica took them too slowly.
        pub bus_dropped_total: Counter,
        /// Presence and lock messages published to other replicas.
        pub presence_published_total: Counter,
        /// Members told to join again from where they were, by reason.
        pub resyncs_total: Counters<ResyncReason>,
        /// Connections closed because their client did not read.
        pub slow_closes_total: Counter,
        /// Presence frames broadcast.
        pub presence_ticks_total: Counter,
        /// Participants in all rooms of this replica, its own sessions alone.
        pub presence_participants: Gauge,
        /// Requests refused by a rate limit, by its scope.
        pub rate_limited_total: Counters<LimitScope>,
        /// Tokens refused, by reason.
        pub auth_failures_total: Counters<AuthFailure>,
        /// Database connections of the pool, by state.
        pub db_connections: Gauges<PoolState>,
        /// Store calls that failed, by whether a repeat may help.
        pub store_errors_total: Counters<StoreFailure>,
        /// Drains begun, by what gave the notice that is followed.
        pub drain_notices_total: Counters<Notice>,
        /// 1 for the step that a drain is at; all 0 when none is under way.
        pub drain_step: Gauges<DrainStep>,
        /// Seconds until a drain gives up whatever is left; 0 when none is under way.
        pub drain_left_seconds: SecondsNow,
        /// Sessions that a drain has yet to move; 0 when none is under way.
        pub drain_sessions_remaining: Gauge,
        /// Sessions told by a drain when to reconnect.
        pub drain_sessions_told_total: Counter,
        /// Sessions that had not gone when a drain was over, and were cut.
        pub drain_sessions_cut_total: Counter,
        /// Rooms whose digest differed from a broadcast's and which were read again.
        pub digest_mismatches_total: Counter,
        /// Requests of followers that wait for the next event of a feed.
        pub feed_waiting: Gauge,
        /// HTTP requests answered, by class of route and class of status.
        pub http_requests_total: CounterGrid<Route, Status>,
        /// Seconds to answer an HTTP request, WebSocket upgrades and the feed left out.
        pub http_request_seconds: Seconds,
        /// Recorded spans of traces, by what became of them; nothing while traces are off.
        pub trace_spans_total: Counters<SpanFate>,
    }
}

/// What runs here, as a metric.
#[derive(Clone, Copy, Debug)]
pub struct Build<'a> {
    /// The service's version.
    pub version: &'a str,
    /// The commit it was built from; empty when unknown.
    pub commit: &'a str,
}

impl Metrics {
    /// Declares every family in a registry of its own, so that two catalogues (tests) don't meet.
    ///
    /// # Panics
    /// When the catalogue itself is wrong (a name twice, a label misspelt); any test would show it.
    #[must_use]
    pub fn new(build: Build<'_>, clock: &Clock) -> Self {
        let registry = Registry::new_custom(Some("kyo".to_owned()), None)
            .expect("kyo is a valid metric prefix");
        register_build(&registry, build).expect("build_info is declared once");
        Self::declare(registry, clock).expect("the catalogue names each family once")
    }

    /// All families in the text format 0.0.4, process metrics at the end.
    #[must_use]
    pub fn render(&self) -> String {
        self.refresh();
        let mut families = self.registry.gather();
        families.extend(process_families());
        TextEncoder::new().encode_to_string(&families).unwrap_or_else(|error| {
            tracing::error!(%error, "the metrics could not be written");
            String::new()
        })
    }
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics")
    }
}

fn register_build(registry: &Registry, build: Build<'_>) -> prometheus::Result<()> {
    let opts = Opts::new("build_info", "Always 1; what runs is in the labels.")
        .const_label("version", build.version)
        .const_label("commit", build.commit);
    let info = IntGauge::with_opts(opts)?;
    info.set(1);
    registry.register(Box::new(info))
}

/// Without our prefix: dashboards know these names.
fn process_families() -> Vec<prometheus::proto::MetricFamily> {
    prometheus::core::Collector::collect(&ProcessCollector::for_self())
}

#[cfg(test)]
mod tests;
