//! The judge: a history in, violations of PROTOCOL.md out. It is a pure function of the lines,
//! knows neither the service's code nor the harness, and runs on a kept file as well as after a run.

pub mod acks;
pub mod bookings;
pub mod delivery;
pub mod fold;
pub mod history;
pub mod logs;
pub mod presence;
pub mod streams;
pub mod timing;

#[cfg(test)]
mod planted;

use std::fmt;

use history::{Entry, Line};
use logs::Logs;
use timing::Timing;

/// A promise that was broken, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which promise: a stable name that a test can ask for.
    pub rule: &'static str,
    /// Everything needed to find it in the history.
    pub text: String,
}

impl Violation {
    /// One of a rule.
    pub fn new(rule: &'static str, text: impl Into<String>) -> Self {
        Self { rule, text: text.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.text)
    }
}

/// Everything that is wrong with a history; nothing if all promises were kept.
pub fn judge(history: &[Line]) -> Vec<Violation> {
    let mut found = settled(history);
    let logs = Logs::read(history, &mut found);
    let timing = Timing::read(history);
    let memberships = streams::check(history, &logs, &mut found);
    acks::check(history, &logs, &timing, &mut found);
    bookings::check(&logs, &timing, &mut found);
    presence::check(history, &mut found);
    delivery::check(history, &memberships, &timing, &mut found);
    found
}

/// A run that did not come to its end says so itself.
fn settled(history: &[Line]) -> Vec<Violation> {
    let unsettled = history.iter().filter_map(|line| match &line.entry {
        Entry::Unsettled { what } => Some(Violation::new("unsettled", what)),
        _ => None,
    });
    unsettled.collect()
}
