//! What would work instead: the nearest free times for the same trainer and studio, and other
//! registered trainers or studios that are free at the time asked for.

use crate::domain::{
    Conflict, CourseFields, CourseId, HOUR, MINUTE, ResourceId, ResourceKind, Suggestion, Timetable,
};

/// The most suggestions with one refusal.
const MAX_SUGGESTIONS: usize = 3;
/// The most of them that keep trainer and studio, while there are others.
const MAX_TIMES: usize = 2;
/// The distance between the times tried.
const STEP: i64 = 15 * MINUTE;
/// How far from the time asked for.
const REACH: i64 = 24 * HOUR;
/// The most resources tried.
const MAX_TRIED: usize = 200;

/// At most three places for a course that was refused.
pub(super) fn suggest(
    state: &Timetable,
    id: &CourseId,
    course: &CourseFields,
    conflicts: &[Conflict],
) -> Vec<Suggestion> {
    let free = |course: &CourseFields| state.is_free(id, course);
    let mut times = times(course).filter(free);
    let mut found: Vec<_> = times.by_ref().take(MAX_TIMES).collect();
    found.extend(others(state, course, conflicts).filter(free).take(MAX_SUGGESTIONS - found.len()));
    let missing = MAX_SUGGESTIONS - found.len();
    found.extend(times.take(missing));
    found.into_iter().map(Suggestion::from).collect()
}

/// The course at other times, the nearest first.
fn times(course: &CourseFields) -> impl Iterator<Item = CourseFields> + '_ {
    (1..=REACH / STEP)
        .flat_map(|step| [-step * STEP, step * STEP])
        .map(|shift| CourseFields { during: course.during.shifted(shift), ..course.clone() })
        .filter(|course| course.during.validate().is_ok())
}

/// The course with another trainer or in another studio, where that is what clashes.
fn others<'a>(
    state: &'a Timetable,
    course: &'a CourseFields,
    conflicts: &'a [Conflict],
) -> impl Iterator<Item = CourseFields> + 'a {
    let clashing = |kind| conflicts.iter().any(|conflict| conflict.kind.resource() == kind);
    state
        .resources()
        .take(MAX_TRIED)
        .filter(move |resource| clashing(resource.fields.kind))
        .filter(|resource| holds(resource.fields.capacity, course.capacity))
        .map(|resource| with(course, resource.fields.kind, &resource.id))
}

fn holds(room: Option<u32>, people: Option<u32>) -> bool {
    !matches!((room, people), (Some(room), Some(people)) if people > room)
}

fn with(course: &CourseFields, kind: ResourceKind, id: &ResourceId) -> CourseFields {
    let mut other = course.clone();
    match kind {
        ResourceKind::Trainer => other.trainer_id = Some(id.clone()),
        ResourceKind::Studio => other.studio_id = Some(id.clone()),
    }
    other
}

impl From<CourseFields> for Suggestion {
    fn from(course: CourseFields) -> Self {
        Self { during: course.during, trainer_id: course.trainer_id, studio_id: course.studio_id }
    }
}
