//! The record of an event: its exact text, and that nothing is lost in it.

use kyo_collaboration::domain::*;
use kyo_collaboration::protocol::envelope::{
    EnvelopeError, decode_event, decode_policy, encode_event, encode_policy,
};
use kyo_collaboration::protocol::state::{decode_timetable, encode_timetable, state_json};
use proptest::prelude::*;

use super::file::check;
use super::samples::*;

#[test]
fn every_change_has_its_exact_wire_form_and_returns_from_its_record() {
    for (name, change) in changes() {
        let event = event(8, change);
        let stored = encode_event(&event);
        let (back, wire) = decode_event(&stored.body).unwrap();
        assert_eq!(back, event, "{name}");
        assert_eq!(wire, stored.wire, "{name}");
        let body = String::from_utf8(stored.body).unwrap();
        check(&format!("event/{name}.golden"), &format!("{}\n{body}\n", wire.as_str()));
    }
}

#[test]
fn everything_beside_the_change_returns_too() {
    let event = Event {
        session_id: None,
        undoes: Some(op_id()),
        override_reason: Some("both agreed".into()),
        conflicts: ConflictChanges { detected: vec![conflict()], resolved: vec!["old".into()] },
        inverse: inverses(),
        ..event(9, Change::CourseDelete { course_id: id(CourseId::parse, "c-1") })
    };
    let stored = encode_event(&event);
    assert_eq!(decode_event(&stored.body).unwrap().0, event);
    let body = String::from_utf8(stored.body).unwrap();
    check("event/full.golden", &format!("{}\n{body}\n", stored.wire.as_str()));
}

fn inverses() -> Vec<Op> {
    let course_id = id(CourseId::parse, "c-1");
    let template_id = id(TemplateId::parse, "t-1");
    let resource_id = id(ResourceId::parse, "hall");
    let fields = course("c-1").fields;
    let singles = vec![
        Op::CourseCreate { id: Some(course_id.clone()), course: fields.clone() },
        Op::CourseCreate { id: None, course: CourseFields { tags: vec![], ..fields } },
        Op::CourseUpdate {
            course_id: course_id.clone(),
            patch: CoursePatch { notes: Some(None), tags: Some(vec![]), ..Default::default() },
        },
        Op::CourseMove {
            course_id: course_id.clone(),
            starts_at: Instant(NOON),
            ends_at: Some(Instant(NOON + HOUR)),
            trainer_id: Some(None),
            studio_id: None,
        },
        Op::CourseDelete { course_id },
        Op::ResourceUpsert { id: resource_id.clone(), resource: resource().fields },
        Op::ResourceDelete { resource_id, kind: Some(ResourceKind::Studio) },
        Op::TemplateSave { id: None, name: "Winter".into(), slots: template().slots },
        Op::TemplateDelete { template_id: template_id.clone() },
        Op::TemplateApply {
            template_id,
            from: Date { year: 2026, month: 1, day: 5 },
            to: Date { year: 2026, month: 1, day: 5 },
            on_conflict: OnConflict::Skip,
        },
        Op::Undo { op_id: Some(op_id()) },
        Op::Redo { op_id: None },
        Op::Restore { seq: 4 },
        Op::PolicySet { policy: Policy::default() },
    ];
    singles.iter().cloned().chain([Op::Batch { ops: singles.clone() }]).collect()
}

#[test]
fn bounds_of_today_do_not_hold_for_what_was_kept() {
    let mut course = course("c-1");
    course.fields.title = "x".repeat(MAX_TITLE + 1);
    let fields = course.fields.clone();
    let mut event = event(1, Change::CourseCreate(Box::new(course)));
    event.inverse = vec![Op::CourseCreate { id: None, course: fields }];
    assert_eq!(decode_event(&encode_event(&event).body).unwrap().0, event);
}

#[test]
fn records_of_other_versions_and_garbage_are_told_apart() {
    let newer = br#"{"v":2,"shape":"unknown"}"#;
    assert!(matches!(decode_event(newer), Err(EnvelopeError::Version(2))));
    for garbage in ["", "{}", "[]", r#"{"v":1}"#, r#"{"v":1,"event":{"seq":1}}"#] {
        let result = decode_event(garbage.as_bytes());
        assert!(matches!(result, Err(EnvelopeError::Malformed(_))), "{garbage}");
    }
}

fn timetable() -> Timetable {
    let marked = Course { version: 2, field_versions: [1, 2, 1, 1, 1, 1, 1, 1], ..course("c-2") };
    Timetable::from_parts(TimetableParts {
        room: room(),
        head: 40,
        policy: Policy::default(),
        courses: vec![course("c-1"), marked],
        resources: vec![resource()],
        templates: vec![template()],
        conflicts: vec![conflict()],
    })
}

#[test]
fn a_state_has_its_exact_wire_form_and_returns_from_its_record() {
    let timetable = timetable();
    let body = encode_timetable(&timetable);
    let back = decode_timetable(&body, jiff::tz::TimeZone::UTC).unwrap();
    assert_eq!(back.to_parts(), timetable.to_parts());
    assert_eq!(back.digest(), timetable.digest());
    let body = String::from_utf8(body).unwrap();
    check("state.golden", &format!("{}\n{body}\n", state_json(&timetable).as_str()));
}

#[test]
fn a_policy_returns_from_its_record() {
    let policy = Policy { stale_edits: StaleEdits::Strict, default_overlap: Overlap::Warn };
    assert_eq!(decode_policy(&encode_policy(policy)).unwrap(), policy);
    assert!(decode_policy(b"{}").is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_time_and_mark_returns(
        title in ".{0,40}",
        notes in proptest::option::of(".{0,40}"),
        tags in proptest::collection::vec("\\PC{1,8}", 0..4),
        start in 0_i64..253_402_000_000_000,
        length in 0_i64..86_400_000,
        version in 1_u32..9,
        field_versions in proptest::array::uniform8(1_u32..9),
        overridden: bool,
    ) {
        let mut course = Course { version, field_versions, overridden, ..course("c-1") };
        let end = Instant(start + length);
        let during = Interval { start: Instant(start), end };
        course.fields = CourseFields { title, notes, tags, during, ..course.fields };
        let update = Change::CourseMove {
            course_id: course.id.clone(),
            during,
            trainer_id: None,
            studio_id: Some(None),
            version,
            overridden: !overridden,
        };
        let create = Change::CourseCreate(Box::new(course));
        let event = event(1, Change::Batch { changes: vec![create, update], restored_seq: None });
        prop_assert_eq!(decode_event(&encode_event(&event).body).unwrap().0, event);
    }
}
