//! Puts occupancy changes into the order in which the store can apply them: everything is given up
//! before anything is taken, so that two courses may swap places in one event. What a course keeps
//! is marked, so that the store does not judge it again.

use std::collections::BTreeMap;

use crate::domain::occupancy::takes;
use crate::domain::{CourseId, Hold, OccupancyChange, Timetable};

/// The net changes: per course the last word counts.
pub(super) fn settle(origin: &Timetable, changes: Vec<OccupancyChange>) -> Vec<OccupancyChange> {
    let mut last: BTreeMap<CourseId, Vec<OccupancyChange>> = BTreeMap::new();
    for change in changes {
        match change {
            OccupancyChange::Clear { course_id } => {
                last.insert(course_id, Vec::new());
            }
            OccupancyChange::Take { ref course_id, .. } => {
                last.entry(course_id.clone()).or_default().push(change);
            }
        }
    }
    let took = |id: &CourseId| {
        origin.course(id).is_some_and(|course| course.fields.resources().next().is_some())
    };
    let cleared: Vec<_> = last
        .keys()
        .filter(|id| took(id))
        .map(|id| OccupancyChange::Clear { course_id: id.clone() })
        .collect();
    let taken = last.into_values().flatten().map(|change| mark_kept(origin, change));
    cleared.into_iter().chain(taken).collect()
}

fn mark_kept(origin: &Timetable, mut change: OccupancyChange) -> OccupancyChange {
    let had = had(origin, &change);
    if let OccupancyChange::Take { kept, .. } = &mut change {
        *kept = had;
    }
    change
}

/// Whether the course stands where it stood and held at least as much of the resource.
fn had(origin: &Timetable, wanted: &OccupancyChange) -> bool {
    let OccupancyChange::Take { course_id, resource, during, course, hold: Hold::Enforced, .. } =
        wanted
    else {
        return false;
    };
    let Some(before) = origin.course(course_id) else { return false };
    takes(course_id, &before.fields, before.overridden, |key| origin.rule(key)).any(|old| {
        matches!(old, OccupancyChange::Take { resource: was, during: held, course: at, hold, .. }
            if was == *resource && at == *course && hold == Hold::Enforced && held.end >= during.end)
    })
}
