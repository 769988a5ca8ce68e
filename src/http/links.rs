//! Links by which calendar programs read a room's calendar without a token: a key in the address,
//! which is good for that and nothing else, until it is ended. The query is never logged (`trace.rs`).

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::access::{RoomPath, manage, see};
use super::error::ErrorBody;
use super::query::Query;
use super::{ApiError, PREFIX, State};
use crate::auth::{Principal, TenantRole};
use crate::domain::Instant;
use crate::protocol::text::{Text, Time};
use crate::store::CalendarLink;

/// Length of a key: two random UUIDs without hyphens.
const KEY_CHARS: usize = 64;
/// For as long as one request takes.
const BRIEFLY_MS: i64 = 60_000;

/// A link for calendar programs.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LinkBody {
    /// The address. Whoever has it reads the calendar.
    url: String,
    /// The same for programs that subscribe to what they are handed.
    webcal_url: String,
    /// When it was made.
    created_at: Time,
}

/// The caller's calendar link of a room, made when there is none; the same one each time.
#[utoipa::path(post, path = "/api/collaboration/v1/rooms/{room}/calendar-link", tag = "log",
    params(("room" = Uuid, Path)),
    responses((status = 200, body = LinkBody), (status = "4XX", body = ErrorBody)))]
pub async fn make(
    state: Data<State>,
    who: Principal,
    room: RoomPath,
    request: HttpRequest,
) -> Result<Json<LinkBody>, ApiError> {
    state.rooms.admit(&who.tenant)?;
    let record = see(&state, &who, room).await?.record;
    let key = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
    let link = CalendarLink {
        tenant: who.tenant,
        room: record.id,
        user: who.user,
        key,
        created_at: state.clock.now(),
    };
    let link = state.store.keep_calendar_link(link).await?;
    Ok(Json(body(&state, &link, &request)))
}

/// Ends a link: the caller's, or somebody's whom an owner of the room names. The next `POST` makes one
/// with another key.
#[utoipa::path(delete, path = "/api/collaboration/v1/rooms/{room}/calendar-link", tag = "log",
    params(("room" = Uuid, Path),
           ("user" = Option<String>, Query, description = "Whose; owners of the room only")),
    responses((status = 204, description = "It is ended, or there was none"),
              (status = "4XX", body = ErrorBody)))]
pub async fn end(
    state: Data<State>,
    who: Principal,
    room: RoomPath,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    state.rooms.admit(&who.tenant)?;
    let (access, user) = match query.user("user")? {
        Some(user) if user != who.user => (manage(&state, &who, room).await?, user),
        _ => (see(&state, &who, room).await?, who.user.clone()),
    };
    state.store.end_calendar_link(access.record.id, &user).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Who reads by a key: the person who made the link, with the least rights that there are.
///
/// # Errors
/// `not_found` for whatever is no key of that room, `rate_limited`, or what the store says.
pub async fn keyed(state: &State, room: RoomPath, key: &str) -> Result<Principal, ApiError> {
    let room = room.0.filter(|_| is_key(key)).ok_or_else(ApiError::not_found)?;
    state.rooms.admit_key()?;
    let link = state.store.calendar_link(room, key).await?.ok_or_else(ApiError::not_found)?;
    let span = tracing::Span::current();
    span.record("tenant", link.tenant.as_str()).record("user", link.user.as_str());
    Ok(Principal {
        tenant: link.tenant,
        name: link.user.to_string(),
        user: link.user,
        role: TenantRole::Member,
        expires_at: Instant(state.clock.now().0 + BRIEFLY_MS),
    })
}

fn is_key(text: &str) -> bool {
    text.len() == KEY_CHARS && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn body(state: &State, link: &CalendarLink, request: &HttpRequest) -> LinkBody {
    let base = state.public_url.clone().unwrap_or_else(|| {
        let seen = request.connection_info();
        format!("{}://{}", seen.scheme(), seen.host())
    });
    let url = format!(
        "{}{PREFIX}/rooms/{}/calendar.ics?key={}",
        base.trim_end_matches('/'),
        link.room,
        link.key
    );
    let (_, rest) = url.split_once("://").unwrap_or_default();
    LinkBody { webcal_url: format!("webcal://{rest}"), created_at: Text(link.created_at), url }
}
