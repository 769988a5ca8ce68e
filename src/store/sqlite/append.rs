//! Compare and append: the write path. One transaction for all rooms of a call, a savepoint for
//! each, so that a room that is refused leaves no trace and does not hinder the others.

use diesel::prelude::*;
use diesel::result::Error as DieselError;

use super::rows::key;
use super::schema::rooms;
use super::{events, occupancies};
use crate::store::columns::{self, bound};
use crate::store::{AppendOutcome, Head, RoomBatch, StoreError};

/// Appends each room's batch in the given order.
pub(super) fn append(
    conn: &mut SqliteConnection,
    batches: &[RoomBatch],
) -> Result<Vec<AppendOutcome>, StoreError> {
    batches.iter().map(|batch| append_room(conn, batch)).collect()
}

fn append_room(
    conn: &mut SqliteConnection,
    batch: &RoomBatch,
) -> Result<AppendOutcome, StoreError> {
    match conn.transaction(|conn| write(conn, batch)) {
        Ok(()) => Ok(AppendOutcome::Committed),
        Err(Halt::Outcome(outcome)) => Ok(outcome),
        Err(Halt::Failure(failure)) => Err(failure),
    }
}

/// Why a room's savepoint is rolled back.
enum Halt {
    Outcome(AppendOutcome),
    Failure(StoreError),
}

impl From<StoreError> for Halt {
    fn from(failure: StoreError) -> Self {
        Self::Failure(failure)
    }
}

impl From<DieselError> for Halt {
    fn from(failure: DieselError) -> Self {
        Self::Failure(failure.into())
    }
}

fn write(conn: &mut SqliteConnection, batch: &RoomBatch) -> Result<(), Halt> {
    let Some(head) = living_head(conn, batch)? else {
        return Err(Halt::Outcome(AppendOutcome::Gone));
    };
    if let Some(duplicate) = first_duplicate(conn, batch)? {
        return Err(Halt::Outcome(duplicate));
    }
    if head != batch.expected {
        return Err(Halt::Outcome(AppendOutcome::Stale(head)));
    }
    for (index, event) in batch.events.iter().enumerate() {
        events::insert(conn, batch.room, &event.row)?;
        let taken = occupancies::apply(conn, batch, &event.occupancy)?;
        if !taken.is_empty() {
            return Err(Halt::Outcome(AppendOutcome::Refused { index, taken }));
        }
    }
    Ok(advance(conn, batch)?)
}

/// The head of a room that is there, the tenant's, and not archived.
fn living_head(conn: &mut SqliteConnection, batch: &RoomBatch) -> Result<Option<Head>, StoreError> {
    let found: Option<(i64, i64)> = rooms::table
        .find(key(&batch.room))
        .filter(rooms::tenant_id.eq(batch.tenant.as_str()))
        .filter(rooms::archived_at.is_null())
        .select((rooms::epoch, rooms::head_seq))
        .first(conn)
        .optional()?;
    found.map(|(epoch, seq)| Ok(Head { epoch, seq: columns::seq(seq)? })).transpose()
}

/// One lookup an operation, because an `IN` list of changing length is prepared anew each time.
fn first_duplicate(
    conn: &mut SqliteConnection,
    batch: &RoomBatch,
) -> Result<Option<AppendOutcome>, StoreError> {
    for (index, event) in batch.events.iter().enumerate() {
        if let Some(seq) = events::seq_of_op(conn, batch.room, event.row.op_id)? {
            return Ok(Some(AppendOutcome::Duplicate { index, seq }));
        }
    }
    Ok(None)
}

fn advance(conn: &mut SqliteConnection, batch: &RoomBatch) -> Result<(), StoreError> {
    let head = batch.events.last().map_or(batch.expected.seq, |event| event.row.seq);
    diesel::update(rooms::table.find(key(&batch.room)))
        .set((
            rooms::head_seq.eq(bound(head)),
            batch.policy.as_ref().map(|policy| rooms::policy.eq(policy)),
        ))
        .execute(conn)?;
    Ok(())
}
