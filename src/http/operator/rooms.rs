//! Rooms in memory on this replica.

use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Operator;
use crate::domain::RoomId;
use crate::http::access::RoomPath;
use crate::http::error::ErrorBody;
use crate::http::query::{Page, Query};
use crate::http::{ApiError, State};
use crate::protocol::operator::{RoomDetail, RoomFacts};
use crate::protocol::text::{RoomText, Text};

/// A room in memory.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum RoomItem {
    /// One that told.
    Told(Box<RoomFacts>),
    /// One that is loading, or did not answer in time.
    Silent(SilentRoom),
}

/// A room of which nothing is known but that it is there.
#[derive(Serialize, ToSchema)]
pub struct SilentRoom {
    room: RoomText,
    /// False.
    answering: bool,
}

/// A part of the list.
#[derive(Serialize, ToSchema)]
pub struct RoomsHere {
    /// The list.
    #[serde(flatten)]
    page: Page<RoomItem>,
    /// Which replica tells.
    node: String,
}

/// One room, as this replica knows it.
#[derive(Serialize, ToSchema)]
pub struct RoomHere {
    /// The room.
    #[serde(flatten)]
    detail: RoomDetail,
    /// Which replica tells.
    node: String,
}

/// Rooms of the tenant in memory on this replica, by id.
#[utoipa::path(get, path = "/api/collaboration/v1/operator/rooms", tag = "operator",
    params(("cursor" = Option<String>, Query), ("limit" = Option<usize>, Query, minimum = 1, maximum = 500)),
    responses((status = 200, body = RoomsHere), (status = "4XX", body = ErrorBody)))]
pub async fn list(
    state: Data<State>,
    Operator(who): Operator,
    query: Query,
) -> Result<Json<RoomsHere>, ApiError> {
    let limit = query.limit()?;
    let after = query.cursor(|text| Uuid::parse_str(text).ok().map(RoomId))?;
    let oversight = &state.operators.oversight;
    let mut running = oversight.running(&who.tenant).await?;
    running.retain(|(room, _)| Some(room) > after.as_ref());
    running.truncate(limit + 1);
    let page = Page::cut(running, limit, |(room, _)| room.to_string());
    let next_cursor = page.next_cursor.clone();
    let items = oversight.inspect(page.items).await.into_iter().map(item).collect();
    let node = state.operators.node.clone();
    Ok(Json(RoomsHere { page: Page { items, next_cursor }, node }))
}

fn item((room, facts): (RoomId, Option<RoomFacts>)) -> RoomItem {
    match facts {
        Some(facts) => RoomItem::Told(Box::new(facts)),
        None => RoomItem::Silent(SilentRoom { room: Text(room), answering: false }),
    }
}

/// One room in memory on this replica: who is in it, what is locked, what was done last.
#[utoipa::path(get, path = "/api/collaboration/v1/operator/rooms/{room}", tag = "operator",
    params(("room" = Uuid, Path)),
    responses((status = 200, body = RoomHere), (status = "4XX", body = ErrorBody)))]
pub async fn read(
    state: Data<State>,
    Operator(who): Operator,
    RoomPath(room): RoomPath,
) -> Result<Json<RoomHere>, ApiError> {
    let room = room.ok_or_else(ApiError::not_found)?;
    let detail = state.operators.oversight.examine(&who.tenant, room).await?;
    let detail = detail.ok_or_else(ApiError::not_found)?;
    Ok(Json(RoomHere { detail, node: state.operators.node.clone() }))
}
