//! Points in time and half-open intervals, as whole milliseconds since the Unix epoch (UTC).

/// A point in time: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub i64);

/// Milliseconds in one minute.
pub const MINUTE: i64 = 60_000;
/// Milliseconds in one hour.
pub const HOUR: i64 = 60 * MINUTE;

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
        self.end.0 - self.start.0
    }

    /// Whether the two share at least one millisecond; touching ends do not.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The same interval with `millis` added to its end.
    #[must_use]
    pub fn extended(self, millis: i64) -> Self {
        Self { start: self.start, end: Instant(self.end.0 + millis) }
    }
}
