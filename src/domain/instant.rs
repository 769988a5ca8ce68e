//! Points in time and half-open intervals, as whole milliseconds since the Unix epoch (UTC).
//! Arithmetic saturates: no input makes it panic.

use super::Invalid;

/// A point in time: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub i64);

/// Milliseconds in one minute.
pub const MINUTE: i64 = 60_000;
/// Milliseconds in one hour.
pub const HOUR: i64 = 60 * MINUTE;

/// The longest course, in milliseconds.
pub const MAX_LENGTH: i64 = 24 * HOUR;
/// The first point in time that a course may touch: year 1.
pub const MIN_INSTANT: Instant = Instant(-62_135_596_800_000);
/// The last point in time that a course may touch: the end of the year 9999.
pub const MAX_INSTANT: Instant = Instant(253_402_300_799_999);

impl Instant {
    /// `millis` later, or earlier when negative.
    #[must_use]
    pub fn plus(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }
}

/// A half-open interval `[start, end)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval {
    /// First millisecond inside.
    pub start: Instant,
    /// First millisecond after.
    pub end: Instant,
}

impl Interval {
    /// Length in milliseconds.
    #[must_use]
    pub fn length(self) -> i64 {
        self.end.0.saturating_sub(self.start.0)
    }

    /// Whether the two share at least one millisecond; touching ends do not.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The same interval with `millis` added to its end.
    #[must_use]
    pub fn extended(self, millis: i64) -> Self {
        Self { start: self.start, end: self.end.plus(millis) }
    }

    /// The same length, `millis` later, or earlier when negative.
    #[must_use]
    pub fn shifted(self, millis: i64) -> Self {
        Self { start: self.start.plus(millis), end: self.end.plus(millis) }
    }

    /// Checks that a course may last this long, at this time.
    ///
    /// # Errors
    /// [`Invalid`] on `startsAt` or `endsAt`.
    pub fn validate(self) -> Result<(), Invalid> {
        let years = MIN_INSTANT..=MAX_INSTANT;
        if !years.contains(&self.start) {
            return Err(Invalid::new("startsAt", "must be in the years 1 to 9999"));
        }
        if !years.contains(&self.end) {
            return Err(Invalid::new("endsAt", "must be in the years 1 to 9999"));
        }
        if !(MINUTE..=MAX_LENGTH).contains(&self.length()) {
            return Err(Invalid::new("endsAt", "must be 1 minute to 24 hours after startsAt"));
        }
        Ok(())
    }
}
