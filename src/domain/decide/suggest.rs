//! What would work instead: the nearest free times, later and earlier, for the same trainer and
//! studio, and another registered trainer or studio that is free at the time asked for.

use crate::domain::{
    Conflict, CourseFields, CourseId, HOUR, MINUTE, ResourceId, ResourceKind, Suggestion, Timetable,
};

/// The most suggestions with one refusal.
const MAX_SUGGESTIONS: usize = 3;
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
    let nearest = |sign| shifts(sign).map(|by| at(course, by)).filter(is_valid).find(free);
    let mut found: Vec<_> = nearest(1).into_iter().chain(nearest(-1)).collect();
    found.sort_by_key(|other| other.during.start.0.abs_diff(course.during.start.0));
    found.extend(others(state, course, conflicts).filter(free).take(MAX_SUGGESTIONS - found.len()));
    let known = found.clone();
    let more = [1, -1].into_iter().flat_map(shifts).map(|by| at(course, by));
    let more = more.filter(is_valid).filter(free).filter(|other| !known.contains(other));
    found.extend(more.take(MAX_SUGGESTIONS - known.len()));
    found.into_iter().map(Suggestion::from).collect()
}

/// Distances in one direction, the shortest first.
fn shifts(sign: i64) -> impl Iterator<Item = i64> {
    (1..=REACH / STEP).map(move |step| sign * step * STEP)
}

fn at(course: &CourseFields, by: i64) -> CourseFields {
    CourseFields { during: course.during.shifted(by), ..course.clone() }
}

fn is_valid(course: &CourseFields) -> bool {
    course.during.validate().is_ok()
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
