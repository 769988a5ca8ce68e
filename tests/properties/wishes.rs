//! Random operations in a world so small that they meet all the time.

use kyo_collaboration::domain::*;
use proptest::collection::vec;
use proptest::option::{of, weighted};
use proptest::prelude::*;

use super::world::*;

const USERS: [&str; 3] = ["ada", "ben", "cleo"];

/// A sequence of commands; with `overrides`, owners sometimes commit over the rules.
pub fn asks(overrides: bool, length: usize) -> impl Strategy<Value = Vec<Ask>> {
    (vec(first(), 4), vec(ask(overrides), 1..length))
        .prop_map(|(first, then)| first.into_iter().enumerate().map(found).chain(then).collect())
}

/// What the room begins with, so that later operations have something to meet.
fn first() -> impl Strategy<Value = (CourseFields, ResourceFields, Vec<Slot>)> {
    (fields(), resource(), vec(slot(), 0..4))
}

fn found(
    (index, (mut course, mut resource, slots)): (usize, (CourseFields, ResourceFields, Vec<Slot>)),
) -> Ask {
    // Ten hours apart, so that every one of them is accepted.
    course.during = course.during.shifted(index as i64 * 10 * HOUR);
    // An id has one kind.
    resource.kind = [ResourceKind::Trainer, ResourceKind::Studio][index % 2];
    let ops = vec![
        Op::CourseCreate { id: Some(course_id(&format!("course-{index}"))), course },
        Op::ResourceUpsert { id: resource_id(&format!("resource-{}", index % 2)), resource },
        Op::TemplateSave { id: Some(template_id("template-0")), name: "Week".into(), slots },
    ];
    Ask::own(USERS[index % USERS.len()], Op::Batch { ops })
}

fn ask(overrides: bool) -> impl Strategy<Value = Ask> {
    let reason =
        weighted(0.25, Just("a guest class")).prop_map(move |reason| reason.filter(|_| overrides));
    (0..USERS.len(), op(), weighted(0.1, 0..4_u32), reason).prop_map(|(user, op, base, reason)| {
        let user = USERS[user];
        Ask { base, reason, ..Ask::own(user, op) }
    })
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        20 => simple(),
        2 => vec(simple(), 1..5).prop_map(|ops| Op::Batch { ops }),
        2 => named().prop_map(|op_id| Op::Undo { op_id }),
        2 => named().prop_map(|op_id| Op::Redo { op_id }),
        1 => (0..20_u64).prop_map(|seq| Op::Restore { seq }),
        1 => policy().prop_map(|policy| Op::PolicySet { policy }),
    ]
}

fn simple() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => (of(course_name()), fields()).prop_map(|(id, course)| Op::CourseCreate { id, course }),
        4 => (course_name(), patch())
            .prop_map(|(course_id, patch)| Op::CourseUpdate { course_id, patch }),
        6 => relocation(),
        2 => course_name().prop_map(|course_id| Op::CourseDelete { course_id }),
        3 => (resource_name(), resource())
            .prop_map(|(id, resource)| Op::ResourceUpsert { id, resource }),
        1 => (resource_name(), of(kind()))
            .prop_map(|(resource_id, kind)| Op::ResourceDelete { resource_id, kind }),
        1 => (template_name(), vec(slot(), 0..4))
            .prop_map(|(id, slots)| Op::TemplateSave { id: Some(id), name: "Week".into(), slots }),
        1 => template_name().prop_map(|template_id| Op::TemplateDelete { template_id }),
        1 => application(),
    ]
}

fn relocation() -> impl Strategy<Value = Op> {
    (course_name(), start(), of(1..90_i64), of(of(resource_name())), of(of(resource_name())))
        .prop_map(|(course_id, starts_at, minutes, trainer_id, studio_id)| Op::CourseMove {
            course_id,
            starts_at,
            ends_at: minutes.map(|minutes| starts_at.plus(minutes * MINUTE)),
            trainer_id,
            studio_id,
        })
}

