//! Saved states, so that a room starts without its whole log.

use diesel::prelude::*;

use super::rows::{Snapshot, key};
use super::schema::snapshots as table;
use crate::domain::RoomId;
use crate::store::columns::bound;
use crate::store::{SnapshotRow, StoreError};

/// The newest at or before `seq`.
pub(super) fn at(
    conn: &mut SqliteConnection,
    room: RoomId,
    seq: u64,
) -> Result<Option<SnapshotRow>, StoreError> {
    let row = table::table
        .filter(table::room_id.eq(key(&room)))
        .filter(table::seq.le(bound(seq)))
        .order(table::seq.desc())
        .select(Snapshot::as_select())
        .first(conn)
        .optional()?;
    row.map(SnapshotRow::try_from).transpose()
}

/// Saves one; the first for a place stays.
pub(super) fn put(
    conn: &mut SqliteConnection,
    room: RoomId,
    snapshot: &SnapshotRow,
) -> Result<(), StoreError> {
    diesel::insert_into(table::table)
        .values((
            table::room_id.eq(key(&room)),
            table::seq.eq(bound(snapshot.seq)),
            table::body.eq(&snapshot.body),
        ))
        .on_conflict_do_nothing()
        .execute(conn)?;
    Ok(())
}
