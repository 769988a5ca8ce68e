//! How connections begin and end: at most so many under way at once, and whoever was cut off comes
//! back.

use std::cmp::Reverse;

use rustix::event::epoll::{self, EventData, EventFlags};

use super::Worker;
use crate::connection::{Connection, Purpose, Stage};
use crate::tally::Tally;

/// Microseconds until somebody who was cut off comes back.
const RETURN_AFTER: u64 = 1_000_000;
/// How often somebody tries to connect at first.
const TRIES: u32 = 5;

impl Worker {
    pub(super) fn most_opening(&self) -> usize {
        self.common.plan.opening.div_ceil(self.common.plan.threads)
    }

    pub(super) fn open_due(&mut self, now: u64) {
        while self.opening < self.most_opening() {
            let Some(Reverse((due, ..))) = self.awaited.peek().filter(|next| next.0.0 <= now)
            else {
                return;
            };
            // Without a rate it is due when its turn comes.
            let due = if self.common.plan.open_rate.is_finite() { *due } else { now };
            if let Some(Reverse((_, purpose, tries))) = self.awaited.pop() {
                self.opening += 1;
                self.open(purpose, due, tries);
            }
        }
    }

    pub(super) fn open(&mut self, purpose: Purpose, due: u64, tries: u32) {
        let visitor;
        let seat = match purpose {
            Purpose::Seat(place) => &self.seats[place],
            Purpose::Visitor(n) => {
                visitor = self.common.plan.visitor(n);
                &visitor
            }
        };
        // Whoever was refused or cut off tries the next replica.
        let targets = &self.common.plan.targets;
        let target = targets[(seat.target + tries as usize) % targets.len()];
        let opened = self.common.system.dialect(seat).and_then(|dialect| {
            let opened = Connection::open(target, seat.source, dialect, purpose, due);
            opened.map_err(|error| error.kind().to_string())
        });
        let mut connection = match opened {
            Ok(connection) => connection,
            Err(reason) => return self.failed(purpose, tries, &reason),
        };
        connection.tries = tries;
        let at = self.free.pop().unwrap_or_else(|| {
            self.connections.push(None);
            self.connections.len() - 1
        });
        let data = EventData::new_u64(at as u64);
        if let Err(error) = epoll::add(&self.epoll, &connection, data, EventFlags::OUT) {
            self.free.push(at);
            return self.failed(purpose, tries, &error.to_string());
        }
        self.connections[at] = Some(connection);
        if let Purpose::Seat(place) = purpose {
            self.places[place] = Some(at);
        }
    }

    /// It did not come about: another try, or not.
    pub(super) fn failed(&mut self, purpose: Purpose, tries: u32, reason: &str) {
        Tally::count(&mut self.tally.failed, reason);
        match purpose {
            Purpose::Visitor(_) => self.visitors -= 1,
            Purpose::Seat(_) => {
                self.opening -= 1;
                // During the phases they go on trying: the service may be about to return.
                if self.play > 0 || tries + 1 < TRIES {
                    let due = self.common.clock.now() + RETURN_AFTER;
                    self.awaited.push(Reverse((due, purpose, tries + 1)));
                }
            }
        }
    }

    /// Waits for reading and, where something is left to write, for that too.
    pub(super) fn watch(&mut self, at: usize) {
        let Some(connection) = &self.connections[at] else { return };
        let mut flags = EventFlags::IN;
        flags.set(EventFlags::OUT, connection.is_behind());
        let data = EventData::new_u64(at as u64);
        if let Err(error) = epoll::modify(&self.epoll, connection, data, flags) {
            self.lose(at, &error.to_string());
        }
    }

    /// The connection is over; whoever had a seat comes back.
    pub(super) fn lose(&mut self, at: usize, reason: &str) {
        let Some(connection) = self.connections[at].take() else { return };
        self.free.push(at);
        let was_live = connection.stage == Stage::Live;
        match connection.purpose {
            Purpose::Visitor(_) if was_live => self.visitors -= 1,
            Purpose::Seat(place) if was_live => {
                self.places[place] = None;
                Tally::count(&mut self.tally.lost, reason);
                let due = self.common.clock.now() + RETURN_AFTER;
                self.awaited.push(Reverse((due, connection.purpose, connection.tries + 1)));
            }
            purpose => {
                if let Purpose::Seat(place) = purpose {
                    self.places[place] = None;
                }
                self.failed(purpose, connection.tries, reason);
            }
        }
    }
}
