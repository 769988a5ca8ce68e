//! The feed for neighbour services: all events of a tenant, read page by page by a cursor that the
//! follower keeps. A request may wait a while for the next event; how many do so is bounded.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use actix_web::rt::time::sleep;
use actix_web::web::{self, Data, Json};
use serde::Serialize;
use tokio::sync::{Semaphore, SemaphorePermit};
use utoipa::ToSchema;

use super::error::ErrorBody;
use super::query::Query;
use super::{ApiError, State, cursor};
use crate::auth::{Principal, TenantRole};
use crate::domain::TenantId;
use crate::lifecycle::Phase;
use crate::protocol::envelope::decode_event;
use crate::protocol::event::EventBody;
use crate::protocol::raw::RawJson;
use crate::protocol::text::{OpRef, RoomText, Text, Time, UserRef};
use crate::store::{FeedItem, FeedPage, FeedStart};

/// What `after` says to begin with what happens from now on.
const LATEST: &str = "latest";
/// The most seconds that a request may wait: less than load balancers and clients usually do.
const MAX_WAIT: u64 = 30;
/// Between two looks of a request that waits. A look is one search in an index.
const PAUSE: Duration = Duration::from_millis(250);
/// Tenants are spread over so many groups, each with a bound of its own.
const GROUPS: usize = 32;
/// The most requests of a group that wait.
const WAITERS: usize = 8;

/// A part of the feed.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Feed)]
pub struct FeedBody {
    /// In the order of the feed: of one room by `seq`, and the same for everybody who asks.
    pub items: Vec<FeedItemBody>,
    /// The next `after`, whether there were items or not. Keep it with what you made of the items.
    pub next_cursor: String,
    /// Whether there is more to read at once.
    pub has_more: bool,
    /// The event that `after` stands for is not there any more, because an older backup was restored:
    /// this page begins at the beginning.
    pub reset: bool,
}

/// One event of the feed.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FeedItem)]
pub struct FeedItemBody {
    /// Where.
    pub room: RoomText,
    /// Its place in the room. With `room` it names the event: an item that comes again has the same.
    pub seq: u64,
    /// Client's name for the operation.
    pub op_id: OpRef,
    /// Who.
    pub user_id: UserRef,
    /// When it was decided. The feed is not in the order of these times.
    pub at: Time,
    /// What kind of operation took effect.
    pub kind: String,
    /// The event as members got it.
    #[schema(value_type = EventBody)]
    pub event: RawJson,
}

/// The right to wait, for so many at a time.
pub struct Waiting(Vec<Semaphore>);

impl Default for Waiting {
    fn default() -> Self {
        Self((0..GROUPS).map(|_| Semaphore::new(WAITERS)).collect())
    }
}

impl Waiting {
    /// `None` when as many of the tenant's group wait already.
    fn begin(&self, tenant: &TenantId) -> Option<SemaphorePermit<'_>> {
        let mut hasher = DefaultHasher::new();
        tenant.hash(&mut hasher);
        self.0[hasher.finish() as usize % GROUPS].try_acquire().ok()
    }
}

/// Follows all events of the tenant, those of archived rooms too. Begins with the first event when
/// `after` is absent, and with what happens from now on when it is `latest`. An empty page may be
/// waited for: with `wait` the answer comes with the next event or after so many seconds, sooner when
/// too many wait already or this node is about to stop.
#[utoipa::path(get, path = "/api/collaboration/v1/feed", tag = "feed",
    params(("after" = Option<String>, Query, description = "`nextCursor` of the page before, or `latest`"),
           ("limit" = Option<usize>, Query, minimum = 1, maximum = 500),
           ("wait" = Option<u64>, Query, minimum = 0, maximum = 30, description = "Seconds")),
    responses((status = 200, body = FeedBody),
              (status = 403, body = ErrorBody, description = "`forbidden`: not a token of a service"),
              (status = 422, body = ErrorBody, description = "`invalid`"),
              (status = 429, body = ErrorBody, description = "`rate_limited`"),
              (status = "4XX", body = ErrorBody)))]
