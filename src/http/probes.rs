//! Questions of load balancers, orchestrators and scrapers. Health never depends on a neighbour: a
//! database that is away would otherwise take every replica out at once.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::State;
use crate::lifecycle::Phase;
use crate::telemetry::metrics::{BusLink, CONTENT_TYPE, Label, Metrics, PoolState};

/// A database that takes longer is called down.
const PING_TIMEOUT: Duration = Duration::from_secs(2);

/// Where the process is in its life.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Health {
    /// `starting`, `ready`, `draining` or `stopped`.
    status: &'static str,
    /// What readiness waits for.
    awaited: Vec<&'static str>,
    /// Of the service.
    version: String,
}

/// The dependencies.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Dependencies {
    /// `up`; `degraded` when other replicas are heard of from the database alone; `down` without the
    /// database.
    status: &'static str,
    /// The keeper of truth.
    database: Dependency,
    /// The way to the other replicas.
    bus: Bus,
}

/// The way to the other replicas, as the bridge saw it at its last sign of life.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Bus {
    /// `alone` inside one process, `up`, `degraded` or `down`.
    state: &'static str,
    /// Ways that messages take: the primaries of a cluster.
    shards: usize,
    /// Those on which this replica's signs of life come back.
    shards_up: usize,
    /// Milliseconds since the last one came back on the way that is worst off.
    canary_age_ms: u64,
    /// Other replicas that are heard.
    replicas: usize,
}

impl Bus {
    /// The catalogue has what the bridge, which alone owns the bus, says each second.
    pub(super) fn of(metrics: &Metrics) -> Self {
        let said = |link: &BusLink| metrics.bus_link.of(*link).get() == 1;
        let link = BusLink::ALL.iter().copied().find(said).unwrap_or(BusLink::Down);
        Self {
            state: link.as_str(),
            shards: metrics.bus_shards.get(),
            shards_up: metrics.bus_shards_up.get(),
            canary_age_ms: millis(metrics.bus_canary_age_seconds.get()),
            replicas: metrics.bus_nodes.get(),
        }
    }

    fn is_sound(&self) -> bool {
        [BusLink::Alone, BusLink::Up].iter().any(|link| link.as_str() == self.state)
    }
}

/// One dependency.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Dependency {
    /// `up` or `down`.
    state: &'static str,
    /// How long it took to say so.
    latency_ms: u64,
}

/// Whether the process runs at all.
#[utoipa::path(get, path = "/live", tag = "probes", responses((status = 200)))]
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "live" }))
}

/// Whether new clients should be sent here.
#[utoipa::path(get, path = "/ready", tag = "probes",
    responses((status = 200, body = Health), (status = 503, body = Health)))]
pub async fn ready(state: Data<State>) -> HttpResponse {
    phase(&state)
}

/// Whether this process can serve: false while it starts and while it drains.
#[utoipa::path(get, path = "/health", tag = "probes",
    responses((status = 200, body = Health), (status = 503, body = Health)))]
pub async fn health(state: Data<State>) -> HttpResponse {
    phase(&state)
}

/// Each dependency with its state, for people and alarms. Only the loss of the database makes it 503:
/// without the bus everything goes on, later.
#[utoipa::path(get, path = "/health/deps", tag = "probes",
    responses((status = 200, body = Dependencies), (status = 503, body = Dependencies)))]
pub async fn dependencies(state: Data<State>) -> HttpResponse {
    let asked = state.clock.monotonic();
    let answer = tokio::time::timeout(PING_TIMEOUT, state.store.ping()).await;
    let latency = state.clock.monotonic() - asked;
    let up = matches!(answer, Ok(Ok(())));
    if let Ok(Err(error)) = answer {
        tracing::warn!(%error, "the store did not answer a probe");
    }
    let database =
        Dependency { state: if up { "up" } else { "down" }, latency_ms: millis(latency) };
    let bus = Bus::of(&state.metrics);
    let (code, status) = match (up, bus.is_sound()) {
        (true, true) => (StatusCode::OK, "up"),
        (true, false) => (StatusCode::OK, "degraded"),
        (false, _) => (StatusCode::SERVICE_UNAVAILABLE, "down"),
    };
    HttpResponse::build(code).json(Dependencies { status, database, bus })
}

/// The metric catalogue, as Prometheus reads it.
#[utoipa::path(get, path = "/metrics", tag = "probes",
    responses((status = 200, body = String, content_type = "text/plain")))]
pub async fn metrics(state: Data<State>) -> HttpResponse {
    let now = state.store.connections();
    let counted = [
        (PoolState::InUse, now.in_use),
        (PoolState::Idle, now.idle),
        (PoolState::Waiting, now.waiting),
    ];
    for (name, count) in counted {
        state.metrics.db_connections.of(name).set(count);
    }
    HttpResponse::Ok().content_type(CONTENT_TYPE).body(state.metrics.render())
}

/// A phase's name.
pub(super) fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Starting => "starting",
        Phase::Ready => "ready",
        Phase::Draining => "draining",
        Phase::Stopped => "stopped",
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

fn phase(state: &State) -> HttpResponse {
    let phase = state.lifecycle.phase();
    let ready = phase == Phase::Ready;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    HttpResponse::build(status).json(Health {
        status: phase_name(phase),
        awaited: state.lifecycle.awaited(),
        version: state.version.clone(),
    })
}
