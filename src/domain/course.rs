//! A class on the timetable, and the bounds of its fields.

use super::{
    CourseId, Instant, Interval, Invalid, ResourceId, ResourceKey, ResourceKind, UserId, bounds,
};

/// The most courses in one room.
pub const MAX_COURSES: usize = 20_000;

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
    /// `#rrggbb`.
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

impl CourseFields {
    /// Checks every bound; paths are relative to the course (`title`, `tags[2]`).
    ///
    /// # Errors
    /// The first broken bound.
    pub fn validate(&self) -> Result<(), Invalid> {
        bounds::chars("title", &self.title, 1, MAX_TITLE)?;
        self.during.validate()?;
        bounds::capacity(self.capacity)?;
        bounds::color(self.color.as_deref())?;
        bounds::notes(self.notes.as_deref())?;
        bounds::tags(&self.tags)
    }

    /// The trainer's or the studio's id.
    #[must_use]
    pub fn place(&self, kind: ResourceKind) -> Option<&ResourceId> {
        match kind {
            ResourceKind::Trainer => self.trainer_id.as_ref(),
            ResourceKind::Studio => self.studio_id.as_ref(),
        }
    }

    /// The resources that the course takes: none, one or two.
    pub fn resources(&self) -> impl Iterator<Item = ResourceKey> + '_ {
        [ResourceKind::Trainer, ResourceKind::Studio]
            .into_iter()
            .filter_map(|kind| Some(ResourceKey { kind, id: self.place(kind)?.clone() }))
    }

    /// Whether time, trainer and studio are the same.
    #[must_use]
    pub fn same_place(&self, other: &Self) -> bool {
        self.during == other.during
            && self.trainer_id == other.trainer_id
            && self.studio_id == other.studio_id
    }
}

impl CoursePatch {
    /// Checks the bounds of what it sets; paths are relative to the patch.
    ///
    /// # Errors
    /// The first broken bound, or that it sets nothing.
    pub fn validate(&self) -> Result<(), Invalid> {
        if self.fields().next().is_none() {
            return Err(Invalid::new("", "must set at least one field"));
        }
        if let Some(title) = &self.title {
            bounds::chars("title", title, 1, MAX_TITLE)?;
        }
        bounds::capacity(self.capacity.flatten())?;
        bounds::color(self.color.iter().flatten().next().map(String::as_str))?;
        bounds::notes(self.notes.iter().flatten().next().map(String::as_str))?;
        bounds::tags(self.tags.as_deref().unwrap_or_default())
    }

    /// The fields that it sets.
    pub fn fields(&self) -> impl Iterator<Item = CourseField> + use<> {
        [
            self.title.as_ref().map(|_| CourseField::Title),
            self.trainer_id.as_ref().map(|_| CourseField::Trainer),
            self.studio_id.as_ref().map(|_| CourseField::Studio),
            self.capacity.as_ref().map(|_| CourseField::Capacity),
            self.color.as_ref().map(|_| CourseField::Color),
            self.notes.as_ref().map(|_| CourseField::Notes),
            self.tags.as_ref().map(|_| CourseField::Tags),
        ]
        .into_iter()
        .flatten()
    }

    /// Sets its fields on a course.
    pub fn apply(&self, course: &mut CourseFields) {
        set(&mut course.title, self.title.as_ref());
        set(&mut course.trainer_id, self.trainer_id.as_ref());
        set(&mut course.studio_id, self.studio_id.as_ref());
        set(&mut course.capacity, self.capacity.as_ref());
        set(&mut course.color, self.color.as_ref());
        set(&mut course.notes, self.notes.as_ref());
        set(&mut course.tags, self.tags.as_ref());
    }

    /// The patch that sets the same fields to what they are on `course`.
    #[must_use]
    pub fn as_on(&self, course: &CourseFields) -> Self {
        Self {
            title: self.title.as_ref().map(|_| course.title.clone()),
            trainer_id: self.trainer_id.as_ref().map(|_| course.trainer_id.clone()),
            studio_id: self.studio_id.as_ref().map(|_| course.studio_id.clone()),
            capacity: self.capacity.map(|_| course.capacity),
            color: self.color.as_ref().map(|_| course.color.clone()),
            notes: self.notes.as_ref().map(|_| course.notes.clone()),
            tags: self.tags.as_ref().map(|_| course.tags.clone()),
        }
    }

    /// The patch that makes `from` equal to `to`, apart from the time.
    #[must_use]
    pub fn between(from: &CourseFields, to: &CourseFields) -> Self {
        Self {
            title: differing(&from.title, &to.title),
            trainer_id: differing(&from.trainer_id, &to.trainer_id),
            studio_id: differing(&from.studio_id, &to.studio_id),
            capacity: differing(&from.capacity, &to.capacity),
            color: differing(&from.color, &to.color),
            notes: differing(&from.notes, &to.notes),
            tags: differing(&from.tags, &to.tags),
        }
    }
}

fn set<T: Clone>(field: &mut T, value: Option<&T>) {
    if let Some(value) = value {
        field.clone_from(value);
    }
}

fn differing<T: Clone + PartialEq>(from: &T, to: &T) -> Option<T> {
    (from != to).then(|| to.clone())
}
