//! Who is connected during a deploy: in each room twenty people on all transports, two or three of whom
//! edit while the others watch.

use crate::gym::{Habits, Staff, Transport};
use crate::run::Guest;
use crate::support::Person;

/// People of a room.
pub const IN_ROOM: usize = 20;
/// A watcher's turns are two seconds apart: its cursor moves every minute or so.
const MOVES_ONCE_IN: u64 = 6;
/// Milliseconds between the turns of those who edit: at least, and at most so many more.
const TURN: (u64, u64) = (250, 500);

/// How people are connected, as in names and reports.
pub const KINDS: [&str; 3] = ["native", "socketio", "polling"];

/// So many clients. Those who edit have a second room, and do something once in so many turns of
/// half a second.
pub fn guests(clients: usize, edits_once_in: u64, tenant: &str, rooms: &[String]) -> Vec<Guest> {
    (0..clients).map(|n| guest(n, edits_once_in, tenant, rooms)).collect()
}

/// As many rooms as they need.
pub fn rooms(clients: usize) -> usize {
    clients.div_ceil(IN_ROOM)
}

/// A few of each for every room: conflicts are not what a deploy is about.
pub fn staff(clients: usize) -> Staff {
    let rooms = rooms(clients) as u64;
    Staff { trainers: 4 * rooms, studios: 3 * rooms }
}

/// The kind of the client with a name.
pub fn kind_of(name: &str) -> &str {
    name.split('-').next().unwrap_or(name)
}

fn guest(n: usize, edits_once_in: u64, tenant: &str, rooms: &[String]) -> Guest {
    let place = n % IN_ROOM;
    let (kind, transports): (_, &'static [Transport]) = match place {
        0..=13 => (KINDS[0], &[Transport::Native]),
        14..=17 => (KINDS[1], &[Transport::SocketIo]),
        _ => (KINDS[2], &[Transport::Polling]),
    };
    let first = n / IN_ROOM;
    let polls_and_edits = place == 18 && first.is_multiple_of(2);
    let edits = [0, 14].contains(&place) || polls_and_edits;
    let user = format!("staff-{n}");
    let person = if edits { Person::editor(&user) } else { Person::viewer(&user) };
    let mut habits = Habits::calm(transports, MOVES_ONCE_IN);
    if edits {
        (habits.turn, habits.acts_once_in) = (TURN, edits_once_in);
    }
    let seats = 1 + usize::from(edits && rooms.len() > 1);
    Guest {
        name: format!("{kind}-{n}"),
        person: person.of(tenant),
        habits,
        rooms: (first..first + seats).map(|room| rooms[room % rooms.len()].clone()).collect(),
    }
}
