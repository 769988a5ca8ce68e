//! Two people on one thing: what an older base means.

use kyo_collaboration::domain::*;

use super::world::*;

/// A course at version 3: created, renamed, moved.
fn room() -> World {
    let mut world = World::new("Europe/Berlin");
    world.must(Ask::edit("ada", create("a", hour("Yoga", 0, Some("tess"), None))));
    world.must(Ask::edit("ben", rename("a", "Hot Yoga")));
    world.must(Ask::edit("ben", shift("a", 90)));
    world
}

fn notes(text: &str) -> Op {
    let patch = CoursePatch { notes: Some(Some(text.to_owned())), ..CoursePatch::default() };
    Op::CourseUpdate { course_id: course_id("a"), patch }
}

fn stale_version(refusal: Refusal) -> u32 {
    match refusal {
        Refusal::Stale(Entity::Course(course)) => course.version,
        Refusal::Stale(Entity::Resource(resource)) => resource.version,
        Refusal::Stale(Entity::Template(template)) => template.version,
        other => panic!("not stale: {other:?}"),
    }
}

#[test]
fn other_fields_merge() {
    room().must(Ask::edit("ada", notes("Bring a towel")).on(1));
    room().must(Ask::edit("ada", rename("a", "Yin Yoga")).on(2));
}

#[test]
fn the_same_field_is_stale() {
    assert_eq!(stale_version(room().refused(Ask::edit("ada", rename("a", "Yin")).on(1))), 3);
    assert_eq!(stale_version(room().refused(Ask::edit("ada", shift("a", 300)).on(2))), 3);
}

#[test]
fn a_delete_sets_every_field() {
    assert_eq!(stale_version(room().refused(Ask::edit("ada", delete("a")).on(2))), 3);
    room().must(Ask::edit("ada", delete("a")).on(3));
}

#[test]
fn strict_rooms_take_the_current_base_only() {
    let mut world = room();
    let policy = Policy { stale_edits: StaleEdits::Strict, ..Policy::default() };
    world.must(Ask::own("olga", Op::PolicySet { policy }));
    assert_eq!(stale_version(world.refused(Ask::edit("ada", notes("Towel")).on(2))), 3);
    world.must(Ask::edit("ada", notes("Towel")).on(3));
    world.must(Ask::edit("ada", notes("No towel")));
}

#[test]
fn a_base_from_the_future_is_invalid() {
    let refusal = room().refused(Ask::edit("ada", notes("Towel")).on(4));
    assert!(matches!(refusal, Refusal::Invalid(ref invalid) if invalid.field == "baseVersion"));
}

#[test]
fn resources_and_templates_compare_as_a_whole() {
    let mut world = room();
    let hall = |buffer| register("hall", ResourceKind::Studio, Overlap::Forbid, buffer);
    let week = |name: &str| Op::TemplateSave {
        id: Some(template_id("week")),
        name: name.into(),
        slots: vec![],
    };
    world.must(Ask::edit("ada", hall(0)));
    world.must(Ask::edit("ada", hall(5)).on(1));
    world.must(Ask::edit("ada", week("One")));
    world.must(Ask::edit("ada", week("Two")).on(1));
    let remove = Op::TemplateDelete { template_id: template_id("week") };
    for op in [hall(10), week("Three"), remove] {
        assert_eq!(stale_version(world.refused(Ask::edit("ben", op).on(1))), 2);
    }
}

#[test]
fn an_edit_of_what_was_removed_meanwhile_is_not_found() {
    let mut world = room();
    let hall = register("hall", ResourceKind::Studio, Overlap::Forbid, 0);
    let refusal = world.refused(Ask::edit("ada", hall).on(2));
    assert!(matches!(refusal, Refusal::NotFound { what: "resource", .. }));
}
