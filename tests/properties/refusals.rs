//! Every refusal that is not about overlaps, merging or undo.

use kyo_collaboration::domain::*;

use super::world::*;

fn room() -> World {
    let mut world = World::new("Europe/Berlin");
    world.must(Ask::edit("ada", create("a", hour("Yoga", 0, Some("tess"), Some("hall")))));
    world
}

fn invalid(world: &mut World, op: Op) -> (String, String) {
    match world.refused(Ask::own("ada", op)) {
        Refusal::Invalid(Invalid { field, rule }) => (field, rule),
        other => panic!("not invalid: {other:?}"),
    }
}

#[test]
fn viewers_change_nothing() {
    let ask = Ask { role: Role::Viewer, ..Ask::edit("vera", rename("a", "Other")) };
    assert!(matches!(room().refused(ask), Refusal::Forbidden(_)));
    let undo = Ask { role: Role::Viewer, ..Ask::edit("ada", Op::Undo { op_id: None }) };
    assert!(matches!(room().refused(undo), Refusal::Forbidden(_)));
}

#[test]
fn only_owners_restore_set_policy_and_override() {
    let policy = Op::PolicySet { policy: Policy::default() };
    for op in [Op::Restore { seq: 0 }, policy] {
        assert!(matches!(room().refused(Ask::edit("ben", op)), Refusal::Forbidden(_)));
    }
    let over = Ask { role: Role::Editor, ..Ask::over("ben", rename("a", "Other")) };
    assert!(matches!(room().refused(over), Refusal::Forbidden(_)));
}

#[test]
fn what_is_not_there_is_not_found() {
    let apply = Op::TemplateApply {
        template_id: template_id("gone"),
        from: Date { year: 2026, month: 1, day: 1 },
        to: Date { year: 2026, month: 1, day: 2 },
        on_conflict: OnConflict::Skip,
    };
    let cases = [
        (rename("gone", "Other"), "course", "courseId"),
        (shift("gone", 0), "course", "courseId"),
        (delete("gone"), "course", "courseId"),
        (
            Op::ResourceDelete { resource_id: resource_id("gone"), kind: None },
            "resource",
            "resourceId",
        ),
        (Op::TemplateDelete { template_id: template_id("gone") }, "template", "templateId"),
        (apply, "template", "templateId"),
        (Op::Undo { op_id: Some(OpId(uuid::Uuid::nil())) }, "operation", "opId"),
        (Op::Redo { op_id: None }, "operation", "opId"),
        (Op::Restore { seq: 9 }, "sequence", "seq"),
    ];
    for (op, what, field) in cases {
        let refusal = room().refused(Ask::own("ada", op));
        assert_eq!(refusal, Refusal::NotFound { what, field: field.to_owned() });
    }
}

#[test]
fn bounds_name_the_field_as_it_was_written() {
    let course = || hour("Yoga", 600, None, None);
    let cases = [
        ("course.title", CourseFields { title: String::new(), ..course() }),
        ("course.title", CourseFields { title: "é".repeat(201), ..course() }),
        (
            "course.endsAt",
            CourseFields { during: Interval { start: at(5), end: at(5) }, ..course() },
        ),
        (
            "course.endsAt",
            CourseFields { during: Interval { start: at(0), end: at(1441) }, ..course() },
        ),
        (
            "course.startsAt",
            CourseFields { during: Interval { start: Instant(i64::MIN), end: at(0) }, ..course() },
        ),
        ("course.capacity", CourseFields { capacity: Some(0), ..course() }),
        ("course.capacity", CourseFields { capacity: Some(100_001), ..course() }),
        ("course.color", CourseFields { color: Some("red".into()), ..course() }),
        ("course.notes", CourseFields { notes: Some("x".repeat(4_001)), ..course() }),
        ("course.tags", CourseFields { tags: vec!["t".into(); 21], ..course() }),
        ("course.tags[1]", CourseFields { tags: vec!["t".into(), "x".repeat(41)], ..course() }),
    ];
    for (field, course) in cases {
        assert_eq!(invalid(&mut room(), create("b", course.clone())).0, field);
        let batch = Op::Batch { ops: vec![rename("a", "Other"), create("b", course)] };
        assert_eq!(invalid(&mut room(), batch).0, format!("ops[1].{field}"));
    }
}

