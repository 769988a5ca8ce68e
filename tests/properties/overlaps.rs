//! Overlaps: forbidden, reported, ignored, overridden; what changes of the rules mean.

use kyo_collaboration::domain::*;

use super::world::*;

/// Yoga from 0 to 60 with Tess in the hall.
fn room() -> World {
    let mut world = World::new("Europe/Berlin");
    world.must(Ask::edit("ada", create("a", hour("Yoga", 0, Some("tess"), Some("hall")))));
    world
}

fn conflicts(refusal: Refusal) -> (Vec<Conflict>, Vec<Suggestion>) {
    match refusal {
        Refusal::Conflict { conflicts, suggestions } => (conflicts, suggestions),
        other => panic!("not a conflict: {other:?}"),
    }
}

fn tess_at(start: i64) -> Op {
    create("b", hour("Boxing", start, Some("tess"), None))
}

fn tess(overlap: Overlap, buffer: u32) -> Op {
    register("tess", ResourceKind::Trainer, overlap, buffer)
}

fn is_overridden(world: &World, id: &str) -> bool {
    world.now().course(&course_id(id)).is_some_and(|course| course.overridden)
}

fn enforced(world: &World, id: &str) -> Vec<bool> {
    let taken = world.occupied.get(&course_id(id)).cloned().unwrap_or_default();
    let flag = |change: &OccupancyChange| match change {
        OccupancyChange::Take { hold, .. } => Some(*hold == Hold::Enforced),
        OccupancyChange::Clear { .. } => None,
    };
    taken.iter().filter_map(flag).collect()
}

#[test]
fn forbidden_by_default_on_both_resources() {
    let both = create("b", hour("Boxing", 30, Some("tess"), Some("hall")));
    let (found, _) = conflicts(room().refused(Ask::edit("ben", both)));
    let kinds: Vec<_> = found.iter().map(|conflict| conflict.kind).collect();
    assert_eq!(kinds, [ConflictKind::TrainerOverlap, ConflictKind::StudioOverlap]);
    let ids: Vec<_> = found[0].courses.iter().map(|course| course.course_id.as_str()).collect();
    assert_eq!(ids, ["a", "b"]);
    assert_eq!(found[0].courses[0].title.as_deref(), Some("Yoga"));
}

#[test]
fn touching_ends_do_not_overlap() {
    room().must(Ask::edit("ben", tess_at(60)));
    room().must(Ask::edit("ben", tess_at(-60)));
    conflicts(room().refused(Ask::edit("ben", tess_at(59))));
    conflicts(room().refused(Ask::edit("ben", tess_at(-59))));
}

#[test]
fn a_day_long_course_is_seen_from_its_end() {
    let mut world = room();
    let mut long = hour("Marathon", 100, Some("max"), None);
    long.during.end = at(100 + 24 * 60);
    world.must(Ask::edit("ada", create("long", long)));
    for start in (200..600).step_by(100) {
        let other = create(&format!("x{start}"), hour("X", start, Some("kim"), None));
        world.must(Ask::edit("ada", other));
    }
    let late = create("b", hour("Boxing", 99 + 24 * 60, Some("max"), None));
    assert_eq!(conflicts(world.refused(Ask::edit("ada", late))).0.len(), 1);
}

#[test]
fn a_buffer_keeps_both_sides_apart() {
    let mut world = room();
    world.must(Ask::edit("ada", tess(Overlap::Forbid, 15)));
    for start in [74, -74] {
        conflicts(world.refused(Ask::edit("ben", tess_at(start))));
    }
    world.must(Ask::edit("ben", tess_at(75)));
    world.must(Ask::edit("ben", create("c", hour("C", -75, Some("tess"), None))));
}

