//! Writes histories by hand: a service that keeps every promise, two replicas, a few clients, and a
//! clock that moves on by itself.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::checker::fold::Timetable;
use crate::checker::history::{Entry, Line, compact, text};

const NODES: [&str; 2] = ["n0", "n1"];
const ROOMS: [&str; 2] = ["r1", "r2"];
/// Between two lines.
const STEP_MICROS: u64 = 1_000;

#[derive(Debug, Default)]
struct Room {
    events: Vec<Value>,
    state: Timetable,
    /// By client.
    members: BTreeMap<String, String>,
}

#[derive(Debug, Default)]
pub struct Story {
    lines: Vec<Line>,
    now: u64,
    calls: u64,
    faults: u64,
    rooms: BTreeMap<&'static str, Room>,
    /// Node and session of each client that is connected.
    connected: BTreeMap<String, (String, String)>,
    /// What a client knew of a room when it left.
    known: BTreeMap<(String, String), u64>,
}

/// A course of an hour with a trainer.
pub fn course(id: &str, hour: u32, trainer: &str) -> Value {
    json!({"kind": "course_create", "course": {
        "id": id, "version": 1, "title": "Spin", "trainerId": trainer, "studioId": null,
        "startsAt": format!("2026-03-02T{hour:02}:00:00Z"),
        "endsAt": format!("2026-03-02T{:02}:00:00Z", hour + 1),
    }})
}

/// A little of everything, and nothing wrong.
pub fn good() -> Vec<Line> {
    let mut story = Story::begin();
    story.enter("a", "n0", "r1");
    story.enter("b", "n1", "r1");
    let first = story.op("a", "r1", course("one", 1, "tim"));
    story.op("b", "r1", course("two", 2, "tim"));
    story.op(
        "a",
        "r1",
        json!({"kind": "course_move", "courseId": "one", "version": 2,
        "startsAt": "2026-03-02T05:00:00Z", "endsAt": "2026-03-02T06:00:00Z"}),
    );
    story.enter("c", "n1", "r1");
    story.enter("c", "n1", "r2");
    story.repeat("a", "r1", &first, 1);
    story.cut("a");
    story.op("c", "r2", course("three", 1, "tim"));
    story.op("b", "r1", json!({"kind": "course_delete", "courseId": "one"}));
    story.op(
        "c",
        "r1",
        json!({"kind": "batch", "ops": [
            {"kind": "course_update", "courseId": "two", "version": 2, "patch": {"title": "Yoga"}},
            {"kind": "course_update", "courseId": "two", "version": 2, "patch": {"notes": "mats"}},
        ]}),
    );
    story.enter("a", "n1", "r1");
    story.op("a", "r1", course("four", 8, "tim"));
    story.finish()
}

impl Story {
    pub fn begin() -> Self {
        let mut story = Self::default();
        for room in ROOMS {
            story.rooms.insert(room, Room::default());
        }
        story.write(Entry::Run {
            seed: 1,
            tenant: "north".to_owned(),
            rooms: ROOMS.map(str::to_owned).to_vec(),
            nodes: NODES.map(str::to_owned).to_vec(),
            shared_presence: true,
        });
        story
    }

    /// Lets time pass.
    pub fn wait(&mut self, millis: u64) {
        self.now += millis * 1_000;
    }

    /// Connects if need be, and joins with what the client knows.
    pub fn enter(&mut self, client: &str, node: &str, room: &'static str) {
        if !self.connected.contains_key(client) {
            let session = format!("s-{client}-{}", self.lines.len());
            self.connected.insert(client.to_owned(), (node.to_owned(), session.clone()));
            let user = format!("user-{client}");
            let (client, node) = (client.to_owned(), node.to_owned());
            self.write(Entry::Open { client, session, node, user });
        }
        let known = self.known.get(&(client.to_owned(), room.to_owned())).copied();
        let since = known.map(|seq| json!({"epoch": 1, "seq": seq}));
        let call = self.invoke(client, json!({"type": "join", "room": room, "since": since}));
        let session = self.connected[client].1.clone();
        let inside = self.rooms.get_mut(room).expect("a room");
        inside.members.insert(client.to_owned(), session.clone());
        let reply = inside.joined(room, known);
        self.answer(client, call, reply);
        let joined = json!([{"sessionId": session}]);
        self.push_others(client, room, json!({"type": "presence", "room": room, "joined": joined}));
    }

    /// An operation that is acked and told to everyone; gives its opId.
    pub fn op(&mut self, client: &str, room: &'static str, op: Value) -> String {
        self.op_heard_after(client, room, op, 0, 0)
    }

    /// The same, with the others hearing of it so much later, and a recorder that was late.
    pub fn op_heard_after(
        &mut self,
        client: &str,
        room: &'static str,
        op: Value,
        millis: u64,
        stall_millis: u64,
    ) -> String {
        let op_id = format!("op-{}", self.calls);
        let request = json!({"type": "op", "room": room, "opId": op_id, "op": op});
        let call = self.invoke(client, request);
        let (seq, frame) =
            self.rooms.get_mut(room).expect("a room").commit(client, room, &op_id, &op);
        self.push(client, frame.clone());
        self.answer(client, call, ack(room, &op_id, seq, false));
        self.wait(millis);
        if stall_millis > 0 {
            self.write(Entry::Stall { micros: stall_millis * 1_000 });
        }
        self.push_others(client, room, frame);
        op_id
    }

    /// Asks again for what was acked at `seq`.
    pub fn repeat(&mut self, client: &str, room: &str, op_id: &str, seq: u64) {
        let call =
            self.invoke(client, json!({"type": "op", "room": room, "opId": op_id, "op": {}}));
        self.answer(client, call, ack(room, op_id, seq, true));
    }

