//! Trying again what the database certainly undid: serialization faults and deadlocks. What may have
//! been committed is never tried again here; rooms do that, and are told of a repeat.

use std::time::Duration;

use diesel::result::Error as DieselError;
use uuid::Uuid;

use crate::store::error::was_undone;

/// How often in all.
const ATTEMPTS: u32 = 6;
/// The longest pause before the second attempt; doubles with each.
const PAUSE: Duration = Duration::from_millis(8);

/// How often a piece of work was done.
pub(super) struct Attempts(u32);

impl Attempts {
    /// The first is under way.
    pub(super) fn first() -> Self {
        Self(1)
    }

    /// Whether to try again after this error; waits a moment before it says so.
    pub(super) async fn again(&mut self, error: &DieselError) -> bool {
        if self.0 == ATTEMPTS || !was_undone(error) {
            return false;
        }
        tracing::debug!(%error, attempt = self.0, "the database undid a write; trying again");
        tokio::time::sleep(pause(self.0)).await;
        self.0 += 1;
        true
    }
}

/// Two that undid each other must not meet again: somewhere between nothing and all of the pause.
fn pause(attempt: u32) -> Duration {
    let longest = PAUSE.saturating_mul(1 << (attempt - 1));
    let dice = u32::from(Uuid::new_v4().as_bytes()[0]);
    longest * dice / 256
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stay_short() {
        for attempt in 1..ATTEMPTS {
            let longest = Duration::from_millis(8 << (attempt - 1));
            for _ in 0..100 {
                assert!(pause(attempt) < longest);
            }
        }
    }
}
