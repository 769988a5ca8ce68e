//! What goes into a [`Store`](super::Store) and what comes out of it: plain values with opaque
//! bodies. Made by the room actors and by REST; no implementation keeps anything of its own in them.

use crate::domain::{
    CourseId, Hold, Instant, Interval, OccupancyChange, OpId, ResourceKey, Role, RoomId, TenantId,
    UserId,
};

/// Where a room's log stands. The epoch changes when a log is replaced (a restored backup).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Unix seconds when this log began.
    pub epoch: i64,
    /// Sequence number of the newest event; 0 for none.
    pub seq: u64,
}

/// A room's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomRecord {
    /// Its id.
    pub id: RoomId,
    /// Whose it is.
    pub tenant: TenantId,
    /// For people.
    pub name: String,
    /// IANA name.
    pub timezone: String,
    /// Opaque; the policy as of `head`.
    pub policy: Vec<u8>,
    /// Where its log stands.
    pub head: Head,
    /// When it was made.
    pub created_at: Instant,
    /// When it was archived.
    pub archived_at: Option<Instant>,
}

/// A room to make. Its log begins with the given snapshot at sequence 0.
#[derive(Clone, Debug)]
pub struct NewRoom {
    /// Its id.
    pub id: RoomId,
    /// Whose it is.
    pub tenant: TenantId,
    /// For people.
    pub name: String,
    /// IANA name.
    pub timezone: String,
    /// Opaque.
    pub policy: Vec<u8>,
    /// Opaque state at sequence 0.
    pub snapshot: Vec<u8>,
    /// Unix seconds.
    pub epoch: i64,
    /// Now.
    pub created_at: Instant,
    /// Becomes the owner.
    pub owner: UserId,
}

/// One committed event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRow {
    /// Its place.
    pub seq: u64,
    /// Client's name for it.
    pub op_id: OpId,
    /// Who.
    pub actor: UserId,
    /// When.
    pub at: Instant,
    /// Operation name, for readers of the table.
    pub kind: String,
    /// Opaque.
    pub body: Vec<u8>,
}

/// A saved state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotRow {
    /// The state after this event.
    pub seq: u64,
    /// Opaque.
    pub body: Vec<u8>,
}

/// An event to append, with what it does to the occupied time.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// The row; `seq` is one more than its predecessor's.
    pub row: EventRow,
    /// Applied in order, in the same transaction.
    pub occupancy: Vec<OccupancyChange>,
}

/// One room's part of an append: all of it takes effect or none.
#[derive(Clone, Debug)]
pub struct RoomBatch {
    /// Where.
    pub room: RoomId,
    /// Whose.
    pub tenant: TenantId,
    /// The head this was decided on; both parts are compared.
    pub expected: Head,
    /// At least one, `seq` from `expected.seq + 1` without gaps.
    pub events: Vec<NewEvent>,
    /// The room's policy after the batch, when it changed.
    pub policy: Option<Vec<u8>>,
}

/// What became of one room's batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AppendOutcome {
    /// All events are durable.
    Committed,
    /// The head is not the expected one; nothing was written for this room.
    Stale(Head),
    /// An operation of the batch is already in the log; nothing was written for this room.
    Duplicate {
        /// Which of the batch's events (the first such).
        index: usize,
        /// Where it is in the log.
        seq: u64,
    },
    /// An enforced interval is taken; nothing was written for this room.
    Refused {
        /// Which of the batch's events (the first such).
        index: usize,
        /// By whom, at most 20.
        taken: Vec<OccupancyRow>,
    },
    /// The room is archived or was never there.
    Gone,
}

/// Occupied time of one course on one resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OccupancyRow {
    /// Where.
    pub room: RoomId,
    /// Which course.
    pub course_id: CourseId,
    /// On what.
    pub resource: ResourceKey,
    /// When, with the buffer at its end.
    pub during: Interval,
    /// The course alone.
    pub course: Interval,
    /// Against whom.
    pub hold: Hold,
}

/// Everything a room actor needs to start, read at one point in time.
#[derive(Clone, Debug)]
pub struct LoadedRoom {
    /// The row.
    pub record: RoomRecord,
    /// The newest snapshot.
    pub snapshot: SnapshotRow,
    /// Events after `min(snapshot.seq, head.seq - tail)`, in order, up to the head.
    pub events: Vec<EventRow>,
    /// Explicit roles.
    pub members: Vec<(UserId, Role)>,
}
