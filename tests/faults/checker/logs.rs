//! The rooms' logs: gapless from 1, each opId once, the same on every replica, and folding to the
//! state that every replica serves.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::Violation;
use super::fold::Timetable;
use super::history::{Entry, Line, fingerprint, list, text};

/// One room's log with what can be computed from it. Index 0 is sequence number 1.
#[derive(Debug, Default)]
pub struct Log {
    pub events: Vec<Value>,
    pub prints: Vec<String>,
    /// After each event; index 0 is the empty room.
    pub digests: Vec<String>,
    pub seq_of: HashMap<String, u64>,
    pub last: Timetable,
}

impl Log {
    /// The newest sequence number.
    pub fn head(&self) -> u64 {
        self.events.len() as u64
    }

    /// The event of a sequence number.
    pub fn event(&self, seq: u64) -> Option<&Value> {
        self.events.get(usize::try_from(seq.checked_sub(1)?).ok()?)
    }

    /// The digest after a sequence number.
    pub fn digest(&self, seq: u64) -> Option<&str> {
        self.digests.get(usize::try_from(seq).ok()?).map(String::as_str)
    }

    fn read(room: &str, events: &[Value], found: &mut Vec<Violation>) -> Self {
        let mut log = Self { events: events.to_vec(), ..Self::default() };
        log.digests.push(log.last.digest());
        for (event, seq) in events.iter().zip(1..) {
            if event["seq"] != seq {
                let text = format!("room {room}: {} stands at place {seq}", event["seq"]);
                found.push(Violation::new("log-gap", text));
            }
            let op_id = text(&event["opId"]).to_owned();
            if let Some(first) = log.seq_of.insert(op_id.clone(), seq) {
                let text = format!("room {room}: op {op_id} took effect at {first} and at {seq}");
                found.push(Violation::new("applied-twice", text));
            }
            if let Err(why) = log.last.apply(event) {
                let text = format!("room {room}, seq {seq}: {why}: {event}");
                found.push(Violation::new("fold", text));
            }
            log.digests.push(log.last.digest());
            log.prints.push(fingerprint(event));
        }
        log
    }
}

/// All rooms' logs.
#[derive(Debug, Default)]
pub struct Logs(BTreeMap<String, Log>);

impl Logs {
    /// Reads the logs of all replicas and compares them.
    pub fn read(history: &[Line], found: &mut Vec<Violation>) -> Self {
        let mut logs = Self::default();
        for line in history {
            if let Entry::Log { node, room, events } = &line.entry {
                logs.take(node, room, events, found);
            }
        }
        for line in history {
            match &line.entry {
                Entry::Run { rooms, nodes, .. } => logs.complete(rooms, nodes, history, found),
                Entry::State { node, room, snapshot } => {
                    logs.compare(node, room, snapshot, found);
                }
                _ => {}
            }
        }
        logs
    }

    /// One room's.
    pub fn of(&self, room: &str) -> Option<&Log> {
        self.0.get(room)
    }

    /// All, by room.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Log)> {
        self.0.iter()
    }

    fn take(&mut self, node: &str, room: &str, events: &[Value], found: &mut Vec<Violation>) {
        let Some(known) = self.0.get(room) else {
            self.0.insert(room.to_owned(), Log::read(room, events, found));
            return;
        };
        if known.events != events {
            let at = known.events.iter().zip(events).position(|(one, other)| one != other);
            let at = at.unwrap_or(known.events.len().min(events.len())) + 1;
            let text = format!("room {room}: {node} tells another log from seq {at} on");
            found.push(Violation::new("logs-differ", text));
        }
    }

    /// Every replica was asked about every room.
    fn complete(
        &self,
        rooms: &[String],
        nodes: &[String],
        history: &[Line],
        found: &mut Vec<Violation>,
    ) {
        let told = |of: fn(&Entry) -> Option<(&String, &String)>| {
            history.iter().filter_map(move |line| of(&line.entry)).collect::<Vec<_>>()
        };
        let logs = told(|entry| match entry {
            Entry::Log { node, room, .. } => Some((node, room)),
            _ => None,
        });
        let states = told(|entry| match entry {
            Entry::State { node, room, .. } => Some((node, room)),
            _ => None,
        });
        for (node, room) in nodes.iter().flat_map(|node| rooms.iter().map(move |r| (node, r))) {
            if !logs.contains(&(node, room)) || !states.contains(&(node, room)) {
                let text = format!("{node} was not asked about room {room} at the end");
                found.push(Violation::new("incomplete", text));
            }
        }
    }

    fn compare(&self, node: &str, room: &str, snapshot: &Value, found: &mut Vec<Violation>) {
        let Some(log) = self.0.get(room) else { return };
        let head = log.head();
        let mut wrong = |why: String| {
            found.push(Violation::new("state", format!("{node}, room {room}: {why}")));
        };
        if snapshot["seq"] != head {
            wrong(format!("its state is that of {}, the log ends at {head}", snapshot["seq"]));
        } else if let Err(why) = log.last.compare(&snapshot["state"]) {
            wrong(why);
        }
        if Some(text(&snapshot["digest"])) != log.digest(head) {
            wrong(format!("its digest is {}", snapshot["digest"]));
        }
    }
}

/// Sequence number, opId and fingerprint of the events in a compact message.
pub fn told(message: &Value) -> impl Iterator<Item = (u64, &str, &str)> {
    list(&message["events"]).iter().map(|event| {
        (event["seq"].as_u64().unwrap_or_default(), text(&event["opId"]), text(&event["print"]))
    })
}
