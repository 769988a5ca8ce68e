//! Undo and redo: a stack for each person, and nobody's later change is lost.

use kyo_collaboration::domain::*;

use super::world::*;

fn room() -> World {
    let mut world = World::new("Europe/Berlin");
    world.must(Ask::edit("ada", create("a", hour("One", 0, Some("tess"), None))));
    world
}

fn undo(user: &'static str) -> Ask {
    Ask::edit(user, Op::Undo { op_id: None })
}

fn redo(user: &'static str) -> Ask {
    Ask::edit(user, Op::Redo { op_id: None })
}

fn undo_of(user: &'static str, decision: &Decision) -> Ask {
    Ask::edit(user, Op::Undo { op_id: Some(decision.event.op_id) })
}

fn redo_of(user: &'static str, decision: &Decision) -> Ask {
    Ask::edit(user, Op::Redo { op_id: Some(decision.event.op_id) })
}

fn title(world: &World) -> &str {
    &world.now().course(&course_id("a")).expect("it is there").fields.title
}

#[test]
fn undo_and_redo_walk_like_an_editor() {
    let mut world = room();
    world.must(Ask::edit("ada", rename("a", "Two")));
    world.must(Ask::edit("ada", rename("a", "Three")));
    for expected in ["Two", "One"] {
        world.must(undo("ada"));
        assert_eq!(title(&world), expected);
    }
    for expected in ["Two", "Three"] {
        world.must(redo("ada"));
        assert_eq!(title(&world), expected);
    }
    assert!(matches!(world.refused(redo("ada")), Refusal::NotFound { what: "operation", .. }));
    world.must(undo("ada"));
    assert_eq!(title(&world), "Two");
}

#[test]
fn everything_can_be_undone_until_nothing_is_left() {
    let mut world = room();
    world.must(Ask::edit("ada", delete("a")));
    world.must(undo("ada"));
    world.must(undo("ada"));
    assert_eq!(world.now().courses().len(), 0);
    assert!(matches!(world.refused(undo("ada")), Refusal::NotFound { what: "operation", .. }));
}

#[test]
fn a_new_operation_ends_redo() {
    let mut world = room();
    world.must(Ask::edit("ada", rename("a", "Two")));
    world.must(undo("ada"));
    world.must(Ask::edit("ada", rename("a", "Three")));
    assert!(matches!(world.refused(redo("ada")), Refusal::NotFound { .. }));
}

#[test]
fn everyone_undoes_their_own() {
    let mut world = room();
    let made = world.must(Ask::edit("ben", create("b", hour("Ben's", 600, None, None))));
    let undone = world.must(undo("ada"));
    assert_eq!(undone.event.undoes, Some(world.events[0].op_id));
    assert!(world.now().course(&course_id("b")).is_some());
    assert!(matches!(world.refused(undo_of("ada", &made)), Refusal::Forbidden(_)));
}

#[test]
fn a_named_operation_is_undone_once() {
    let mut world = room();
    let renamed = world.must(Ask::edit("ada", rename("a", "Two")));
    world.must(Ask::edit("ada", shift("a", 90)));
    let undone = world.must(undo_of("ada", &renamed));
    assert_eq!(title(&world), "One");
    let again = world.refused(undo_of("ada", &renamed));
    assert!(matches!(again, Refusal::Overtaken { user_id: None, .. }));
    let redone = world.must(redo_of("ada", &renamed));
    assert_eq!(redone.event.undoes, Some(undone.event.op_id));
    assert_eq!(title(&world), "Two");
    let again = world.refused(redo_of("ada", &renamed));
    assert!(matches!(again, Refusal::Overtaken { user_id: None, .. }));
}

#[test]
fn a_colleagues_later_change_of_the_same_field_stays() {
    let mut world = room();
    let renamed = world.must(Ask::edit("ada", rename("a", "Two")));
    world.must(Ask::edit("ben", rename("a", "Ben's")));
    match world.refused(undo_of("ada", &renamed)) {
        Refusal::Overtaken { user_id, seq, .. } => {
            assert_eq!(user_id.as_ref().map(UserId::as_str), Some("ben"));
            assert_eq!(seq, Some(3));
        }
        other => panic!("not overtaken: {other:?}"),
    }
    assert_eq!(title(&world), "Ben's");
}

