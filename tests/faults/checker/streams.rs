//! What each client was sent: within one join every sequence number once and in order, across joins
//! no step back, every event as it stands in the log, every digest that of the log's state.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::Violation;
use super::fold::Timetable;
use super::history::{Entry, Line, text};
use super::logs::{Log, Logs, told};

/// One stay of a client in a room, from `joined` to whatever ended it.
#[derive(Clone, Debug)]
pub struct Membership {
    pub client: String,
    pub node: String,
    pub room: String,
    pub from: u64,
    /// The end of the history if nothing ended it.
    pub to: u64,
    /// The newest sequence number it was told.
    pub seq: u64,
    /// When it was told which events.
    pub heard: Vec<(u64, u64)>,
    /// The newest sequence number of the join itself.
    pub joined_at: u64,
}

/// A client's connection.
#[derive(Debug, Default)]
struct Connection {
    node: String,
    /// By room.
    member: BTreeMap<String, Membership>,
}

struct Streams<'a> {
    logs: &'a Logs,
    connections: BTreeMap<String, Connection>,
    requests: HashMap<(&'a str, u64), &'a Value>,
    snapshots: BTreeMap<(String, u64), Vec<(String, Value)>>,
    done: Vec<Membership>,
    found: &'a mut Vec<Violation>,
}

/// Judges all streams; gives the stays that they consist of.
pub fn check(history: &[Line], logs: &Logs, found: &mut Vec<Violation>) -> Vec<Membership> {
    let mut streams = Streams {
        logs,
        connections: BTreeMap::new(),
        requests: HashMap::new(),
        snapshots: BTreeMap::new(),
        done: Vec::new(),
        found,
    };
    for line in history {
        streams.read(line);
    }
    streams.finish(history.last().map_or(0, |line| line.at));
    streams.compare_snapshots();
    streams.done
}

impl<'a> Streams<'a> {
    fn read(&mut self, line: &'a Line) {
        match &line.entry {
            Entry::Open { client, node, .. } => {
                let fresh = Connection { node: node.clone(), ..Default::default() };
                if self.connections.insert(client.clone(), fresh).is_some() {
                    self.wrong("harness", format!("{client} has two connections"));
                }
            }
            Entry::Close { client, code, .. } => self.close(line.at, client, *code),
            Entry::Invoke { client, call, request, .. } => {
                self.requests.insert((client, *call), request);
            }
            Entry::Answer { client, session: Some(_), call, reply } => {
                self.answer(line.at, client, *call, reply);
            }
            Entry::Push { client, message, .. } => self.push(line.at, client, message),
            _ => {}
        }
    }

    fn close(&mut self, at: u64, client: &str, code: Option<u16>) {
        // Those that blame the client, and ours are not at fault: good tokens, small messages.
        if code.is_some_and(|code| matches!(code, 1_009 | 4_001..=4_003 | 4_400..)) {
            self.wrong("closed", format!("{client} was closed with {code:?}"));
        }
        let Some(connection) = self.connections.remove(client) else { return };
        for (_, mut stay) in connection.member {
            stay.to = at;
            self.done.push(stay);
        }
    }

    fn answer(&mut self, at: u64, client: &str, call: u64, reply: &Value) {
        let Some(request) = self.requests.get(&(client, call)).copied() else {
            return self.wrong("unasked", format!("{client} did not ask for {reply}"));
        };
        match text(&reply["type"]) {
            "joined" => self.joined(at, client, request, reply),
            "left" => self.leave(at, client, text(&reply["room"])),
            _ => {}
        }
    }

    fn push(&mut self, at: u64, client: &str, message: &Value) {
        let room = text(&message["room"]);
        match text(&message["type"]) {
            "events" => self.events(at, client, room, message),
            "resync" | "room_closed" => self.leave(at, client, room),
            _ => {}
        }
    }

    fn leave(&mut self, at: u64, client: &str, room: &str) {
        let member = self.connections.get_mut(client).and_then(|one| one.member.remove(room));
        if let Some(mut stay) = member {
            stay.to = at;
            self.done.push(stay);
        }
    }

    fn joined(&mut self, at: u64, client: &str, request: &Value, reply: &Value) {
        self.leave(at, client, text(&reply["room"]));
        let Some(connection) = self.connections.get(client) else { return };
        let seq = reply["seq"].as_u64().unwrap_or_default();
        let stay = Membership {
            client: client.to_owned(),
            node: connection.node.clone(),
            room: text(&reply["room"]).to_owned(),
            from: at,
            to: u64::MAX,
            seq,
            heard: Vec::new(),
            joined_at: seq,
        };
        if let Err((rule, why)) = self.catch_up(&stay, &request["since"], reply) {
            self.wrong(rule, format!("{client} joined {}: {why}", stay.room));
        }
        let connection = self.connections.get_mut(client).expect("it was just there");
        connection.member.insert(stay.room.clone(), stay);
    }

