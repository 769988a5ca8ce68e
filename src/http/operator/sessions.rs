//! Sessions of this replica. Their ids are those that participants see; what an Engine.IO session is
//! called, which is a secret, is not known here.

use std::collections::HashSet;

use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;

use super::Operator;
use crate::actors::oversight::SessionSeen;
use crate::auth::Principal;
use crate::domain::{RoomId, SessionId};
use crate::http::error::ErrorBody;
use crate::http::query::{Page, Query};
use crate::http::{ApiError, State};
use crate::protocol::operator::SessionFacts;
use crate::protocol::text::Text;
use crate::telemetry::metrics::Label;

/// A part of the list.
#[derive(Serialize, ToSchema)]
pub struct SessionsHere {
    /// The list.
    #[serde(flatten)]
    page: Page<SessionFacts>,
    /// Which replica tells.
    node: String,
}

/// Sessions of the tenant on this replica, by id.
#[utoipa::path(get, path = "/api/collaboration/v1/operator/sessions", tag = "operator",
    params(("room" = Option<Uuid>, Query, description = "Those that have joined it"),
           ("user" = Option<String>, Query), ("cursor" = Option<String>, Query),
           ("limit" = Option<usize>, Query, minimum = 1, maximum = 500)),
    responses((status = 200, body = SessionsHere), (status = "4XX", body = ErrorBody)))]
pub async fn list(
    state: Data<State>,
    Operator(who): Operator,
    query: Query,
) -> Result<Json<SessionsHere>, ApiError> {
    let limit = query.limit()?;
    let after = query.cursor(|text| SessionId::parse(text).ok())?;
    let oversight = &state.operators.oversight;
    let mut found = oversight.sessions(&who.tenant, query.user("user")?).await?;
    if let Some(room) = query.room("room")? {
        let joined = joined(&state, &who, room).await?;
        found.retain(|(id, ..)| joined.contains(id));
    }
    found.retain(|(id, ..)| Some(id) > after.as_ref());
    found.truncate(limit + 1);
    let page = Page::cut(found, limit, |(id, ..)| id.to_string());
    let next_cursor = page.next_cursor.clone();
    let items = oversight.describe(page.items).await.into_iter().map(facts).collect();
    let node = state.operators.node.clone();
    Ok(Json(SessionsHere { page: Page { items, next_cursor }, node }))
}

async fn joined(
    state: &State,
    who: &Principal,
    room: RoomId,
) -> Result<HashSet<SessionId>, ApiError> {
    let detail = state.operators.oversight.examine(&who.tenant, room).await?;
    let members = detail.map(|detail| detail.members).unwrap_or_default();
    Ok(members.into_iter().map(|member| member.session_id.0).collect())
}

fn facts(SessionSeen { id, card, said }: SessionSeen) -> SessionFacts {
    let (answering, said) = (said.is_some(), said.unwrap_or_default());
    let who = &card.who.principal;
    SessionFacts {
        session_id: Text(id),
        user_id: Text(who.user.clone()),
        name: who.name.clone(),
        role: who.role.as_str(),
        transport: card.transport.as_str(),
        connected_at: Text(card.since),
        token_expires_at: Text(who.expires_at),
        answering,
        rooms: said.rooms.into_iter().map(Text).collect(),
        closing: said.closing,
        outbox_frames: said.backlog.frames,
        outbox_bytes: said.backlog.bytes,
        messages: said.messages,
        refused: said.refused,
    }
}