#[test]
fn suggestions_are_free_and_near() {
    let mut world = room();
    world.must(Ask::edit("ada", register("kim", ResourceKind::Trainer, Overlap::Forbid, 0)));
    world.must(Ask::edit("ada", register("sam", ResourceKind::Trainer, Overlap::Forbid, 0)));
    world.must(Ask::edit("ada", create("k", hour("K", 0, Some("kim"), None))));
    let (_, suggestions) = conflicts(world.refused(Ask::edit("ben", tess_at(15))));
    let starts: Vec<_> = suggestions.iter().map(|s| s.during.start).collect();
    assert_eq!(starts, [at(60), at(-60), at(15)]);
    assert_eq!(suggestions[2].trainer_id, Some(resource_id("sam")));
    for suggestion in suggestions {
        let mut course = hour("Boxing", 0, None, None);
        course.during = suggestion.during;
        course.trainer_id = suggestion.trainer_id;
        assert!(world.decide(&Ask::edit("ben", create("b", course))).is_ok());
    }
}

#[test]
fn warnings_are_committed_and_end() {
    let mut world = room();
    world.must(Ask::edit("ada", tess(Overlap::Warn, 0)));
    let made = world.must(Ask::edit("ben", tess_at(30)));
    let detected = &made.event.conflicts.detected;
    assert_eq!(detected.len(), 1);
    assert_eq!(detected[0].seq, Some(3));
    assert_eq!(detected[0].last_changed_by.as_ref().map(UserId::as_str), Some("ben"));
    assert_eq!(world.now().conflicts(), *detected);
    let ended = world.must(Ask::edit("ada", shift("a", 600)));
    assert_eq!(ended.event.conflicts.resolved, [detected[0].id.clone()]);
    assert_eq!(world.now().conflict_count(), 0);
}

#[test]
fn a_conflict_ends_with_its_course_or_its_rule() {
    for end in [delete("b"), tess(Overlap::Allow, 0)] {
        let mut world = room();
        world.must(Ask::edit("ada", tess(Overlap::Warn, 0)));
        world.must(Ask::edit("ben", tess_at(30)));
        assert_eq!(world.must(Ask::edit("ada", end)).event.conflicts.resolved.len(), 1);
    }
}

#[test]
fn a_standing_conflict_says_what_its_courses_say() {
    let mut world = room();
    world.must(Ask::edit("ada", tess(Overlap::Warn, 0)));
    world.must(Ask::edit("ben", tess_at(30)));
    world.must(Ask::edit("ada", rename("a", "Hot Yoga")));
    assert_eq!(world.now().conflicts()[0].courses[0].title.as_deref(), Some("Hot Yoga"));
    let silent = world.must(Ask::edit("ada", rename("a", "Hot Yoga")));
    assert_eq!(silent.event.conflicts, ConflictChanges::default());
}

#[test]
fn allowed_overlaps_are_silent() {
    let mut world = room();
    world.must(Ask::edit("ada", tess(Overlap::Allow, 240)));
    let made = world.must(Ask::edit("ben", tess_at(30)));
    assert_eq!(made.event.conflicts, ConflictChanges::default());
    assert_eq!(enforced(&world, "b"), [false]);
}

#[test]
fn an_owner_overrides() {
    let mut world = room();
    let made = world.must(Ask::over("olga", tess_at(30)));
    assert_eq!(made.event.override_reason.as_deref(), Some("a guest class"));
    assert_eq!(made.event.conflicts.detected.len(), 1);
    assert!(is_overridden(&world, "b"));
    assert_eq!(enforced(&world, "b"), [false]);
    assert_eq!(enforced(&world, "a"), [true, true]);
    world.must(Ask::edit("ada", rename("b", "Same place")));
    assert!(is_overridden(&world, "b"));
}

#[test]
fn a_moved_override_is_checked_again() {
    let mut world = room();
    world.must(Ask::over("olga", tess_at(30)));
    conflicts(world.refused(Ask::edit("ada", shift("b", 45))));
    let moved = world.must(Ask::edit("ada", shift("b", 120)));
    assert!(!is_overridden(&world, "b"));
    assert_eq!(enforced(&world, "b"), [true]);
    assert_eq!(moved.event.conflicts.resolved.len(), 1);
}

