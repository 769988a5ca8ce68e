//! Weekly patterns in the room's time zone.

use super::{ResourceId, TemplateId};

/// The most templates in one room.
pub const MAX_TEMPLATES: usize = 500;
/// The most slots in one template.
pub const MAX_SLOTS: usize = 500;
/// The most days one `template_apply` covers.
pub const MAX_APPLY_DAYS: i64 = 366;

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
