//! Two courses that want the same thing.

use super::{CourseId, Interval, ResourceId, ResourceKey, ResourceKind, RoomId, UserId, fnv};

/// The most conflicts that may stand in one room at a time. Without a bound, a few thousand courses
/// on one spot under `warn` would make millions of pairs.
pub const MAX_CONFLICTS: usize = 20_000;
/// The most conflicts that one refusal lists.
pub const MAX_LISTED: usize = 100;

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

impl ConflictKind {
    /// The kind of an overlap on such a resource.
    #[must_use]
    pub fn overlap(kind: ResourceKind) -> Self {
        match kind {
            ResourceKind::Trainer => Self::TrainerOverlap,
            ResourceKind::Studio => Self::StudioOverlap,
        }
    }

    /// The kind of resource that it is about.
    #[must_use]
    pub fn resource(self) -> ResourceKind {
        match self {
            Self::TrainerOverlap => ResourceKind::Trainer,
            Self::StudioOverlap | Self::CapacityExceeded => ResourceKind::Studio,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::TrainerOverlap => "trainer_overlap",
            Self::StudioOverlap => "studio_overlap",
            Self::CapacityExceeded => "capacity_exceeded",
        }
    }
}

impl Conflict {
    /// A conflict with its courses in order and its id derived; not yet tied to an event.
    #[must_use]
    pub fn new(
        kind: ConflictKind,
        resource_id: ResourceId,
        mut courses: Vec<ConflictCourse>,
    ) -> Self {
        courses.sort_by(|a, b| (&a.course_id, a.room).cmp(&(&b.course_id, b.room)));
        // Two rooms may use the same course ids, so a conflict across them names the rooms too.
        let across = courses.windows(2).any(|pair| pair[0].room != pair[1].room);
        let rooms: Vec<_> =
            courses.iter().filter(|_| across).map(|course| course.room.0.to_string()).collect();
        let parts = [kind.name(), resource_id.as_str()]
            .into_iter()
            .chain(courses.iter().map(|course| course.course_id.as_str()))
            .chain(rooms.iter().map(String::as_str));
        let id = format!("{:016x}", fnv::hash64(parts));
        Self { id, kind, resource_id, courses, last_changed_by: None, seq: None }
    }

    /// The resource that it is about.
    #[must_use]
    pub fn key(&self) -> ResourceKey {
        ResourceKey { kind: self.kind.resource(), id: self.resource_id.clone() }
    }

    /// Whether a course of a room is part of it.
    #[must_use]
    pub fn names(&self, course: &CourseId, room: RoomId) -> bool {
        self.courses.iter().any(|found| found.course_id == *course && found.room == room)
    }

    /// Whether the two say the same, whoever made them.
    #[must_use]
    pub fn same_clash(&self, other: &Self) -> bool {
        self.id == other.id && self.courses == other.courses
    }
}
