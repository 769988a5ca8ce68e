//! One tenant on this replica in numbers, cheap enough to be asked each second.

use std::time::Duration;

use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;

use super::Operator;
use crate::http::error::ErrorBody;
use crate::http::probes::{Bus, phase_name};
use crate::http::{ApiError, State};
use crate::protocol::operator::OperationsBody;
use crate::protocol::text::{Text, Time};
use crate::telemetry::metrics::Transport;

/// A database that takes longer is called down.
const PING_TIMEOUT: Duration = Duration::from_secs(1);
/// The most rooms that are asked what waits in them.
const MAX_ASKED: usize = 200;

/// The tenant on this replica.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    node: String,
    version: String,
    phase: &'static str,
    now: Time,
    uptime_ms: u64,
    /// Whether this operator may drain and change the log filter.
    may_act_on_process: bool,
    database: DatabaseState,
    bus: Bus,
    sessions: Sessions,
    rooms: Rooms,
    operations: OperationsBody,
    queues: Queues,
    /// Of this tenant.
    followers: usize,
}

/// The keeper of truth.
#[derive(Serialize, ToSchema)]
pub struct DatabaseState {
    /// `up` or `down`.
    state: &'static str,
}

/// Sessions by transport.
#[derive(Default, Serialize, ToSchema)]
pub struct Sessions {
    total: usize,
    websocket: usize,
    socketio: usize,
    polling: usize,
}

/// Rooms in memory.
#[derive(Serialize, ToSchema)]
pub struct Rooms {
    active: usize,
    /// Those that did not answer in time.
    silent: usize,
}

/// What waits, in all rooms that were asked.
#[derive(Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Queues {
    /// Operations for the store.
    operations: usize,
    /// Requests for an answer of the store.
    late: usize,
    /// Frames for members.
    outbox_frames: usize,
    /// Bytes of them.
    outbox_bytes: usize,
    /// Frames for the member who is furthest behind.
    outbox_frames_max: usize,
}

/// The tenant on this replica in numbers.
#[utoipa::path(get, path = "/api/collaboration/v1/operator/overview", tag = "operator",
    responses((status = 200, body = Overview), (status = "4XX", body = ErrorBody)))]
pub async fn overview(
    state: Data<State>,
    Operator(who): Operator,
) -> Result<Json<Overview>, ApiError> {
    let (operators, oversight) = (&state.operators, &state.operators.oversight);
    let uptime = state.clock.monotonic().saturating_duration_since(operators.began);
    let (database, counted, went, followers, (rooms, queues)) = tokio::join!(
        database(&state),
        oversight.count(&who.tenant),
        oversight.went(&who.tenant),
        oversight.followers(&who.tenant),
        async { queues(&state, &who.tenant).await.unwrap_or_default() },
    );
    Ok(Json(Overview {
        node: operators.node.clone(),
        version: state.version.clone(),
        phase: phase_name(state.lifecycle.phase()),
        now: Text(state.clock.now()),
        uptime_ms: u64::try_from(uptime.as_millis()).unwrap_or(u64::MAX),
        may_act_on_process: operators.may_act(&who),
        database: DatabaseState { state: database },
        bus: Bus::of(&state.metrics),
        sessions: sessions(&counted?),
        rooms: Rooms { active: rooms.0, silent: rooms.1 },
        operations: went?,
        queues,
        followers: followers?,
    }))
}

async fn database(state: &State) -> &'static str {
    let answer = tokio::time::timeout(PING_TIMEOUT, state.store.ping()).await;
    if matches!(answer, Ok(Ok(()))) { "up" } else { "down" }
}

fn sessions(counted: &[(Transport, usize)]) -> Sessions {
    let mut sessions = Sessions::default();
    for (transport, count) in counted {
        sessions.total += count;
        match transport {
            Transport::WebSocket => sessions.websocket = *count,
            Transport::SocketIo => sessions.socketio = *count,
            Transport::Polling => sessions.polling = *count,
        }
    }
    sessions
}

/// How many rooms run and how many of those asked were silent, and what waits in the others.
async fn queues(
    state: &State,
    tenant: &crate::domain::TenantId,
) -> Result<((usize, usize), Queues), ApiError> {
    let oversight = &state.operators.oversight;
    let mut running = oversight.running(tenant).await?;
    let active = running.len();
    running.truncate(MAX_ASKED);
    let (mut silent, mut queues) = (0, Queues::default());
    for (_, facts) in oversight.inspect(running).await {
        let Some(facts) = facts else {
            silent += 1;
            continue;
        };
        queues.operations += facts.queue;
        queues.late += facts.late;
        queues.outbox_frames += facts.outbox_frames;
        queues.outbox_bytes += facts.outbox_bytes;
        queues.outbox_frames_max = queues.outbox_frames_max.max(facts.outbox_frames_max);
    }
    Ok(((active, silent), queues))
}
