//! No double booking: in one room after every event, and between rooms wherever the history shows
//! for certain that two bookings stood at the same time.

use std::collections::{BTreeMap, BTreeSet};

use super::Violation;
use super::fold::{Booking, Timetable};
use super::history::text;
use super::logs::{Log, Logs};
use super::timing::{Timing, key};

/// A booking and the time for which it certainly stood: from the moment at which anybody knew of it
/// to the moment at which somebody first asked for the change that ended it.
#[derive(Clone, Debug)]
struct Stand<'a> {
    room: &'a str,
    seq: u64,
    booking: Booking,
    from: u64,
    to: u64,
}

/// Judges all rooms of the history's one tenant.
pub fn check(logs: &Logs, timing: &Timing, found: &mut Vec<Violation>) {
    let mut stands = Vec::new();
    for (room, log) in logs.iter() {
        stands.extend(Room { room, log, timing, found: &mut *found }.replay());
    }
    across(&stands, found);
}

struct Room<'a, 'b> {
    room: &'a str,
    log: &'a Log,
    timing: &'b Timing,
    found: &'b mut Vec<Violation>,
}

impl<'a> Room<'a, '_> {
    /// Folds the log; judges the room itself after each event.
    fn replay(mut self) -> Vec<Stand<'a>> {
        let (mut state, mut done) = (Timetable::default(), Vec::new());
        let mut standing: BTreeMap<String, Stand<'a>> = BTreeMap::new();
        let mut lenient = BTreeSet::new();
        for event in &self.log.events {
            if state.apply(event).is_err() {
                // Has been found with the log; what follows would be noise.
                return done;
            }
            lenient.extend(state.lenient().into_iter().map(str::to_owned));
            let touched: Vec<_> = state.touched.iter().cloned().collect();
            for course in touched {
                let now = state.courses.get(&course).map(Booking::of);
                self.change(&mut standing, &mut done, &course, now, state.seq);
            }
            if state.forbids() {
                self.judge(&state, &standing, &lenient);
            }
        }
        done.extend(standing.into_values());
        done.retain(|stand| !touches(&stand.booking, &lenient));
        done
    }

    fn change(
        &self,
        standing: &mut BTreeMap<String, Stand<'a>>,
        done: &mut Vec<Stand<'a>>,
        course: &str,
        now: Option<Booking>,
        seq: u64,
    ) {
        if now.is_some() && now.as_ref() == standing.get(course).map(|stand| &stand.booking) {
            return;
        }
        let op_id = self.log.event(seq).map(|event| text(&event["opId"])).unwrap_or_default();
        let op = key(self.room, op_id);
        if let Some(mut stand) = standing.remove(course) {
            stand.to = self.timing.sent.get(&op).copied().unwrap_or(0);
            done.push(stand);
        }
        if let Some(booking) = now {
            let from = self.timing.seen.get(&op).copied().unwrap_or(u64::MAX);
            let stand = Stand { room: self.room, seq, booking, from, to: u64::MAX };
            standing.insert(course.to_owned(), stand);
        }
    }

    fn judge(
        &mut self,
        state: &Timetable,
        standing: &BTreeMap<String, Stand<'_>>,
        lenient: &BTreeSet<String>,
    ) {
        for course in &state.touched {
            let Some(stand) = standing.get(course) else { continue };
            for other in standing.values().filter(|other| other.booking.course != *course) {
                let clash = stand.booking.clash(&other.booking);
                if let Some(resource) = clash.filter(|one| !lenient.contains(*one)) {
                    let text = format!(
                        "room {}, seq {}: {resource} is taken twice: {:?} and {:?}",
                        self.room, state.seq, stand.booking, other.booking
                    );
                    self.found.push(Violation::new("double-booking", text));
                }
            }
        }
    }
}

fn across(stands: &[Stand<'_>], found: &mut Vec<Violation>) {
    let mut by_start: Vec<_> = stands.iter().collect();
    by_start.sort_by(|one, other| one.booking.starts.cmp(&other.booking.starts));
    for (n, one) in by_start.iter().enumerate() {
        let near = by_start[n + 1..].iter();
        let near = near.take_while(|other| other.booking.starts < one.booking.ends);
        for other in near.filter(|other| other.room != one.room) {
            let at_once = one.from.max(other.from) < one.to.min(other.to);
            if at_once && let Some(resource) = one.booking.clash(&other.booking) {
                let text = format!(
                    "{resource} is taken twice: {:?} in {} since seq {} and {:?} in {} since seq {}",
                    one.booking, one.room, one.seq, other.booking, other.room, other.seq
                );
                found.push(Violation::new("double-booking", text));
            }
        }
    }
}

fn touches(booking: &Booking, resources: &BTreeSet<String>) -> bool {
    let places = [&booking.trainer, &booking.studio];
    places.into_iter().flatten().any(|place| resources.contains(place))
}
