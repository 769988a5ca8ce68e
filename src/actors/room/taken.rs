//! Bookings of other rooms in the way: put as conflicts for the refusal that the client sees, or kept
//! with an owner's operation that commits over them.

use crate::domain::{
    Conflict, ConflictCourse, ConflictKind, Decision, Hold, MAX_LISTED, OccupancyChange, Refusal,
    RoomId,
};
use crate::store::OccupancyRow;

/// How often one operation is decided again because of other rooms. The store names 20 bookings at a
/// time, so this bounds what one override can commit over.
const MAX_ROUNDS: u32 = 16;

/// What the store has said so far about bookings of other rooms that one operation runs into.
#[derive(Debug, Default)]
pub struct Elsewhere {
    conflicts: Vec<Conflict>,
    rounds: u32,
}

impl Elsewhere {
    /// All of it.
    #[must_use]
    pub fn conflicts(&self) -> &[Conflict] {
        &self.conflicts
    }

    /// Adds what a round has found; false when there were too many rounds.
    pub fn add(&mut self, found: &[Conflict]) -> bool {
        self.rounds += 1;
        self.conflicts.retain(|known| found.iter().all(|new| new.id != known.id));
        self.conflicts.extend_from_slice(found);
        !found.is_empty() && self.rounds <= MAX_ROUNDS
    }
}

/// The refusal because of such conflicts.
pub(super) fn refusal(mut conflicts: Vec<Conflict>) -> Refusal {
    conflicts.truncate(MAX_LISTED);
    Refusal::Conflict { conflicts, suggestions: Vec::new() }
}

/// The conflicts of `decision` in `room` with `taken`: every course of it with every booking that it
/// runs into, at the times of the courses themselves. Buffers count, but are not shown.
pub(super) fn conflicts(
    decision: &Decision,
    room: RoomId,
    taken: &[OccupancyRow],
) -> Vec<Conflict> {
    taken.iter().flat_map(|row| with(decision, room, row)).collect()
}

fn with<'a>(
    decision: &'a Decision,
    room: RoomId,
    row: &'a OccupancyRow,
) -> impl Iterator<Item = Conflict> {
    decision.occupancy.iter().filter_map(move |change| {
        let ours = ours(change, room, row)?;
        let theirs = ConflictCourse {
            course_id: row.course_id.clone(),
            room: row.room,
            title: None,
            during: row.course,
        };
        let kind = ConflictKind::overlap(row.resource.kind);
        Some(Conflict::new(kind, row.resource.id.clone(), vec![ours, theirs]))
    })
}

fn ours(change: &OccupancyChange, room: RoomId, row: &OccupancyRow) -> Option<ConflictCourse> {
    match change {
        OccupancyChange::Take {
            course_id,
            resource,
            during,
            course,
            hold: Hold::Enforced,
            kept: false,
        } if *resource == row.resource && during.overlaps(row.during) => Some(ConflictCourse {
            course_id: course_id.clone(),
            room,
            title: None,
            during: *course,
        }),
        OccupancyChange::Take { .. } | OccupancyChange::Clear { .. } => None,
    }
}
