//! A booking of another room in the way, put as the refusal that the client sees.

use crate::domain::{
    Conflict, ConflictCourse, ConflictKind, Decision, OccupancyChange, Refusal, RoomId,
};
use crate::store::OccupancyRow;

/// The refusal of `decision` in `room` because of `taken`. The other room's times include its
/// resource's buffer, which is what stands in the way.
pub(super) fn refusal(decision: &Decision, room: RoomId, taken: &[OccupancyRow]) -> Refusal {
    let conflicts = taken.iter().map(|row| conflict(decision, room, row)).collect();
    Refusal::Conflict { conflicts, suggestions: Vec::new() }
}

fn conflict(decision: &Decision, room: RoomId, row: &OccupancyRow) -> Conflict {
    let theirs = ConflictCourse {
        course_id: row.course_id.clone(),
        room: row.room,
        title: None,
        during: row.during,
    };
    let courses = ours(decision, room, row).into_iter().chain([theirs]).collect();
    Conflict::new(ConflictKind::overlap(row.resource.kind), row.resource.id.clone(), courses)
}

fn ours(decision: &Decision, room: RoomId, row: &OccupancyRow) -> Option<ConflictCourse> {
    decision.occupancy.iter().find_map(|change| match change {
        OccupancyChange::Take { course_id, resource, during, .. }
            if *resource == row.resource && during.overlaps(row.during) =>
        {
            let (course_id, during) = (course_id.clone(), *during);
            Some(ConflictCourse { course_id, room, title: None, during })
        }
        OccupancyChange::Take { .. } | OccupancyChange::Clear { .. } => None,
    })
}
