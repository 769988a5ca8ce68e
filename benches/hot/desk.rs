//! A room of a thousand courses, and whoever edits it.

use jiff::tz::TimeZone;
use kyo_collaboration::domain::*;
use uuid::Uuid;

pub const COURSES: i64 = 1_000;
const TRAINERS: i64 = 20;
const STUDIOS: i64 = 10;
/// 2026-01-05T00:00:00Z
pub const MONDAY: i64 = 1_767_571_200_000;

/// The people, locks and past that a decision needs.
pub struct Desk {
    user: UserId,
    session: SessionId,
    locks: Locks,
    tail: Tail,
}

impl Desk {
    pub fn new() -> Self {
        Self {
            user: user(),
            session: session(),
            locks: Locks::default(),
            tail: Tail::new(0, COURSES as usize),
        }
    }

    pub fn decide(&self, state: &Timetable, op: Op) -> Result<Decision, Refusal> {
        let ctx = Context {
            room: state.room(),
            user_id: &self.user,
            session_id: Some(&self.session),
            role: Role::Editor,
            now: Instant(MONDAY),
            ids: NewIds(Uuid::nil()),
            locks: &self.locks,
            tail: &self.tail,
            restore: None,
            elsewhere: &[],
        };
        let op_id = OpId(Uuid::nil());
        decide(state, &Command { op_id, op, base_version: None, override_reason: None }, &ctx)
    }

    /// The event of the `turn`th move.
    pub fn event(&self, state: &Timetable, turn: i64) -> Event {
        self.decide(state, shift(turn)).expect("still apart").event
    }
}

pub fn user() -> UserId {
    UserId::parse("ada").expect("a valid id")
}

pub fn session() -> SessionId {
    SessionId::parse("session").expect("a valid id")
}

fn fields(n: i64) -> CourseFields {
    let start = Instant(MONDAY + (n / STUDIOS) * 75 * MINUTE);
    let resource = |text: String| Some(ResourceId::parse(&text).expect("a valid id"));
    CourseFields {
        title: format!("Course {n}"),
        during: Interval { start, end: start.plus(HOUR) },
        trainer_id: resource(format!("trainer-{}", n % TRAINERS)),
        studio_id: resource(format!("studio-{}", n % STUDIOS)),
        capacity: Some(20),
        color: Some("#336699".into()),
        notes: None,
        tags: vec!["group".into()],
    }
}

pub fn course_id(n: i64) -> CourseId {
    CourseId::parse(&Uuid::from_u128(n as u128).to_string()).expect("a valid id")
}

fn course(n: i64) -> Course {
    Course {
        id: course_id(n),
        version: 1,
        fields: fields(n),
        created_by: user(),
        updated_by: user(),
        updated_at: Instant(MONDAY),
        field_versions: [1; COURSE_FIELDS],
        overridden: false,
    }
}

/// Made of its parts and not of a thousand decisions, which would take long where instructions are
/// counted.
pub fn room() -> Timetable {
    let mut state = Timetable::from_parts(TimetableParts {
        room: RoomId(Uuid::nil()),
        head: COURSES as u64,
        policy: Policy::default(),
        courses: (0..COURSES).map(course).collect(),
        resources: Vec::new(),
        templates: Vec::new(),
        conflicts: Vec::new(),
    });
    state.set_timezone(TimeZone::UTC);
    state
}

/// The `turn`th move: each course in turn, five minutes to and fro.
pub fn shift(turn: i64) -> Op {
    let (n, by) = (turn % COURSES, (turn / COURSES % 2) * 5);
    move_to(n, fields(n).during.start.plus(by * MINUTE))
}

/// A move onto another course of the same studio.
pub fn clash() -> Op {
    move_to(510, fields(500).during.start)
}

fn move_to(n: i64, starts_at: Instant) -> Op {
    let course_id = course_id(n);
    Op::CourseMove { course_id, starts_at, ends_at: None, trainer_id: None, studio_id: None }
}
