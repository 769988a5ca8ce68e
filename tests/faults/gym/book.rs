//! What a client remembers of a room: how far it knows it, and which courses there are to edit. It
//! believes everything; the judge does not.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::{Value, json};

use crate::checker::history::{list, text};

/// One room in a client's memory.
#[derive(Clone, Debug, Default)]
pub struct Page {
    epoch: Value,
    pub seq: u64,
    pub courses: BTreeSet<String>,
}

/// All rooms in a client's memory.
#[derive(Clone, Debug, Default)]
pub struct Book {
    pages: BTreeMap<String, Page>,
    /// Rooms that the present connection is in, and who is shown there.
    pub rosters: BTreeMap<String, Rc<BTreeSet<String>>>,
}

impl Book {
    /// What is known of a room.
    pub fn page(&self, room: &str) -> Page {
        self.pages.get(room).cloned().unwrap_or_default()
    }

    /// The newest sequence number that is known.
    pub fn seq(&self, room: &str) -> u64 {
        self.pages.get(room).map_or(0, |page| page.seq)
    }

    /// What a join says that the client knows; null before the first.
    pub fn since(&self, room: &str) -> Value {
        match self.pages.get(room) {
            Some(page) => json!({"epoch": page.epoch, "seq": page.seq}),
            None => Value::Null,
        }
    }

    /// The present connection is over.
    pub fn disconnected(&mut self) {
        self.rosters.clear();
    }

    /// Takes in any message of the service.
    pub fn hear(&mut self, message: &Value) {
        let room = text(&message["room"]);
        match text(&message["type"]) {
            "joined" => self.joined(room, message),
            "events" => self.events(room, list(&message["events"])),
            "presence" => self.presence(room, message),
            "left" | "resync" | "room_closed" => drop(self.rosters.remove(room)),
            _ => {}
        }
    }

    fn joined(&mut self, room: &str, message: &Value) {
        let people = list(&message["participants"]).iter().map(session_of).collect();
        self.rosters.insert(room.to_owned(), Rc::new(people));
        let page = self.pages.entry(room.to_owned()).or_default();
        page.epoch = message["epoch"].clone();
        if message["snapshot"].is_object() {
            let courses = list(&message["snapshot"]["courses"]).iter();
            page.courses = courses.map(|course| text(&course["id"]).to_owned()).collect();
        }
        self.events(room, list(&message["events"]));
        let page = self.pages.entry(room.to_owned()).or_default();
        page.seq = message["seq"].as_u64().unwrap_or_default();
    }

    fn events(&mut self, room: &str, events: &[Value]) {
        let page = self.pages.entry(room.to_owned()).or_default();
        for event in events {
            page.seq = event["seq"].as_u64().unwrap_or_default();
            page.change(text(&event["kind"]), &event["data"]);
        }
    }

    fn presence(&mut self, room: &str, message: &Value) {
        let Some(roster) = self.rosters.get_mut(room) else { return };
        if list(&message["joined"]).is_empty() && list(&message["left"]).is_empty() {
            return;
        }
        let roster = Rc::make_mut(roster);
        roster.extend(list(&message["joined"]).iter().map(session_of));
        for left in list(&message["left"]) {
            roster.remove(&session_of(left));
        }
    }
}

impl Page {
    fn change(&mut self, kind: &str, data: &Value) {
        match kind {
            "course_create" => drop(self.courses.insert(text(&data["course"]["id"]).to_owned())),
            "course_delete" => drop(self.courses.remove(text(&data["courseId"]))),
            "batch" => {
                list(&data["ops"]).iter().for_each(|part| self.change(text(&part["kind"]), part));
            }
            _ => {}
        }
    }
}

fn session_of(participant: &Value) -> String {
    text(&participant["sessionId"]).to_owned()
}
