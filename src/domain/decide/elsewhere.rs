//! Conflicts with other rooms' bookings, as the store reported them, in the decision of an override.

use super::case::Case;
use super::step::Step;
use crate::domain::{Conflict, CourseId, Hold, OccupancyChange, RoomId};

/// Whether the step still takes what the conflict is about, under a rule that forbids overlaps.
pub(super) fn wants(step: &Step, room: RoomId, conflict: &Conflict) -> bool {
    let key = conflict.key();
    step.occupancy.iter().any(|change| match change {
        OccupancyChange::Take { course_id, resource, course, hold, .. } => {
            *hold != Hold::Free
                && *resource == key
                && conflict.courses.iter().any(|own| {
                    own.room == room && own.course_id == *course_id && own.during == *course
                })
        }
        OccupancyChange::Clear { .. } => false,
    })
}

/// This room's courses in it.
pub(super) fn own(conflict: &Conflict, room: RoomId) -> impl Iterator<Item = CourseId> {
    let own = conflict.courses.iter().filter(move |course| course.room == room);
    own.map(|course| course.course_id.clone())
}

/// Makes them warnings of the event and standing conflicts of the room. One that stood before is
/// reported again, because it was committed over again.
pub(super) fn add(step: &mut Step, elsewhere: &[&Conflict], case: &Case<'_>) {
    for conflict in elsewhere {
        step.conflicts.resolved.retain(|id| *id != conflict.id);
        step.conflicts.detected.retain(|found| found.id != conflict.id);
        step.conflicts.detected.push(Conflict {
            last_changed_by: Some(case.ctx.user_id.clone()),
            seq: Some(case.seq()),
            ..Conflict::clone(conflict)
        });
    }
    step.conflicts.detected.sort_by(|a, b| a.id.cmp(&b.id));
}