fn application() -> impl Strategy<Value = Op> {
    (template_name(), 5..8_i8, 0..7_i8, any::<bool>()).prop_map(|(template_id, day, more, fail)| {
        let date = |day| Date { year: 2026, month: 1, day };
        let on_conflict = if fail { OnConflict::Fail } else { OnConflict::Skip };
        Op::TemplateApply { template_id, from: date(day), to: date(day + more), on_conflict }
    })
}

fn named() -> impl Strategy<Value = Option<OpId>> {
    weighted(0.3, (1..30_u128).prop_map(|asked| OpId(uuid::Uuid::from_u128(asked + 1))))
}

fn fields() -> impl Strategy<Value = CourseFields> {
    (title(), start(), 1..120_i64, often(), often(), of(1..40_u32)).prop_map(
        |(title, start, minutes, trainer_id, studio_id, capacity)| CourseFields {
            title,
            during: Interval { start, end: start.plus(minutes * MINUTE) },
            trainer_id,
            studio_id,
            capacity,
            color: None,
            notes: None,
            tags: Vec::new(),
        },
    )
}

fn patch() -> impl Strategy<Value = CoursePatch> {
    let places = (of(of(resource_name())), of(of(resource_name())));
    (of(title()), places, of(of(1..40_u32))).prop_map(
        |(title, (trainer_id, studio_id), capacity)| CoursePatch {
            title,
            trainer_id,
            studio_id,
            capacity,
            ..CoursePatch::default()
        },
    )
}

fn resource() -> impl Strategy<Value = ResourceFields> {
    (kind(), title(), of(5..30_u32), overlap(), prop_oneof![3 => Just(0), 1 => 0..90_u32]).prop_map(
        |(kind, name, capacity, overlap, buffer_minutes)| ResourceFields {
            kind,
            name,
            capacity,
            overlap,
            buffer_minutes,
        },
    )
}

fn slot() -> impl Strategy<Value = Slot> {
    (1..=7_u8, 0..1440_u16, 1..180_u16, of(resource_name()), of(resource_name())).prop_map(
        |(weekday, start_minute, minutes, trainer_id, studio_id)| Slot {
            weekday,
            start_minute,
            minutes,
            title: "From the week".into(),
            trainer_id,
            studio_id,
            capacity: None,
            color: None,
            tags: Vec::new(),
        },
    )
}

fn often() -> impl Strategy<Value = Option<ResourceId>> {
    weighted(0.8, resource_name())
}

fn policy() -> impl Strategy<Value = Policy> {
    (any::<bool>(), overlap()).prop_map(|(strict, default_overlap)| Policy {
        stale_edits: if strict { StaleEdits::Strict } else { StaleEdits::Merge },
        default_overlap,
    })
}

fn overlap() -> impl Strategy<Value = Overlap> {
    prop_oneof![Just(Overlap::Forbid), Just(Overlap::Warn), Just(Overlap::Allow)]
}

fn kind() -> impl Strategy<Value = ResourceKind> {
    prop_oneof![Just(ResourceKind::Trainer), Just(ResourceKind::Studio)]
}

fn start() -> impl Strategy<Value = Instant> {
    (0..24_i64).prop_map(|quarter| at(quarter * 15))
}

fn title() -> impl Strategy<Value = String> {
    prop_oneof![Just("Yoga".to_owned()), Just("Spinning".to_owned()), Just("Boxing".to_owned())]
}

fn course_name() -> impl Strategy<Value = CourseId> {
    (0..5).prop_map(|n| course_id(&format!("course-{n}")))
}

fn resource_name() -> impl Strategy<Value = ResourceId> {
    (0..2).prop_map(|n| resource_id(&format!("resource-{n}")))
}

fn template_name() -> impl Strategy<Value = TemplateId> {
    (0..2).prop_map(|n| template_id(&format!("template-{n}")))
}
