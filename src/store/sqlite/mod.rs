//! The embedded store: one SQLite file, through diesel-async's wrapper of the blocking connection.
//! One connection writes, a few read (`lanes`); each unit of work is one blocking hop and one
//! transaction. Other processes may use the same file. SQL and Diesel stay below this folder.

mod append;
mod audit;
mod calendar;
mod events;
mod feed;
mod lanes;
mod load;
mod members;
mod migrate;
mod occupancies;
mod open;
mod rooms;
mod rows;
mod schema;
mod snapshots;

use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use diesel::SqliteConnection;

pub(super) use self::migrate::migrate;

use self::lanes::Lanes;
use self::open::Opener;
use super::{
    AppendOutcome, AuditEntry, AuditRow, CalendarLink, Config, Connections, EventRow, FeedPage,
    FeedStart, Head, LoadedRoom, NewRoom, OccupancyRow, RoomBatch, RoomRecord, SnapshotRow, Store,
    StoreError, misuse,
};
use crate::domain::{Instant, Interval, OpId, ResourceKey, Role, RoomId, TenantId, UserId};

/// A store in one file.
pub struct SqliteStore {
    writer: Lanes,
    readers: Lanes,
}

impl SqliteStore {
    /// Opens all connections; the schema must be current.
    ///
    /// # Errors
    /// When the file can't be opened or its schema is not the one this binary knows.
    pub(super) async fn connect(path: PathBuf, config: &Config) -> Result<Self, StoreError> {
        let patience = Duration::from_millis(config.busy_timeout_ms);
        let writer = Lanes::open(Opener::writer(path.clone(), patience), 1).await?;
        writer.run(|conn| migrate::require_current(conn).map_err(StoreError::from)).await?;
        let readers = Lanes::open(Opener::reader(path, patience), config.pool).await?;
        Ok(Self { writer, readers })
    }

