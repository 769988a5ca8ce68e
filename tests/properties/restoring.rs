//! Restore: an earlier state as a new operation.

use kyo_collaboration::domain::*;

use super::world::*;

fn room() -> World {
    let mut world = World::new("Europe/Berlin");
    world.must(Ask::edit("ada", create("a", hour("Yoga", 0, Some("tess"), None))));
    world.must(Ask::edit("ada", register("tess", ResourceKind::Trainer, Overlap::Warn, 0)));
    world.must(Ask::edit("ben", create("b", hour("Boxing", 30, Some("tess"), None))));
    world.must(Ask::edit("ada", shift("b", 600)));
    world.must(Ask::edit("ada", delete("a")));
    world.must(Ask::edit("ada", register("tess", ResourceKind::Trainer, Overlap::Forbid, 0)));
    world
}

fn restore(seq: u64) -> Ask {
    Ask::own("olga", Op::Restore { seq })
}

#[test]
fn the_content_is_that_of_the_sequence_number() {
    for seq in 0..6 {
        let mut world = room();
        let made = world.must(restore(seq));
        assert_eq!(content(world.now()), content(&world.states[seq as usize]));
        assert!(matches!(made.event.change,
            Change::Batch { restored_seq: Some(restored), .. } if restored == seq));
        world.must(Ask::own("olga", Op::Undo { op_id: None }));
        assert_eq!(content(world.now()), content(&world.states[6]));
    }
}

#[test]
fn nothing_to_restore_is_an_empty_event() {
    let made = room().must(restore(6));
    assert!(matches!(made.event.change, Change::Batch { ref changes, .. } if changes.is_empty()));
    assert!(made.occupancy.is_empty());
}

#[test]
fn versions_grow_and_begin_again() {
    let mut world = room();
    world.must(restore(3));
    let version = |id| world.now().course(&course_id(id)).map(|course| course.version);
    assert_eq!((version("a"), version("b")), (Some(1), Some(3)));
    let by = world.now().course(&course_id("a")).map(|course| course.created_by.clone());
    assert_eq!(by.as_ref().map(UserId::as_str), Some("ada"));
    assert_eq!(world.now().conflict_count(), 1);
}

#[test]
fn an_override_comes_back_with_its_course() {
    let mut world = World::new("Europe/Berlin");
    world.must(Ask::edit("ada", create("a", hour("Yoga", 0, Some("tess"), None))));
    world.must(Ask::over("olga", create("b", hour("Boxing", 30, Some("tess"), None))));
    world.must(Ask::edit("ada", shift("b", 600)));
    world.must(restore(2));
    let overridden = |id| world.now().course(&course_id(id)).is_some_and(|c| c.overridden);
    assert!(!overridden("a") && overridden("b"));
}

#[test]
fn a_colleague_is_not_undone_past_a_restore() {
    let mut world = room();
    let renamed = world.must(Ask::edit("ada", rename("b", "Ada's")));
    world.must(restore(3));
    let undo = Ask::edit("ada", Op::Undo { op_id: Some(renamed.event.op_id) });
    assert!(matches!(world.refused(undo), Refusal::Overtaken { .. }));
}
