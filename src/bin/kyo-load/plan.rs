//! What will be done: every wish with its default, checked, and everybody with a seat.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};

use crate::mix::Mix;
use crate::names::{Framing, SystemName, Watched};
use crate::schedule::Rates;
use crate::wishes::{PhaseWishes, Wishes};

/// A whole run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What is spoken.
    pub system: SystemName,
    /// The replicas.
    pub targets: Vec<SocketAddr>,
    /// Tenant of everybody.
    pub tenant: String,
    /// Rooms that exist; empty when new ones are to be made.
    pub existing: Vec<String>,
    /// How many rooms.
    pub rooms: usize,
    /// Courses in each.
    pub courses: usize,
    /// Everybody, in the order in which they connect.
    pub seats: Vec<Seat>,
    /// What to do, one after the other.
    pub phases: Vec<Phase>,
    /// Threads that hold the connections.
    pub threads: usize,
    /// Connections under way at once.
    pub opening: usize,
    /// Connections begun a second at most.
    pub open_rate: f64,
    /// Processes to report on.
    pub watched: Vec<Watched>,
    /// Results as JSON.
    pub json: bool,
    /// Without progress.
    pub quiet: bool,
}

/// Somebody in a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    /// Who, among all.
    pub number: usize,
    /// Which room.
    pub room: usize,
    /// Which of the room's editors; a watcher is none.
    pub editor: Option<usize>,
    /// How kyo is spoken to.
    pub framing: Framing,
    /// Which replica.
    pub target: usize,
    /// From where.
    pub source: Option<IpAddr>,
}

/// A stretch of even load.
#[derive(Clone, Debug, PartialEq)]
pub struct Phase {
    /// In the report.
    pub name: String,
    /// How long, in seconds.
    pub seconds: f64,
    /// As long before it without being counted.
    pub warm_up: f64,
    /// How often.
    pub rates: Rates,
    /// What operations are like.
    pub edits: Edits,
}

/// What operations are like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Edits {
    /// Part that moves a class, in percent.
    pub moves: u32,
    /// Bytes of notes in the others.
    pub payload: usize,
}

impl Edits {
    /// Whether the `n`th operation of one editor is a move; they are spread evenly.
    pub fn is_move(self, n: u64) -> bool {
        let moves = u64::from(self.moves);
        (n + 1) * moves / 100 > n * moves / 100
    }
}

impl Plan {
    /// Everything decided.
    ///
    /// # Errors
    /// The first wish that can't be met, and why.
    pub fn new(wishes: Wishes) -> Result<Self, String> {
        let system = wishes.system.unwrap_or(SystemName::Kyo);
        if wishes.framing.is_some() && system != SystemName::Kyo {
            return Err("framing: only kyo is spoken to in several ways".to_owned());
        }
        if wishes.rooms.is_some() && !wishes.room.is_empty() {
            return Err("rooms and room: either new ones or those that exist".to_owned());
        }
        let rooms = if wishes.room.is_empty() {
            within("rooms", wishes.rooms.unwrap_or(10), 1, 100_000)?
        } else {
            wishes.room.len()
        };
        let phases = phases(&wishes)?;
        let targets = targets(&wishes.target)?;
        let seats = seats(&wishes, rooms, targets.len())?;
        let editors = seats.iter().any(|seat| seat.editor.is_some());
        let acting = phases.iter().any(|phase| phase.rates.edits + phase.rates.cursors > 0.0);
        if acting && !editors {
            return Err("editors: edits and cursors need at least one".to_owned());
        }
        Ok(Self {
            system,
            targets,
            rooms,
            seats,
            phases,
            courses: within("courses", wishes.courses.unwrap_or(16), 1, 1_000)?,
            threads: within("threads", wishes.threads.unwrap_or(1), 1, 64)?,
            opening: within("opening", wishes.opening.unwrap_or(32), 1, 10_000)?,
            open_rate: open_rate(wishes.open_rate)?,
            tenant: wishes.tenant.unwrap_or_else(|| "load".to_owned()),
            existing: wishes.room,
            watched: wishes.pid,
            json: wishes.json,
            quiet: wishes.quiet,
        })
    }

