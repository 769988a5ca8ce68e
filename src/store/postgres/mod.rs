//! The store for many replicas: PostgreSQL 15 or newer, through diesel-async. Each unit of work is one
//! statement or one transaction on a connection of its own (`lanes`); the write path is one round
//! trip (`append`, `migrations/postgres`). SQL and Diesel stay below this folder.

mod address;
mod append;
mod audit;
mod bind;
mod calendar;
mod call;
mod events;
mod feed;
mod lanes;
mod load;
mod lone;
mod members;
mod migrate;
mod occupancies;
mod open;
mod retry;
mod rooms;
mod rows;
mod schema;
mod slots;
mod snapshots;
mod wave;

use async_trait::async_trait;

pub use self::address::{Address, Tls};
pub(super) use self::migrate::migrate;
pub(super) use self::open::trusted;

use self::lanes::Lanes;
use self::open::Opener;
use super::{
    AppendOutcome, AuditEntry, AuditRow, CalendarLink, Config, Connections, EventRow, FeedPage,
    FeedStart, Head, LoadedRoom, NewRoom, OccupancyRow, RoomBatch, RoomRecord, SnapshotRow, Store,
    StoreError, misuse,
};
use crate::domain::{Instant, Interval, OpId, ResourceKey, Role, RoomId, TenantId, UserId};

/// A store in one database, which others may use at the same time.
pub struct PostgresStore {
    lanes: Lanes,
}

impl PostgresStore {
    /// Opens a first connection; the schema must be current. Connections live on the runtime that
    /// this is called on.
    ///
    /// # Errors
    /// When the server can't be reached or turns us away, or the schema is not the one this binary
    /// knows.
    pub(super) async fn connect(address: Address, config: &Config) -> Result<Self, StoreError> {
        let lanes = Lanes::new(Opener::for_work(address, config)?, config)?;
        lanes.run(async |conn| open::listen(conn).await).await?;
        lanes.run(async |conn| migrate::require_current(conn).await).await?;
        Ok(Self { lanes })
    }
}

#[async_trait]
impl Store for PostgresStore {
    async fn create_room(&self, room: NewRoom) -> Result<RoomRecord, StoreError> {
        self.lanes.run(async move |conn| rooms::create(conn, &room).await).await
    }

    async fn room(
        &self,
        tenant: &TenantId,
        room: RoomId,
    ) -> Result<Option<RoomRecord>, StoreError> {
        let tenant = tenant.clone();
        self.lanes.run(async move |conn| rooms::find(conn, &tenant, room).await).await
    }

    async fn rooms(
        &self,
        tenant: &TenantId,
        after: Option<RoomId>,
        limit: usize,
    ) -> Result<Vec<RoomRecord>, StoreError> {
        let tenant = tenant.clone();
        self.lanes.run(async move |conn| rooms::page(conn, &tenant, after, limit).await).await
    }

    async fn update_room(
        &self,
        tenant: &TenantId,
        room: RoomId,
        name: Option<String>,
        timezone: Option<String>,
    ) -> Result<Option<RoomRecord>, StoreError> {
        let tenant = tenant.clone();
        let changes = rooms::Changes { name, timezone };
        self.lanes.run(async move |conn| rooms::update(conn, &tenant, room, changes).await).await
    }

    async fn archive_room(
        &self,
        tenant: &TenantId,
        room: RoomId,
        at: Instant,
    ) -> Result<bool, StoreError> {
        let tenant = tenant.clone();
        self.lanes.run(async move |conn| rooms::archive(conn, &tenant, room, at).await).await
    }

    async fn members(&self, room: RoomId) -> Result<Vec<(UserId, Role)>, StoreError> {
        self.lanes.run(async move |conn| members::list(conn, room).await).await
    }

    async fn put_member(&self, room: RoomId, user: &UserId, role: Role) -> Result<(), StoreError> {
        let user = user.clone();
        self.lanes.run(async move |conn| members::put(conn, room, &user, role).await).await
    }

    async fn delete_member(&self, room: RoomId, user: &UserId) -> Result<bool, StoreError> {
        let user = user.clone();
        self.lanes.run(async move |conn| members::delete(conn, room, &user).await).await
    }

