//! What the domain should have computed, the slow and obvious way.

use std::collections::BTreeMap;

use kyo_collaboration::domain::*;

/// The rule on a resource, looked up one by one.
fn rule(state: &Timetable, kind: ResourceKind, id: &ResourceId) -> (Overlap, i64, Option<u32>) {
    state.resources().find(|resource| resource.id == *id && resource.fields.kind == kind).map_or(
        (state.policy().default_overlap, 0, None),
        |resource| {
            let fields = &resource.fields;
            (fields.overlap, i64::from(fields.buffer_minutes) * 60_000, fields.capacity)
        },
    )
}

fn place(course: &Course, kind: ResourceKind) -> Option<&ResourceId> {
    match kind {
        ResourceKind::Trainer => course.fields.trainer_id.as_ref(),
        ResourceKind::Studio => course.fields.studio_id.as_ref(),
    }
}

/// Two courses that are too close on a resource whose rule is not `allow`.
pub struct Pair<'a> {
    pub kind: ResourceKind,
    pub resource: &'a ResourceId,
    pub courses: [&'a Course; 2],
    pub overlap: Overlap,
}

/// All of them.
pub fn pairs(state: &Timetable) -> Vec<Pair<'_>> {
    let courses: Vec<&Course> = state.courses().map(AsRef::as_ref).collect();
    let mut found = Vec::new();
    for (index, one) in courses.iter().enumerate() {
        for other in &courses[index + 1..] {
            for kind in [ResourceKind::Trainer, ResourceKind::Studio] {
                let Some(resource) = place(one, kind).filter(|id| place(other, kind) == Some(id))
                else {
                    continue;
                };
                let (overlap, buffer, _) = rule(state, kind, resource);
                let (a, b) = (one.fields.during, other.fields.during);
                let apart = a.start.0 >= b.end.0 + buffer || b.start.0 >= a.end.0 + buffer;
                if !apart && overlap != Overlap::Allow {
                    found.push(Pair { kind, resource, courses: [one, other], overlap });
                }
            }
        }
    }
    found
}

/// The standing conflicts, without who made them.
pub fn conflicts(state: &Timetable) -> Vec<Conflict> {
    let named = |course: &Course| ConflictCourse {
        course_id: course.id.clone(),
        room: state.room(),
        title: Some(course.fields.title.clone()),
        during: course.fields.during,
    };
    let overlaps = pairs(state).into_iter().map(|pair| {
        let kind = match pair.kind {
            ResourceKind::Trainer => ConflictKind::TrainerOverlap,
            ResourceKind::Studio => ConflictKind::StudioOverlap,
        };
        // The other way round than the domain finds them: the id must not depend on it.
        let courses = pair.courses.iter().rev().map(|course| named(course)).collect();
        Conflict::new(kind, pair.resource.clone(), courses)
    });
    let too_large = state.courses().filter_map(|course| {
        let studio = course.fields.studio_id.as_ref()?;
        let (_, _, room) = rule(state, ResourceKind::Studio, studio);
        let exceeds = course.fields.capacity? > room?;
        let kind = ConflictKind::CapacityExceeded;
        exceeds.then(|| Conflict::new(kind, studio.clone(), vec![named(course)]))
    });
    let mut all: Vec<_> = overlaps.chain(too_large).collect();
    all.sort_by(|a, b| a.id.cmp(&b.id));
    all
}

/// The digest as the contract words it.
pub fn digest(state: &Timetable) -> u32 {
    let fnv = |text: String| {
        text.bytes()
            .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
    };
    let courses = state.courses().map(|course| format!("{}:{}", course.id, course.version));
    let resources = state.resources().map(|found| format!("{}:{}", found.id, found.version));
    let templates = state.templates().map(|found| format!("{}:{}", found.id, found.version));
    courses.chain(resources).chain(templates).map(fnv).fold(0, |all, one| all ^ one)
}

/// What every course takes.
pub fn occupied(state: &Timetable) -> BTreeMap<CourseId, Vec<OccupancyChange>> {
    let mut all = BTreeMap::new();
    for course in state.courses() {
        let taken: Vec<_> = [ResourceKind::Trainer, ResourceKind::Studio]
            .into_iter()
            .filter_map(|kind| {
                let id = place(course, kind)?.clone();
                let (overlap, buffer, _) = rule(state, kind, &id);
                let Interval { start, end } = course.fields.during;
                Some(OccupancyChange::Take {
                    course_id: course.id.clone(),
                    resource: ResourceKey { kind, id },
                    during: Interval { start, end: Instant(end.0 + buffer) },
                    course: course.fields.during,
                    hold: match (overlap, course.overridden) {
                        (Overlap::Forbid, false) => Hold::Enforced,
                        (Overlap::Forbid, true) => Hold::Overridden,
                        _ => Hold::Free,
                    },
                    kept: false,
                })
            })
            .collect();
        if !taken.is_empty() {
            all.insert(course.id.clone(), taken);
        }
    }
    all
}