    /// A visitor's seat: watches one room after the other, and is nobody of the others.
    pub fn visitor(&self, n: u64) -> Seat {
        let seat = &self.seats[n as usize % self.seats.len()];
        let number = self.seats.len() + n as usize;
        Seat { number, room: n as usize % self.rooms, editor: None, ..seat.clone() }
    }
}

fn targets(wishes: &[String]) -> Result<Vec<SocketAddr>, String> {
    let default = ["127.0.0.1:3001".to_owned()];
    let wishes = if wishes.is_empty() { &default } else { wishes };
    let resolved = wishes.iter().map(|target| {
        let found = target.to_socket_addrs();
        let found = found.map_err(|error| format!("target {target}: {error}"))?.next();
        found.ok_or_else(|| format!("target {target}: no such host"))
    });
    resolved.collect()
}

fn seats(wishes: &Wishes, rooms: usize, targets: usize) -> Result<Vec<Seat>, String> {
    let editors = within("editors", wishes.editors.unwrap_or(1), 0, 100_000)?;
    let watchers = within("watchers", wishes.watchers.unwrap_or(9), 0, 1_000_000)?;
    let count = rooms.saturating_mul(editors + watchers);
    if !(1..=1_000_000).contains(&count) {
        return Err(format!("editors and watchers: {count} connections, not 1 to 1000000"));
    }
    let framings = wishes.framing.clone().unwrap_or(Mix::only(Framing::Json)).deal(count);
    let sources = wishes.source.as_ref().map_or(&[][..], |sources| &sources.0);
    let members = (0..rooms).flat_map(|room| (0..editors + watchers).map(move |n| (room, n)));
    let seats = members.zip(framings).enumerate().map(|(number, ((room, n), framing))| Seat {
        number,
        room,
        editor: (n < editors).then_some(n),
        framing,
        target: number % targets,
        source: sources.get(number % sources.len().max(1)).copied(),
    });
    Ok(seats.collect())
}

fn phases(wishes: &Wishes) -> Result<Vec<Phase>, String> {
    let only = [PhaseWishes { name: Some("load".to_owned()), ..PhaseWishes::default() }];
    let given = if wishes.phase.is_empty() { &only[..] } else { &wishes.phase };
    let phases = given.iter().enumerate().map(|(n, phase)| {
        let name = phase.name.clone().unwrap_or_else(|| format!("phase {}", n + 1));
        self::phase(wishes, phase, &name).map_err(|fault| format!("{name}: {fault}"))
    });
    phases.collect()
}

fn phase(wishes: &Wishes, phase: &PhaseWishes, name: &str) -> Result<Phase, String> {
    let seconds = phase.seconds.or(wishes.seconds).unwrap_or(10.0);
    let warm_up = phase.warm_up.or(wishes.warm_up).unwrap_or(1.0);
    for (name, value) in [("seconds", seconds), ("warm-up", warm_up)] {
        if !(0.0..=86_400.0).contains(&value) {
            return Err(format!("{name}: {value} is not 0 to 86400"));
        }
    }
    let moves = phase.moves.or(wishes.moves).unwrap_or(50);
    if moves > 100 {
        return Err(format!("moves: {moves} is not 0 to 100 percent"));
    }
    let payload = phase.payload.or(wishes.payload).unwrap_or(100);
    let rates = Rates {
        edits: rate("edits", phase.edits.or(wishes.edits).unwrap_or(10.0))?,
        cursors: rate("cursors", phase.cursors.or(wishes.cursors).unwrap_or(0.0))?,
        joins: rate("joins", phase.joins.or(wishes.joins).unwrap_or(0.0))?,
    };
    if [rates.edits, rates.cursors, rates.joins].contains(&f64::INFINITY) {
        return Err("a rate must be a number".to_owned());
    }
    let edits = Edits { moves, payload: within("payload", payload, 16, 4_000)? };
    Ok(Phase { name: name.to_owned(), seconds, warm_up, rates, edits })
}

fn open_rate(wish: Option<f64>) -> Result<f64, String> {
    let rate = wish.unwrap_or(f64::INFINITY);
    if rate >= 0.01 { Ok(rate) } else { Err(format!("open-rate: {rate} is not 0.01 or more")) }
}

