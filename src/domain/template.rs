//! Weekly patterns in the room's time zone.

use super::{CourseFields, Interval, Invalid, MAX_TITLE, ResourceId, TemplateId, bounds};

/// The most templates in one room.
pub const MAX_TEMPLATES: usize = 500;
/// The most slots in one template.
pub const MAX_SLOTS: usize = 500;
/// The most days one `template_apply` covers.
pub const MAX_APPLY_DAYS: i64 = 366;
/// The most courses one `template_apply` makes, so that its event stays of a size that every member
/// can take in at once.
pub const MAX_APPLY_COURSES: usize = 2_000;

/// A day of the civil calendar, without a time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    /// Proleptic Gregorian year, 1970–9999.
    pub year: i16,
    /// 1–12.
    pub month: i8,
    /// 1–31.
    pub day: i8,
}

/// One class of the week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// ISO weekday: Monday 1 – Sunday 7.
    pub weekday: u8,
    /// Minutes after local midnight, 0–1439 (`"HH:MM"` on the wire).
    pub start_minute: u16,
    /// Length, 1–1440.
    pub minutes: u16,
    /// As on a course.
    pub title: String,
    /// As on a course.
    pub trainer_id: Option<ResourceId>,
    /// As on a course.
    pub studio_id: Option<ResourceId>,
    /// As on a course.
    pub capacity: Option<u32>,
    /// As on a course.
    pub color: Option<String>,
    /// As on a course.
    pub tags: Vec<String>,
}

/// A saved weekly pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Unique in its room.
    pub id: TemplateId,
    /// 1 when created, plus 1 with each event that changes it.
    pub version: u32,
    /// 1–200 characters.
    pub name: String,
    /// At most 500.
    pub slots: Vec<Slot>,
}

impl Date {
    /// The day as the calendar library knows it.
    ///
    /// # Errors
    /// [`Invalid`] without a field when there is no such day, or it is outside 1970–9999.
    pub fn civil(self) -> Result<jiff::civil::Date, Invalid> {
        (1970..=9999)
            .contains(&self.year)
            .then(|| jiff::civil::Date::new(self.year, self.month, self.day).ok())
            .flatten()
            .ok_or_else(|| Invalid::new("", "must be a day of the years 1970 to 9999"))
    }
}

impl Slot {
    /// Checks every bound; paths are relative to the slot.
    ///
    /// # Errors
    /// The first broken bound.
    pub fn validate(&self) -> Result<(), Invalid> {
        if !(1..=7).contains(&self.weekday) {
            return Err(Invalid::new("weekday", "must be 1 (Monday) to 7 (Sunday)"));
        }
        if self.start_minute > 1439 {
            return Err(Invalid::new("start", "must be 00:00 to 23:59"));
        }
        if !(1..=1440).contains(&self.minutes) {
            return Err(Invalid::new("minutes", "must be 1 to 1440"));
        }
        bounds::chars("title", &self.title, 1, MAX_TITLE)?;
        bounds::capacity(self.capacity)?;
        bounds::color(self.color.as_deref())?;
        bounds::tags(&self.tags)
    }

    /// The course that this slot stands for, at that time.
    #[must_use]
    pub fn course(&self, during: Interval) -> CourseFields {
        CourseFields {
            title: self.title.clone(),
            during,
            trainer_id: self.trainer_id.clone(),
            studio_id: self.studio_id.clone(),
            capacity: self.capacity,
            color: self.color.clone(),
            notes: None,
            tags: self.tags.clone(),
        }
    }
}

impl Template {
    /// Checks the bounds of a template's name and slots; paths are relative to the template.
    ///
    /// # Errors
    /// The first broken bound.
    pub fn validate(name: &str, slots: &[Slot]) -> Result<(), Invalid> {
        bounds::chars("name", name, 1, MAX_TITLE)?;
        if slots.len() > MAX_SLOTS {
            return Err(Invalid::new("slots", "must be at most 500"));
        }
        slots.iter().enumerate().try_for_each(|(index, slot)| {
            slot.validate().map_err(|invalid| invalid.under(&format!("slots[{index}]")))
        })
    }
}