#[test]
fn a_colleagues_change_of_another_field_does_not_matter() {
    let mut world = room();
    let renamed = world.must(Ask::edit("ada", rename("a", "Two")));
    world.must(Ask::edit("ben", shift("a", 90)));
    world.must(undo_of("ada", &renamed));
    assert_eq!(title(&world), "One");
}

#[test]
fn what_a_colleague_took_back_does_not_matter() {
    let mut world = room();
    let renamed = world.must(Ask::edit("ada", rename("a", "Two")));
    world.must(Ask::edit("ben", rename("a", "Ben's")));
    world.must(undo("ben"));
    assert!(world.decide(&undo_of("ada", &renamed)).is_ok());
    world.must(redo("ben"));
    assert!(matches!(world.refused(undo_of("ada", &renamed)), Refusal::Overtaken { .. }));
}

#[test]
fn an_undo_obeys_the_rules_of_today() {
    let mut world = room();
    world.must(Ask::edit("ada", shift("a", 90)));
    world.must(Ask::edit("ben", create("b", hour("Ben's", 30, Some("tess"), None))));
    assert!(matches!(world.refused(undo("ada")), Refusal::Conflict { .. }));
}

#[test]
fn an_undone_batch_is_one_event() {
    let mut world = room();
    let before = content(world.now());
    let ops = vec![
        rename("a", "Two"),
        shift("a", 90),
        create("b", hour("B", 0, None, None)),
        delete("a"),
        register("tess", ResourceKind::Trainer, Overlap::Warn, 5),
    ];
    world.must(Ask::edit("ada", Op::Batch { ops }));
    world.must(Ask::edit("ben", create("c", hour("C", 900, None, None))));
    world.must(Ask::edit("ben", delete("c")));
    let head = world.now().head();
    world.must(undo("ada"));
    assert_eq!((content(world.now()), world.now().head()), (before, head + 1));
}

#[test]
fn an_editor_can_not_undo_what_takes_an_owner() {
    let mut world = room();
    let policy = Policy { default_overlap: Overlap::Warn, ..Policy::default() };
    world.must(Ask::own("olga", Op::PolicySet { policy }));
    assert!(matches!(world.refused(undo("olga")), Refusal::Forbidden(_)));
    world.must(Ask::own("olga", Op::Undo { op_id: None }));
    assert_eq!(world.now().policy(), Policy::default());
}

#[test]
fn what_the_tail_forgot_is_not_found() {
    let mut world = room();
    world.must(Ask::edit("ada", rename("a", "Two")));
    let undone = world.must(undo("ada"));
    let mut tail = Tail::new(2, 10);
    tail.push(world.events[2].clone());
    world.forget_all_but(tail);
    assert!(matches!(world.refused(undo("ada")), Refusal::NotFound { what: "operation", .. }));
    assert!(matches!(world.refused(redo("ada")), Refusal::NotFound { what: "operation", .. }));
    let named = redo_of("ada", &undone);
    assert!(matches!(world.refused(named), Refusal::NotFound { what: "operation", .. }));
}

#[test]
fn a_tail_is_gapless_and_bounded() {
    let mut world = room();
    for n in 0..5 {
        world.must(Ask::edit("ada", rename("a", &format!("Title {n}"))));
    }
    let mut tail = Tail::new(0, 3);
    world.events.iter().for_each(|event| tail.push(event.clone()));
    let since = |seq| Some(tail.since(seq)?.map(|event| event.seq).collect::<Vec<_>>());
    assert_eq!(tail.head(), 6);
    assert_eq!(since(2), None);
    assert_eq!(since(3), Some(vec![4, 5, 6]));
    assert_eq!(since(6), Some(vec![]));
    assert_eq!(since(7), None);
    assert!(tail.by_op(&world.events[2].op_id).is_none());
    assert_eq!(tail.by_op(&world.events[3].op_id).map(|event| event.seq), Some(4));
}

#[test]
fn a_colleagues_undo_is_a_change_too() {
    let mut world = room();
    world.must(Ask::edit("ben", rename("a", "Ben's")));
    world.must(Ask::edit("ada", rename("a", "Ada's")));
    world.must(undo("ada"));
    world.must(undo("ben"));
    assert_eq!(title(&world), "One");
    assert!(matches!(world.refused(redo("ada")), Refusal::Overtaken { seq: Some(5), .. }));
}
