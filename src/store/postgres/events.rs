//! The log, read in pages. Events are written by the append functions alone.

use diesel::prelude::*;
use diesel::sql_types::Binary;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::rows::Event;
use super::schema::events as table;
use crate::domain::{OpId, RoomId};
use crate::store::columns::{self, bound};
use crate::store::{EventRow, StoreError};

/// Ascending, from just after `after`.
pub(super) async fn after(
    conn: &mut AsyncPgConnection,
    room: RoomId,
    after: u64,
    limit: usize,
) -> Result<Vec<EventRow>, StoreError> {
    let found: Vec<Event> = table::table
        .filter(table::room_id.eq(room.0))
        .filter(table::seq.gt(bound(after)))
        .order(table::seq)
        .limit(bound(limit))
        .select(Event::as_select())
        .load(conn)
        .await?;
    columns::records(found)
}

/// The newest before `before`, ascending.
pub(super) async fn before(
    conn: &mut AsyncPgConnection,
    room: RoomId,
    before: u64,
    limit: usize,
) -> Result<Vec<EventRow>, StoreError> {
    let mut found: Vec<Event> = table::table
        .filter(table::room_id.eq(room.0))
        .filter(table::seq.lt(bound(before)))
        .order(table::seq.desc())
        .limit(bound(limit))
        .select(Event::as_select())
        .load(conn)
        .await?;
    found.reverse();
    columns::records(found)
}

/// The event of an operation.
pub(super) async fn by_op(
    conn: &mut AsyncPgConnection,
    room: RoomId,
    op: OpId,
) -> Result<Option<EventRow>, StoreError> {
    // Compared so that the key, which begins with the room, can't serve: it would read a whole log.
    let row = table::table
        .filter(table::op_id.eq(op.0))
        .filter(table::room_id.is_not_distinct_from(room.0))
        .select(Event::as_select())
        .first(conn)
        .await
        .optional()?;
    row.map(EventRow::try_from).transpose()
}

#[diesel::declare_sql_function]
extern "SQL" {
    /// The size of a body, without reading it.
    fn octet_length(body: Binary) -> Integer;
}

/// After which place the newest events up to `last` fit in `most` bytes; never before `oldest`, and
/// `last` itself when none does.
pub(super) async fn fitting(
    conn: &mut AsyncPgConnection,
    room: RoomId,
    oldest: u64,
    last: u64,
    most: u64,
) -> Result<u64, StoreError> {
    let sizes: Vec<i32> = table::table
        .filter(table::room_id.eq(room.0))
        .filter(table::seq.gt(bound(oldest)))
        .filter(table::seq.le(bound(last)))
        .order(table::seq.desc())
        .select(octet_length(table::body))
        .load(conn)
        .await?;
    let sizes: Vec<i64> = sizes.into_iter().map(i64::from).collect();
    Ok(last - columns::fitting(&sizes, most))
}
