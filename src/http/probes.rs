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
use crate::telemetry::metrics::CONTENT_TYPE;

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
    /// The keeper of truth.
    database: Dependency,
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

/// Each dependency with its state, for people and alarms.
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
    let status = if up { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let latency_ms = u64::try_from(latency.as_millis()).unwrap_or(u64::MAX);
    let database = Dependency { state: if up { "up" } else { "down" }, latency_ms };
    HttpResponse::build(status).json(Dependencies { database })
}

/// The metric catalogue, as Prometheus reads it.
#[utoipa::path(get, path = "/metrics", tag = "probes",
    responses((status = 200, body = String, content_type = "text/plain")))]
pub async fn metrics(state: Data<State>) -> HttpResponse {
    HttpResponse::Ok().content_type(CONTENT_TYPE).body(state.metrics.render())
}

fn phase(state: &State) -> HttpResponse {
    let (status, name) = match state.lifecycle.phase() {
        Phase::Starting => (StatusCode::SERVICE_UNAVAILABLE, "starting"),
        Phase::Ready => (StatusCode::OK, "ready"),
        Phase::Draining => (StatusCode::SERVICE_UNAVAILABLE, "draining"),
        Phase::Stopped => (StatusCode::SERVICE_UNAVAILABLE, "stopped"),
    };
    HttpResponse::build(status).json(Health {
        status: name,
        awaited: state.lifecycle.awaited(),
        version: state.version.clone(),
    })
}
