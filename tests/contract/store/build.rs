//! Rooms and batches for the cases.

use std::sync::Arc;

use kyo_collaboration::domain::{
    CourseId, HOUR, Hold, Instant, Interval, OccupancyChange, OpId, ResourceId, ResourceKey,
    ResourceKind, RoomId, TenantId, UserId,
};
use kyo_collaboration::store::{
    AppendOutcome, EventRow, Head, NewEvent, NewRoom, OccupancyRow, RoomBatch, Store,
};
use uuid::Uuid;

use super::Database;

pub const EPOCH: i64 = 1_767_225_600;

pub fn tenant(name: &str) -> TenantId {
    TenantId::parse(name).expect("a valid tenant")
}

pub fn user(name: &str) -> UserId {
    UserId::parse(name).expect("a valid user")
}

pub fn course(name: &str) -> CourseId {
    CourseId::parse(name).expect("a valid course")
}

pub fn trainer(name: &str) -> ResourceKey {
    let id = ResourceId::parse(name).expect("a valid trainer");
    ResourceKey { kind: ResourceKind::Trainer, id }
}

pub fn studio(name: &str) -> ResourceKey {
    let id = ResourceId::parse(name).expect("a valid studio");
    ResourceKey { kind: ResourceKind::Studio, id }
}

pub fn new_op() -> OpId {
    OpId(Uuid::new_v4())
}

/// From one hour of a day to another.
pub fn hours(start: i64, end: i64) -> Interval {
    Interval { start: Instant(start * HOUR), end: Instant(end * HOUR) }
}

pub fn new_room(of: &str) -> NewRoom {
    NewRoom {
        id: RoomId(Uuid::now_v7()),
        tenant: tenant(of),
        name: "Main street".to_owned(),
        timezone: "America/Toronto".to_owned(),
        policy: b"policy 0".to_vec(),
        snapshot: b"state 0".to_vec(),
        epoch: EPOCH,
        created_at: Instant(1_000),
        owner: user("olga"),
    }
}

/// A database with one store on it; the database lives as long as its value.
pub async fn one_store<D: Database>() -> (D, Arc<dyn Store>) {
    let database = D::fresh().await;
    let store = database.open().await;
    (database, store)
}

/// The same with a room.
pub async fn one_room<D: Database>() -> (D, Room) {
    let (database, store) = one_store().await;
    (database, Room::new(&store, "acme").await)
}

/// A room as a case uses it.
#[derive(Clone)]
pub struct Room {
    pub id: RoomId,
    pub tenant: TenantId,
    pub store: Arc<dyn Store>,
}

impl Room {
    pub async fn new(store: &Arc<dyn Store>, of: &str) -> Self {
        let made = store.create_room(new_room(of)).await.expect("a new room");
        Self { id: made.id, tenant: made.tenant, store: store.clone() }
    }

    /// The same room through another store.
    pub fn through(&self, store: &Arc<dyn Store>) -> Self {
        Self { store: store.clone(), ..self.clone() }
    }

    /// A batch without events, decided at `seq`.
    pub fn draft(&self, seq: u64) -> Draft {
        Draft(RoomBatch {
            room: self.id,
            tenant: self.tenant.clone(),
            expected: Head { epoch: EPOCH, seq },
            events: Vec::new(),
            policy: None,
        })
    }

    pub async fn append(&self, draft: Draft) -> AppendOutcome {
        append_all(&self.store, vec![draft]).await.remove(0)
    }

    /// Appends `count` plain events to the head.
    pub async fn grow(&self, count: usize) {
        let head = self.head().await;
        let mut draft = (0..count).fold(self.draft(head.seq), |draft, _| draft.event());
        draft.0.expected = head;
        assert_eq!(self.append(draft).await, AppendOutcome::Committed);
    }

    pub async fn head(&self) -> Head {
        let record = self.store.room(&self.tenant, self.id).await.expect("an answer");
        record.expect("the room").head
    }

    pub async fn log(&self) -> Vec<EventRow> {
        self.store.events_after(self.id, 0, usize::MAX).await.expect("an answer")
    }

    /// The log is 1, 2, 3 … up to the head, which is `last`.
    pub async fn assert_log_is_gapless_to(&self, last: u64) {
        let seqs: Vec<u64> = self.log().await.iter().map(|event| event.seq).collect();
        assert_eq!(seqs, (1..=last).collect::<Vec<_>>());
        assert_eq!(self.head().await, Head { epoch: EPOCH, seq: last });
    }

    pub fn occupied(&self, by: &str, resource: ResourceKey, during: Interval) -> OccupancyRow {
        self.held(by, resource, during, Hold::Enforced)
    }

    pub fn held(
        &self,
        by: &str,
        resource: ResourceKey,
        during: Interval,
        hold: Hold,
    ) -> OccupancyRow {
        let course_id = course(by);
        OccupancyRow { room: self.id, course_id, resource, during, course: during, hold }
    }
}

pub async fn append_all(store: &Arc<dyn Store>, drafts: Vec<Draft>) -> Vec<AppendOutcome> {
    let batches = drafts.into_iter().map(|draft| draft.0).collect();
    store.append(batches).await.expect("an outcome for each room")
}

/// A batch in the making; occupancy changes belong to the newest event.
#[derive(Clone)]
pub struct Draft(pub RoomBatch);

impl Draft {
    pub fn event(self) -> Self {
        self.op(new_op())
    }

    pub fn op(mut self, op_id: OpId) -> Self {
        let seq = self.0.events.last().map_or(self.0.expected.seq, |event| event.row.seq) + 1;
        let row = EventRow {
            seq,
            op_id,
            actor: user("olga"),
            at: Instant(2_000),
            kind: "course_create".to_owned(),
            body: format!("event {seq}").into_bytes(),
        };
        self.0.events.push(NewEvent { row, occupancy: Vec::new() });
        self
    }

    /// The body of the newest event.
    pub fn body(mut self, body: Vec<u8>) -> Self {
        self.0.events.last_mut().expect("an event first").row.body = body;
        self
    }

    pub fn take(self, by: &str, resource: ResourceKey, during: Interval) -> Self {
        self.hold(by, resource, during, Hold::Enforced)
    }

    pub fn warn(self, by: &str, resource: ResourceKey, during: Interval) -> Self {
        self.hold(by, resource, during, Hold::Free)
    }

    pub fn hold(self, by: &str, resource: ResourceKey, during: Interval, hold: Hold) -> Self {
        self.change(OccupancyChange::Take {
            course_id: course(by),
            resource,
            during,
            course: during,
            hold,
            kept: false,
        })
    }

    /// Takes what the course had before.
    pub fn keep(self, by: &str, resource: ResourceKey, during: Interval) -> Self {
        self.change(OccupancyChange::Take {
            course_id: course(by),
            resource,
            during,
            course: during,
            hold: Hold::Enforced,
            kept: true,
        })
    }

    pub fn clear(self, of: &str) -> Self {
        self.change(OccupancyChange::Clear { course_id: course(of), held: Vec::new() })
    }

    /// Clears a course that held this alone.
    pub fn give_up(self, of: &str, resource: ResourceKey, during: Interval) -> Self {
        let held = vec![(resource, during)];
        self.change(OccupancyChange::Clear { course_id: course(of), held })
    }

    fn change(mut self, change: OccupancyChange) -> Self {
        self.0.events.last_mut().expect("an event first").occupancy.push(change);
        self
    }
}
