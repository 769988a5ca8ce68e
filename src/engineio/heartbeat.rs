//! When to ping and when to give up, as a function of instants. Deadlines are absolute: a timer that
//! fires late, or a ping that its client has not fetched yet, moves none of them.

use std::time::{Duration, Instant};

/// The heartbeat of one session.
#[derive(Debug)]
pub struct Heartbeat {
    interval: Duration,
    timeout: Duration,
    next: Next,
}

#[derive(Debug)]
enum Next {
    Ping(Instant),
    End(Instant),
}

/// What is due.
#[derive(Debug, PartialEq, Eq)]
pub enum Beat {
    /// Nothing yet.
    Quiet,
    /// A ping; its answer is awaited from now on.
    Ping,
    /// The end: the last ping was not answered in time.
    End,
}

impl Heartbeat {
    /// Of a session opened `now`: the first ping is due one interval later.
    #[must_use]
    pub fn new(now: Instant, interval: Duration, timeout: Duration) -> Self {
        Self { interval, timeout, next: Next::Ping(now + interval) }
    }

    /// What is due `now`. Call it before anything else that happens at `now`.
    pub fn beat(&mut self, now: Instant) -> Beat {
        match self.next {
            Next::Ping(at) if now >= at + self.timeout => Beat::End,
            Next::Ping(at) if now >= at => {
                self.next = Next::End(at + self.timeout);
                Beat::Ping
            }
            Next::End(at) if now >= at => Beat::End,
            Next::Ping(_) | Next::End(_) => Beat::Quiet,
        }
    }

    /// The client answered. As in the official server, an answer to nothing counts too.
    pub fn pong(&mut self, now: Instant) {
        self.next = Next::Ping(now + self.interval);
    }

    /// When something is due.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        match self.next {
            Next::Ping(at) | Next::End(at) => at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Clock;

    const INTERVAL: Duration = Duration::from_millis(300);
    const TIMEOUT: Duration = Duration::from_millis(200);
    const MOMENT: Duration = Duration::from_nanos(1);

    fn begun() -> (Instant, Heartbeat) {
        let now = Clock::system().monotonic();
        (now, Heartbeat::new(now, INTERVAL, TIMEOUT))
    }

    #[test]
    fn a_silent_client_is_pinged_once_and_ends_exactly_in_time() {
        let (start, mut heart) = begun();
        assert_eq!(heart.beat(start + INTERVAL - MOMENT), Beat::Quiet);
        assert_eq!(heart.deadline(), start + INTERVAL);
        assert_eq!(heart.beat(start + INTERVAL), Beat::Ping);
        assert_eq!(heart.beat(start + INTERVAL), Beat::Quiet);
        assert_eq!(heart.deadline(), start + INTERVAL + TIMEOUT);
        assert_eq!(heart.beat(start + INTERVAL + TIMEOUT - MOMENT), Beat::Quiet);
        assert_eq!(heart.beat(start + INTERVAL + TIMEOUT), Beat::End);
    }

    #[test]
    fn a_late_ping_does_not_move_the_end() {
        let (start, mut heart) = begun();
        assert_eq!(heart.beat(start + INTERVAL + TIMEOUT / 2), Beat::Ping);
        assert_eq!(heart.deadline(), start + INTERVAL + TIMEOUT);

        let (start, mut heart) = begun();
        assert_eq!(heart.beat(start + INTERVAL + TIMEOUT), Beat::End);
    }

    #[test]
    fn the_next_ping_comes_one_interval_after_the_pong() {
        let (start, mut heart) = begun();
        assert_eq!(heart.beat(start + INTERVAL), Beat::Ping);
        let answered = start + INTERVAL + TIMEOUT / 2;
        heart.pong(answered);
        assert_eq!(heart.deadline(), answered + INTERVAL);
        assert_eq!(heart.beat(start + INTERVAL + TIMEOUT), Beat::Quiet);
        assert_eq!(heart.beat(answered + INTERVAL), Beat::Ping);
    }
}
