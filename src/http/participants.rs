//! Who is in a room right now.

use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::access::RoomPath;
use super::error::ErrorBody;
use super::query::{Page, Query};
use super::{ApiError, State};
use crate::auth::Principal;
use crate::protocol::presence::ParticipantBody;

/// One part of the list of participants.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ParticipantPage)]
#[expect(dead_code, reason = "describes Page<ParticipantBody> in the OpenAPI document")]
pub struct ParticipantPage {
    items: Vec<ParticipantBody>,
    next_cursor: Option<String>,
}

/// Lists who is in a room, by session id.
#[utoipa::path(get, path = "/api/collaboration/v1/rooms/{room}/participants", tag = "rooms",
    params(("room" = Uuid, Path),
           ("cursor" = Option<String>, Query, description = "`nextCursor` of the part before"),
           ("limit" = Option<usize>, Query, minimum = 1, maximum = 500)),
    responses((status = 200, body = ParticipantPage), (status = "4XX", body = ErrorBody)))]
pub async fn list(
    state: Data<State>,
    who: Principal,
    RoomPath(room): RoomPath,
    query: Query,
) -> Result<Json<Page<ParticipantBody>>, ApiError> {
    let limit = query.limit()?;
    let after = query.cursor(|text| Some(text.to_owned()))?.unwrap_or_default();
    let mut people = state.rooms.participants(&who, room).await?;
    people.retain(|person| person.session_id > after);
    people.sort_by(|a, b| a.session_id.cmp(&b.session_id));
    Ok(Json(Page::cut(people, limit, |person| person.session_id.clone())))
}
