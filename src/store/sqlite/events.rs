//! The log: one row an event, read in pages.

use diesel::prelude::*;
use diesel::sql_types::Binary;

use super::rows::{Event, key};
use super::schema::events as table;
use crate::domain::{OpId, RoomId};
use crate::store::columns::{self, bound};
use crate::store::{EventRow, StoreError};

/// Writes one event; its place and its operation must be free.
pub(super) fn insert(
    conn: &mut SqliteConnection,
    room: RoomId,
    event: &EventRow,
) -> Result<(), diesel::result::Error> {
    diesel::insert_into(table::table)
        .values((
            table::room_id.eq(key(&room)),
            table::seq.eq(bound(event.seq)),
            table::op_id.eq(event.op_id.0.as_bytes().as_slice()),
            table::actor.eq(event.actor.as_str()),
            table::at.eq(event.at.0),
            table::kind.eq(&event.kind),
            table::body.eq(&event.body),
        ))
        .execute(conn)?;
    Ok(())
}

/// Ascending, from just after `after`.
pub(super) fn after(
    conn: &mut SqliteConnection,
    room: RoomId,
    after: u64,
    limit: usize,
) -> Result<Vec<EventRow>, StoreError> {
    let found: Vec<Event> = table::table
        .filter(table::room_id.eq(key(&room)))
        .filter(table::seq.gt(bound(after)))
        .order(table::seq)
        .limit(bound(limit))
        .select(Event::as_select())
        .load(conn)?;
    columns::records(found)
}

#[diesel::declare_sql_function]
extern "SQL" {
    /// The size of a body, without reading it.
    fn length(body: Binary) -> BigInt;
}

/// After which place the newest events up to `last` fit in `most` bytes; never before `oldest`, and
/// `last` itself when none does.
pub(super) fn fitting(
    conn: &mut SqliteConnection,
    room: RoomId,
    oldest: u64,
    last: u64,
    most: u64,
) -> Result<u64, StoreError> {
    let sizes: Vec<i64> = table::table
        .filter(table::room_id.eq(key(&room)))
        .filter(table::seq.gt(bound(oldest)))
        .filter(table::seq.le(bound(last)))
        .order(table::seq.desc())
        .select(length(table::body))
        .load(conn)?;
    Ok(last - columns::fitting(&sizes, most))
}

/// The newest before `before`, ascending.
pub(super) fn before(
    conn: &mut SqliteConnection,
    room: RoomId,
    before: u64,
    limit: usize,
) -> Result<Vec<EventRow>, StoreError> {
    let mut found: Vec<Event> = table::table
        .filter(table::room_id.eq(key(&room)))
        .filter(table::seq.lt(bound(before)))
        .order(table::seq.desc())
        .limit(bound(limit))
        .select(Event::as_select())
        .load(conn)?;
    found.reverse();
    columns::records(found)
}

/// The event of an operation.
pub(super) fn by_op(
    conn: &mut SqliteConnection,
    room: RoomId,
    op: OpId,
) -> Result<Option<EventRow>, StoreError> {
    let row = table::table
        .filter(table::room_id.eq(key(&room)))
        .filter(table::op_id.eq(op.0.as_bytes().as_slice()))
        .select(Event::as_select())
        .first(conn)
        .optional()?;
    row.map(EventRow::try_from).transpose()
}

/// Where an operation is in the log.
pub(super) fn seq_of_op(
    conn: &mut SqliteConnection,
    room: RoomId,
    op: OpId,
) -> Result<Option<u64>, StoreError> {
    let found: Option<i64> = table::table
        .filter(table::room_id.eq(key(&room)))
        .filter(table::op_id.eq(op.0.as_bytes().as_slice()))
        .select(table::seq)
        .first(conn)
        .optional()?;
    found.map(columns::seq).transpose()
}
