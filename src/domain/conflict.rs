//! Two courses that want the same thing.

use super::{CourseId, Interval, ResourceId, RoomId, UserId};

/// What clashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConflictKind {
    /// Two courses on one trainer.
    TrainerOverlap,
    /// Two courses in one studio.
    StudioOverlap,
    /// A course for more people than its studio holds.
    CapacityExceeded,
}

/// A course as a conflict names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConflictCourse {
    /// Which.
    pub course_id: CourseId,
    /// In which room.
    pub room: RoomId,
    /// Known for courses of the same room.
    pub title: Option<String>,
    /// When.
    pub during: Interval,
}

/// A clash, the same value whichever side it is found from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Derived from kind, resource and courses: the same clash has the same id.
    pub id: String,
    /// What clashes.
    pub kind: ConflictKind,
    /// On what.
    pub resource_id: ResourceId,
    /// The courses, sorted by id; one for `CapacityExceeded`, two otherwise.
    pub courses: Vec<ConflictCourse>,
    /// Who changed one of them last.
    pub last_changed_by: Option<UserId>,
    /// The event that made it.
    pub seq: Option<u64>,
}

/// A free place offered instead of a refused one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// When.
    pub during: Interval,
    /// With whom.
    pub trainer_id: Option<ResourceId>,
    /// Where.
    pub studio_id: Option<ResourceId>,
}
