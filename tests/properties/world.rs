//! A room without actors or a store: decides, commits and remembers every state.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::tz::TimeZone;
use kyo_collaboration::domain::*;
use uuid::Uuid;

/// A Monday, in milliseconds since the epoch.
pub const MONDAY: i64 = 1_767_571_200_000;

/// One room and its whole past.
pub struct World {
    pub states: Vec<Timetable>,
    pub events: Vec<Arc<Event>>,
    pub occupied: BTreeMap<CourseId, Vec<OccupancyChange>>,
    pub locks: Locks,
    /// What the store has said about other rooms.
    pub elsewhere: Vec<Conflict>,
    tail: Tail,
    asked: u64,
}

/// A command with who gives it.
#[derive(Clone, Debug)]
pub struct Ask {
    pub user: &'static str,
    pub role: Role,
    pub op: Op,
    pub base: Option<u32>,
    pub reason: Option<&'static str>,
}

impl Ask {
    /// An editor's.
    pub fn edit(user: &'static str, op: Op) -> Self {
        Self { user, role: Role::Editor, op, base: None, reason: None }
    }

    /// An owner's.
    pub fn own(user: &'static str, op: Op) -> Self {
        Self { role: Role::Owner, ..Self::edit(user, op) }
    }

    /// An owner's over a rule.
    pub fn over(user: &'static str, op: Op) -> Self {
        Self { reason: Some("a guest class"), ..Self::own(user, op) }
    }

    /// The same on an earlier version.
    pub fn on(self, base: u32) -> Self {
        Self { base: Some(base), ..self }
    }
}

impl World {
    /// An empty room.
    pub fn new(zone: &str) -> Self {
        let zone = TimeZone::get(zone).expect("a bundled zone");
        let room = RoomId(Uuid::from_u128(7));
        Self {
            states: vec![Timetable::new(room, zone, Policy::default())],
            events: Vec::new(),
            occupied: BTreeMap::new(),
            locks: Locks::default(),
            elsewhere: Vec::new(),
            tail: Tail::new(0, 1_000),
            asked: 0,
        }
    }

    /// The state after the last event.
    pub fn now(&self) -> &Timetable {
        self.states.last().expect("there is always the empty state")
    }

    /// Decides without committing.
    pub fn decide(&self, ask: &Ask) -> Result<Decision, Refusal> {
        let user_id = UserId::parse(ask.user).expect("a valid id");
        let session_id = session(ask.user);
        let restore = match ask.op {
            Op::Restore { seq } => self.states.get(seq as usize),
            _ => None,
        };
        let ctx = Context {
            room: self.now().room(),
            user_id: &user_id,
            session_id: Some(&session_id),
            role: ask.role,
            now: Instant(MONDAY + self.asked as i64),
            ids: NewIds(Uuid::from_u128(u128::from(self.asked) << 64)),
            locks: &self.locks,
            tail: &self.tail,
            restore,
            elsewhere: &self.elsewhere,
        };
        let command = Command {
            op_id: OpId(Uuid::from_u128(u128::from(self.asked) + 1)),
            op: ask.op.clone(),
            base_version: ask.base,
            override_reason: ask.reason.map(str::to_owned),
        };
        decide(self.now(), &command, &ctx)
    }

    /// Decides and commits.
    pub fn ask(&mut self, ask: &Ask) -> Result<Decision, Refusal> {
        self.asked += 1;
        let decision = self.decide(ask)?;
        let mut next = self.now().clone();
        next.evolve(&decision.event);
        self.states.push(next);
        let event = Arc::new(decision.event.clone());
        self.tail.push(Arc::clone(&event));
        self.events.push(event);
        self.occupy(&decision.occupancy);
        Ok(decision)
    }

    /// Commits what must be accepted.
    pub fn must(&mut self, ask: Ask) -> Decision {
        self.ask(&ask).unwrap_or_else(|refusal| panic!("{ask:?} refused: {refusal:?}"))
    }

    /// What must be refused, with the reason.
    pub fn refused(&mut self, ask: Ask) -> Refusal {
        match self.ask(&ask) {
            Ok(decision) => panic!("{ask:?} accepted: {decision:?}"),
            Err(refusal) => refusal,
        }
    }

