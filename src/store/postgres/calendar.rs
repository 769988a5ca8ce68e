//! Links of calendar programs.

use diesel::data_types::PgTimestamp;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::rows::{instant, stamp};
use super::schema::calendar_links as table;
use crate::domain::{RoomId, TenantId, UserId};
use crate::store::columns::corrupt;
use crate::store::{CalendarLink, StoreError};

#[derive(Queryable, Selectable)]
#[diesel(table_name = table)]
#[diesel(check_for_backend(Pg))]
pub(super) struct Link {
    room_id: Uuid,
    user_id: String,
    tenant_id: String,
    key: String,
    created_at: PgTimestamp,
}

impl TryFrom<Link> for CalendarLink {
    type Error = StoreError;

    fn try_from(row: Link) -> Result<Self, StoreError> {
        Ok(Self {
            tenant: TenantId::parse(&row.tenant_id).map_err(corrupt)?,
            room: RoomId(row.room_id),
            user: UserId::parse(&row.user_id).map_err(corrupt)?,
            key: row.key,
            created_at: instant(row.created_at),
        })
    }
}

/// Keeps one unless its person has one; the one that holds.
pub(super) async fn keep(
    conn: &mut AsyncPgConnection,
    link: &CalendarLink,
) -> Result<CalendarLink, StoreError> {
    diesel::insert_into(table::table)
        .values((
            table::room_id.eq(link.room.0),
            table::user_id.eq(link.user.as_str()),
            table::tenant_id.eq(link.tenant.as_str()),
            table::key.eq(&link.key),
            table::created_at.eq(stamp(link.created_at)?),
        ))
        .on_conflict((table::room_id, table::user_id))
        .do_nothing()
        .execute(conn)
        .await?;
    let row: Link = table::table
        .find((link.room.0, link.user.as_str()))
        .select(Link::as_select())
        .first(conn)
        .await?;
    row.try_into()
}

/// The one with that key.
pub(super) async fn find(
    conn: &mut AsyncPgConnection,
    room: RoomId,
    key: &str,
) -> Result<Option<CalendarLink>, StoreError> {
    let row: Option<Link> = table::table
        .filter(table::room_id.eq(room.0))
        .filter(table::key.eq(key))
        .select(Link::as_select())
        .first(conn)
        .await
        .optional()?;
    row.map(CalendarLink::try_from).transpose()
}

/// Ends a person's.
pub(super) async fn end(
    conn: &mut AsyncPgConnection,
    room: RoomId,
    user: &UserId,
) -> Result<bool, StoreError> {
    let ended = diesel::delete(table::table.find((room.0, user.as_str()))).execute(conn).await?;
    Ok(ended > 0)
}
