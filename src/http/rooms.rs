//! The tenant's rooms: list, make, read, rename, archive.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, Responder};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::access::{RoomPath, manage, role_of, see};
use super::body::JsonBody;
use super::error::ErrorBody;
use super::query::{Page, Query};
use super::{ApiError, State};
use crate::auth::{Principal, TenantRole};
use crate::domain::{Instant, Role, RoomId, Timetable};
use crate::protocol::envelope::{decode_policy, encode_policy};
use crate::protocol::policy::{PolicyBody, RoleName};
use crate::protocol::state::encode_timetable;
use crate::protocol::time::format_instant;
use crate::store::{NewRoom, RoomRecord};

/// The longest name of a room, in characters.
const MAX_NAME: usize = 200;
/// Member lists that are read at once for a page of rooms.
const READS_AT_ONCE: usize = 4;

/// A room as its members see it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Room)]
pub struct RoomView {
    /// Its id.
    pub room: Uuid,
    /// For people.
    pub name: String,
    /// IANA name.
    pub timezone: String,
    /// Of its log; changes when the log is replaced.
    pub epoch: i64,
    /// Of its newest event.
    pub seq: u64,
    /// The caller's.
    pub role: RoleName,
    /// Its rules.
    pub policy: PolicyBody,
    /// RFC 3339.
    pub created_at: String,
}

/// A room to make.
#[derive(Deserialize, ToSchema)]
#[schema(as = NewRoom)]
pub struct NewRoomBody {
    /// 1–200 characters.
    name: String,
    /// IANA name, such as `Europe/Berlin`.
    timezone: String,
    /// Default `merge` and `forbid`.
    policy: Option<PolicyBody>,
}

/// What to change of a room; what is absent stays.
#[derive(Deserialize, ToSchema)]
#[schema(as = RoomPatch)]
pub struct RoomPatchBody {
    /// 1–200 characters.
    name: Option<String>,
    /// IANA name.
    timezone: Option<String>,
    /// Not here: the rules are part of the log.
    #[schema(ignore)]
    policy: Option<serde_json::Value>,
}

/// Lists the tenant's rooms that are not archived, by id.
#[utoipa::path(get, path = "/api/collaboration/v1/rooms", tag = "rooms",
    params(("cursor" = Option<String>, Query, description = "`nextCursor` of the part before"),
           ("limit" = Option<usize>, Query, minimum = 1, maximum = 500)),
    responses((status = 200, body = Page<RoomView>), (status = "4XX", body = ErrorBody)))]
pub async fn list(
    state: Data<State>,
    who: Principal,
    query: Query,
) -> Result<Json<Page<RoomView>>, ApiError> {
    let limit = query.limit()?;
    let after = query.cursor(|text| Uuid::parse_str(text).ok().map(RoomId))?;
    let rooms = state.store.rooms(&who.tenant, after, limit + 1).await?;
    let mut page = Page::cut(rooms, limit, |room| room.id.to_string());
    let views = stream::iter(std::mem::take(&mut page.items))
        .map(|record| listed(&state, &who, record))
        .buffered(READS_AT_ONCE);
    Ok(Json(page.of(views.try_collect().await?)))
}

/// Makes a room; the caller becomes its owner.
#[utoipa::path(post, path = "/api/collaboration/v1/rooms", tag = "rooms",
    request_body = NewRoomBody,
    responses((status = 201, body = RoomView), (status = "4XX", body = ErrorBody)))]
pub async fn create(
    state: Data<State>,
    who: Principal,
    JsonBody(body): JsonBody<NewRoomBody>,
) -> Result<impl Responder, ApiError> {
    if !matches!(who.role, TenantRole::Owner | TenantRole::Manager | TenantRole::Service) {
        return Err(ApiError::forbidden("only owners, managers and services may make rooms"));
    }
    let room = new_room(body, &who, state.clock.now())?;
    let record = state.store.create_room(room).await?;
    let place = format!("{}/rooms/{}", super::PREFIX, record.id);
    let view = view(&record, Role::Owner)?;
    Ok(HttpResponse::Created().insert_header(("Location", place)).json(view))
}

/// Reads a room.
#[utoipa::path(get, path = "/api/collaboration/v1/rooms/{room}", tag = "rooms",
    params(("room" = Uuid, Path)),
    responses((status = 200, body = RoomView), (status = "4XX", body = ErrorBody)))]
