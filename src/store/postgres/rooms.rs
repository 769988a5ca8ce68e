//! Rooms: making, finding, listing, changing and archiving them. Each function runs inside the
//! caller's unit of work.

use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::rows::{Room, only, stamp};
use super::schema::{occupancies, rooms as table};
use super::{members, snapshots};
use crate::domain::{Instant, Role, RoomId, TenantId};
use crate::store::columns::{self, bound};
use crate::store::{Head, NewRoom, RoomRecord, SnapshotRow, StoreError};

/// The room, its owner and its first snapshot.
pub(super) async fn create(
    conn: &mut AsyncPgConnection,
    room: &NewRoom,
) -> Result<RoomRecord, StoreError> {
    conn.transaction(async |conn| {
        let rows: Vec<Room> = diesel::insert_into(table::table)
            .values((
                table::id.eq(room.id.0),
                table::tenant_id.eq(room.tenant.as_str()),
                table::name.eq(&room.name),
                table::timezone.eq(&room.timezone),
                table::policy.eq(&room.policy),
                table::epoch.eq(room.epoch),
                table::head_seq.eq(0),
                table::created_at.eq(stamp(room.created_at)?),
            ))
            .returning(Room::as_returning())
            .load(conn)
            .await?;
        members::put(conn, room.id, &room.owner, Role::Owner).await?;
        let first = SnapshotRow { seq: 0, body: room.snapshot.clone() };
        snapshots::put(conn, room.id, &first).await?;
        only(rows)?.try_into()
    })
    .await
}

/// A room of a tenant, archived or not.
pub(super) async fn find(
    conn: &mut AsyncPgConnection,
    tenant: &TenantId,
    room: RoomId,
) -> Result<Option<RoomRecord>, StoreError> {
    let row = table::table
        .find(room.0)
        .filter(table::tenant_id.eq(tenant.as_str()))
        .select(Room::as_select())
        .first(conn)
        .await
        .optional()?;
    row.map(RoomRecord::try_from).transpose()
}

/// A tenant's rooms that are not archived, by id.
pub(super) async fn page(
    conn: &mut AsyncPgConnection,
    tenant: &TenantId,
    after: Option<RoomId>,
    limit: usize,
) -> Result<Vec<RoomRecord>, StoreError> {
    // The least of all ids is nobody's: rooms have ids of version 7.
    let after = after.map_or(Uuid::nil(), |room| room.0);
    let found: Vec<Room> = table::table
        .filter(table::tenant_id.eq(tenant.as_str()))
        .filter(table::archived_at.is_null())
        .filter(table::id.gt(after))
        .order(table::id)
        .limit(bound(limit))
        .select(Room::as_select())
        .load(conn)
        .await?;
    columns::records(found)
}

/// What may change on a room; `None` leaves.
#[derive(AsChangeset)]
#[diesel(table_name = table)]
pub(super) struct Changes {
    pub(super) name: Option<String>,
    pub(super) timezone: Option<String>,
}

/// Changes a room that is not archived.
pub(super) async fn update(
    conn: &mut AsyncPgConnection,
    tenant: &TenantId,
    room: RoomId,
    changes: Changes,
) -> Result<Option<RoomRecord>, StoreError> {
    if changes.name.is_none() && changes.timezone.is_none() {
        return Ok(find(conn, tenant, room).await?.filter(|found| found.archived_at.is_none()));
    }
    let rows: Vec<Room> = diesel::update(table::table.find(room.0))
        .filter(table::tenant_id.eq(tenant.as_str()))
        .filter(table::archived_at.is_null())
        .set(changes)
        .returning(Room::as_returning())
        .load(conn)
        .await?;
    only(rows).optional()?.map(RoomRecord::try_from).transpose()
}

/// Archives a room and frees the time it occupies.
pub(super) async fn archive(
    conn: &mut AsyncPgConnection,
    tenant: &TenantId,
    room: RoomId,
    at: Instant,
) -> Result<bool, StoreError> {
    conn.transaction(async |conn| {
        let archived = diesel::update(table::table.find(room.0))
            .filter(table::tenant_id.eq(tenant.as_str()))
            .filter(table::archived_at.is_null())
            .set(table::archived_at.eq(stamp(at)?))
            .execute(conn)
            .await?;
        if archived == 0 {
            return Ok(false);
        }
        let taken = occupancies::table.filter(occupancies::room_id.eq(room.0));
        diesel::delete(taken).execute(conn).await?;
        Ok(true)
    })
    .await
}

/// Where the logs of rooms stand; archived rooms are left out.
pub(super) async fn heads(
    conn: &mut AsyncPgConnection,
    rooms: &[RoomId],
) -> Result<Vec<(RoomId, Head)>, StoreError> {
    let ids: Vec<Uuid> = rooms.iter().map(|room| room.0).collect();
    let found: Vec<(Uuid, i64, i64)> = table::table
        .filter(table::id.eq_any(ids))
        .filter(table::archived_at.is_null())
        .select((table::id, table::epoch, table::head_seq))
        .load(conn)
        .await?;
    let head = |(id, epoch, seq)| Ok((RoomId(id), Head { epoch, seq: columns::seq(seq)? }));
    found.into_iter().map(head).collect()
}

/// Reads a table, not only the connection.
pub(super) async fn ping(conn: &mut AsyncPgConnection) -> Result<(), StoreError> {
    table::table.select(table::id).first::<Uuid>(conn).await.optional()?;
    Ok(())
}
