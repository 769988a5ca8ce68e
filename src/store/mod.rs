//! Where rooms, events, snapshots and occupied time are kept. [`Store`] is the contract; one suite
//! (`tests/contract/store.rs`) holds for every implementation. Bodies are opaque bytes made by
//! `protocol::envelope`: the store knows ids, sequence numbers and time, never what an operation is.

use async_trait::async_trait;

use crate::domain::{
    CourseId, Instant, Interval, OccupancyChange, OpId, ResourceKey, Role, RoomId, TenantId, UserId,
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
    /// Whether overlaps are refused.
    pub enforced: bool,
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

/// Why the store did not answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// Passing: busy, connection lost, pool exhausted. The write may or may not have happened.
    #[error("store unavailable: {0}")]
    Unavailable(String),
    /// Permanent: corrupt row, broken schema, a bug.
    #[error("store failed: {0}")]
    Failed(String),
}

/// The keeper of truth.
///
/// * Every write is durable when its future resolves: a crash of the process or the machine after
///   that loses nothing.
/// * `append` is atomic per room and compares the head: two callers with the same `expected` can't
///   both be `Committed`. Batches of several rooms share one transaction; a room that is not
///   `Committed` leaves no trace and does not hinder the others. Outcomes come in the order of the
///   batches; no room occurs twice in one call.
/// * An `op_id` is in a room's log at most once. `Duplicate` wins over `Stale` so that a repeat
///   always gets its first answer, and `Stale` wins over `Refused`.
/// * Two enforced intervals of one tenant on one resource never overlap, in whichever rooms.
/// * A dropped future does not undo a write that was begun.
/// * Rooms of another tenant are not there: reads that name a tenant answer `None`.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Makes a room with its owner as first member.
    async fn create_room(&self, room: NewRoom) -> Result<RoomRecord, StoreError>;

    /// One room of a tenant, archived or not.
    async fn room(&self, tenant: &TenantId, room: RoomId)
    -> Result<Option<RoomRecord>, StoreError>;

    /// Rooms of a tenant that are not archived, by id ascending, after `after`.
    async fn rooms(
        &self,
        tenant: &TenantId,
        after: Option<RoomId>,
        limit: usize,
    ) -> Result<Vec<RoomRecord>, StoreError>;

    /// Changes name or time zone of a room that is not archived.
    async fn update_room(
        &self,
        tenant: &TenantId,
        room: RoomId,
        name: Option<String>,
        timezone: Option<String>,
    ) -> Result<Option<RoomRecord>, StoreError>;

    /// Archives a room and frees its occupied time; false when it was not there or already archived.
    async fn archive_room(
        &self,
        tenant: &TenantId,
        room: RoomId,
        at: Instant,
    ) -> Result<bool, StoreError>;

    /// Explicit roles of a room, by user id ascending.
    async fn members(&self, room: RoomId) -> Result<Vec<(UserId, Role)>, StoreError>;

    /// Sets a role.
    async fn put_member(&self, room: RoomId, user: &UserId, role: Role) -> Result<(), StoreError>;

    /// Takes a role away; false when there was none.
    async fn delete_member(&self, room: RoomId, user: &UserId) -> Result<bool, StoreError>;

    /// Compares and appends; see the contract above.
    async fn append(&self, batches: Vec<RoomBatch>) -> Result<Vec<AppendOutcome>, StoreError>;

    /// What a room actor needs to start, with at least the last `tail` events; `None` when the room
    /// is not there, is another tenant's or is archived.
    async fn load(
        &self,
        tenant: &TenantId,
        room: RoomId,
        tail: usize,
    ) -> Result<Option<LoadedRoom>, StoreError>;

    /// Events with `after < seq`, ascending, at most `limit`.
    async fn events_after(
        &self,
        room: RoomId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<EventRow>, StoreError>;

    /// Events with `seq < before`, the newest `limit` of them, in ascending order.
    async fn events_before(
        &self,
        room: RoomId,
        before: u64,
        limit: usize,
    ) -> Result<Vec<EventRow>, StoreError>;

    /// The event of an operation.
    async fn event_by_op(&self, room: RoomId, op: OpId) -> Result<Option<EventRow>, StoreError>;

    /// The newest snapshot at or before `seq`.
    async fn snapshot_at(&self, room: RoomId, seq: u64) -> Result<Option<SnapshotRow>, StoreError>;

    /// Saves a snapshot; keeps the first of two for one `seq`.
    async fn put_snapshot(&self, room: RoomId, snapshot: SnapshotRow) -> Result<(), StoreError>;

    /// Enforced intervals of a tenant's other rooms that overlap a wanted one, at most 20.
    async fn taken(
        &self,
        tenant: &TenantId,
        except: RoomId,
        wanted: &[(ResourceKey, Interval)],
    ) -> Result<Vec<OccupancyRow>, StoreError>;

    /// Heads of rooms that are there, in any order.
    async fn heads(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, Head)>, StoreError>;

    /// Whether a trivial query works.
    async fn ping(&self) -> Result<(), StoreError>;
}
