//! When to do what: an open loop. Every action has its moment from the start, whether or not the one
//! before it was answered or could even be sent, so that a slow server is not spared by its own
//! slowness.

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// The `n`th operation of this schedule.
    Edit(u64),
    /// The `n`th pointer position.
    Cursor(u64),
    /// The `n`th visitor, who connects, joins and leaves.
    Join(u64),
}

/// Actions a second, of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rates {
    /// Operations.
    pub edits: f64,
    /// Pointer positions.
    pub cursors: f64,
    /// Visitors.
    pub joins: f64,
}

impl Rates {
    /// One worker's share of them.
    pub fn shared(self, editors: f64, joins: f64) -> Self {
        Self {
            edits: self.edits * editors,
            cursors: self.cursors * editors,
            joins: self.joins * joins,
        }
    }
}

/// One kind of action at an even pace.
#[derive(Clone, Debug)]
struct Lane {
    start: f64,
    period: f64,
    next: u64,
    count: u64,
    act: fn(u64) -> Act,
}

impl Lane {
    fn new(start: u64, seconds: f64, rate: f64, offset: f64, act: fn(u64) -> Act) -> Self {
        let period = if rate > 0.0 { 1e6 / rate } else { f64::INFINITY };
        let count = (seconds * rate).round() as u64;
        // Lanes of the same pace do not strike at the same moments.
        let start = start as f64 + if count > 0 { period * offset } else { 0.0 };
        Self { start, period, next: 0, count, act }
    }

    fn due(&self) -> Option<u64> {
        (self.next < self.count).then_some((self.start + self.period * self.next as f64) as u64)
    }
}

/// All that is to be done in one stage, in time's order.
#[derive(Clone, Debug)]
pub struct Schedule {
    lanes: [Lane; 3],
}

impl Schedule {
    /// Nothing, ever.
    pub fn empty() -> Self {
        Self::new(0, 0.0, Rates::default())
    }

    /// From a start in microseconds on, for so many seconds.
    pub fn new(start: u64, seconds: f64, rates: Rates) -> Self {
        let lanes = [
            Lane::new(start, seconds, rates.edits, 0.0, Act::Edit),
            Lane::new(start, seconds, rates.cursors, 0.5, Act::Cursor),
            Lane::new(start, seconds, rates.joins, 0.75, Act::Join),
        ];
        Self { lanes }
    }

    /// When the next action is due, in microseconds.
    pub fn due(&self) -> Option<u64> {
        self.lanes.iter().filter_map(Lane::due).min()
    }

    /// Takes the next action that is due by now, with its own moment.
    pub fn take(&mut self, now: u64) -> Option<(u64, Act)> {
        let first = self.lanes.iter_mut().filter_map(|lane| Some((lane.due()?, lane)));
        let (due, lane) = first.min_by_key(|(due, _)| *due).filter(|(due, _)| *due <= now)?;
        lane.next += 1;
        Some((due, (lane.act)(lane.next - 1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(mut schedule: Schedule) -> Vec<(u64, Act)> {
        std::iter::from_fn(|| schedule.take(u64::MAX)).collect()
    }

    #[test]
    fn actions_have_their_moments_from_the_start() {
        let rates = Rates { edits: 4.0, cursors: 2.0, joins: 0.0 };
        let acts = all(Schedule::new(1_000_000, 1.0, rates));
        let expected = [
            (1_000_000, Act::Edit(0)),
            (1_250_000, Act::Edit(1)),
            (1_250_000, Act::Cursor(0)),
            (1_500_000, Act::Edit(2)),
            (1_750_000, Act::Edit(3)),
            (1_750_000, Act::Cursor(1)),
        ];
        assert_eq!(acts, expected);
    }

    #[test]
    fn what_was_late_is_still_due_at_its_own_moment() {
        let mut schedule = Schedule::new(0, 1.0, Rates { edits: 10.0, ..Rates::default() });
        assert_eq!(schedule.take(0), Some((0, Act::Edit(0))));
        assert_eq!(schedule.take(99_999), None);
        assert_eq!(schedule.due(), Some(100_000));
        // Half a second passed: five are due, each with the moment it should have had.
        let late: Vec<_> = std::iter::from_fn(|| schedule.take(500_000)).map(|one| one.0).collect();
        assert_eq!(late, [100_000, 200_000, 300_000, 400_000, 500_000]);
    }

    #[test]
    fn long_runs_do_not_drift() {
        let rates = Rates { joins: 333.0, ..Rates::default() };
        let acts = all(Schedule::new(0, 600.0, rates));
        assert_eq!(acts.len(), 199_800);
        let (last, _) = acts[acts.len() - 1];
        assert!((599_990_000..600_000_000 + 3_000).contains(&last), "{last}");
    }

    #[test]
    fn nothing_is_due_without_rates() {
        assert_eq!(Schedule::empty().due(), None);
        assert_eq!(Schedule::new(5, 10.0, Rates::default()).due(), None);
    }
}
