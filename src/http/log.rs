//! A room's log and the states it leads to, for readers without a socket.

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};

use super::access::RoomPath;
use super::error::ErrorBody;
use super::etag::tagged;
use super::query::Query;
use super::{ApiError, State};
use crate::auth::Principal;
use crate::protocol::client::Page;
use crate::protocol::server::{HistoryBody, SnapshotBody};

/// Reads events in order; from the beginning when `after` is absent.
#[utoipa::path(get, path = "/api/collaboration/v1/rooms/{room}/events", tag = "log",
    params(("room" = Uuid, Path), ("after" = Option<u64>, Query),
           ("limit" = Option<usize>, Query, minimum = 1, maximum = 500)),
    responses((status = 200, body = HistoryBody), (status = "4XX", body = ErrorBody)))]
pub async fn events(
    state: Data<State>,
    who: Principal,
    RoomPath(room): RoomPath,
    query: Query,
) -> Result<Json<HistoryBody>, ApiError> {
    let page = Page::After(query.seq("after")?.unwrap_or_default());
    let history = state.rooms.history(&who, room, page, query.limit()?).await?;
    Ok(Json(history))
}

/// Reads the state, the newest or the one at `seq`. The tag is `"epoch-seq"`.
#[utoipa::path(get, path = "/api/collaboration/v1/rooms/{room}/snapshot", tag = "log",
    params(("room" = Uuid, Path), ("seq" = Option<u64>, Query),
           ("If-None-Match" = Option<String>, Header)),
    responses((status = 200, body = SnapshotBody, headers(("ETag" = String))),
              (status = 304, description = "The caller has this state"),
              (status = "4XX", body = ErrorBody)))]
pub async fn snapshot(
    state: Data<State>,
    who: Principal,
    RoomPath(room): RoomPath,
    query: Query,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let snapshot = state.rooms.snapshot(&who, room, query.seq("seq")?).await?;
    let tag = format!("{}-{}", snapshot.epoch, snapshot.seq);
    Ok(tagged(&request, tag, "application/json", || json(&snapshot)))
}

fn json(snapshot: &SnapshotBody) -> Vec<u8> {
    serde_json::to_vec(snapshot).expect("wire types have string keys")
}