#[test]
fn the_other_side_of_an_override_may_change_its_other_fields() {
    let mut world = room();
    world.must(Ask::over("olga", tess_at(30)));
    world.must(Ask::edit("ada", rename("a", "Hot Yoga")));
    let patch = CoursePatch { studio_id: Some(None), ..CoursePatch::default() };
    world.must(Ask::edit("ada", Op::CourseUpdate { course_id: course_id("a"), patch }));
    conflicts(world.refused(Ask::edit("ada", shift("a", 15))));
}

#[test]
fn a_stricter_resource_is_refused_while_its_courses_overlap() {
    let mut world = room();
    world.must(Ask::edit("ada", tess(Overlap::Warn, 0)));
    world.must(Ask::edit("ben", tess_at(30)));
    let (found, suggestions) = conflicts(world.refused(Ask::edit("ada", tess(Overlap::Forbid, 0))));
    assert_eq!((found.len(), suggestions.len()), (1, 0));
    let made = world.must(Ask::over("olga", tess(Overlap::Forbid, 0)));
    assert!(matches!(made.event.change, Change::Batch { ref changes, .. } if changes.len() == 3));
    assert!(is_overridden(&world, "a") && is_overridden(&world, "b"));
    assert_eq!(enforced(&world, "b"), [false]);
}

#[test]
fn a_larger_buffer_is_a_stricter_rule() {
    let mut world = room();
    world.must(Ask::edit("ben", tess_at(70)));
    world.must(Ask::edit("ada", tess(Overlap::Forbid, 10)));
    conflicts(world.refused(Ask::edit("ada", tess(Overlap::Forbid, 11))));
}

#[test]
fn the_default_rule_holds_for_what_is_not_registered() {
    let mut world = room();
    let default =
        |default_overlap| Op::PolicySet { policy: Policy { default_overlap, ..Policy::default() } };
    world.must(Ask::own("olga", default(Overlap::Warn)));
    assert_eq!(enforced(&world, "a"), [false, false]);
    world.must(Ask::edit("ben", tess_at(30)));
    conflicts(world.refused(Ask::own("olga", default(Overlap::Forbid))));
    world.must(Ask::edit("ada", tess(Overlap::Allow, 0)));
    let made = world.must(Ask::own("olga", default(Overlap::Forbid)));
    assert_eq!(made.occupancy.len(), 3, "only the course in the unregistered hall is touched");
    assert_eq!(enforced(&world, "a"), [false, true]);
}

#[test]
fn too_many_people_are_a_warning() {
    let mut world = room();
    let resource = ResourceFields {
        kind: ResourceKind::Studio,
        name: "Hall".into(),
        capacity: Some(20),
        overlap: Overlap::Forbid,
        buffer_minutes: 0,
    };
    world.must(Ask::edit("ada", Op::ResourceUpsert { id: resource_id("hall"), resource }));
    let people = |capacity| Op::CourseUpdate {
        course_id: course_id("a"),
        patch: CoursePatch { capacity: Some(capacity), ..CoursePatch::default() },
    };
    assert!(world.must(Ask::edit("ada", people(Some(20)))).event.conflicts.detected.is_empty());
    let made = world.must(Ask::edit("ada", people(Some(21))));
    assert_eq!(made.event.conflicts.detected[0].kind, ConflictKind::CapacityExceeded);
    assert_eq!(world.must(Ask::edit("ada", people(None))).event.conflicts.resolved.len(), 1);
}

#[test]
fn a_batch_may_swap_two_courses() {
    let mut world = room();
    world.must(Ask::edit("ada", tess_at(60)));
    let swap = Op::Batch { ops: vec![shift("a", 60), shift("b", 0)] };
    let made = world.must(Ask::edit("ada", swap));
    assert_eq!(made.event.conflicts, ConflictChanges::default());
    let clears =
        made.occupancy.iter().take_while(|change| matches!(change, OccupancyChange::Clear { .. }));
    assert_eq!(clears.count(), 2, "both give up their time before either takes another's");
    world.must(Ask::edit("ada", Op::Undo { op_id: None }));
}

