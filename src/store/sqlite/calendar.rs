//! Links of calendar programs.

use diesel::prelude::*;

use super::rows::{key as room_key, room_id};
use super::schema::calendar_links as table;
use crate::domain::{Instant, RoomId, TenantId, UserId};
use crate::store::columns::corrupt;
use crate::store::{CalendarLink, StoreError};

#[derive(Queryable, Selectable)]
#[diesel(table_name = table)]
pub(super) struct Link {
    room_id: Vec<u8>,
    user_id: String,
    tenant_id: String,
    key: String,
    created_at: i64,
}

impl TryFrom<Link> for CalendarLink {
    type Error = StoreError;

    fn try_from(row: Link) -> Result<Self, StoreError> {
        Ok(Self {
            tenant: TenantId::parse(&row.tenant_id).map_err(corrupt)?,
            room: room_id(&row.room_id)?,
            user: UserId::parse(&row.user_id).map_err(corrupt)?,
            key: row.key,
            created_at: Instant(row.created_at),
        })
    }
}

/// Keeps one unless its person has one; the one that holds.
pub(super) fn keep(
    conn: &mut SqliteConnection,
    link: &CalendarLink,
) -> Result<CalendarLink, StoreError> {
    diesel::insert_into(table::table)
        .values((
            table::room_id.eq(room_key(&link.room)),
            table::user_id.eq(link.user.as_str()),
            table::tenant_id.eq(link.tenant.as_str()),
            table::key.eq(&link.key),
            table::created_at.eq(link.created_at.0),
        ))
        .on_conflict((table::room_id, table::user_id))
        .do_nothing()
        .execute(conn)?;
    let row: Link = table::table
        .find((room_key(&link.room), link.user.as_str()))
        .select(Link::as_select())
        .first(conn)?;
    row.try_into()
}

/// The one with that key.
pub(super) fn find(
    conn: &mut SqliteConnection,
    room: RoomId,
    key: &str,
) -> Result<Option<CalendarLink>, StoreError> {
    let row: Option<Link> = table::table
        .filter(table::room_id.eq(room_key(&room)))
        .filter(table::key.eq(key))
        .select(Link::as_select())
        .first(conn)
        .optional()?;
    row.map(CalendarLink::try_from).transpose()
}

/// Ends a person's.
pub(super) fn end(
    conn: &mut SqliteConnection,
    room: RoomId,
    user: &UserId,
) -> Result<bool, StoreError> {
    let ended =
        diesel::delete(table::table.find((room_key(&room), user.as_str()))).execute(conn)?;
    Ok(ended > 0)
}
