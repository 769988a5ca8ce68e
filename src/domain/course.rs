//! A class on the timetable, and the bounds of its fields.

use super::{CourseId, Instant, Interval, ResourceId, UserId};

/// The longest title, in characters.
pub const MAX_TITLE: usize = 200;
/// The longest notes, in characters.
pub const MAX_NOTES: usize = 4_000;
/// The most tags on one course.
pub const MAX_TAGS: usize = 20;
/// The longest tag, in characters.
pub const MAX_TAG: usize = 40;
/// The largest capacity.
pub const MAX_CAPACITY: u32 = 100_000;

/// What people may set on a course; everything else is bookkeeping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CourseFields {
    /// 1–200 characters.
    pub title: String,
    /// `[startsAt, endsAt)`, one minute to 24 hours.
    pub during: Interval,
    /// Who leads it.
    pub trainer_id: Option<ResourceId>,
    /// Where it is held.
    pub studio_id: Option<ResourceId>,
    /// 1–100,000 people.
    pub capacity: Option<u32>,
    /// `#rrggbb`, lower case.
    pub color: Option<String>,
    /// At most 4,000 characters.
    pub notes: Option<String>,
    /// At most 20, each 1–40 characters.
    pub tags: Vec<String>,
}

/// The fields whose last change is remembered, for field-level merge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(usize)]
pub enum CourseField {
    /// `title`
    Title,
    /// `startsAt` and `endsAt`, which always move together
    During,
    /// `trainerId`
    Trainer,
    /// `studioId`
    Studio,
    /// `capacity`
    Capacity,
    /// `color`
    Color,
    /// `notes`
    Notes,
    /// `tags`
    Tags,
}

/// How many [`CourseField`]s there are.
pub const COURSE_FIELDS: usize = 8;

/// A committed course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    /// Unique in its room.
    pub id: CourseId,
    /// 1 when created, plus 1 with each event that changes it.
    pub version: u32,
    /// What people set.
    pub fields: CourseFields,
    /// Who created it.
    pub created_by: UserId,
    /// Who changed it last.
    pub updated_by: UserId,
    /// When it was changed last.
    pub updated_at: Instant,
    /// For each [`CourseField`] (by discriminant), the version that set it last.
    pub field_versions: [u32; COURSE_FIELDS],
    /// Its place was taken over a `forbid` rule by an owner's override: not enforced elsewhere.
    pub overridden: bool,
}

/// A field-level change: `None` leaves a field, `Some(None)` clears it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CoursePatch {
    /// New title.
    pub title: Option<String>,
    /// New trainer or none.
    pub trainer_id: Option<Option<ResourceId>>,
    /// New studio or none.
    pub studio_id: Option<Option<ResourceId>>,
    /// New capacity or none.
    pub capacity: Option<Option<u32>>,
    /// New colour or none.
    pub color: Option<Option<String>>,
    /// New notes or none.
    pub notes: Option<Option<String>>,
    /// New tags; empty clears.
    pub tags: Option<Vec<String>>,
}
