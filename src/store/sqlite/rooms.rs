//! Rooms: making, finding, listing, changing and archiving them. Each function runs inside the
//! caller's unit of work.

use diesel::prelude::*;

use super::rows::{self, Room, key};
use super::schema::{occupancies, rooms as table};
use super::{members, snapshots};
use crate::domain::{Instant, Role, RoomId, TenantId};
use crate::store::columns;
use crate::store::{Head, NewRoom, RoomRecord, SnapshotRow, StoreError};

/// Keys in one `IN` list; SQLite takes 32,766 parameters at most.
const KEYS_AT_ONCE: usize = 1_000;

/// The room, its owner and its first snapshot.
pub(super) fn create(
    conn: &mut SqliteConnection,
    room: &NewRoom,
) -> Result<RoomRecord, StoreError> {
    let row: Room = diesel::insert_into(table::table)
        .values((
            table::id.eq(key(&room.id)),
            table::tenant_id.eq(room.tenant.as_str()),
            table::name.eq(&room.name),
            table::timezone.eq(&room.timezone),
            table::policy.eq(&room.policy),
            table::epoch.eq(room.epoch),
            table::head_seq.eq(0),
            table::created_at.eq(room.created_at.0),
        ))
        .returning(Room::as_returning())
        .get_result(conn)?;
    members::put(conn, room.id, &room.owner, Role::Owner)?;
    snapshots::put(conn, room.id, &SnapshotRow { seq: 0, body: room.snapshot.clone() })?;
    row.try_into()
}

/// A room of a tenant, archived or not.
pub(super) fn find(
    conn: &mut SqliteConnection,
    tenant: &TenantId,
    room: RoomId,
) -> Result<Option<RoomRecord>, StoreError> {
    let row = table::table
        .find(key(&room))
        .filter(table::tenant_id.eq(tenant.as_str()))
        .select(Room::as_select())
        .first(conn)
        .optional()?;
    row.map(RoomRecord::try_from).transpose()
}

/// A tenant's rooms that are not archived, by id.
pub(super) fn page(
    conn: &mut SqliteConnection,
    tenant: &TenantId,
    after: Option<RoomId>,
    limit: usize,
) -> Result<Vec<RoomRecord>, StoreError> {
    // Every id is greater than the empty key.
    let after = after.map(|room| key(&room).to_vec()).unwrap_or_default();
    let found: Vec<Room> = table::table
        .filter(table::tenant_id.eq(tenant.as_str()))
        .filter(table::archived_at.is_null())
        .filter(table::id.gt(after))
        .order(table::id)
        .limit(columns::bound(limit))
        .select(Room::as_select())
        .load(conn)?;
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
pub(super) fn update(
    conn: &mut SqliteConnection,
    tenant: &TenantId,
    room: RoomId,
    changes: Changes,
) -> Result<Option<RoomRecord>, StoreError> {
    if changes.name.is_none() && changes.timezone.is_none() {
        return Ok(find(conn, tenant, room)?.filter(|found| found.archived_at.is_none()));
    }
    let row: Option<Room> = diesel::update(table::table.find(key(&room)))
        .filter(table::tenant_id.eq(tenant.as_str()))
        .filter(table::archived_at.is_null())
        .set(changes)
        .returning(Room::as_returning())
        .get_result(conn)
        .optional()?;
    row.map(RoomRecord::try_from).transpose()
}

/// Archives a room and frees the time it occupies.
pub(super) fn archive(
    conn: &mut SqliteConnection,
    tenant: &TenantId,
    room: RoomId,
    at: Instant,
) -> Result<bool, StoreError> {
    let archived = diesel::update(table::table.find(key(&room)))
        .filter(table::tenant_id.eq(tenant.as_str()))
        .filter(table::archived_at.is_null())
        .set(table::archived_at.eq(at.0))
        .execute(conn)?;
    if archived == 0 {
        return Ok(false);
    }
    diesel::delete(occupancies::table.filter(occupancies::room_id.eq(key(&room)))).execute(conn)?;
    Ok(true)
}

/// Where the logs of rooms stand; archived rooms are left out.
pub(super) fn heads(
    conn: &mut SqliteConnection,
    rooms: &[RoomId],
) -> Result<Vec<(RoomId, Head)>, StoreError> {
    let mut heads = Vec::with_capacity(rooms.len());
    for some in rooms.chunks(KEYS_AT_ONCE) {
        let found: Vec<(Vec<u8>, i64, i64)> = table::table
            .filter(table::id.eq_any(some.iter().map(key)))
            .filter(table::archived_at.is_null())
            .select((table::id, table::epoch, table::head_seq))
            .load(conn)?;
        for (id, epoch, seq) in found {
            heads.push((rows::room_id(&id)?, Head { epoch, seq: columns::seq(seq)? }));
        }
    }
    Ok(heads)
}
