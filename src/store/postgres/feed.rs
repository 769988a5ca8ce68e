//! The feed: a tenant's events in the order of the transactions that wrote them, up to the oldest that
//! is still open. All below it have ended and whatever is committed later has a higher number, so what a
//! page shows is complete. The query is in `migrations/postgres`.

use diesel::dsl::sql;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text, Timestamptz, Uuid as Id};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::rows::Event;
use super::schema::events as table;
use crate::domain::{OpId, RoomId, TenantId};
use crate::store::columns::{self, bound};
use crate::store::{EventRow, FeedItem, FeedMark, FeedPage, FeedStart, MAX_FEED_BYTES, StoreError};

/// The oldest transaction that was open when the statement began.
const HORIZON: &str = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint";

/// One page.
pub(super) async fn page(
    conn: &mut AsyncPgConnection,
    tenant: &TenantId,
    start: FeedStart,
    limit: usize,
) -> Result<FeedPage, StoreError> {
    let stood = match start {
        FeedStart::Latest => return latest(conn, tenant).await.map(FeedPage::empty),
        FeedStart::Beginning => None,
        FeedStart::After(mark) => Some(mark),
    };
    if let Some(page) = after(conn, tenant, stood, limit).await? {
        return Ok(page);
    }
    let page = after(conn, tenant, None, limit).await?;
    let page = page.ok_or_else(|| StoreError::Failed("a feed without a beginning".to_owned()))?;
    Ok(page.after_reset())
}

/// `None` when the follower's event is not there.
async fn after(
    conn: &mut AsyncPgConnection,
    tenant: &TenantId,
    stood: Option<FeedMark>,
    limit: usize,
) -> Result<Option<FeedPage>, StoreError> {
    let rows: Vec<Found> = Behind::new(tenant, stood, limit).load(conn).await?;
    match rows.as_slice() {
        [Found { elsewhere: true, .. }, ..] => Err(StoreError::Failed(
            "events have the numbers of another server: run `migrate`".to_owned(),
        )),
        [Found { stood: Some(_), .. }, ..] => {
            let items = rows.into_iter().filter_map(|row| row.event).map(item);
            FeedPage::cut(stood, items, limit).map(Some)
        }
        _ => Ok(None),
    }
}

fn item((room, event): (Uuid, Event)) -> Result<FeedItem, StoreError> {
    Ok(FeedItem { room: RoomId(room), event: EventRow::try_from(event)? })
}

async fn latest(
    conn: &mut AsyncPgConnection,
    tenant: &TenantId,
) -> Result<Option<FeedMark>, StoreError> {
    let found: Option<(Uuid, i64, Uuid)> = table::table
        .filter(table::tenant_id.eq(tenant.as_str()))
        .filter(table::tx.lt(sql::<BigInt>(HORIZON)))
        .order((table::tx.desc(), table::room_id.desc(), table::seq.desc()))
        .select((table::room_id, table::seq, table::op_id))
        .first(conn)
        .await
        .optional()?;
    found
        .map(|(room, seq, op)| {
            Ok(FeedMark { room: RoomId(room), seq: columns::seq(seq)?, op_id: OpId(op) })
        })
        .transpose()
}

/// A row of the answer.
#[derive(Queryable)]
struct Found {
    stood: Option<i64>,
    elsewhere: bool,
    event: Option<(Uuid, Event)>,
}

/// The question.
struct Behind<'a> {
    tenant: &'a str,
    room: Option<Uuid>,
    seq: Option<i64>,
    op: Option<Uuid>,
    limit: i64,
    most: i64,
}

impl<'a> Behind<'a> {
    /// Asks for one event more than the page takes.
    fn new(tenant: &'a TenantId, stood: Option<FeedMark>, limit: usize) -> Self {
        Self {
            tenant: tenant.as_str(),
            room: stood.map(|mark| mark.room.0),
            seq: stood.map(|mark| bound(mark.seq)),
            op: stood.map(|mark| mark.op_id.0),
            limit: bound(limit.saturating_add(1)),
            most: bound(MAX_FEED_BYTES),
        }
    }
}

impl Query for Behind<'_> {
    type SqlType =
        (Nullable<BigInt>, Bool, Nullable<(Id, (BigInt, Id, Text, Timestamptz, Text, Binary))>);
}

/// The text never changes, so each connection prepares it once.
impl QueryId for Behind<'_> {
    type QueryId = Behind<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl QueryFragment<Pg> for Behind<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "SELECT stood, elsewhere, room_id, seq, op_id, actor, at, kind, body FROM kyo_feed_1(",
        );
        out.push_bind_param::<Text, _>(&self.tenant)?;
        out.push_sql(", ");
        out.push_bind_param::<Nullable<Id>, _>(&self.room)?;
        out.push_sql(", ");
        out.push_bind_param::<Nullable<BigInt>, _>(&self.seq)?;
        out.push_sql(", ");
        out.push_bind_param::<Nullable<Id>, _>(&self.op)?;
        out.push_sql(", ");
        out.push_bind_param::<BigInt, _>(&self.limit)?;
        out.push_sql(", ");
        out.push_bind_param::<BigInt, _>(&self.most)?;
        out.push_sql(")");
        Ok(())
    }
}