fn rate(name: &str, value: f64) -> Result<f64, String> {
    if value >= 0.0 { Ok(value) } else { Err(format!("{name}: {value} is not 0 or more a second")) }
}

fn within(name: &str, value: usize, least: usize, most: usize) -> Result<usize, String> {
    if (least..=most).contains(&value) {
        return Ok(value);
    }
    Err(format!("{name}: {value} is not {least} to {most}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(text: &str) -> Result<Plan, String> {
        Plan::new(Wishes::from_toml(text)?)
    }

    #[test]
    fn everybody_has_a_seat_room_by_room() {
        let text =
            "rooms = 2\neditors = 1\nwatchers = 2\ntarget = [\"127.0.0.1:1\", \"127.0.0.1:2\"]
            source = \"127.0.0.1-127.0.0.3\"\nframing = \"json,socketio\"";
        let plan = plan(text).expect("a plan");
        let rooms: Vec<_> = plan.seats.iter().map(|seat| (seat.room, seat.editor)).collect();
        let (editor, watcher) = (Some(0), None);
        let expected =
            [(0, editor), (0, watcher), (0, watcher), (1, editor), (1, watcher), (1, watcher)];
        assert_eq!(rooms, expected);
        assert_eq!(plan.seats[3].target, 1);
        assert_eq!(plan.seats[4].source.map(|one| one.to_string()), Some("127.0.0.2".into()));
        let socketio = plan.seats.iter().filter(|seat| seat.framing == Framing::Socketio);
        assert_eq!(socketio.count(), 3);
    }

    #[test]
    fn a_phase_takes_what_it_leaves_out_from_above() {
        let text = "edits = 5\nseconds = 3\n[[phase]]\n[[phase]]\nname = \"rush\"\nedits = 50";
        let phases = plan(text).expect("a plan").phases;
        assert_eq!((phases[0].name.as_str(), phases[0].rates.edits), ("phase 1", 5.0));
        assert_eq!((phases[1].name.as_str(), phases[1].rates.edits), ("rush", 50.0));
        assert_eq!(phases[1].seconds, 3.0);
    }

    #[test]
    fn moves_are_spread_evenly() {
        let edits = Edits { moves: 25, payload: 100 };
        let moves: Vec<_> = (0..8).map(|n| edits.is_move(n)).collect();
        assert_eq!(moves, [false, false, false, true, false, false, false, true]);
        let all = Edits { moves: 100, payload: 100 };
        assert!((0..100).all(|n| all.is_move(n)));
        let none = Edits { moves: 0, payload: 100 };
        assert!((0..100).all(|n| !none.is_move(n)));
    }

    #[test]
    fn visitors_are_nobody_else_and_see_every_room() {
        let plan = plan("rooms = 3\nwatchers = 1").expect("a plan");
        let rooms: Vec<_> = (0..6).map(|n| plan.visitor(n).room).collect();
        assert_eq!(rooms, [0, 1, 2, 0, 1, 2]);
        assert!((0..50).all(|n| plan.visitor(n).number >= plan.seats.len()));
        assert!((0..50).all(|n| plan.visitor(n).editor.is_none()));
    }

    #[test]
    fn wishes_that_cannot_be_met_are_named() {
        for (text, fault) in [
            ("rooms = 0", "rooms: 0 is not 1 to"),
            ("editors = 0", "editors: edits and cursors need at least one"),
            ("editors = 0\nwatchers = 0", "0 connections"),
            ("rooms = 2\nroom = [\"a\"]", "either new ones"),
            ("system = \"nats\"\nframing = \"json\"", "framing: only kyo"),
            ("edits = -1", "load: edits: -1 is not 0 or more"),
            ("[[phase]]\nname = \"x\"\nmoves = 101", "x: moves: 101"),
            ("payload = 9", "payload: 9 is not 16 to 4000"),
            ("seconds = -2", "seconds: -2"),
            ("open-rate = 0", "open-rate: 0 is not"),
            ("edits = inf", "must be a number"),
            ("target = [\"nowhere\"]", "target nowhere"),
        ] {
            let told = plan(text).expect_err(text);
            assert!(told.contains(fault), "{text}: {told}");
        }
    }
}
