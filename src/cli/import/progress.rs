//! How far an import is, on standard error: one line that is rewritten on a terminal, a line every
//! few seconds otherwise. A broken standard error never stops an import.

use std::cell::Cell;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant as Monotonic};

use crate::time::Clock;

const ON_TERMINAL: Duration = Duration::from_millis(200);
const ELSEWHERE: Duration = Duration::from_secs(5);

/// Counts what is done and says so now and then. One thread counts, hence the cells.
pub struct Progress {
    clock: Clock,
    started: Monotonic,
    said: Cell<Monotonic>,
    terminal: bool,
    rooms: (Cell<usize>, usize),
    courses: (Cell<usize>, usize),
}

impl Progress {
    /// Starts the watch.
    #[must_use]
    pub fn start(clock: Clock, rooms: usize, courses: usize) -> Self {
        let started = clock.monotonic();
        Self {
            clock,
            started,
            said: Cell::new(started),
            terminal: io::stderr().is_terminal(),
            rooms: (Cell::new(0), rooms),
            courses: (Cell::new(0), courses),
        }
    }

    /// So many courses more are settled.
    pub fn courses_done(&self, count: usize) {
        self.courses.0.set(self.courses.0.get() + count);
        let every = if self.terminal { ON_TERMINAL } else { ELSEWHERE };
        if self.clock.monotonic() - self.said.get() >= every {
            self.say();
        }
    }

    /// One room more is settled.
    pub fn room_done(&self) {
        self.rooms.0.set(self.rooms.0.get() + 1);
    }

    /// Says the last word and leaves the line.
    pub fn finish(&self) {
        self.say();
        if self.terminal {
            writeln!(io::stderr()).unwrap_or_default();
        }
    }

    fn say(&self) {
        self.said.set(self.clock.monotonic());
        let (before, after) = if self.terminal { ("\r", "\u{1b}[K") } else { ("", "\n") };
        let mut out = io::stderr().lock();
        write!(out, "{before}{}{after}", self.line())
            .and_then(|()| out.flush())
            .unwrap_or_default();
    }

    fn line(&self) -> String {
        let elapsed = (self.clock.monotonic() - self.started).as_secs_f64().max(0.001);
        let (rooms, all_rooms) = (self.rooms.0.get(), self.rooms.1);
        let (courses, all) = (self.courses.0.get(), self.courses.1);
        let percent = (courses * 100).checked_div(all).unwrap_or(100);
        let rate = courses as f64 / elapsed;
        format!(
            "{percent:3} %  {rooms}/{all_rooms} rooms  {courses}/{all} sessions  {rate:.0} sessions/s"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Instant;

    #[test]
    fn the_line_says_how_far_and_how_fast() {
        let clock = Clock::test(Instant(0));
        let progress = Progress::start(clock.clone(), 2, 300);
        clock.advance(Duration::from_secs(2));
        progress.room_done();
        progress.courses_done(150);
        assert_eq!(progress.line(), " 50 %  1/2 rooms  150/300 sessions  75 sessions/s");
    }

    #[test]
    fn nothing_to_do_is_all_done() {
        let progress = Progress::start(Clock::test(Instant(0)), 0, 0);
        assert!(progress.line().starts_with("100 %"));
    }
}
