//! Rows as PostgreSQL gives them, and how they become records.

use std::ops::Bound;

use diesel::data_types::PgTimestamp;
use diesel::pg::Pg;
use diesel::prelude::*;
use uuid::Uuid;

use super::schema::{events, rooms, snapshots};
use crate::domain::{
    CourseId, Instant, Interval, OpId, ResourceId, ResourceKey, RoomId, TenantId, UserId,
};
use crate::store::columns::{corrupt, hold, kind, seq};
use crate::store::{EventRow, Head, OccupancyRow, RoomRecord, SnapshotRow, StoreError};

/// Microseconds from 1970 to 2000, where PostgreSQL's count begins.
const EPOCH: i64 = 946_684_800_000_000;

/// An instant as a column has it.
pub(super) fn stamp(instant: Instant) -> Result<PgTimestamp, StoreError> {
    let micros = instant.0.checked_mul(1_000).and_then(|micros| micros.checked_sub(EPOCH));
    micros
        .map(PgTimestamp)
        .ok_or_else(|| StoreError::Failed(format!("no database has the instant {}", instant.0)))
}

/// An instant from its column.
pub(super) fn instant(stamp: PgTimestamp) -> Instant {
    Instant(stamp.0.saturating_add(EPOCH).div_euclid(1_000))
}

/// The first row of a statement that was read to its end: of one that writes, a row alone is no commit.
/// diesel-async's `get_result` does not wait for the end, which is why `clippy.toml` forbids it.
pub(super) fn only<T>(rows: Vec<T>) -> QueryResult<T> {
    rows.into_iter().next().ok_or(diesel::NotFound)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = rooms)]
#[diesel(check_for_backend(Pg))]
pub(super) struct Room {
    id: Uuid,
    tenant_id: String,
    name: String,
    timezone: String,
    policy: Vec<u8>,
    epoch: i64,
    head_seq: i64,
    created_at: PgTimestamp,
    archived_at: Option<PgTimestamp>,
}

impl TryFrom<Room> for RoomRecord {
    type Error = StoreError;

    fn try_from(row: Room) -> Result<Self, StoreError> {
        Ok(Self {
            id: RoomId(row.id),
            tenant: TenantId::parse(&row.tenant_id).map_err(corrupt)?,
            name: row.name,
            timezone: row.timezone,
            policy: row.policy,
            head: Head { epoch: row.epoch, seq: seq(row.head_seq)? },
            created_at: instant(row.created_at),
            archived_at: row.archived_at.map(instant),
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = events)]
#[diesel(check_for_backend(Pg))]
pub(super) struct Event {
    seq: i64,
    op_id: Uuid,
    actor: String,
    at: PgTimestamp,
    kind: String,
    body: Vec<u8>,
}

impl TryFrom<Event> for EventRow {
    type Error = StoreError;

    fn try_from(row: Event) -> Result<Self, StoreError> {
        Ok(Self {
            seq: seq(row.seq)?,
            op_id: OpId(row.op_id),
            actor: UserId::parse(&row.actor).map_err(corrupt)?,
            at: instant(row.at),
            kind: row.kind,
            body: row.body,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = snapshots)]
#[diesel(check_for_backend(Pg))]
pub(super) struct Snapshot {
    seq: i64,
    body: Vec<u8>,
}

impl TryFrom<Snapshot> for SnapshotRow {
    type Error = StoreError;

    fn try_from(row: Snapshot) -> Result<Self, StoreError> {
        Ok(Self { seq: seq(row.seq)?, body: row.body })
    }
}

/// A row of `occupancies` without its tenant.
#[derive(Queryable)]
pub(super) struct Occupancy {
    pub(super) room_id: Uuid,
    pub(super) course_id: String,
    pub(super) resource_kind: String,
    pub(super) resource_id: String,
    pub(super) during: (Bound<PgTimestamp>, Bound<PgTimestamp>),
    pub(super) course_ends_at: PgTimestamp,
    pub(super) hold: String,
}

impl TryFrom<Occupancy> for OccupancyRow {
    type Error = StoreError;

    fn try_from(row: Occupancy) -> Result<Self, StoreError> {
        let (Bound::Included(start), Bound::Excluded(end)) = row.during else {
            return Err(corrupt(format!("interval {:?}", row.during)));
        };
        let (start, end) = (instant(start), instant(end));
        Ok(Self {
            room: RoomId(row.room_id),
            course_id: CourseId::parse(&row.course_id).map_err(corrupt)?,
            resource: ResourceKey {
                kind: kind(&row.resource_kind)?,
                id: ResourceId::parse(&row.resource_id).map_err(corrupt)?,
            },
            during: Interval { start, end },
            course: Interval { start, end: instant(row.course_ends_at) },
            hold: hold(&row.hold)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_keep_their_milliseconds_on_both_sides_of_both_epochs() {
        for ms in [-62_135_596_800_000, -1, 0, 1, 946_684_799_999, 1_767_225_600_123] {
            assert_eq!(instant(stamp(Instant(ms)).unwrap()), Instant(ms));
        }
        assert!(stamp(Instant(i64::MAX)).is_err() && stamp(Instant(i64::MIN)).is_err());
    }
}
