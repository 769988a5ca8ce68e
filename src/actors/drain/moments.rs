//! When each of many leaves: one after the other at an even pace, so that the replicas that stay take
//! them in at a rate and not as a wave.

use std::time::Duration;

/// `count` moments, from now, of which the first is at once and the last one step before `spread`.
pub(super) fn moments(count: usize, spread: Duration) -> impl Iterator<Item = Duration> {
    (0..count).map(move |index| spread.mul_f64(index as f64 / count as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_as_far_apart_as_they_can_be() {
        let millis = |count, spread| -> Vec<_> {
            moments(count, Duration::from_millis(spread)).map(|at| at.as_millis()).collect()
        };
        assert_eq!(millis(4, 20_000), [0, 5_000, 10_000, 15_000]);
        assert_eq!(millis(1, 20_000), [0]);
        assert_eq!(millis(3, 0), [0, 0, 0]);
        assert!(millis(0, 20_000).is_empty());
        let many = millis(10_000, 20_000);
        assert!(many.windows(2).all(|two| two[1] - two[0] == 2) && many[9_999] == 19_998);
    }
}
