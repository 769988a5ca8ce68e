//! Puts occupancy changes into the order in which the store can apply them: everything is given up
//! before anything is taken, so that two courses may swap places in one event. What a course keeps
//! is marked, so that the store does not judge it again; what it gives up is named, so that the store can lock it.

use std::collections::BTreeMap;

use crate::domain::occupancy::takes;
use crate::domain::{CourseId, Hold, OccupancyChange, Timetable};

/// The net changes: per course the last word counts.
pub(super) fn settle(origin: &Timetable, changes: Vec<OccupancyChange>) -> Vec<OccupancyChange> {
    let mut last: BTreeMap<CourseId, Vec<OccupancyChange>> = BTreeMap::new();
    for change in changes {
        match change {
            OccupancyChange::Clear { course_id, .. } => {
                last.insert(course_id, Vec::new());
            }
            OccupancyChange::Take { ref course_id, .. } => {
                last.entry(course_id.clone()).or_default().push(change);
            }
        }
    }
    let cleared: Vec<_> = last.keys().filter_map(|id| clear(origin, id)).collect();
    let taken = last.into_values().flatten().map(|change| mark_kept(origin, change));
    cleared.into_iter().chain(taken).collect()
}

/// None where the course took nothing.
fn clear(origin: &Timetable, id: &CourseId) -> Option<OccupancyChange> {
    let course = origin.course(id)?;
    course.fields.resources().next()?;
    let took = takes(id, &course.fields, course.overridden, |key| origin.rule(key));
    let held = took.filter_map(|change| match change {
        OccupancyChange::Take { resource, during, hold: Hold::Enforced, .. } => {
            Some((resource, during))
        }
        OccupancyChange::Take { .. } | OccupancyChange::Clear { .. } => None,
    });
    Some(OccupancyChange::Clear { course_id: id.clone(), held: held.collect() })
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
