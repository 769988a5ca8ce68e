//! Which room a request is about, and whether the caller may see or manage it. A room that is not
//! there, is archived or is another tenant's gives one and the same answer.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use uuid::Uuid;

use super::{ApiError, State};
use crate::auth::{Principal, TenantRole, room_role};
use crate::domain::{Role, RoomId, UserId};
use crate::store::RoomRecord;

/// The `{room}` of the path. What is no UUID names no room.
#[derive(Clone, Copy, Debug)]
pub struct RoomPath(pub Option<RoomId>);

/// The `{userId}` of the path.
pub struct UserPath(pub UserId);

/// A room that the caller may see.
pub struct Access {
    /// The room.
    pub record: RoomRecord,
    /// What the caller may do in it.
    pub role: Role,
    /// The room's member list.
    pub members: Vec<(UserId, Role)>,
}

impl FromRequest for RoomPath {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = request.match_info().get("room").and_then(|text| Uuid::parse_str(text).ok());
        ready(Ok(Self(id.map(RoomId))))
    }
}

impl FromRequest for UserPath {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let user = UserId::parse(request.match_info().query("userId"));
        ready(user.map(Self).map_err(|error| ApiError::invalid("userId", &error.rule)))
    }
}

/// The room, for a caller of its tenant.
///
/// # Errors
/// `not_found`, or what the store says.
pub async fn see(state: &State, who: &Principal, room: RoomPath) -> Result<Access, ApiError> {
    let id = room.0.ok_or_else(ApiError::not_found)?;
    let record = state.store.room(&who.tenant, id).await?;
    let record = record.filter(|record| record.archived_at.is_none());
    let record = record.ok_or_else(ApiError::not_found)?;
    let members = state.store.members(id).await?;
    Ok(Access { role: role_of(who, &members), record, members })
}

/// The room, for one of its owners. The tenant's owners always are: nobody can lock them out.
///
/// # Errors
/// As [`see`], and `forbidden`.
pub async fn manage(state: &State, who: &Principal, room: RoomPath) -> Result<Access, ApiError> {
    let access = see(state, who, room).await?;
    if access.role == Role::Owner || who.role == TenantRole::Owner {
        return Ok(access);
    }
    Err(ApiError::forbidden("only an owner of the room may do this"))
}

/// What a caller may do in a room with these members.
#[must_use]
pub fn role_of(who: &Principal, members: &[(UserId, Role)]) -> Role {
    let member = members.iter().find(|(user, _)| *user == who.user).map(|(_, role)| *role);
    room_role(who.role, member)
}
