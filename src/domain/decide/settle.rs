//! Puts occupancy changes into the order in which the store can apply them: everything is given up
//! before anything is taken, so that two courses may swap places in one event.

use std::collections::BTreeMap;

use crate::domain::{CourseId, OccupancyChange, Timetable};

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
    cleared.into_iter().chain(last.into_values().flatten()).collect()
}