pub async fn follow(
    state: Data<State>,
    who: Principal,
    query: Query,
) -> Result<Json<FeedBody>, ApiError> {
    if who.role != TenantRole::Service {
        return Err(ApiError::forbidden("only services follow the feed"));
    }
    let (start, limit) = (start(&query)?, query.limit()?);
    let wait = query.seconds("wait", MAX_WAIT)?;
    state.rooms.admit(&who.tenant)?;
    let page = next(&state, &who.tenant, start, limit, wait).await?;
    let encoding = web::block(move || body(page)).await;
    let body = encoding.map_err(|lost| ApiError::Internal(lost.to_string()))?;
    body.map(Json)
}

fn start(query: &Query) -> Result<FeedStart, ApiError> {
    match query.text("after") {
        None => Ok(FeedStart::Beginning),
        Some(LATEST) => Ok(FeedStart::Latest),
        Some(text) => match cursor::read(text) {
            Some(Some(mark)) => Ok(FeedStart::After(mark)),
            Some(None) => Ok(FeedStart::Beginning),
            None => Err(ApiError::invalid("after", "must come from nextCursor, or be latest")),
        },
    }
}

/// The next page; an empty one not before `wait` is over. A place in the feed is found at once, so
/// that a follower that begins with `latest` can't lose it while it waits.
async fn next(
    state: &State,
    tenant: &TenantId,
    start: FeedStart,
    limit: usize,
    wait: Duration,
) -> Result<FeedPage, ApiError> {
    let until = state.clock.monotonic() + wait;
    let page = state.store.feed(tenant, start, limit).await?;
    let found = !page.items.is_empty() || page.reset || start == FeedStart::Latest;
    if found || wait.is_zero() {
        return Ok(page);
    }
    let Some(_turn) = state.feed_waiting.begin(tenant) else { return Ok(page) };
    let _counted = state.metrics.feed_waiting.guard();
    loop {
        let left = until.saturating_duration_since(state.clock.monotonic());
        tokio::select! {
            () = sleep(PAUSE.min(left)) => {}
            () = state.lifecycle.reached(Phase::Draining) => {}
        }
        let page = state.store.feed(tenant, start, limit).await?;
        let over = left <= PAUSE || state.lifecycle.phase() >= Phase::Draining;
        if over || !page.items.is_empty() || page.reset {
            return Ok(page);
        }
    }
}

fn body(page: FeedPage) -> Result<FeedBody, ApiError> {
    Ok(FeedBody {
        items: page.items.into_iter().map(item).collect::<Result<_, _>>()?,
        next_cursor: cursor::write(page.next),
        has_more: page.has_more,
        reset: page.reset,
    })
}

/// An event that can't be read (a newer release wrote it) stops its followers: left out, it would be
/// missed for good.
fn item(FeedItem { room, event }: FeedItem) -> Result<FeedItemBody, ApiError> {
    let (_, wire) = decode_event(&event.body)
        .map_err(|error| ApiError::Internal(format!("event {} of {room}: {error}", event.seq)))?;
    Ok(FeedItemBody {
        room: Text(room),
        seq: event.seq,
        op_id: Text(event.op_id),
        user_id: Text(event.actor),
        at: Text(event.at),
        kind: event.kind,
        event: wire,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_that_waits_a_lot_takes_its_share_and_no_more() {
        let waiting = Waiting::default();
        let tenant = |name: &str| TenantId::parse(name).expect("a name");
        let north = tenant("north");
        let held: Vec<_> = (0..WAITERS).filter_map(|_| waiting.begin(&north)).collect();
        assert_eq!(held.len(), WAITERS);
        assert!(waiting.begin(&north).is_none());
        assert!((0..100).any(|n| waiting.begin(&tenant(&format!("south-{n}"))).is_some()));
        drop(held);
        assert!(waiting.begin(&north).is_some());
    }
}
