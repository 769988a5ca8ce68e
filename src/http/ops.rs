//! Operations of neighbour services: the body of `op` without a socket.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};

use super::access::RoomPath;
use super::body::RawBody;
use super::error::ErrorBody;
use super::spans::Traced;
use super::{ApiError, State};
use crate::auth::Principal;
use crate::protocol::client::decode_op;
use crate::protocol::server::AckBody;
use crate::telemetry::trace::Kind;

/// Submits an operation; committed when this answers 200. The body is that of `op` (see the
/// AsyncAPI document): `{opId, op, baseVersion?, dryRun?}`. Repeating it with the same `opId` never
/// applies it twice.
#[utoipa::path(post, path = "/api/collaboration/v1/rooms/{room}/ops", tag = "operations",
    params(("room" = Uuid, Path)),
    request_body(content = Object, content_type = "application/json"),
    responses((status = 200, body = AckBody),
              (status = 409, body = ErrorBody, description = "`conflict`, `stale` or `locked`"),
              (status = 422, body = ErrorBody, description = "`invalid`"),
              (status = 429, body = ErrorBody, description = "`rate_limited`"),
              (status = 503, body = ErrorBody, description = "`busy` or `unavailable`"),
              (status = "4XX", body = ErrorBody)))]
pub async fn submit(
    state: Data<State>,
    who: Principal,
    RoomPath(room): RoomPath,
    request: HttpRequest,
    RawBody(bytes): RawBody,
) -> Result<Json<AckBody>, ApiError> {
    state.rooms.admit_body(&who.tenant, bytes.len())?;
    let (command, dry_run) = decode_op(&bytes)?;
    let span = state.tracer.child("operation", Kind::Internal, Traced::of(&request).parent);
    let ack = state.rooms.submit(&who, room, command, bytes.len(), dry_run, span).await?;
    Ok(Json(ack))
}
