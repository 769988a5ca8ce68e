//! From a wish to what takes effect: the one place where an operation is accepted or refused.

use super::{
    Command, Event, Instant, Locks, NewIds, OccupancyChange, Refusal, Role, RoomId, SessionId,
    Tail, Timetable, UserId,
};

/// Everything besides the timetable that a decision depends on.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The room, for naming it in conflicts.
    pub room: RoomId,
    /// Who asks.
    pub user_id: &'a UserId,
    /// On which connection; none for REST.
    pub session_id: Option<&'a SessionId>,
    /// What they may do here.
    pub role: Role,
    /// The time of the decision.
    pub now: Instant,
    /// Fresh ids.
    pub ids: NewIds,
    /// Who holds which course.
    pub locks: &'a Locks,
    /// The latest events up to and including the head of the timetable; undo and redo look here.
    pub tail: &'a Tail,
    /// The state to go back to, for `restore`.
    pub restore: Option<&'a Timetable>,
}

/// An accepted operation.
#[derive(Clone, Debug)]
pub struct Decision {
    /// What takes effect, at the head plus one. Its detected conflicts are the warnings.
    pub event: Event,
    /// What changes in the tenant-wide table.
    pub occupancy: Vec<OccupancyChange>,
}
