//! One line a second about what is going on, on standard error: rewritten in place on a terminal,
//! line after line elsewhere.

use std::io::{IsTerminal, Write, stderr};

use crate::clock::Clock;
use crate::plan::Plan;
use crate::tally::{Tally, total};

/// Microseconds between two lines.
const EVERY: u64 = 1_000_000;

/// Tells what was seen since the last line.
pub struct Progress {
    clock: Clock,
    is_quiet: bool,
    is_terminal: bool,
    since: u64,
    seen: Tally,
    stretch: String,
    began: u64,
}

impl Progress {
    /// Of a plan that begins now.
    pub fn new(plan: &Plan, clock: Clock) -> Self {
        Self {
            clock,
            is_quiet: plan.quiet,
            is_terminal: stderr().is_terminal(),
            since: clock.now(),
            seen: Tally::default(),
            stretch: String::new(),
            began: clock.now(),
        }
    }

    /// Takes in what a worker saw in a stretch of so many seconds, 0 when that is not known.
    pub fn tell(&mut self, stretch: &str, seconds: f64, open: usize, seen: &Tally) {
        let now = self.clock.now();
        if self.stretch != stretch {
            stretch.clone_into(&mut self.stretch);
            self.began = now;
        }
        self.seen.add(seen);
        if self.is_quiet || now < self.since + EVERY {
            return;
        }
        let line = self.line(seconds, open, now);
        // Where standard error is closed nobody is there to be told.
        let _ = if self.is_terminal {
            write!(stderr().lock(), "\r\x1b[K{line}")
        } else {
            writeln!(stderr().lock(), "{line}")
        };
        self.since = now;
        self.seen = Tally::default();
    }

    fn line(&self, seconds: f64, open: usize, now: u64) -> String {
        let passed = (now - self.since) as f64 / 1e6;
        let rate = |count: u64| (count as f64 / passed).round();
        let seen = &self.seen;
        let elapsed = (now - self.began) as f64 / 1e6;
        let of = if seconds > 0.0 { format!(" of {seconds:.0}") } else { String::new() };
        let mut line = format!("{} {elapsed:.0}{of} s: {open} open", self.stretch);
        for (name, count) in [
            ("joins", seen.joins.count()),
            ("edits", seen.edits),
            ("acks", seen.acks.count()),
            ("cursors", seen.cursors),
            ("deliveries", seen.delivered()),
            ("refused", total(&seen.refused)),
            ("lost", total(&seen.lost)),
            ("failed", total(&seen.failed)),
        ] {
            if count > 0 {
                line += &format!(", {name} {}/s", rate(count));
            }
        }
        for (name, times) in [("ack", &seen.acks), ("delivery", &seen.deliveries)] {
            if times.count() > 0 {
                line += &format!(", {name} p99 {:.1} ms", times.quantile(0.99));
            }
        }
        line
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.is_terminal && !self.is_quiet {
            let _ = write!(stderr().lock(), "\r\x1b[K");
        }
    }
}