pub async fn read(
    state: Data<State>,
    who: Principal,
    room: RoomPath,
) -> Result<Json<RoomView>, ApiError> {
    let access = see(&state, &who, room).await?;
    view(&access.record, access.role).map(Json)
}

/// Changes the name or the time zone of a room.
#[utoipa::path(patch, path = "/api/collaboration/v1/rooms/{room}", tag = "rooms",
    params(("room" = Uuid, Path)), request_body = RoomPatchBody,
    responses((status = 200, body = RoomView), (status = "4XX", body = ErrorBody)))]
pub async fn update(
    state: Data<State>,
    who: Principal,
    room: RoomPath,
    JsonBody(body): JsonBody<RoomPatchBody>,
) -> Result<Json<RoomView>, ApiError> {
    let access = manage(&state, &who, room).await?;
    if body.policy.is_some() {
        return Err(ApiError::invalid("policy", "is set by the operation policy_set"));
    }
    body.name.as_deref().map_or(Ok(()), check_name)?;
    body.timezone.as_deref().map_or(Ok(()), |zone| time_zone(zone).map(drop))?;
    let id = access.record.id;
    let record = state.store.update_room(&who.tenant, id, body.name, body.timezone).await?;
    let record = record.ok_or_else(ApiError::not_found)?;
    state.rooms.changed(&who.tenant, id).await;
    view(&record, access.role).map(Json)
}

/// Archives a room: its people are sent away and its occupied time is free again.
#[utoipa::path(delete, path = "/api/collaboration/v1/rooms/{room}", tag = "rooms",
    params(("room" = Uuid, Path)),
    responses((status = 204), (status = "4XX", body = ErrorBody)))]
pub async fn archive(
    state: Data<State>,
    who: Principal,
    room: RoomPath,
) -> Result<impl Responder, ApiError> {
    let id = manage(&state, &who, room).await?.record.id;
    if !state.store.archive_room(&who.tenant, id, state.clock.now()).await? {
        return Err(ApiError::not_found());
    }
    state.rooms.changed(&who.tenant, id).await;
    Ok(HttpResponse::NoContent())
}

async fn listed(state: &State, who: &Principal, record: RoomRecord) -> Result<RoomView, ApiError> {
    let members = state.store.members(record.id).await?;
    view(&record, role_of(who, &members))
}

fn view(record: &RoomRecord, role: Role) -> Result<RoomView, ApiError> {
    let policy = decode_policy(&record.policy)
        .map_err(|error| ApiError::Internal(format!("policy of room {}: {error}", record.id)))?;
    Ok(RoomView {
        room: record.id.0,
        name: record.name.clone(),
        timezone: record.timezone.clone(),
        epoch: record.head.epoch,
        seq: record.head.seq,
        role: role.into(),
        policy: policy.into(),
        created_at: format_instant(record.created_at),
    })
}

fn new_room(body: NewRoomBody, who: &Principal, now: Instant) -> Result<NewRoom, ApiError> {
    check_name(&body.name)?;
    let zone = time_zone(&body.timezone)?;
    let id = RoomId(Uuid::now_v7());
    let policy = body.policy.map(Into::into).unwrap_or_default();
    let timetable = Timetable::new(id, zone, policy);
    Ok(NewRoom {
        id,
        tenant: who.tenant.clone(),
        name: body.name,
        timezone: body.timezone,
        policy: encode_policy(policy),
        snapshot: encode_timetable(&timetable),
        epoch: now.0.div_euclid(1_000),
        created_at: now,
        owner: who.user.clone(),
    })
}

fn check_name(name: &str) -> Result<(), ApiError> {
    if (1..=MAX_NAME).contains(&name.chars().count()) && !name.trim().is_empty() {
        return Ok(());
    }
    Err(ApiError::invalid("name", "must be 1 to 200 characters"))
}

fn time_zone(name: &str) -> Result<TimeZone, ApiError> {
    let rule = "must be an IANA time zone such as Europe/Berlin";
    TimeZone::get(name).map_err(|_| ApiError::invalid("timezone", rule))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_zones_have_rules() {
        assert!(check_name("Mitte").is_ok());
        assert!(check_name(&"ü".repeat(200)).is_ok());
        assert!(check_name(&"x".repeat(201)).is_err());
        assert!(check_name(" ").is_err());
        assert!(time_zone("America/Toronto").is_ok());
        assert!(time_zone("Mars/Base").is_err());
    }
}
