//! Who is in a room right now.

use actix_web::web::{Data, Json};

use super::access::RoomPath;
use super::error::ErrorBody;
use super::query::{Page, Query};
use super::{ApiError, State};
use crate::auth::Principal;
use crate::domain::SessionId;
use crate::protocol::presence::ParticipantBody;

/// Lists who is in a room, by session id.
#[utoipa::path(get, path = "/api/collaboration/v1/rooms/{room}/participants", tag = "rooms",
    params(("room" = Uuid, Path),
           ("cursor" = Option<String>, Query, description = "`nextCursor` of the part before"),
           ("limit" = Option<usize>, Query, minimum = 1, maximum = 500)),
    responses((status = 200, body = Page<ParticipantBody>), (status = "4XX", body = ErrorBody)))]
pub async fn list(
    state: Data<State>,
    who: Principal,
    RoomPath(room): RoomPath,
    query: Query,
) -> Result<Json<Page<ParticipantBody>>, ApiError> {
    let limit = query.limit()?;
    let after = query.cursor(|text| SessionId::parse(text).ok())?;
    let mut people = state.rooms.participants(&who, room).await?;
    people.retain(|person| Some(&person.session_id.0) > after.as_ref());
    people.sort_by(|a, b| a.session_id.0.cmp(&b.session_id.0));
    Ok(Json(Page::cut(people, limit, |person| person.session_id.0.to_string())))
}
