//! Laws that hold after any operations of several people under any rules.

use kyo_collaboration::domain::*;
use proptest::prelude::*;

use super::world::*;
use super::{brute, wishes};

fn laws() -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig { failure_persistence: None, cases: default.cases / 2, ..default }
}

/// A world after a sequence of commands, accepted or not.
fn after(asks: &[Ask]) -> World {
    let mut world = World::new("Europe/Berlin");
    for ask in asks {
        // A refusal is one of the possible answers; the laws are about what was accepted.
        let _ = world.ask(ask);
    }
    world
}

fn anonymous(mut conflict: Conflict) -> Conflict {
    conflict.last_changed_by = None;
    conflict.seq = None;
    conflict
}

/// How often something that changes an entity changed its version, and by how much.
fn versions_grow_by_one(before: &Timetable, after: &Timetable) -> bool {
    let courses = after.courses().all(|new| match before.course(&new.id) {
        Some(old) => [old.version, old.version + 1, 1].contains(&new.version),
        None => new.version == 1,
    });
    let resources = after.resources().all(|new| match before.resource(&new.key()) {
        Some(old) => [old.version, old.version + 1, 1].contains(&new.version),
        None => new.version == 1,
    });
    courses && resources
}

proptest! {
    // Shrunk failures become examples in these files, not a file of seeds.
    #![proptest_config(laws())]

    #[test]
    fn a_fold_of_events_is_the_state(asks in wishes::asks(true, 40)) {
        let world = after(&asks);
        let mut folded = world.states[0].clone();
        for (event, state) in world.events.iter().zip(&world.states[1..]) {
            folded.evolve(event);
            prop_assert_eq!(folded.to_parts(), state.to_parts());
            // A state that went through a snapshot is as good as the original.
            folded = Timetable::from_parts(folded.to_parts());
            prop_assert_eq!(folded.digest(), state.digest());
        }
    }

    #[test]
    fn a_reloaded_state_decides_alike(asks in wishes::asks(true, 30)) {
        let mut world = World::new("America/Toronto");
        for ask in &asks {
            let mut reloaded = Timetable::from_parts(world.now().to_parts());
            reloaded.set_timezone(world.now().timezone().clone());
            let original = world.decide(ask).map(|decision| decision.event);
            let last = world.states.len() - 1;
            let kept = std::mem::replace(&mut world.states[last], reloaded);
            let again = world.decide(ask).map(|decision| decision.event);
            world.states[last] = kept;
            prop_assert_eq!(original, again);
            let _ = world.ask(ask);
        }
    }

    #[test]
    fn digests_and_versions_are_as_worded(asks in wishes::asks(true, 40)) {
        let world = after(&asks);
        for pair in world.states.windows(2) {
            prop_assert_eq!(pair[1].digest(), brute::digest(&pair[1]));
            prop_assert!(versions_grow_by_one(&pair[0], &pair[1]));
        }
    }

    #[test]
    fn standing_conflicts_are_those_that_are_there(asks in wishes::asks(true, 40)) {
        let world = after(&asks);
        for state in &world.states {
            let standing: Vec<_> = state.conflicts().into_iter().map(anonymous).collect();
            prop_assert_eq!(standing, brute::conflicts(state));
        }
    }

    #[test]
    fn nothing_forbidden_is_accepted(asks in wishes::asks(false, 40)) {
        let world = after(&asks);
        for state in &world.states {
            prop_assert!(brute::pairs(state).iter().all(|pair| pair.overlap != Overlap::Forbid));
        }
    }

    #[test]
    fn what_is_forbidden_stands_on_an_override(asks in wishes::asks(true, 40)) {
        let world = after(&asks);
        for state in &world.states {
            for pair in brute::pairs(state) {
                let overridden = pair.courses.iter().any(|course| course.overridden);
                prop_assert!(pair.overlap != Overlap::Forbid || overridden);
            }
        }
    }

    #[test]
    fn occupied_time_is_that_of_the_state(asks in wishes::asks(true, 40)) {
        let mut world = World::new("Europe/Berlin");
        for ask in &asks {
            let _ = world.ask(ask);
            prop_assert_eq!(&world.occupied, &brute::occupied(world.now()));
        }
        let all: Vec<_> = world.occupied.into_values().flatten().collect();
        prop_assert_eq!(all, world.states.last().map(Timetable::occupancy).unwrap_or_default());
    }

    #[test]
    fn an_undo_at_once_brings_the_content_back(asks in wishes::asks(false, 40)) {
        let mut world = World::new("Europe/Berlin");
        for ask in &asks {
            let before = content(world.now());
            let Ok(done) = world.ask(ask) else { continue };
            let undo = Ask::own(ask.user, Op::Undo { op_id: Some(done.event.op_id) });
            match world.ask(&undo) {
                Ok(undone) => {
                    prop_assert_eq!(content(world.now()), before);
                    let after = world.states[world.states.len() - 2].clone();
                    let redo = Ask::own(ask.user, Op::Redo { op_id: Some(done.event.op_id) });
                    match world.ask(&redo) {
                        Ok(redone) => {
                            prop_assert_eq!(content(world.now()), content(&after));
                            prop_assert_eq!(redone.event.undoes, Some(undone.event.op_id));
                        }
                        Err(refusal) => prop_assert!(explained(&refusal), "{:?}", refusal),
                    }
                }
                Err(refusal) => prop_assert!(explained(&refusal), "{:?}", refusal),
            }
        }
    }

    #[test]
    fn a_restore_leads_to_that_content(asks in wishes::asks(true, 30), back in 0..30_usize) {
        let mut world = after(&asks);
        let seq = back % world.states.len();
        world.must(Ask::own("ada", Op::Restore { seq: seq as u64 }));
        prop_assert_eq!(content(world.now()), content(&world.states[seq]));
    }

    #[test]
    fn no_input_panics(
        starts_at in any::<i64>(),
        ends_at in any::<Option<i64>>(),
        (year, month, day) in any::<(i16, i8, i8)>(),
        minute in any::<u16>(),
    ) {
        let mut world = World::new("Europe/Berlin");
        world.must(Ask::edit("ada", create("a", hour("A", 0, Some("t"), None))));
        world.must(Ask::edit("ada", templates_of(minute % 1440)));
        let _ = world.ask(&Ask::edit("ada", Op::CourseMove {
            course_id: course_id("a"),
            starts_at: Instant(starts_at),
            ends_at: ends_at.map(Instant),
            trainer_id: None,
            studio_id: None,
        }));
        for from in [Date { year, month, day }, Date { year: 9999, month: 12, day: 31 }] {
            let _ = world.ask(&Ask::edit("ada", Op::TemplateApply {
                template_id: template_id("w"),
                from,
                to: from,
                on_conflict: OnConflict::Skip,
            }));
        }
    }
}

/// A template with one class a day.
fn templates_of(start_minute: u16) -> Op {
    let slot = |weekday| Slot {
        weekday,
        start_minute,
        minutes: 60,
        title: "Daily".into(),
        trainer_id: None,
        studio_id: None,
        capacity: None,
        color: None,
        tags: Vec::new(),
    };
    let slots = (1..=7).map(slot).collect();
    Op::TemplateSave { id: Some(template_id("w")), name: "Week".into(), slots }
}

/// The reasons for which even an undo at once may be refused: there is nothing to revert, the
/// operation was itself an undo, or it registered a resource that courses already used.
fn explained(refusal: &Refusal) -> bool {
    match refusal {
        Refusal::Overtaken { user_id, .. } => user_id.is_none(),
        Refusal::Invalid(invalid) => invalid.field == "resourceId",
        _ => false,
    }
}