#[test]
fn a_batch_must_not_leave_an_overlap() {
    let ops = vec![tess_at(120), shift("b", 30)];
    conflicts(room().refused(Ask::edit("ada", Op::Batch { ops })));
}

#[test]
fn an_id_says_the_same_from_both_sides() {
    let course = |id: &str| ConflictCourse {
        course_id: course_id(id),
        room: World::new("UTC").now().room(),
        title: None,
        during: Interval { start: at(0), end: at(60) },
    };
    let kind = ConflictKind::TrainerOverlap;
    let one = Conflict::new(kind, resource_id("tess"), vec![course("a"), course("b")]);
    let other = Conflict::new(kind, resource_id("tess"), vec![course("b"), course("a")]);
    assert_eq!(one, other);
    assert_eq!(one.id.len(), 16);
}

#[test]
fn a_batch_is_judged_by_the_rules_that_it_leaves() {
    let mut world = room();
    let ops = vec![tess_at(30), tess(Overlap::Warn, 0)];
    let made = world.must(Ask::edit("ada", Op::Batch { ops }));
    assert_eq!(made.event.conflicts.detected.len(), 1);
}

#[test]
fn a_batch_reports_only_what_it_leaves() {
    let mut world = room();
    world.must(Ask::edit("ada", tess(Overlap::Warn, 0)));
    world.must(Ask::edit("ada", tess_at(30)));
    let there_and_back = Op::Batch { ops: vec![shift("b", 600), shift("b", 30)] };
    let made = world.must(Ask::edit("ben", there_and_back));
    assert_eq!(made.event.conflicts, ConflictChanges::default());
    assert_eq!(world.now().conflicts()[0].seq, Some(3));
}

#[test]
fn a_buffer_after_a_day_long_course_is_seen() {
    let mut world = room();
    world.must(Ask::edit("ada", tess(Overlap::Forbid, 240)));
    let mut long = hour("Marathon", 400, Some("tess"), None);
    long.during.end = at(400 + 24 * 60);
    world.must(Ask::edit("ada", create("long", long)));
    conflicts(world.refused(Ask::edit("ada", tess_at(400 + 24 * 60 + 239))));
    world.must(Ask::edit("ada", tess_at(400 + 24 * 60 + 240)));
}

#[test]
fn suggestions_stay_within_the_calendar() {
    let first = Interval { start: MIN_INSTANT, end: MIN_INSTANT.plus(HOUR) };
    let last = Interval { start: MAX_INSTANT.plus(-HOUR), end: MAX_INSTANT };
    for during in [first, last] {
        let mut world = room();
        let course = || CourseFields { during, ..hour("Edge", 0, Some("max"), None) };
        world.must(Ask::edit("ada", create("a2", course())));
        let (_, suggestions) = conflicts(world.refused(Ask::edit("ada", create("b", course()))));
        assert_eq!(suggestions.len(), 3);
        assert!(suggestions.iter().all(|suggestion| suggestion.during.validate().is_ok()));
    }
}

#[test]
fn an_override_answers_for_every_resource_once_it_changes_place() {
    let mut world = room();
    world.must(Ask::over("olga", tess_at(30)));
    let patch =
        CoursePatch { studio_id: Some(Some(resource_id("loft"))), ..CoursePatch::default() };
    let other_studio = Op::CourseUpdate { course_id: course_id("b"), patch };
    conflicts(world.refused(Ask::edit("ada", other_studio)));
}

#[test]
fn a_needless_override_leaves_the_course_enforced() {
    let mut world = room();
    let made = world.must(Ask::over("olga", create("b", hour("Boxing", 600, Some("tess"), None))));
    assert_eq!(made.event.override_reason.as_deref(), Some("a guest class"));
    assert!(!is_overridden(&world, "b"));
    assert_eq!(enforced(&world, "b"), [true]);
}

