//! The feed: a tenant's events in the order of their commits. A trigger of the schema gives each event
//! its position inside the writing transaction; since there is one writer at a time, no event can
//! appear before one that was read.

use diesel::connection::DefaultLoadingMode;
use diesel::prelude::*;

use super::rows::{self, Event, key};
use super::schema::{events, feed as table};
use crate::domain::{OpId, TenantId};
use crate::store::columns::{self, bound, corrupt};
use crate::store::{EventRow, FeedItem, FeedMark, FeedPage, FeedStart, StoreError};

/// One page, read at one point in time.
pub(super) fn page(
    conn: &mut SqliteConnection,
    tenant: &TenantId,
    start: FeedStart,
    limit: usize,
) -> Result<FeedPage, StoreError> {
    conn.transaction(|conn| match start {
        FeedStart::Beginning => after(conn, tenant, None, limit),
        FeedStart::Latest => latest(conn, tenant).map(FeedPage::empty),
        FeedStart::After(mark) => match position(conn, tenant, mark)? {
            Some(position) => after(conn, tenant, Some((mark, position)), limit),
            None => after(conn, tenant, None, limit).map(FeedPage::after_reset),
        },
    })
}

fn after(
    conn: &mut SqliteConnection,
    tenant: &TenantId,
    stood: Option<(FeedMark, i64)>,
    limit: usize,
) -> Result<FeedPage, StoreError> {
    let (mark, position) = stood.unzip();
    let found = table::table
        .inner_join(
            events::table.on(events::room_id.eq(table::room_id).and(events::seq.eq(table::seq))),
        )
        .filter(table::tenant_id.eq(tenant.as_str()))
        // Positions begin at 1.
        .filter(table::position.gt(position.unwrap_or_default()))
        .order(table::position)
        .limit(bound(limit.saturating_add(1)))
        .select((table::room_id, Event::as_select()))
        .load_iter::<(Vec<u8>, Event), DefaultLoadingMode>(conn)?;
    FeedPage::cut(mark, found.map(|row| item(row?)), limit)
}

fn item((room, event): (Vec<u8>, Event)) -> Result<FeedItem, StoreError> {
    Ok(FeedItem { room: rows::room_id(&room)?, event: EventRow::try_from(event)? })
}

/// Where an event is, if it is the tenant's and still the one that was marked.
fn position(
    conn: &mut SqliteConnection,
    tenant: &TenantId,
    mark: FeedMark,
) -> Result<Option<i64>, StoreError> {
    let found = table::table
        .inner_join(
            events::table.on(events::room_id.eq(table::room_id).and(events::seq.eq(table::seq))),
        )
        .filter(table::room_id.eq(key(&mark.room)))
        .filter(table::seq.eq(bound(mark.seq)))
        .filter(table::tenant_id.eq(tenant.as_str()))
        .filter(events::op_id.eq(mark.op_id.0.as_bytes().as_slice()))
        .select(table::position)
        .first(conn)
        .optional()?;
    Ok(found)
}

fn latest(conn: &mut SqliteConnection, tenant: &TenantId) -> Result<Option<FeedMark>, StoreError> {
    let found: Option<(Vec<u8>, i64, Vec<u8>)> = table::table
        .inner_join(
            events::table.on(events::room_id.eq(table::room_id).and(events::seq.eq(table::seq))),
        )
        .filter(table::tenant_id.eq(tenant.as_str()))
        .order(table::position.desc())
        .select((table::room_id, table::seq, events::op_id))
        .first(conn)
        .optional()?;
    found
        .map(|(room, seq, op)| {
            let op_id = OpId(uuid::Uuid::from_slice(&op).map_err(corrupt)?);
            Ok(FeedMark { room: rows::room_id(&room)?, seq: columns::seq(seq)?, op_id })
        })
        .transpose()
}
