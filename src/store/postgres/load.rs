//! All that a room actor starts from, as of one point in time: the row, the snapshot and the events
//! belong together even while another replica appends.

use diesel_async::AsyncPgConnection;

use super::{events, members, rooms, snapshots};
use crate::domain::{RoomId, TenantId};
use crate::store::{LoadedRoom, MAX_TAIL_BYTES, StoreError};

/// The room with its last `tail` events as far as they fit, and all after its snapshot, unless it is
/// archived or another tenant's.
pub(super) async fn load(
    conn: &mut AsyncPgConnection,
    tenant: &TenantId,
    room: RoomId,
    tail: usize,
) -> Result<Option<LoadedRoom>, StoreError> {
    conn.build_transaction()
        .repeatable_read()
        .read_only()
        .run(async |conn| read(conn, tenant, room, tail).await)
        .await
}

async fn read(
    conn: &mut AsyncPgConnection,
    tenant: &TenantId,
    room: RoomId,
    tail: usize,
) -> Result<Option<LoadedRoom>, StoreError> {
    let found = rooms::find(conn, tenant, room).await?;
    let Some(record) = found.filter(|record| record.archived_at.is_none()) else {
        return Ok(None);
    };
    let snapshot = snapshots::at(conn, room, record.head.seq)
        .await?
        .ok_or_else(|| StoreError::Failed(format!("room {room} has no snapshot")))?;
    let tail = u64::try_from(tail).unwrap_or(u64::MAX);
    let oldest = record.head.seq.saturating_sub(tail);
    let after = events::fitting(conn, room, oldest, snapshot.seq, MAX_TAIL_BYTES).await?;
    let events = events::after(conn, room, after, usize::MAX).await?;
    let members = members::list(conn, room).await?;
    Ok(Some(LoadedRoom { record, snapshot, events, members }))
}
