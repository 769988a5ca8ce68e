//! Values that the golden files are made of.

use kyo_collaboration::domain::*;
use uuid::Uuid;

pub const NOON: i64 = 1_767_614_400_000; // 2026-01-05T12:00:00Z

pub fn id<T>(parse: impl Fn(&str) -> Result<T, Invalid>, text: &str) -> T {
    parse(text).expect("samples are valid")
}

pub fn room() -> RoomId {
    RoomId(Uuid::from_u128(0x019b_8f6e_3c00_7000_8000_0000_0000_0001))
}

pub fn op_id() -> OpId {
    OpId(Uuid::from_u128(0x019b_8f6e_3c00_7000_8000_0000_0000_00aa))
}

pub fn during(start_hour: i64, minutes: i64) -> Interval {
    let start = Instant(NOON + start_hour * HOUR);
    Interval { start, end: Instant(start.0 + minutes * MINUTE) }
}

pub fn course(name: &str) -> Course {
    Course {
        id: id(CourseId::parse, name),
        version: 1,
        fields: CourseFields {
            title: "Morning yoga".into(),
            during: during(1, 60),
            trainer_id: Some(id(ResourceId::parse, "ana")),
            studio_id: None,
            capacity: Some(12),
            color: Some("#1f77b4".into()),
            notes: None,
            tags: vec!["yoga".into()],
        },
        created_by: id(UserId::parse, "u-1"),
        updated_by: id(UserId::parse, "u-1"),
        updated_at: Instant(NOON + 1),
        field_versions: [1; COURSE_FIELDS],
        overridden: false,
    }
}

pub fn conflict() -> Conflict {
    let side = |name: &str, title: Option<&str>| ConflictCourse {
        course_id: id(CourseId::parse, name),
        room: room(),
        title: title.map(str::to_owned),
        during: during(1, 60),
    };
    Conflict {
        id: "trainer_overlap:ana:c-1:c-2".into(),
        kind: ConflictKind::TrainerOverlap,
        resource_id: id(ResourceId::parse, "ana"),
        courses: vec![side("c-1", Some("Morning yoga")), side("c-2", None)],
        last_changed_by: Some(id(UserId::parse, "u-2")),
        seq: Some(7),
    }
}

pub fn resource() -> Resource {
    Resource {
        id: id(ResourceId::parse, "hall"),
        version: 3,
        fields: ResourceFields {
            kind: ResourceKind::Studio,
            name: "Great hall".into(),
            capacity: None,
            overlap: Overlap::Warn,
            buffer_minutes: 15,
        },
    }
}

pub fn template() -> Template {
    let slot = |weekday| Slot {
        weekday,
        start_minute: 450,
        minutes: 45,
        title: "Spin".into(),
        trainer_id: None,
        studio_id: Some(id(ResourceId::parse, "hall")),
        capacity: None,
        color: None,
        tags: vec![],
    };
    Template {
        id: id(TemplateId::parse, "t-1"),
        version: 1,
        name: "Winter".into(),
        slots: vec![
            slot(1),
            Slot { tags: vec!["hiit".into()], color: Some("#ff0000".into()), ..slot(7) },
        ],
    }
}

/// Every kind of change, each with the marks that clients don't see in more than one state.
pub fn changes() -> Vec<(&'static str, Change)> {
    let singles = [course_changes(), moves(), catalogue_changes()].concat();
    let parts = singles.iter().map(|(_, change)| change.clone()).collect();
    let batch = Change::Batch { changes: parts, restored_seq: Some(12) };
    singles.into_iter().chain([("batch", batch)]).collect()
}

fn marked() -> Course {
    Course {
        version: 4,
        field_versions: [1, 4, 2, 2, 1, 1, 1, 3],
        overridden: true,
        ..course("c-9")
    }
}

fn course_changes() -> Vec<(&'static str, Change)> {
    let full = CoursePatch {
        title: Some("Yin".into()),
        trainer_id: Some(None),
        studio_id: Some(Some(id(ResourceId::parse, "hall"))),
        capacity: Some(None),
        color: Some(Some("#00ff00".into())),
        notes: Some(Some("bring \"mats\"".into())),
        tags: Some(vec![]),
    };
    let small = CoursePatch { capacity: Some(Some(3)), ..CoursePatch::default() };
    let update = |patch, overridden| Change::CourseUpdate {
        course_id: id(CourseId::parse, "c-1"),
        patch,
        version: 2,
        overridden,
    };
    vec![
        ("course_create", Change::CourseCreate(Box::new(course("c-1")))),
        ("course_create_marked", Change::CourseCreate(Box::new(marked()))),
        ("course_update", update(full, false)),
        ("course_update_overridden", update(small, true)),
        ("course_delete", Change::CourseDelete { course_id: id(CourseId::parse, "c-1") }),
    ]
}

fn moves() -> Vec<(&'static str, Change)> {
    let moved = |trainer_id, overridden| Change::CourseMove {
        course_id: id(CourseId::parse, "c-1"),
        during: during(3, 45),
        trainer_id,
        studio_id: None,
        version: 5,
        overridden,
    };
    vec![("course_move", moved(None, false)), ("course_move_cleared", moved(Some(None), true))]
}

fn catalogue_changes() -> Vec<(&'static str, Change)> {
    let template_id = id(TemplateId::parse, "t-1");
    let resource_id = id(ResourceId::parse, "hall");
    let skipped =
        Skipped { title: "Spin".into(), during: during(24, 45), conflicts: vec![conflict()] };
    let apply = Change::TemplateApply {
        template_id: template_id.clone(),
        from: Date { year: 2026, month: 1, day: 5 },
        to: Date { year: 2026, month: 1, day: 11 },
        courses: vec![course("c-3"), marked()],
        skipped: vec![skipped],
    };
    let policy = Policy { stale_edits: StaleEdits::Strict, default_overlap: Overlap::Allow };
    let kind = ResourceKind::Studio;
    vec![
        ("resource_upsert", Change::ResourceUpsert(resource())),
        ("resource_delete", Change::ResourceDelete { resource_id, kind }),
        ("template_save", Change::TemplateSave(template())),
        ("template_delete", Change::TemplateDelete { template_id }),
        ("template_apply", apply),
        ("policy_set", Change::PolicySet(policy)),
    ]
}

pub fn event(seq: u64, change: Change) -> Event {
    Event {
        seq,
        op_id: op_id(),
        user_id: id(UserId::parse, "u-1"),
        session_id: Some(id(SessionId::parse, "s-1")),
        at: Instant(NOON + 1),
        change,
        undoes: None,
        override_reason: None,
        conflicts: ConflictChanges::default(),
        inverse: vec![],
    }
}