    /// The connection ends; nobody is told yet.
    pub fn cut(&mut self, client: &str) {
        let (_, session) = self.connected.remove(client).expect("it was connected");
        let client = client.to_owned();
        for (name, room) in &mut self.rooms {
            if room.members.remove(&client).is_some() {
                self.known.insert((client.clone(), (*name).to_owned()), room.state.seq);
            }
        }
        self.write(Entry::Close { client, session: session.clone(), code: None });
        if self.faults == 0 {
            self.told_left(&session);
        }
    }

    /// The others learn that a client that was cut is gone.
    pub fn vanish(&mut self, client: &str) {
        let opened = self.lines.iter().rev().find_map(|line| match &line.entry {
            Entry::Open { client: of, session, .. } if of == client => Some(session.clone()),
            _ => None,
        });
        self.told_left(&opened.expect("it was connected"));
    }

    pub fn begin_fault(&mut self, fault: &str, node: Option<&str>) {
        self.faults += 1;
        let (fault, node) = (fault.to_owned(), node.map(str::to_owned));
        self.write(Entry::Begin { fault, id: self.faults, node });
    }

    pub fn end_fault(&mut self) {
        self.write(Entry::End { id: self.faults });
    }

    /// What the replicas say in the end.
    pub fn finish(mut self) -> Vec<Line> {
        let rooms = std::mem::take(&mut self.rooms);
        for (name, room) in &rooms {
            let sessions: Vec<String> = room.members.values().cloned().collect();
            self.write(Entry::Connected { room: (*name).to_owned(), sessions: sessions.clone() });
            for node in NODES.map(str::to_owned) {
                let events = room.events.clone();
                let snapshot = room.snapshot();
                let sessions = sessions.clone();
                let name = (*name).to_owned();
                self.write(Entry::Log { node: node.clone(), room: name.clone(), events });
                self.write(Entry::State { node: node.clone(), room: name.clone(), snapshot });
                self.write(Entry::Present { node, room: name, sessions });
            }
        }
        self.lines
    }

    fn told_left(&mut self, session: &str) {
        let rooms: BTreeSet<_> = self.rooms.keys().copied().collect();
        for room in rooms {
            let left = json!([{"sessionId": session}]);
            self.push_others("", room, json!({"type": "presence", "room": room, "left": left}));
        }
    }

    fn push_others(&mut self, but: &str, room: &str, message: Value) {
        let members: Vec<_> = self.rooms[room].members.keys().cloned().collect();
        for member in members.into_iter().filter(|member| member != but) {
            self.push(&member, message.clone());
        }
    }

    fn push(&mut self, client: &str, message: Value) {
        let (client, session) = (client.to_owned(), self.connected[client].1.clone());
        self.write(Entry::Push { client, session, message: compact(message) });
    }

    fn invoke(&mut self, client: &str, request: Value) -> u64 {
        self.calls += 1;
        let (node, session) = self.connected[client].clone();
        let (client, call) = (client.to_owned(), self.calls);
        self.write(Entry::Invoke { client, session: Some(session), node, call, request });
        call
    }

    fn answer(&mut self, client: &str, call: u64, reply: Value) {
        let session = Some(self.connected[client].1.clone());
        let client = client.to_owned();
        self.write(Entry::Answer { client, session, call, reply: compact(reply) });
    }

    fn write(&mut self, entry: Entry) {
        self.now += STEP_MICROS;
        self.lines.push(Line { at: self.now, entry });
    }
}

impl Room {
    fn commit(&mut self, client: &str, room: &str, op_id: &str, op: &Value) -> (u64, Value) {
        let seq = self.state.seq + 1;
        let mut data = op.clone();
        data.as_object_mut().expect("an operation is an object").remove("kind");
        let event = json!({
            "seq": seq, "opId": op_id, "userId": format!("user-{client}"),
            "at": "2026-03-01T00:00:00Z", "kind": text(&op["kind"]), "data": data,
        });
        self.state.apply(&event).expect("a story is told right");
        self.events.push(event.clone());
        let digest = self.state.digest();
        let frame = json!({
            "type": "events", "room": room, "first": seq, "events": [event], "digest": digest,
        });
        (seq, frame)
    }

    fn joined(&self, room: &str, known: Option<u64>) -> Value {
        let here: Vec<_> =
            self.members.values().map(|session| json!({"sessionId": session})).collect();
        let mut reply = json!({
            "type": "joined", "room": room, "epoch": 1, "seq": self.state.seq,
            "digest": self.state.digest(), "participants": here,
        });
        match known {
            Some(known) if known == self.state.seq => reply["sync"] = json!("current"),
            Some(known) => {
                reply["sync"] = json!("delta");
                reply["events"] = json!(self.events[known as usize..]);
            }
            None => {
                reply["sync"] = json!("snapshot");
                reply["snapshot"] = self.snapshot()["state"].clone();
            }
        }
        reply
    }

    fn snapshot(&self) -> Value {
        let courses: Vec<_> = self.state.courses.values().collect();
        json!({"epoch": 1, "seq": self.state.seq, "digest": self.state.digest(), "state": {
            "courses": courses, "resources": [], "templates": [], "conflicts": [],
            "policy": {"staleEdits": "merge", "defaultOverlap": "forbid"},
        }})
    }
}

fn ack(room: &str, op_id: &str, seq: u64, duplicate: bool) -> Value {
    json!({"type": "ack", "room": room, "opId": op_id, "seq": seq, "duplicate": duplicate})
}
