//! What was seen, as counts and histograms. Each worker owns one and gives it away with each report;
//! added up they are the result.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;

/// Microseconds, to three digits.
#[derive(Clone, Debug)]
pub struct Latencies(Histogram<u64>);

impl Default for Latencies {
    fn default() -> Self {
        Self(Histogram::new(3).expect("three digits are within what it offers"))
    }
}

impl Latencies {
    /// From a due time to a moment, both in microseconds.
    pub fn record(&mut self, due: u64, now: u64) {
        self.0.record(now.saturating_sub(due)).expect("it resizes itself");
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// The time within which this share of them lies, in milliseconds.
    pub fn quantile(&self, share: f64) -> f64 {
        self.0.value_at_quantile(share) as f64 / 1e3
    }

    /// The longest, in milliseconds.
    pub fn max(&self) -> f64 {
        self.0.max() as f64 / 1e3
    }

    fn add(&mut self, other: &Self) {
        self.0.add(&other.0).expect("it resizes itself");
    }
}

/// Everything that is counted.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Operations and pointer positions that were sent.
    pub edits: u64,
    /// Pointer positions that were sent.
    pub cursors: u64,
    /// Of both, those that could not be sent: no connection, or the server did not read.
    pub unsent: u64,
    /// Frames that live connections received, of any kind.
    pub frames: u64,
    /// Their bytes, heads left out.
    pub bytes: u64,
    /// Connections that opened, the visitors' too.
    pub opened: u64,
    /// When the last of them did, in microseconds of the run.
    pub last_opened: u64,
    /// Connections that ended against our will, by what ended them.
    pub lost: BTreeMap<String, u64>,
    /// Connections that did not come about, by reason.
    pub failed: BTreeMap<String, u64>,
    /// Refusals, by code.
    pub refused: BTreeMap<String, u64>,
    /// From an operation's due time to its ack.
    pub acks: Latencies,
    /// From an operation's due time to each member's knowledge of it.
    pub deliveries: Latencies,
    /// The same of pointer positions.
    pub pointers: Latencies,
    /// From a connection's due time until its room is joined.
    pub joins: Latencies,
    /// From a due time to the sending: how late this program was itself.
    pub lateness: Latencies,
    /// Processor time of the threads, in nanoseconds.
    pub cpu_nanos: u64,
}

impl Tally {
    /// Takes in what another has seen.
    pub fn add(&mut self, other: &Self) {
        self.edits += other.edits;
        self.cursors += other.cursors;
        self.unsent += other.unsent;
        self.frames += other.frames;
        self.bytes += other.bytes;
        self.opened += other.opened;
        self.last_opened = self.last_opened.max(other.last_opened);
        self.cpu_nanos += other.cpu_nanos;
        for (mine, others) in [
            (&mut self.lost, &other.lost),
            (&mut self.failed, &other.failed),
            (&mut self.refused, &other.refused),
        ] {
            for (reason, count) in others {
                *mine.entry(reason.clone()).or_default() += count;
            }
        }
        for (mine, others) in [
            (&mut self.acks, &other.acks),
            (&mut self.deliveries, &other.deliveries),
            (&mut self.pointers, &other.pointers),
            (&mut self.joins, &other.joins),
            (&mut self.lateness, &other.lateness),
        ] {
            mine.add(others);
        }
    }

    /// One more for a reason.
    pub fn count(reasons: &mut BTreeMap<String, u64>, reason: &str) {
        if let Some(count) = reasons.get_mut(reason) {
            *count += 1;
        } else {
            reasons.insert(reason.to_owned(), 1);
        }
    }

    /// Operations and pointer positions as they reached a member each.
    pub fn delivered(&self) -> u64 {
        self.deliveries.count() + self.pointers.count()
    }
}

/// All counts of some reasons.
pub fn total(reasons: &BTreeMap<String, u64>) -> u64 {
    reasons.values().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latencies_count_from_the_due_time() {
        let mut tally = Tally::default();
        for n in 0..100 {
            tally.deliveries.record(1_000, 1_000 + n * 1_000);
        }
        tally.deliveries.record(5_000, 4_000);
        assert_eq!(tally.delivered(), 101);
        assert!((tally.deliveries.quantile(0.5) - 49.0).abs() < 0.2);
        assert!((tally.deliveries.max() - 99.0).abs() < 0.2);
    }

    #[test]
    fn tallies_add_up() {
        let mut one = Tally { edits: 1, ..Tally::default() };
        Tally::count(&mut one.refused, "busy");
        one.acks.record(0, 7);
        let mut sum = one.clone();
        Tally::count(&mut sum.refused, "stale");
        sum.add(&one);
        assert_eq!((sum.edits, sum.acks.count(), total(&sum.refused)), (2, 2, 3));
        assert_eq!(sum.refused["busy"], 2);
    }
}