#[test]
fn bounds_are_inclusive() {
    let fields = CourseFields {
        title: "é".repeat(200),
        during: Interval { start: at(0), end: at(1440) },
        capacity: Some(100_000),
        color: Some("#a1B2c3".into()),
        notes: Some("ü".repeat(4_000)),
        tags: vec!["x".repeat(40); 20],
        ..hour("", 0, None, None)
    };
    room().must(Ask::edit("ada", create("b", fields)));
}

#[test]
fn other_operations_have_bounds_too() {
    let empty = Op::CourseUpdate { course_id: course_id("a"), patch: CoursePatch::default() };
    let patch = CoursePatch { capacity: Some(Some(0)), ..CoursePatch::default() };
    let patch = Op::CourseUpdate { course_id: course_id("a"), patch };
    let back = Op::CourseMove {
        course_id: course_id("a"),
        starts_at: at(60),
        ends_at: Some(at(0)),
        trainer_id: None,
        studio_id: None,
    };
    let far = Op::CourseMove {
        course_id: course_id("a"),
        starts_at: Instant(i64::MAX),
        ends_at: None,
        trainer_id: None,
        studio_id: None,
    };
    let buffer = register("hall", ResourceKind::Studio, Overlap::Forbid, 241);
    let cases = [
        (empty, "patch"),
        (patch, "patch.capacity"),
        (back, "endsAt"),
        (far, "startsAt"),
        (buffer, "resource.bufferMinutes"),
        (create("a", hour("Yoga", 600, None, None)), "course.id"),
        (Op::Batch { ops: vec![] }, "ops"),
        (Op::Batch { ops: vec![rename("a", "Other"); 101] }, "ops"),
    ];
    for (op, field) in cases {
        assert_eq!(invalid(&mut room(), op).0, field);
    }
}

#[test]
fn a_batch_holds_only_ordinary_operations() {
    let others = [
        Op::Batch { ops: vec![] },
        Op::Undo { op_id: None },
        Op::Redo { op_id: None },
        Op::Restore { seq: 0 },
        Op::PolicySet { policy: Policy::default() },
    ];
    for op in others {
        let batch = Op::Batch { ops: vec![rename("a", "Other"), op] };
        assert_eq!(invalid(&mut room(), batch).0, "ops[1].kind");
    }
}

#[test]
fn a_batch_is_all_or_nothing() {
    let mut world = room();
    let batch = Op::Batch { ops: vec![rename("a", "Other"), delete("a"), rename("a", "Gone")] };
    let refusal = world.refused(Ask::edit("ada", batch));
    assert_eq!(refusal, Refusal::NotFound { what: "course", field: "ops[2].courseId".into() });
    assert_eq!(world.now().head(), 1);
}

#[test]
fn a_batch_is_one_version() {
    let mut world = room();
    world.must(Ask::edit("ada", Op::Batch { ops: vec![rename("a", "B"), shift("a", 90)] }));
    assert_eq!(world.now().course(&course_id("a")).map(|course| course.version), Some(2));
    assert_eq!(world.now().head(), 2);
}

#[test]
fn a_recreated_course_begins_again() {
    let mut world = room();
    world.must(Ask::edit("ada", rename("a", "Other")));
    world.must(Ask::edit("ada", delete("a")));
    world.must(Ask::edit("ada", create("a", hour("Yoga", 0, None, None))));
    assert_eq!(world.now().course(&course_id("a")).map(|course| course.version), Some(1));
}

