//! Where rooms, events, snapshots and occupied time are kept. [`Store`] is the contract; one suite
//! (`tests/contract/store.rs`) holds for every implementation. Bodies are opaque bytes made by
//! `protocol::envelope`: the store knows ids, sequence numbers and time, never what an operation is.

use async_trait::async_trait;

use crate::domain::{Instant, Interval, OpId, ResourceKey, Role, RoomId, TenantId, UserId};

mod audit;
mod calendar;
mod columns;
mod config;
mod connect;
mod error;
mod feed;
mod migrate;
mod misuse;
mod postgres;
mod records;
mod sqlite;

pub use audit::*;
pub use calendar::*;
pub use config::*;
pub use connect::*;
pub use error::*;
pub use feed::*;
pub use migrate::{MigrateError, MigrationReport};
pub use postgres::{Address, Tls};
pub use records::*;

/// The most bytes of events that [`Store::load`] returns beside those that a room can't do without.
pub const MAX_TAIL_BYTES: u64 = 8 * 1024 * 1024;

/// The keeper of truth.
///
/// * Every write is durable when its future resolves: a crash of the process or the machine after
///   that loses nothing.
/// * `append` is atomic per room and compares the head: two callers with the same `expected` can't
///   both be `Committed`. Batches of several rooms share one transaction; a room that is not
///   `Committed` leaves no trace and does not hinder the others. Outcomes come in the order of the
///   batches; no room occurs twice in one call. A room that is archived, another tenant's or was
///   never there is `Gone`, whatever the batch holds.
/// * An `op_id` is in a room's log at most once. `Duplicate` wins over `Stale` so that a repeat
///   always gets its first answer, and `Stale` wins over `Refused`.
/// * A wanted [`Enforced`](crate::domain::Hold::Enforced) interval is refused where any room of the
///   tenant holds the resource enforced, or another room holds it overridden; others, and what the
///   course `kept`, are not looked at. So two enforced intervals never overlap by accident. Changes
///   are applied in the order of batches, events and lists; what an earlier one gave up, a later one
///   may take. Whether it may also take what a later one of the same call gives up is left open. A
///   course has a resource at most once: taking it again moves it, and a course is never in its own
///   way. `Refused` names all that is in the way of the event, at most 20.
/// * A dropped future does not undo a write that was begun; one that still waits for its turn is not
///   begun. No caller waits for its turn longer than `busy_timeout_ms`.
/// * A batch that breaks the rules of [`RoomBatch`] is a bug of the caller: `Failed` for the whole
///   call, and nothing is written.
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

    /// How many calls of [`append`](Self::append) at once pay; one where there is a single writer.
    fn writers(&self) -> usize {
        1
    }

    /// Compares and appends; see the contract above.
    async fn append(&self, batches: Vec<RoomBatch>) -> Result<Vec<AppendOutcome>, StoreError>;

    /// What a room actor needs to start: the newest snapshot, all events after it, and as many before
    /// them as belong to the last `tail` events, of those only the newest whose bodies together fit
    /// in [`MAX_TAIL_BYTES`]. `None` when the room is not there, is another tenant's or is archived.
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

    /// Enforced and overridden intervals of a tenant's other rooms that overlap a wanted one, at most 20.
    async fn taken(
        &self,
        tenant: &TenantId,
        except: RoomId,
        wanted: &[(ResourceKey, Interval)],
    ) -> Result<Vec<OccupancyRow>, StoreError>;

    /// Heads of the rooms among `rooms` that are there and not archived, in any order.
    async fn heads(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, Head)>, StoreError>;

    /// The tenant's events, those of archived rooms too, after `start` in the order of the feed, at most
    /// `limit` (1 or more) and [`MAX_FEED_BYTES`].
    ///
    /// The order of the feed is one for all readers and never changes, and an event of a room comes
    /// after those with smaller `seq`. An event that is not in a page yet comes after every event that
    /// is, whenever it is committed: whoever goes on from [`FeedPage::next`] gets each event once and
    /// misses none, whatever runs beside. That has a price: an event may come later than its commit,
    /// while a transaction is open that could still commit something before it.
    async fn feed(
        &self,
        tenant: &TenantId,
        start: FeedStart,
        limit: usize,
    ) -> Result<FeedPage, StoreError>;

    /// Adds an entry to the audit log; its number.
    async fn add_audit(&self, entry: AuditEntry) -> Result<u64, StoreError>;

    /// A tenant's audit entries with `id < before`, or the newest, newest first, at most `limit`.
    async fn audit(
        &self,
        tenant: &TenantId,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<AuditRow>, StoreError>;

    /// Keeps a calendar link unless its person has one to that room; answers the one that holds.
    async fn keep_calendar_link(&self, link: CalendarLink) -> Result<CalendarLink, StoreError>;

    /// The link to a room with that key.
    async fn calendar_link(
        &self,
        room: RoomId,
        key: &str,
    ) -> Result<Option<CalendarLink>, StoreError>;

    /// Ends a person's link to a room; false when there was none.
    async fn end_calendar_link(&self, room: RoomId, user: &UserId) -> Result<bool, StoreError>;

    /// Whether a trivial query works.
    async fn ping(&self) -> Result<(), StoreError>;

    /// What its connections do at this moment.
    fn connections(&self) -> Connections;
}

/// The connections of a store, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Connections {
    /// At work.
    pub in_use: usize,
    /// Open, with nothing to do.
    pub idle: usize,
    /// Units of work that wait for one.
    pub waiting: usize,
}
