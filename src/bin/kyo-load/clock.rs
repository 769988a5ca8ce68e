//! The clock of a run: microseconds since it began, the same on all threads.
#![expect(clippy::disallowed_methods, reason = "load is measured in real time")]

use std::time::Instant;

/// Counts from its making on.
#[derive(Clone, Copy, Debug)]
pub struct Clock(Instant);

impl Clock {
    /// Begins now.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Microseconds since the beginning.
    pub fn now(self) -> u64 {
        self.0.elapsed().as_micros() as u64
    }
}
