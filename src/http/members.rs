//! Who may do what in a room, where the tenant-wide role does not say.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, Responder};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::access::{RoomPath, UserPath, manage, see};
use super::body::JsonBody;
use super::error::ErrorBody;
use super::query::{Page, Query};
use super::{ApiError, State};
use crate::auth::Principal;
use crate::domain::UserId;
use crate::protocol::policy::RoleName;

/// An explicit role.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Member)]
pub struct MemberView {
    /// Who.
    pub user_id: String,
    /// What they may do.
    pub role: RoleName,
}

/// A role to give.
#[derive(Deserialize, ToSchema)]
#[schema(as = MemberRole)]
pub struct RoleBody {
    /// `owner`, `editor` or `viewer`.
    role: RoleName,
}

/// Lists the explicit roles of a room, by user id.
#[utoipa::path(get, path = "/api/collaboration/v1/rooms/{room}/members", tag = "members",
    params(("room" = Uuid, Path),
           ("cursor" = Option<String>, Query, description = "`nextCursor` of the part before"),
           ("limit" = Option<usize>, Query, minimum = 1, maximum = 500)),
    responses((status = 200, body = Page<MemberView>), (status = "4XX", body = ErrorBody)))]
pub async fn list(
    state: Data<State>,
    who: Principal,
    room: RoomPath,
    query: Query,
) -> Result<Json<Page<MemberView>>, ApiError> {
    let access = see(&state, &who, room).await?;
    let limit = query.limit()?;
    let after = query.cursor(|text| UserId::parse(text).ok())?;
    let members = access.members.into_iter().filter(|(user, _)| Some(user) > after.as_ref());
    let views = members
        .take(limit + 1)
        .map(|(user, role)| MemberView { user_id: user.to_string(), role: role.into() })
        .collect();
    Ok(Json(Page::cut(views, limit, |member: &MemberView| member.user_id.clone())))
}

/// Gives a user a role in a room.
#[utoipa::path(put, path = "/api/collaboration/v1/rooms/{room}/members/{userId}", tag = "members",
    params(("room" = Uuid, Path), ("userId" = String, Path)), request_body = RoleBody,
    responses((status = 200, body = MemberView), (status = "4XX", body = ErrorBody)))]
pub async fn put(
    state: Data<State>,
    who: Principal,
    room: RoomPath,
    UserPath(user): UserPath,
    JsonBody(RoleBody { role }): JsonBody<RoleBody>,
) -> Result<Json<MemberView>, ApiError> {
    let id = manage(&state, &who, room).await?.record.id;
    state.store.put_member(id, &user, role.into()).await?;
    state.rooms.changed(&who.tenant, id).await;
    Ok(Json(MemberView { user_id: user.to_string(), role }))
}

/// Takes an explicit role away; the tenant-wide role holds again.
#[utoipa::path(delete, path = "/api/collaboration/v1/rooms/{room}/members/{userId}", tag = "members",
    params(("room" = Uuid, Path), ("userId" = String, Path)),
    responses((status = 204), (status = "4XX", body = ErrorBody)))]
pub async fn remove(
    state: Data<State>,
    who: Principal,
    room: RoomPath,
    UserPath(user): UserPath,
) -> Result<impl Responder, ApiError> {
    let id = manage(&state, &who, room).await?.record.id;
    if !state.store.delete_member(id, &user).await? {
        return Err(ApiError::not_found());
    }
    state.rooms.changed(&who.tenant, id).await;
    Ok(HttpResponse::NoContent())
}