    /// Whether what a join gave brings the client from what it knew to `seq`.
    fn catch_up(
        &mut self,
        stay: &Membership,
        since: &Value,
        reply: &Value,
    ) -> Result<(), (&'static str, String)> {
        let log = self.logs.of(&stay.room).ok_or(("incomplete", "there is no log".to_owned()))?;
        let known = since["seq"].as_u64().filter(|_| since["epoch"] == reply["epoch"]);
        if known.is_some_and(|known| known > stay.seq) {
            let text = format!("went back from {known:?} to {}", stay.seq);
            return Err(("stepped-back", text));
        }
        match text(&reply["sync"]) {
            "snapshot" => {
                let state = reply["snapshot"].clone();
                let who = format!("{} on {}", stay.client, stay.node);
                let place = (stay.room.clone(), stay.seq);
                self.snapshots.entry(place).or_default().push((who, state));
            }
            "delta" => {
                let known = known.ok_or(("delta", "a delta without a since".to_owned()))?;
                let last = in_order(log, known, reply).map_err(|why| ("delta", why))?;
                if last != stay.seq {
                    return Err(("delta", format!("it ends at {last}, the join at {}", stay.seq)));
                }
            }
            "current" if known == Some(stay.seq) => {}
            other => {
                let text = format!("{other} at {} after {known:?}", stay.seq);
                return Err(("sync", text));
            }
        }
        digest(log, stay.seq, reply)
    }

    fn events(&mut self, at: u64, client: &str, room: &str, message: &Value) {
        let connection = self.connections.get_mut(client);
        let Some(stay) = connection.and_then(|one| one.member.get_mut(room)) else {
            return self.wrong("uninvited", format!("{client} is not in {room}: {message}"));
        };
        let Some(log) = self.logs.of(room) else { return };
        let known = stay.seq;
        let result = in_order(log, known, message).map_err(|why| ("stream", why));
        let newest = told(message).map(|(seq, ..)| seq).max().unwrap_or(known);
        stay.heard.extend(told(message).map(|(seq, ..)| (seq, at)));
        stay.seq = stay.seq.max(newest);
        let result = result.and_then(|_| match message["first"] == known + 1 {
            true => digest(log, newest, message),
            false => Err(("stream", format!("first is {}", message["first"]))),
        });
        if let Err((rule, why)) = result {
            self.wrong(rule, format!("{client} in {room} after {known}: {why}"));
        }
    }

    /// At the end everybody knows everything.
    fn finish(&mut self, end: u64) {
        for (client, connection) in std::mem::take(&mut self.connections) {
            for (room, mut stay) in connection.member {
                let head = self.logs.of(&room).map_or(0, Log::head);
                if stay.seq != head {
                    let text = format!(
                        "{client} on {} has seen {room} up to {}, the log ends at {head}",
                        stay.node, stay.seq
                    );
                    self.wrong("not-converged", text);
                }
                stay.to = end;
                self.done.push(stay);
            }
        }
    }

    /// Every snapshot that any join gave is the log's fold at its place.
    fn compare_snapshots(&mut self) {
        for (room, log) in self.logs.iter() {
            let mut state = Timetable::default();
            for seq in 0..=log.head() {
                if let Some(event) = log.event(seq) {
                    // A fault of the fold has been found with the log.
                    let _ = state.apply(event);
                }
                for (who, told) in self.snapshots.remove(&(room.clone(), seq)).unwrap_or_default() {
                    if let Err(why) = state.compare(&told) {
                        let text = format!("{who} was given {room} at {seq}: {why}");
                        self.found.push(Violation::new("snapshot", text));
                    }
                }
            }
        }
        for ((room, seq), who) in std::mem::take(&mut self.snapshots) {
            let who: Vec<_> = who.into_iter().map(|(who, _)| who).collect();
            self.wrong("snapshot", format!("{who:?} were given {room} at {seq}, which never was"));
        }
    }

    fn wrong(&mut self, rule: &'static str, text: String) {
        self.found.push(Violation::new(rule, text));
    }
}

/// Checks that a message's events follow `known` one by one and are the log's; gives the last.
fn in_order(log: &Log, known: u64, message: &Value) -> Result<u64, String> {
    let mut last = known;
    for (seq, op_id, print) in told(message) {
        if seq != last + 1 {
            return Err(format!("{seq} follows {last}"));
        }
        last = seq;
        let event = log.event(seq).ok_or(format!("{seq} is not in the log"))?;
        if text(&event["opId"]) != op_id || log.prints[(seq - 1) as usize] != print {
            return Err(format!("{seq} was told as another event than {event}"));
        }
    }
    if last == known { Err("it tells nothing".to_owned()) } else { Ok(last) }
}

fn digest(log: &Log, seq: u64, message: &Value) -> Result<(), (&'static str, String)> {
    let told = text(&message["digest"]);
    match log.digest(seq) {
        Some(digest) if digest == told => Ok(()),
        digest => Err(("digest", format!("{told} at {seq} instead of {digest:?}"))),
    }
}
