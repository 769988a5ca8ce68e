//! Templates: a week in the room's time zone, across daylight-saving changes.

use jiff::Timestamp;
use kyo_collaboration::domain::*;

use super::world::*;

fn slot(weekday: u8, start_minute: u16, trainer: Option<&str>) -> Slot {
    Slot {
        weekday,
        start_minute,
        minutes: 60,
        title: "Yoga".into(),
        trainer_id: trainer.map(resource_id),
        studio_id: None,
        capacity: Some(12),
        color: Some("#336699".into()),
        tags: vec!["morning".into()],
    }
}

fn save(slots: Vec<Slot>) -> Op {
    Op::TemplateSave { id: Some(template_id("week")), name: "Week".into(), slots }
}

fn apply(from: (i16, i8, i8), to: (i16, i8, i8), on_conflict: OnConflict) -> Op {
    let date = |(year, month, day)| Date { year, month, day };
    let template_id = template_id("week");
    Op::TemplateApply { template_id, from: date(from), to: date(to), on_conflict }
}

fn starts(event: &Event) -> Vec<String> {
    let Change::TemplateApply { courses, .. } = &event.change else {
        panic!("not a template_apply: {event:?}");
    };
    courses
        .iter()
        .map(|course| {
            assert_eq!(course.fields.during.length(), HOUR);
            let start = Timestamp::from_millisecond(course.fields.during.start.0);
            start.expect("in range").to_string()
        })
        .collect()
}

fn starts_in(zone: &str, from: (i16, i8, i8), minute: u16) -> Vec<String> {
    let mut world = World::new(zone);
    world.must(Ask::edit("ada", save(vec![slot(7, minute, None)])));
    let (year, month, day) = from;
    let to = (year, month, day + 14);
    starts(&world.must(Ask::edit("ada", apply(from, to, OnConflict::Fail))).event)
}

#[test]
fn local_time_stays_when_the_clocks_change() {
    assert_eq!(
        starts_in("America/Toronto", (2026, 3, 1), 9 * 60),
        ["2026-03-01T14:00:00Z", "2026-03-08T13:00:00Z", "2026-03-15T13:00:00Z"]
    );
    assert_eq!(
        starts_in("Europe/Berlin", (2026, 10, 11), 9 * 60),
        ["2026-10-11T07:00:00Z", "2026-10-18T07:00:00Z", "2026-10-25T08:00:00Z"]
    );
}

#[test]
fn a_time_that_is_skipped_is_later_by_the_gap() {
    assert_eq!(starts_in("America/Toronto", (2027, 3, 14), 150)[0], "2027-03-14T07:30:00Z");
    assert_eq!(starts_in("Europe/Berlin", (2026, 3, 15), 120)[2], "2026-03-29T01:00:00Z");
}

#[test]
fn a_time_that_comes_twice_is_the_first() {
    assert_eq!(starts_in("America/Toronto", (2026, 11, 1), 90)[0], "2026-11-01T05:30:00Z");
    assert_eq!(starts_in("Europe/Berlin", (2026, 10, 11), 150)[2], "2026-10-25T00:30:00Z");
}

#[test]
fn both_ends_are_included_and_one_undo_takes_all_back() {
    let mut world = World::new("Europe/Berlin");
    world.must(Ask::edit("ada", save((1..=7).map(|day| slot(day, 540, Some("tess"))).collect())));
    let made = world.must(Ask::edit("ada", apply((2026, 1, 5), (2026, 6, 30), OnConflict::Fail)));
    assert_eq!(starts(&made.event).len(), 177);
    assert_eq!(world.now().courses().len(), 177);
    assert!(world.now().courses().all(|course| course.version == 1));
    world.must(Ask::edit("ada", Op::Undo { op_id: None }));
    assert_eq!(world.now().courses().len(), 0, "a bound of 100 does not hold for an undo");
    world.must(Ask::edit("ada", Op::Redo { op_id: None }));
    assert_eq!(world.now().courses().len(), 177);
}

