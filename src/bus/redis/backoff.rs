//! Growing, scattered pauses between attempts, so that replicas don't return all at once. Pure but
//! for the dice.

use std::time::Duration;

use uuid::Uuid;

const FIRST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(1);

/// Pauses of one thing that is attempted again and again.
#[derive(Debug)]
pub(super) struct Backoff(Duration);

impl Backoff {
    pub(super) fn new() -> Self {
        Self(FIRST)
    }

    /// The next pause: twice as long as the last one up to a second, give or take a half.
    pub(super) fn next(&mut self) -> Duration {
        let pause = self.0;
        self.0 = (pause * 2).min(LONGEST);
        scattered(pause)
    }

    /// After a success.
    pub(super) fn reset(&mut self) {
        *self = Self::new();
    }
}

/// A duration between a half and one and a half of it.
pub(super) fn scattered(duration: Duration) -> Duration {
    // The low bytes of a random UUID are random.
    let dice = Uuid::new_v4().into_bytes()[15];
    duration / 2 + duration * u32::from(dice) / 255
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_bound_and_begin_anew() {
        let mut backoff = Backoff::new();
        let pauses: Vec<_> = (0..20).map(|_| backoff.next()).collect();
        assert!(pauses[0] <= FIRST * 3 / 2);
        assert!(pauses[19] >= LONGEST / 2);
        assert!(pauses.iter().all(|pause| *pause >= FIRST / 2 && *pause <= LONGEST * 3 / 2));
        backoff.reset();
        assert!(backoff.next() <= FIRST * 3 / 2);
    }
}