    async fn read<R: Send + 'static>(
        &self,
        work: impl FnOnce(&mut SqliteConnection) -> Result<R, StoreError> + Send + 'static,
    ) -> Result<R, StoreError> {
        self.readers.run(work).await
    }

    async fn write<R: Send + 'static>(
        &self,
        work: impl FnOnce(&mut SqliteConnection) -> Result<R, StoreError> + Send + 'static,
    ) -> Result<R, StoreError> {
        self.writer.run(|conn| conn.immediate_transaction(work)).await
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn create_room(&self, room: NewRoom) -> Result<RoomRecord, StoreError> {
        self.write(move |conn| rooms::create(conn, &room)).await
    }

    async fn room(
        &self,
        tenant: &TenantId,
        room: RoomId,
    ) -> Result<Option<RoomRecord>, StoreError> {
        let tenant = tenant.clone();
        self.read(move |conn| rooms::find(conn, &tenant, room)).await
    }

    async fn rooms(
        &self,
        tenant: &TenantId,
        after: Option<RoomId>,
        limit: usize,
    ) -> Result<Vec<RoomRecord>, StoreError> {
        let tenant = tenant.clone();
        self.read(move |conn| rooms::page(conn, &tenant, after, limit)).await
    }

    async fn update_room(
        &self,
        tenant: &TenantId,
        room: RoomId,
        name: Option<String>,
        timezone: Option<String>,
    ) -> Result<Option<RoomRecord>, StoreError> {
        let tenant = tenant.clone();
        self.write(move |conn| {
            rooms::update(conn, &tenant, room, rooms::Changes { name, timezone })
        })
        .await
    }

    async fn archive_room(
        &self,
        tenant: &TenantId,
        room: RoomId,
        at: Instant,
    ) -> Result<bool, StoreError> {
        let tenant = tenant.clone();
        self.write(move |conn| rooms::archive(conn, &tenant, room, at)).await
    }

    async fn members(&self, room: RoomId) -> Result<Vec<(UserId, Role)>, StoreError> {
        self.read(move |conn| members::list(conn, room)).await
    }

    async fn put_member(&self, room: RoomId, user: &UserId, role: Role) -> Result<(), StoreError> {
        let user = user.clone();
        self.write(move |conn| members::put(conn, room, &user, role)).await
    }

    async fn delete_member(&self, room: RoomId, user: &UserId) -> Result<bool, StoreError> {
        let user = user.clone();
        self.write(move |conn| members::delete(conn, room, &user)).await
    }

    async fn append(&self, batches: Vec<RoomBatch>) -> Result<Vec<AppendOutcome>, StoreError> {
        misuse::check(&batches)?;
        if batches.is_empty() {
            return Ok(Vec::new());
        }
        self.write(move |conn| append::append(conn, &batches)).await
    }

    async fn load(
        &self,
        tenant: &TenantId,
        room: RoomId,
        tail: usize,
    ) -> Result<Option<LoadedRoom>, StoreError> {
        let tenant = tenant.clone();
        self.read(move |conn| load::load(conn, &tenant, room, tail)).await
    }

    async fn events_after(
        &self,
        room: RoomId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<EventRow>, StoreError> {
        self.read(move |conn| events::after(conn, room, after, limit)).await
    }

    async fn events_before(
        &self,
        room: RoomId,
        before: u64,
        limit: usize,
    ) -> Result<Vec<EventRow>, StoreError> {
        self.read(move |conn| events::before(conn, room, before, limit)).await
    }

    async fn event_by_op(&self, room: RoomId, op: OpId) -> Result<Option<EventRow>, StoreError> {
        self.read(move |conn| events::by_op(conn, room, op)).await
    }

    async fn snapshot_at(&self, room: RoomId, seq: u64) -> Result<Option<SnapshotRow>, StoreError> {
        self.read(move |conn| snapshots::at(conn, room, seq)).await
    }

    async fn put_snapshot(&self, room: RoomId, snapshot: SnapshotRow) -> Result<(), StoreError> {
        self.write(move |conn| snapshots::put(conn, room, &snapshot)).await
    }

    async fn taken(
        &self,
        tenant: &TenantId,
        except: RoomId,
        wanted: &[(ResourceKey, Interval)],
    ) -> Result<Vec<OccupancyRow>, StoreError> {
        let (tenant, wanted) = (tenant.clone(), wanted.to_vec());
        self.read(move |conn| occupancies::taken(conn, &tenant, except, &wanted)).await
    }

    async fn heads(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, Head)>, StoreError> {
        let rooms = rooms.to_vec();
        self.read(move |conn| rooms::heads(conn, &rooms)).await
    }

    async fn feed(
        &self,
        tenant: &TenantId,
        start: FeedStart,
        limit: usize,
    ) -> Result<FeedPage, StoreError> {
        let tenant = tenant.clone();
        self.read(move |conn| feed::page(conn, &tenant, start, limit)).await
    }

    async fn add_audit(&self, entry: AuditEntry) -> Result<u64, StoreError> {
        self.write(move |conn| audit::add(conn, &entry)).await
    }

    async fn audit(
        &self,
        tenant: &TenantId,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<AuditRow>, StoreError> {
        let tenant = tenant.clone();
        self.read(move |conn| audit::page(conn, &tenant, before, limit)).await
    }

    async fn keep_calendar_link(&self, link: CalendarLink) -> Result<CalendarLink, StoreError> {
        self.write(move |conn| calendar::keep(conn, &link)).await
    }

    async fn calendar_link(
        &self,
        room: RoomId,
        key: &str,
    ) -> Result<Option<CalendarLink>, StoreError> {
        let key = key.to_owned();
        self.read(move |conn| calendar::find(conn, room, &key)).await
    }

    async fn end_calendar_link(&self, room: RoomId, user: &UserId) -> Result<bool, StoreError> {
        let user = user.clone();
        self.write(move |conn| calendar::end(conn, room, &user)).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.read(open::ping).await
    }

    /// The writer's one and the readers'.
    fn connections(&self) -> Connections {
        let (writer, readers) = (self.writer.count(), self.readers.count());
        Connections {
            in_use: writer.in_use + readers.in_use,
            idle: writer.idle + readers.idle,
            waiting: writer.waiting + readers.waiting,
        }
    }
}