#[test]
fn a_conflict_fails_all_or_is_skipped() {
    let mut world = World::new("UTC");
    world.must(Ask::edit("ada", save(vec![slot(1, 0, Some("tess")), slot(2, 0, Some("tess"))])));
    world.must(Ask::edit("ben", create("a", hour("Guest", 30, Some("tess"), None))));
    let ask = |on_conflict| Ask::edit("ada", apply((2026, 1, 5), (2026, 1, 6), on_conflict));
    let refusal = world.refused(ask(OnConflict::Fail));
    assert!(matches!(refusal, Refusal::Conflict { ref conflicts, .. } if conflicts.len() == 1));
    let made = world.must(ask(OnConflict::Skip));
    let Change::TemplateApply { courses, skipped, .. } = &made.event.change else {
        panic!("not a template_apply");
    };
    assert_eq!((courses.len(), skipped.len()), (1, 1));
    assert_eq!(skipped[0].during.start, at(0));
    assert_eq!(skipped[0].conflicts.len(), 1);
}

#[test]
fn its_own_courses_count_too() {
    let mut world = World::new("UTC");
    let slots = (0..40).map(|_| slot(1, 0, Some("tess"))).collect();
    world.must(Ask::edit("ada", save(slots)));
    let refusal =
        world.refused(Ask::edit("ada", apply((2026, 1, 5), (2026, 11, 30), OnConflict::Fail)));
    assert!(matches!(refusal, Refusal::Conflict { ref conflicts, .. } if conflicts.len() == 100));
    let made = world.must(Ask::edit("ada", apply((2026, 1, 5), (2026, 1, 12), OnConflict::Skip)));
    assert_eq!(starts(&made.event).len(), 2);
}

#[test]
fn days_have_bounds() {
    let mut world = World::new("UTC");
    world.must(Ask::edit("ada", save(vec![slot(1, 0, None)])));
    let cases = [
        ((2026, 1, 6), (2026, 1, 5), "to"),
        ((2026, 1, 1), (2027, 1, 2), "to"),
        ((2026, 2, 30), (2026, 3, 1), "from"),
        ((1969, 1, 1), (1969, 1, 2), "from"),
    ];
    for (from, to, field) in cases {
        let refusal = world.refused(Ask::edit("ada", apply(from, to, OnConflict::Skip)));
        assert!(matches!(refusal, Refusal::Invalid(ref invalid) if invalid.field == field));
    }
    world.must(Ask::edit("ada", apply((2026, 1, 1), (2027, 1, 1), OnConflict::Skip)));
}

#[test]
fn one_event_makes_at_most_two_thousand_courses() {
    let mut world = World::new("UTC");
    // 2026-01-05 is a Monday: 40 weeks of 50 courses.
    world.must(Ask::edit("ada", save((0..50).map(|_| slot(1, 540, None)).collect())));
    for on_conflict in [OnConflict::Fail, OnConflict::Skip] {
        let ask = Ask::edit("ada", apply((2026, 1, 5), (2026, 10, 12), on_conflict));
        let refusal = world.refused(ask);
        let Refusal::Invalid(invalid) = refusal else { panic!("accepted as {refusal:?}") };
        assert_eq!(invalid.field, "to");
        assert_eq!(invalid.rule, "would make more than 2000 courses at once");
    }
    let most = Ask::edit("ada", apply((2026, 1, 5), (2026, 10, 5), OnConflict::Fail));
    assert_eq!(starts(&world.must(most).event).len(), 2_000);
}

#[test]
fn slots_have_bounds() {
    let bad = [
        ("weekday", Slot { weekday: 8, ..slot(1, 0, None) }),
        ("start", Slot { start_minute: 1440, ..slot(1, 0, None) }),
        ("minutes", Slot { minutes: 0, ..slot(1, 0, None) }),
        ("title", Slot { title: String::new(), ..slot(1, 0, None) }),
    ];
    for (field, slot_) in bad {
        let op = save(vec![slot(1, 0, None), slot_]);
        let refusal = World::new("UTC").refused(Ask::edit("ada", op));
        let field = format!("template.slots[1].{field}");
        assert!(matches!(refusal, Refusal::Invalid(ref invalid) if invalid.field == field));
    }
}
