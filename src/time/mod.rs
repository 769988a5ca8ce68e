//! The clock, and nothing else that knows what time it is. Everything that waits, expires or stamps
//! is handed a [`Clock`]; tests hand in one that stands still until it is told to move.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant as Monotonic, SystemTime, UNIX_EPOCH};

use crate::domain::Instant;

/// A cheap handle to the time: the machine's, or a test's.
#[derive(Clone, Debug, Default)]
pub struct Clock(Source);

#[derive(Clone, Debug, Default)]
enum Source {
    #[default]
    System,
    Test(Arc<TestTime>),
}

/// Wall time and monotonic time apart, because the wall may be set back and the other may not.
#[derive(Debug)]
struct TestTime {
    wall_ms: AtomicI64,
    base: Monotonic,
    elapsed_ms: AtomicU64,
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands at `start` and moves only by [`Clock::advance`] and [`Clock::set`].
    /// Clones share the one time.
    #[must_use]
    pub fn test(start: Instant) -> Self {
        Self(Source::Test(Arc::new(TestTime {
            wall_ms: AtomicI64::new(start.0),
            base: monotonic_now(),
            elapsed_ms: AtomicU64::new(0),
        })))
    }

    /// The wall time, for stamps and for what other machines compare.
    #[must_use]
    pub fn now(&self) -> Instant {
        match &self.0 {
            Source::System => wall_now(),
            Source::Test(time) => Instant(time.wall_ms.load(Ordering::Acquire)),
        }
    }

    /// A time that never goes back, for waits and measurements.
    #[must_use]
    pub fn monotonic(&self) -> Monotonic {
        match &self.0 {
            Source::System => monotonic_now(),
            Source::Test(time) => {
                time.base + Duration::from_millis(time.elapsed_ms.load(Ordering::Acquire))
            }
        }
    }

    /// Moves a test clock forward, both its times; whole milliseconds.
    ///
    /// # Panics
    /// When the clock is the machine's.
    pub fn advance(&self, by: Duration) {
        let time = self.test_time();
        let millis = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        time.wall_ms.fetch_add(millis, Ordering::AcqRel);
        time.elapsed_ms.fetch_add(millis.unsigned_abs(), Ordering::AcqRel);
    }

    /// Sets the wall time of a test clock, back too, as an operator or NTP would.
    ///
    /// # Panics
    /// When the clock is the machine's.
    pub fn set(&self, now: Instant) {
        self.test_time().wall_ms.store(now.0, Ordering::Release);
    }

    fn test_time(&self) -> &TestTime {
        match &self.0 {
            Source::Test(time) => time,
            Source::System => panic!("the machine's clock can't be moved"),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
fn wall_now() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Instant(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the monotonic clock")]
fn monotonic_now() -> Monotonic {
    Monotonic::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_clock_stands_still_until_it_is_moved() {
        let clock = Clock::test(Instant(1_000));
        let (other, before) = (clock.clone(), clock.monotonic());
        assert_eq!((clock.now(), clock.monotonic()), (Instant(1_000), before));

        other.advance(Duration::from_millis(250));
        assert_eq!(clock.now(), Instant(1_250));
        assert_eq!(clock.monotonic() - before, Duration::from_millis(250));
    }

    #[test]
    fn setting_the_wall_back_leaves_monotonic_time_alone() {
        let clock = Clock::test(Instant(1_000));
        clock.advance(Duration::from_secs(1));
        let before = clock.monotonic();
        clock.set(Instant(5));
        assert_eq!((clock.now(), clock.monotonic()), (Instant(5), before));
    }

    #[test]
    fn the_system_clock_is_after_this_was_written() {
        assert!(Clock::system().now() > Instant(1_750_000_000_000));
    }
}
