//! Rows as they lie in the file, and how they become records.

use diesel::prelude::*;
use uuid::Uuid;

use super::schema::{events, occupancies, rooms, snapshots};
use crate::domain::{
    CourseId, Instant, Interval, OpId, ResourceId, ResourceKey, RoomId, TenantId, UserId,
};
use crate::store::columns::{corrupt, hold, kind, seq};
use crate::store::{EventRow, Head, OccupancyRow, RoomRecord, SnapshotRow, StoreError};

#[derive(Queryable, Selectable)]
#[diesel(table_name = rooms)]
pub(super) struct Room {
    id: Vec<u8>,
    tenant_id: String,
    name: String,
    timezone: String,
    policy: Vec<u8>,
    epoch: i64,
    head_seq: i64,
    created_at: i64,
    archived_at: Option<i64>,
}

impl TryFrom<Room> for RoomRecord {
    type Error = StoreError;

    fn try_from(row: Room) -> Result<Self, StoreError> {
        Ok(Self {
            id: room_id(&row.id)?,
            tenant: TenantId::parse(&row.tenant_id).map_err(corrupt)?,
            name: row.name,
            timezone: row.timezone,
            policy: row.policy,
            head: Head { epoch: row.epoch, seq: seq(row.head_seq)? },
            created_at: Instant(row.created_at),
            archived_at: row.archived_at.map(Instant),
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = events)]
pub(super) struct Event {
    seq: i64,
    op_id: Vec<u8>,
    actor: String,
    at: i64,
    kind: String,
    body: Vec<u8>,
}

impl TryFrom<Event> for EventRow {
    type Error = StoreError;

    fn try_from(row: Event) -> Result<Self, StoreError> {
        Ok(Self {
            seq: seq(row.seq)?,
            op_id: OpId(Uuid::from_slice(&row.op_id).map_err(corrupt)?),
            actor: UserId::parse(&row.actor).map_err(corrupt)?,
            at: Instant(row.at),
            kind: row.kind,
            body: row.body,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = snapshots)]
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

#[derive(Queryable, Selectable)]
#[diesel(table_name = occupancies)]
pub(super) struct Occupancy {
    room_id: Vec<u8>,
    course_id: String,
    resource_kind: String,
    resource_id: String,
    starts_at: i64,
    ends_at: i64,
    course_ends_at: i64,
    hold: String,
}

impl TryFrom<Occupancy> for OccupancyRow {
    type Error = StoreError;

    fn try_from(row: Occupancy) -> Result<Self, StoreError> {
        Ok(Self {
            room: room_id(&row.room_id)?,
            course_id: CourseId::parse(&row.course_id).map_err(corrupt)?,
            resource: ResourceKey {
                kind: kind(&row.resource_kind)?,
                id: ResourceId::parse(&row.resource_id).map_err(corrupt)?,
            },
            during: Interval { start: Instant(row.starts_at), end: Instant(row.ends_at) },
            course: Interval { start: Instant(row.starts_at), end: Instant(row.course_ends_at) },
            hold: hold(&row.hold)?,
        })
    }
}

/// A room's id as a key.
pub(super) fn key(room: &RoomId) -> &[u8] {
    room.0.as_bytes()
}

/// A room's id from its key.
pub(super) fn room_id(key: &[u8]) -> Result<RoomId, StoreError> {
    Uuid::from_slice(key).map(RoomId).map_err(corrupt)
}