    /// While one transaction commits, the rooms that were not in it fill and decide the next.
    fn writers(&self) -> usize {
        2
    }

    async fn append(&self, batches: Vec<RoomBatch>) -> Result<Vec<AppendOutcome>, StoreError> {
        misuse::check(&batches)?;
        if batches.is_empty() {
            return Ok(Vec::new());
        }
        self.lanes.run(async move |conn| append::append(conn, &batches).await).await
    }

    async fn load(
        &self,
        tenant: &TenantId,
        room: RoomId,
        tail: usize,
    ) -> Result<Option<LoadedRoom>, StoreError> {
        let tenant = tenant.clone();
        self.lanes.run(async move |conn| load::load(conn, &tenant, room, tail).await).await
    }

    async fn events_after(
        &self,
        room: RoomId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<EventRow>, StoreError> {
        self.lanes.run(async move |conn| events::after(conn, room, after, limit).await).await
    }

    async fn events_before(
        &self,
        room: RoomId,
        before: u64,
        limit: usize,
    ) -> Result<Vec<EventRow>, StoreError> {
        self.lanes.run(async move |conn| events::before(conn, room, before, limit).await).await
    }

    async fn event_by_op(&self, room: RoomId, op: OpId) -> Result<Option<EventRow>, StoreError> {
        self.lanes.run(async move |conn| events::by_op(conn, room, op).await).await
    }

    async fn snapshot_at(&self, room: RoomId, seq: u64) -> Result<Option<SnapshotRow>, StoreError> {
        self.lanes.run(async move |conn| snapshots::at(conn, room, seq).await).await
    }

    async fn put_snapshot(&self, room: RoomId, snapshot: SnapshotRow) -> Result<(), StoreError> {
        self.lanes.run(async move |conn| snapshots::put(conn, room, &snapshot).await).await
    }

    async fn taken(
        &self,
        tenant: &TenantId,
        except: RoomId,
        wanted: &[(ResourceKey, Interval)],
    ) -> Result<Vec<OccupancyRow>, StoreError> {
        let (tenant, wanted) = (tenant.clone(), wanted.to_vec());
        self.lanes
            .run(async move |conn| occupancies::taken(conn, &tenant, except, &wanted).await)
            .await
    }

    async fn heads(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, Head)>, StoreError> {
        let rooms = rooms.to_vec();
        self.lanes.run(async move |conn| rooms::heads(conn, &rooms).await).await
    }

    async fn feed(
        &self,
        tenant: &TenantId,
        start: FeedStart,
        limit: usize,
    ) -> Result<FeedPage, StoreError> {
        let tenant = tenant.clone();
        self.lanes.run(async move |conn| feed::page(conn, &tenant, start, limit).await).await
    }

    async fn add_audit(&self, entry: AuditEntry) -> Result<u64, StoreError> {
        self.lanes.run(async move |conn| audit::add(conn, &entry).await).await
    }

    async fn audit(
        &self,
        tenant: &TenantId,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<AuditRow>, StoreError> {
        let tenant = tenant.clone();
        self.lanes.run(async move |conn| audit::page(conn, &tenant, before, limit).await).await
    }

    async fn keep_calendar_link(&self, link: CalendarLink) -> Result<CalendarLink, StoreError> {
        self.lanes.run(async move |conn| calendar::keep(conn, &link).await).await
    }

    async fn calendar_link(
        &self,
        room: RoomId,
        key: &str,
    ) -> Result<Option<CalendarLink>, StoreError> {
        let key = key.to_owned();
        self.lanes.run(async move |conn| calendar::find(conn, room, &key).await).await
    }

    async fn end_calendar_link(&self, room: RoomId, user: &UserId) -> Result<bool, StoreError> {
        let user = user.clone();
        self.lanes.run(async move |conn| calendar::end(conn, room, &user).await).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.lanes.run(async move |conn| rooms::ping(conn).await).await
    }

    fn connections(&self) -> Connections {
        self.lanes.count()
    }
}