#[test]
fn a_locked_course_is_its_holders() {
    let mut world = room();
    let lock = Lock {
        user_id: UserId::parse("ben").expect("a valid id"),
        session_id: session("ben"),
        expires_at: Instant(MONDAY + HOUR),
        token: 1,
    };
    world.locks.take(course_id("a"), lock, Instant(MONDAY)).expect("free");
    let batch = Op::Batch { ops: vec![create("b", hour("B", 600, None, None)), delete("a")] };
    for op in [rename("a", "Other"), shift("a", 90), delete("a"), batch, Op::Undo { op_id: None }] {
        let refusal = world.refused(Ask::edit("ada", op));
        assert!(
            matches!(refusal, Refusal::Locked { ref course_id, .. } if course_id.as_str() == "a")
        );
    }
    world.must(Ask::edit("ben", rename("a", "Other")));
}

#[test]
fn a_used_resource_stays() {
    let mut world = room();
    world.must(Ask::edit("ada", register("hall", ResourceKind::Studio, Overlap::Forbid, 0)));
    let op = Op::ResourceDelete { resource_id: resource_id("hall"), kind: None };
    let (field, rule) = invalid(&mut world, op.clone());
    assert_eq!((field.as_str(), rule.as_str()), ("resourceId", "is used by course a (Yoga)"));
    world.must(Ask::edit("ada", delete("a")));
    world.must(Ask::edit("ada", op));
    assert_eq!(world.now().resources().len(), 0);
}

#[test]
fn an_id_is_registered_under_one_kind() {
    let mut world = room();
    world.must(Ask::edit("ada", register("kim", ResourceKind::Trainer, Overlap::Warn, 0)));
    let (field, rule) =
        invalid(&mut world, register("kim", ResourceKind::Studio, Overlap::Warn, 0));
    assert_eq!(field, "resource.id");
    assert_eq!(rule, "names a trainer that is already registered");
    let op = |kind| Op::ResourceDelete { resource_id: resource_id("kim"), kind };
    let refusal = world.refused(Ask::edit("ada", op(Some(ResourceKind::Studio))));
    assert!(matches!(refusal, Refusal::NotFound { .. }), "{refusal:?}");
    world.must(Ask::edit("ada", op(None)));
    world.must(Ask::edit("ada", register("kim", ResourceKind::Studio, Overlap::Warn, 0)));
    world.must(Ask::edit("ada", op(None)));
}

#[test]
fn a_room_is_full_at_some_point() {
    let mut world = room();
    let mut parts = world.now().to_parts();
    let first = parts.courses[0].clone();
    parts.courses = (0..MAX_COURSES)
        .map(|n| Course { id: course_id(&format!("c{n}")), ..first.clone() })
        .collect();
    parts.courses.iter_mut().for_each(|course| course.fields.studio_id = None);
    parts.courses.iter_mut().for_each(|course| course.fields.trainer_id = None);
    parts.templates = (0..MAX_TEMPLATES)
        .map(|n| Template {
            id: template_id(&format!("t{n}")),
            version: 1,
            name: "Week".into(),
            slots: vec![],
        })
        .collect();
    world.states = vec![Timetable::from_parts(parts)];
    assert_eq!(invalid(&mut world, create("b", hour("B", 0, None, None))).0, "course");
    let save = Op::TemplateSave { id: None, name: "Week".into(), slots: vec![] };
    assert_eq!(invalid(&mut world, save).0, "template");
}

#[test]
fn conflicts_are_bounded() {
    let mut world = room();
    let mut parts = world.now().to_parts();
    let first = parts.courses[0].clone();
    parts.courses =
        (0..300).map(|n| Course { id: course_id(&format!("c{n}")), ..first.clone() }).collect();
    parts.resources = vec![Resource {
        id: resource_id("tess"),
        version: 1,
        fields: ResourceFields {
            kind: ResourceKind::Trainer,
            name: "Tess".into(),
            capacity: None,
            overlap: Overlap::Allow,
            buffer_minutes: 0,
        },
    }];
    parts.courses.iter_mut().for_each(|course| course.fields.studio_id = None);
    world.states = vec![Timetable::from_parts(parts)];
    let warn = register("tess", ResourceKind::Trainer, Overlap::Warn, 0);
    assert!(invalid(&mut world, warn).1.contains("20000 conflicts"));
}
