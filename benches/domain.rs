//! What one operation costs before it reaches the store: decide and fold in a room of a thousand
//! courses, the checks of a drag, and the parts of a snapshot.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use jiff::tz::TimeZone;
use kyo_collaboration::domain::*;
use uuid::Uuid;

const COURSES: i64 = 1_000;
const TRAINERS: i64 = 20;
const STUDIOS: i64 = 10;
/// 2026-01-05T00:00:00Z
const MONDAY: i64 = 1_767_571_200_000;

/// The people, locks and past that a decision needs.
struct Desk {
    user: UserId,
    session: SessionId,
    locks: Locks,
    tail: Tail,
}

impl Desk {
    fn new() -> Self {
        Self {
            user: UserId::parse("ada").expect("a valid id"),
            session: SessionId::parse("session").expect("a valid id"),
            locks: Locks::default(),
            tail: Tail::new(0, 1_000),
        }
    }

    fn decide(&self, state: &Timetable, op: Op) -> Result<Decision, Refusal> {
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
}

fn course(n: i64) -> CourseFields {
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

fn course_id(n: i64) -> CourseId {
    CourseId::parse(&Uuid::from_u128(n as u128).to_string()).expect("a valid id")
}

fn room(desk: &Desk) -> Timetable {
    let mut state = Timetable::new(RoomId(Uuid::nil()), TimeZone::UTC, Policy::default());
    for n in 0..COURSES {
        let op = Op::CourseCreate { id: Some(course_id(n)), course: course(n) };
        let decision = desk.decide(&state, op).expect("courses are apart");
        state.evolve(&decision.event);
    }
    state
}

/// The `n`th course, five minutes to and fro.
fn shift(n: i64, by: i64) -> Op {
    Op::CourseMove {
        course_id: course_id(n),
        starts_at: course(n).during.start.plus(by * MINUTE),
        ends_at: None,
        trainer_id: None,
        studio_id: None,
    }
}

fn operations(c: &mut Criterion) {
    let desk = Desk::new();
    let mut state = room(&desk);
    let mut turn = 0;
    c.bench_function("decide and evolve one move of 1000 courses", |b| {
        b.iter_batched(
            || {
                turn += 1;
                shift(turn % COURSES, (turn / COURSES % 2) * 5)
            },
            |op| {
                let decision = desk.decide(&state, op).expect("still apart");
                state.evolve(&decision.event);
                decision
            },
            BatchSize::SmallInput,
        );
    });
    let taken = CourseFields { during: course(500).during, ..course(510) };
    c.bench_function("refuse one move with suggestions", |b| {
        b.iter_batched(
            || Op::CourseMove {
                course_id: course_id(510),
                starts_at: taken.during.start,
                ends_at: None,
                trainer_id: None,
                studio_id: None,
            },
            |op| desk.decide(&state, op).expect_err("the studio is taken"),
            BatchSize::SmallInput,
        );
    });
}

fn reading(c: &mut Criterion) {
    let desk = Desk::new();
    let state = room(&desk);
    c.bench_function("digest of 1000 courses", |b| b.iter(|| black_box(&state).digest()));
    c.bench_function("clone 1000 courses", |b| b.iter(|| black_box(&state).clone()));
    c.bench_function("snapshot parts of 1000 courses", |b| b.iter(|| black_box(&state).to_parts()));
    let parts = state.to_parts();
    c.bench_function("state from parts of 1000 courses", |b| {
        b.iter_batched(|| parts.clone(), Timetable::from_parts, BatchSize::SmallInput);
    });
}

criterion_group!(benches, operations, reading);
criterion_main!(benches);