#[test]
fn courses_that_only_passed_each_other_are_not_overridden() {
    let mut world = room();
    world.must(Ask::edit("ada", create("b", hour("Boxing", 600, Some("tess"), None))));
    world.must(Ask::over("olga", Op::Batch { ops: vec![shift("b", 0), shift("a", 600)] }));
    assert!(!is_overridden(&world, "a") && !is_overridden(&world, "b"));
    assert_eq!(enforced(&world, "b"), [true]);
}

#[test]
fn a_conflict_with_another_room_stands_until_the_course_moves() {
    let mut world = room();
    let place = hour("Boxing", 600, Some("tess"), None);
    let (clash, id) = elsewhere("b", place.during);
    world.elsewhere = vec![clash];
    let made = world.must(Ask::over("olga", create("b", place)));
    assert!(is_overridden(&world, "b"));
    assert_eq!(made.event.conflicts.detected[0].id, id);
    assert_eq!(made.event.conflicts.detected[0].seq, Some(made.event.seq));
    assert_eq!(world.now().conflict_count(), 1);
    let parts = world.now().to_parts();
    assert_eq!(Timetable::from_parts(parts).conflicts_elsewhere(&course_id("b")).count(), 1);

    world.elsewhere.clear();
    world.must(Ask::edit("ada", rename("b", "Hot Boxing")));
    assert_eq!(world.now().conflict_count(), 1);
    let moved = world.must(Ask::edit("ada", shift("b", 720)));
    assert_eq!(moved.event.conflicts.resolved, [id]);
    assert_eq!(world.now().conflict_count(), 0);
    assert!(!is_overridden(&world, "b"));
}

#[test]
fn a_conflict_with_another_room_ends_with_the_course() {
    let mut world = room();
    let place = hour("Boxing", 600, Some("tess"), None);
    let (clash, id) = elsewhere("b", place.during);
    world.elsewhere = vec![clash];
    world.must(Ask::over("olga", create("b", place)));
    let gone = world.must(Ask::edit("ada", Op::CourseDelete { course_id: course_id("b") }));
    assert_eq!(gone.event.conflicts.resolved, [id]);
}

#[test]
fn other_rooms_are_no_excuse_without_an_override_or_another_place() {
    let mut world = room();
    let place = hour("Boxing", 600, Some("tess"), None);
    world.elsewhere = vec![elsewhere("b", place.during).0];
    world.must(Ask::edit("ada", create("b", place)));
    assert!(!is_overridden(&world, "b"));
    let made = world.must(Ask::over("olga", shift("b", 900)));
    assert!(!is_overridden(&world, "b"));
    assert_eq!(made.event.conflicts, ConflictChanges::default());
}

#[test]
fn what_a_course_keeps_is_not_judged_again() {
    let mut world = room();
    let patch = CoursePatch { studio_id: Some(None), ..CoursePatch::default() };
    let change = Op::CourseUpdate { course_id: course_id("a"), patch };
    let made = world.must(Ask::edit("ada", change));
    assert_eq!(kept(&made), [true]);
    let made = world.must(Ask::edit("ada", shift("a", 15)));
    assert_eq!(kept(&made), [false]);
}

fn kept(made: &Decision) -> Vec<bool> {
    let flag = |change: &OccupancyChange| match change {
        OccupancyChange::Take { kept, .. } => Some(*kept),
        OccupancyChange::Clear { .. } => None,
    };
    made.occupancy.iter().filter_map(flag).collect()
}

/// A clash of a course with a booking of another room, and its id.
fn elsewhere(id: &str, during: Interval) -> (Conflict, String) {
    let room = World::new("Europe/Berlin").now().room();
    let ours = ConflictCourse { course_id: course_id(id), room, title: None, during };
    let other = RoomId(uuid::Uuid::from_u128(99));
    let theirs = ConflictCourse { course_id: course_id("theirs"), room: other, ..ours.clone() };
    let clash =
        Conflict::new(ConflictKind::TrainerOverlap, resource_id("tess"), vec![ours, theirs]);
    let id = clash.id.clone();
    (clash, id)
}
