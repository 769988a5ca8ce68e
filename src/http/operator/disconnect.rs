//! Closing one session.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::audit::{Deed, record};
use super::{Operator, reason};
use crate::domain::SessionId;
use crate::http::body::JsonBody;
use crate::http::error::ErrorBody;
use crate::http::{ApiError, State};
use crate::protocol::code::CloseCode;
use crate::protocol::text::{SessionRef, Text};

/// How to close a session.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Disconnect {
    /// For the audit, 1 to 500 characters.
    reason: String,
    /// Whether its client should come back (1012) or not (4003). True when absent.
    #[serde(default = "yes")]
    reconnect: bool,
}

fn yes() -> bool {
    true
}

/// What was done.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Disconnected {
    session_id: SessionRef,
    /// The close code that its client gets.
    code: u16,
}

/// Closes a session of the tenant on this replica.
#[utoipa::path(post, path = "/api/collaboration/v1/operator/sessions/{sessionId}/disconnect",
    tag = "operator", params(("sessionId" = String, Path)), request_body = Disconnect,
    responses((status = 202, body = Disconnected), (status = "4XX", body = ErrorBody)))]
pub async fn disconnect(
    state: Data<State>,
    Operator(who): Operator,
    session: Path<String>,
    JsonBody(wish): JsonBody<Disconnect>,
) -> Result<HttpResponse, ApiError> {
    let reason = reason(&wish.reason)?;
    let id = SessionId::parse(&session).map_err(|_| ApiError::not_found())?;
    let oversight = &state.operators.oversight;
    let found = oversight.find(&who.tenant, id.clone()).await?;
    let session = found.ok_or_else(ApiError::not_found)?;
    let target = id.to_string();
    let deed = Deed { action: "disconnect", target: &target, reason, granted: true };
    record(&state, &who, deed).await?;
    let code = if wish.reconnect { CloseCode::Restart } else { CloseCode::Forbidden };
    oversight.close(&session, code);
    Ok(HttpResponse::Accepted().json(Disconnected { session_id: Text(id), code: code.number() }))
}
