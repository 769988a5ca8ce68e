//! Quantiles of the last minute without a lock: a ring of slots, each a small histogram of ten
//! seconds. A slot that is reused is emptied by whoever comes first; observations that race with
//! that moment may be lost, which no quantile notices.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::time::Clock;

/// Seconds that one slot holds.
const SLOT_SECONDS: u64 = 10;
/// The minute, and the slot that is being filled.
const SLOTS: usize = 7;
/// Buckets grow by a tenth from 10 µs, which covers 10 µs to 35 s with an error below 5 %.
const BUCKETS: usize = 160;
const SMALLEST: f64 = 0.000_01;
const GROWTH: f64 = 1.1;

/// Durations seen in the last minute.
pub struct Window {
    clock: Clock,
    began: Instant,
    slots: Vec<Slot>,
}

struct Slot {
    /// Which ten seconds, counted from 1; 0 for never used.
    turn: AtomicU64,
    buckets: Vec<AtomicU64>,
}

impl Window {
    /// Nothing seen yet.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        let slot = || Slot {
            turn: AtomicU64::new(0),
            buckets: (0..BUCKETS).map(|_| AtomicU64::new(0)).collect(),
        };
        let began = clock.monotonic();
        Self { clock, began, slots: (0..SLOTS).map(|_| slot()).collect() }
    }

    /// Records one.
    pub fn observe(&self, took: Duration) {
        let turn = self.turn();
        let slot = &self.slots[turn as usize % SLOTS];
        let seen = slot.turn.load(Ordering::Acquire);
        if seen != turn
            && slot.turn.compare_exchange(seen, turn, Ordering::AcqRel, Ordering::Acquire).is_ok()
        {
            slot.buckets.iter().for_each(|bucket| bucket.store(0, Ordering::Relaxed));
        }
        slot.buckets[bucket_of(took.as_secs_f64())].fetch_add(1, Ordering::Relaxed);
    }

    /// The wanted shares (0 to 1) in seconds; zeros when nothing was seen.
    #[must_use]
    pub fn quantiles<const N: usize>(&self, shares: [f64; N]) -> [f64; N] {
        let counts = self.counts();
        let total: u64 = counts.iter().sum();
        shares.map(|share| quantile(&counts, total, share))
    }

    /// How many were seen.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts().iter().sum()
    }

    fn counts(&self) -> Vec<u64> {
        let newest = self.turn();
        let fresh = |slot: &&Slot| slot.turn.load(Ordering::Acquire) + SLOTS as u64 > newest;
        let mut counts = vec![0; BUCKETS];
        for slot in self.slots.iter().filter(fresh) {
            for (count, bucket) in counts.iter_mut().zip(&slot.buckets) {
                *count += bucket.load(Ordering::Relaxed);
            }
        }
        counts
    }

    fn turn(&self) -> u64 {
        let elapsed = self.clock.monotonic().saturating_duration_since(self.began);
        elapsed.as_secs() / SLOT_SECONDS + 1
    }
}

fn bucket_of(seconds: f64) -> usize {
    let steps = (seconds / SMALLEST).max(1.0).log(GROWTH);
    (steps as usize).min(BUCKETS - 1)
}

/// The middle of the bucket in which the wanted rank falls.
fn quantile(counts: &[u64], total: u64, share: f64) -> f64 {
    if total == 0 {
        return 0.0;
    }
    let rank = ((share * total as f64).ceil() as u64).max(1);
    let mut seen = 0;
    let bucket = counts.iter().position(|count| {
        seen += count;
        seen >= rank
    });
    SMALLEST * GROWTH.powf(bucket.unwrap_or(BUCKETS - 1) as f64 + 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain;

    fn window() -> (Clock, Window) {
        let clock = Clock::test(domain::Instant(0));
        (clock.clone(), Window::new(clock))
    }

    fn near(value: f64, wanted: f64) -> bool {
        (value / wanted - 1.0).abs() < 0.05
    }

    #[test]
    fn quantiles_are_right_within_five_percent() {
        let (_, window) = window();
        (1..=1000).for_each(|ms| window.observe(Duration::from_millis(ms)));
        let [p50, p99] = window.quantiles([0.5, 0.99]);
        assert!(near(p50, 0.5) && near(p99, 0.99), "{p50} {p99}");
    }

    #[test]
    fn what_is_older_than_a_minute_is_forgotten() {
        let (clock, window) = window();
        window.observe(Duration::from_secs(2));
        clock.advance(Duration::from_secs(59));
        assert!(near(window.quantiles([0.5])[0], 2.0));
        clock.advance(Duration::from_secs(11));
        assert_eq!(window.quantiles([0.5]), [0.0]);
    }

    #[test]
    fn a_slot_that_comes_round_again_begins_empty() {
        let (clock, window) = window();
        window.observe(Duration::from_secs(2));
        clock.advance(Duration::from_secs(SLOT_SECONDS * SLOTS as u64));
        window.observe(Duration::from_millis(1));
        assert!(near(window.quantiles([0.99])[0], 0.001));
    }

    #[test]
    fn durations_beyond_the_scale_stay_on_it() {
        let (_, window) = window();
        window.observe(Duration::ZERO);
        window.observe(Duration::from_secs(86_400));
        let [low, high] = window.quantiles([0.1, 1.0]);
        assert!(low < 0.000_02 && high > 30.0, "{low} {high}");
    }
}
