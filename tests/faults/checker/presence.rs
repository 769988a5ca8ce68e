//! Who is shown to whom: the sessions of a replica that was killed are gone from every list within
//! ten seconds, and once everything has healed each list names exactly those who are connected.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Violation;
use super::history::{Entry, Line, list, text};

/// The promise: section 5, "gone from every participant list within 10 s".
const BOUND_MICROS: u64 = 10_000_000;
/// What the recorder may have been late beyond its own measure: two reads from a socket.
const SLACK_MICROS: u64 = 250_000;
/// The fault that takes a replica without a word.
const KILL: &str = "replica_kill";

/// The participants that a member was last told, by client and room.
type Rosters = BTreeMap<(String, String), BTreeSet<String>>;

/// Sessions that died with their replica, and since when nobody may be shown them.
#[derive(Debug, Default)]
struct Dead {
    since: BTreeMap<String, u64>,
    reported: BTreeSet<String>,
}

/// Judges all lists that anybody was given.
pub fn check(history: &[Line], found: &mut Vec<Violation>) {
    let shared =
        history.iter().any(|line| matches!(line.entry, Entry::Run { shared_presence: true, .. }));
    if !shared {
        return;
    }
    let slack = SLACK_MICROS + longest_stall(history);
    let (mut rosters, mut dead) = (Rosters::new(), Dead::default());
    let mut at_home: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut sessions: BTreeMap<&str, &str> = BTreeMap::new();
    for line in history {
        match &line.entry {
            Entry::Open { client, session, node, .. } => {
                at_home.entry(node).or_default().insert(session);
                sessions.insert(client, session);
                rosters.retain(|(of, _), _| of != client);
            }
            Entry::Close { client, .. } => rosters.retain(|(of, _), _| of != client),
            Entry::Begin { fault, node: Some(node), .. } if fault == KILL => {
                let gone = at_home.remove(node.as_str()).unwrap_or_default();
                let until = line.at + BOUND_MICROS + slack;
                dead.since.extend(gone.into_iter().map(|session| (session.to_owned(), until)));
            }
            Entry::Answer { client, reply, .. } => take(&mut rosters, client, reply),
            Entry::Push { client, message, .. } => take(&mut rosters, client, message),
            Entry::Connected { room, sessions } => compare_all(&rosters, room, sessions, found),
            _ => {}
        }
        dead.look(line.at, &rosters, found);
    }
    told_at_the_end(history, found);
}

impl Dead {
    /// Reports each session that is still on a list after its time, once.
    fn look(&mut self, now: u64, rosters: &Rosters, found: &mut Vec<Violation>) {
        let due: Vec<_> = self.since.iter().filter(|(_, until)| now > **until).collect();
        for (session, _) in due {
            let shown = rosters.iter().find(|(_, roster)| roster.contains(session));
            if let Some(((client, room), _)) = shown
                && self.reported.insert(session.clone())
            {
                let text = format!("{client} is still shown {session} in {room}");
                found.push(Violation::new("presence-bound", text));
            }
        }
    }
}

fn take(rosters: &mut Rosters, client: &str, message: &Value) {
    let place = (client.to_owned(), text(&message["room"]).to_owned());
    match text(&message["type"]) {
        "joined" => {
            let all = list(&message["participants"]).iter().map(session_of).collect();
            rosters.insert(place, all);
        }
        "presence" => {
            let Some(roster) = rosters.get_mut(&place) else { return };
            roster.extend(list(&message["joined"]).iter().map(session_of));
            for left in list(&message["left"]) {
                roster.remove(&session_of(left));
            }
        }
        "left" | "resync" | "room_closed" => {
            rosters.remove(&place);
        }
        _ => {}
    }
}

fn session_of(participant: &Value) -> String {
    text(&participant["sessionId"]).to_owned()
}

fn compare_all(rosters: &Rosters, room: &str, connected: &[String], found: &mut Vec<Violation>) {
    let connected: BTreeSet<_> = connected.iter().cloned().collect();
    for ((client, _), shown) in rosters.iter().filter(|((_, of), _)| of == room) {
        if *shown != connected {
            found.push(differs(&format!("{client} is shown"), room, shown, &connected));
        }
    }
}

/// What the replicas answer over REST, which is not what they pushed.
fn told_at_the_end(history: &[Line], found: &mut Vec<Violation>) {
    let mut connected: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for line in history {
        if let Entry::Connected { room, sessions } = &line.entry {
            connected.insert(room, sessions.iter().cloned().collect());
        }
    }
    for line in history {
        if let Entry::Present { node, room, sessions } = &line.entry
            && let Some(connected) = connected.get(room.as_str())
        {
            let told: BTreeSet<_> = sessions.iter().cloned().collect();
            if told != *connected {
                found.push(differs(&format!("{node} tells"), room, &told, connected));
            }
        }
    }
}

fn differs(
    who: &str,
    room: &str,
    shown: &BTreeSet<String>,
    connected: &BTreeSet<String>,
) -> Violation {
    let ghosts: Vec<_> = shown.difference(connected).collect();
    let missing: Vec<_> = connected.difference(shown).collect();
    let text = format!("{who} in {room} ghosts {ghosts:?}, misses {missing:?}");
    Violation::new("presence-end", text)
}

/// The most that the recorder was late at any time.
fn longest_stall(history: &[Line]) -> u64 {
    let stalls = history.iter().filter_map(|line| match line.entry {
        Entry::Stall { micros } => Some(micros),
        _ => None,
    });
    stalls.max().unwrap_or(0)
}