    /// Puts a shorter past in place of the whole one.
    pub fn forget_all_but(&mut self, tail: Tail) {
        self.tail = tail;
    }

    fn occupy(&mut self, changes: &[OccupancyChange]) {
        for change in changes {
            match change {
                OccupancyChange::Clear { course_id, held } => {
                    let had = self.occupied.remove(course_id).unwrap_or_default();
                    let had: Vec<_> = had.iter().filter_map(enforced).collect();
                    assert_eq!(*held, had, "what is locked is what was there");
                }
                OccupancyChange::Take { course_id, .. } => {
                    let mut taken = change.clone();
                    if let OccupancyChange::Take { kept, .. } = &mut taken {
                        *kept = false;
                    }
                    self.occupied.entry(course_id.clone()).or_default().push(taken);
                }
            }
        }
    }
}

fn enforced(change: &OccupancyChange) -> Option<(ResourceKey, Interval)> {
    match change {
        OccupancyChange::Take { resource, during, hold: Hold::Enforced, .. } => {
            Some((resource.clone(), *during))
        }
        OccupancyChange::Take { .. } | OccupancyChange::Clear { .. } => None,
    }
}

/// What people see of a state: everything but versions and bookkeeping.
#[derive(Debug, PartialEq)]
pub struct Content {
    policy: Policy,
    courses: Vec<(CourseId, CourseFields)>,
    resources: Vec<(ResourceId, ResourceFields)>,
    templates: Vec<(TemplateId, String, Vec<Slot>)>,
}

/// The content of a state.
pub fn content(state: &Timetable) -> Content {
    Content {
        policy: state.policy(),
        courses: state.courses().map(|c| (c.id.clone(), c.fields.clone())).collect(),
        resources: state.resources().map(|r| (r.id.clone(), r.fields.clone())).collect(),
        templates: state
            .templates()
            .map(|t| (t.id.clone(), t.name.clone(), t.slots.clone()))
            .collect(),
    }
}

/// The session that a user has in these tests.
pub fn session(user: &str) -> SessionId {
    SessionId::parse(&format!("session-of-{user}")).expect("a valid id")
}

/// A course's id.
pub fn course_id(text: &str) -> CourseId {
    CourseId::parse(text).expect("a valid id")
}

/// A resource's id.
pub fn resource_id(text: &str) -> ResourceId {
    ResourceId::parse(text).expect("a valid id")
}

/// A template's id.
pub fn template_id(text: &str) -> TemplateId {
    TemplateId::parse(text).expect("a valid id")
}

/// `minutes` after the Monday's midnight.
pub fn at(minutes: i64) -> Instant {
    Instant(MONDAY + minutes * MINUTE)
}

/// A course of one hour.
pub fn hour(title: &str, start: i64, trainer: Option<&str>, studio: Option<&str>) -> CourseFields {
    CourseFields {
        title: title.to_owned(),
        during: Interval { start: at(start), end: at(start + 60) },
        trainer_id: trainer.map(resource_id),
        studio_id: studio.map(resource_id),
        capacity: None,
        color: None,
        notes: None,
        tags: Vec::new(),
    }
}

/// Creates a course under that id.
pub fn create(id: &str, course: CourseFields) -> Op {
    Op::CourseCreate { id: Some(course_id(id)), course }
}

/// Moves a course, keeping everything else.
pub fn shift(id: &str, start: i64) -> Op {
    Op::CourseMove {
        course_id: course_id(id),
        starts_at: at(start),
        ends_at: None,
        trainer_id: None,
        studio_id: None,
    }
}

/// Sets a title.
pub fn rename(id: &str, title: &str) -> Op {
    let patch = CoursePatch { title: Some(title.to_owned()), ..CoursePatch::default() };
    Op::CourseUpdate { course_id: course_id(id), patch }
}

/// Deletes a course.
pub fn delete(id: &str) -> Op {
    Op::CourseDelete { course_id: course_id(id) }
}

/// Registers a resource.
pub fn register(id: &str, kind: ResourceKind, overlap: Overlap, buffer_minutes: u32) -> Op {
    let resource =
        ResourceFields { kind, name: format!("The {id}"), capacity: None, overlap, buffer_minutes };
    Op::ResourceUpsert { id: resource_id(id), resource }
}
