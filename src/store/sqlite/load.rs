//! All that a room actor starts from, in one read transaction: the row, the snapshot and the events
//! belong together even while another process appends.

use diesel::prelude::*;

use super::{events, members, rooms, snapshots};
use crate::domain::{RoomId, TenantId};
use crate::store::{LoadedRoom, MAX_TAIL_BYTES, StoreError};

/// The room with its last `tail` events as far as they fit, and all after its snapshot, unless it is archived or another tenant's.
pub(super) fn load(
    conn: &mut SqliteConnection,
    tenant: &TenantId,
    room: RoomId,
    tail: usize,
) -> Result<Option<LoadedRoom>, StoreError> {
    conn.transaction(|conn| {
        let Some(record) = rooms::find(conn, tenant, room)?.filter(|r| r.archived_at.is_none())
        else {
            return Ok(None);
        };
        let snapshot = snapshots::at(conn, room, record.head.seq)?
            .ok_or_else(|| StoreError::Failed(format!("room {room} has no snapshot")))?;
        let tail = u64::try_from(tail).unwrap_or(u64::MAX);
        let oldest = record.head.seq.saturating_sub(tail);
        let after = events::fitting(conn, room, oldest, snapshot.seq, MAX_TAIL_BYTES)?;
        let events = events::after(conn, room, after, usize::MAX)?;
        let members = members::list(conn, room)?;
        Ok(Some(LoadedRoom { record, snapshot, events, members }))
    })
}
