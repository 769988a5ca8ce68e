//! The timetable as a client keeps it: a snapshot, then every event folded in order. It takes the
//! contract at its word: no gap, no repeat, and the digest it computes itself, with its own hash,
//! equals the server's after every frame.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::Client;

/// One client's folded copy of a room.
#[derive(Clone, Debug, PartialEq)]
pub struct Replica {
    pub room: String,
    pub epoch: Value,
    pub seq: u64,
    courses: BTreeMap<String, Value>,
    /// Trainers and studios are separate name spaces.
    resources: BTreeMap<(String, String), Value>,
    templates: BTreeMap<String, Value>,
    policy: Value,
    conflicts: BTreeMap<String, Value>,
    /// Courses that the event being folded has changed: one event counts once.
    touched: BTreeSet<String>,
    /// Every event folded so far, as it came.
    pub log: Vec<Value>,
}

impl Replica {
    /// From the reply to a first `join`.
    pub fn of(joined: &Value) -> Self {
        assert_eq!(joined["sync"], "snapshot", "a first join is a snapshot: {joined}");
        let mut replica = Self::empty(joined);
        replica.resume(joined);
        replica
    }

    /// The same room before its first event.
    pub fn empty(joined: &Value) -> Self {
        Self {
            room: text(&joined["room"]),
            epoch: joined["epoch"].clone(),
            seq: 0,
            courses: BTreeMap::new(),
            resources: BTreeMap::new(),
            templates: BTreeMap::new(),
            policy: json!({"staleEdits": "merge", "defaultOverlap": "forbid"}),
            conflicts: BTreeMap::new(),
            touched: BTreeSet::new(),
            log: Vec::new(),
        }
    }

    /// Takes in the reply to a later `join`, whichever way the server chose to catch this client up.
    pub fn resume(&mut self, joined: &Value) {
        match joined["sync"].as_str() {
            Some("snapshot") => self.load(joined),
            Some("delta") => list(&joined["events"]).iter().for_each(|event| self.fold(event)),
            Some("current") => {}
            _ => panic!("no such sync: {joined}"),
        }
        assert_eq!(self.seq, joined["seq"], "a join brings the client to its seq");
        self.check(&joined["digest"]);
    }

    /// Takes in one `events` frame.
    pub fn apply(&mut self, frame: &Value) {
        assert_eq!(frame["type"], "events", "{frame}");
        assert_eq!(frame["first"], self.seq + 1, "a gap or a repeat: {frame}");
        list(&frame["events"]).iter().for_each(|event| self.fold(event));
        self.check(&frame["digest"]);
    }

    /// Reads and folds `events` frames until `seq` is reached.
    pub async fn follow(&mut self, client: &mut Client, seq: u64) {
        while self.seq < seq {
            let frame = client.expect("events").await;
            self.apply(&frame);
        }
    }

    /// A course, as last folded.
    pub fn course(&self, id: &str) -> &Value {
        self.courses.get(id).unwrap_or(&Value::Null)
    }

    /// How many courses there are.
    pub fn len(&self) -> usize {
        self.courses.len()
    }

    /// The operations folded so far, in order.
    pub fn op_ids(&self) -> Vec<String> {
        self.log.iter().map(|event| text(&event["opId"])).collect()
    }

    /// The ids of the conflicts that stand.
    pub fn standing_conflicts(&self) -> BTreeSet<&str> {
        self.conflicts.keys().map(String::as_str).collect()
    }

    /// Asserts that this copy equals a `snapshot` reply in every part.
    pub fn assert_equals(&self, snapshot: &Value) {
        assert_eq!(self.seq, snapshot["seq"], "same moment");
        let state = &snapshot["state"];
        assert_eq!(json!(self.courses.values().collect::<Vec<_>>()), state["courses"]);
        assert_eq!(json!(self.resources.values().collect::<Vec<_>>()), state["resources"]);
        assert_eq!(json!(self.templates.values().collect::<Vec<_>>()), state["templates"]);
        assert_eq!(self.policy, state["policy"]);
        let standing: BTreeSet<_> =
            list(&state["conflicts"]).iter().map(|found| text(&found["id"])).collect();
        assert_eq!(self.conflicts.keys().cloned().collect::<BTreeSet<_>>(), standing);
        self.check(&snapshot["digest"]);
    }

    fn load(&mut self, joined: &Value) {
        // The reply nests the snapshot; the state is either its `state` or itself.
        let snapshot = &joined["snapshot"];
        let state = if snapshot["state"].is_object() { &snapshot["state"] } else { snapshot };
        self.epoch = joined["epoch"].clone();
        self.seq = joined["seq"].as_u64().expect("a sequence number");
        self.courses = by_id(&state["courses"]);
        self.templates = by_id(&state["templates"]);
        self.conflicts = by_id(&state["conflicts"]);
        let resources = list(&state["resources"]);
        self.resources = resources.iter().map(|one| (resource_key(one), one.clone())).collect();
        self.policy = state["policy"].clone();
    }

    fn check(&self, digest: &Value) {
        assert_eq!(json!(self.digest()), *digest, "diverged at seq {}", self.seq);
    }

    fn digest(&self) -> String {
        let all = self.courses.values().chain(self.resources.values());
        digest_of(all.chain(self.templates.values()))
    }

    /// Takes in one event.
    pub fn fold(&mut self, event: &Value) {
        assert_eq!(event["seq"], self.seq + 1, "a gap or a repeat: {event}");
        self.seq += 1;
        self.touched.clear();
        self.change(&event["kind"], &event["data"], event);
        for detected in list(&event["conflicts"]["detected"]) {
            self.conflicts.insert(text(&detected["id"]), detected.clone());
        }
        for resolved in list(&event["conflicts"]["resolved"]) {
            self.conflicts.remove(&text(resolved));
        }
        self.log.push(event.clone());
    }

    fn change(&mut self, kind: &Value, data: &Value, event: &Value) {
        match kind.as_str().expect("an event has a kind") {
            "course_create" => {
                self.touched.insert(text(&data["course"]["id"]));
                put(&mut self.courses, &data["course"]);
            }
            "course_update" => self.touch(data, fields(&data["patch"]), event),
            "course_move" => {
                let places = ["startsAt", "endsAt", "trainerId", "studioId"];
                let set = places.iter().filter_map(|&name| Some((name, data.get(name)?)));
                let set = set.map(|(name, value)| (name.to_owned(), value.clone())).collect();
                self.touch(data, set, event);
            }
            "course_delete" => {
                self.courses.remove(&text(&data["courseId"])).expect("it was there");
            }
            "resource_upsert" => {
                let resource = data["resource"].clone();
                self.resources.insert(resource_key(&resource), resource);
            }
            "resource_delete" => self.forget_resource(data),
            "template_save" => put(&mut self.templates, &data["template"]),
            "template_delete" => {
                self.templates.remove(&text(&data["templateId"])).expect("it was there");
            }
            "template_apply" => {
                list(&data["courses"]).iter().for_each(|made| put(&mut self.courses, made));
            }
            "batch" => {
                list(&data["ops"]).iter().for_each(|part| self.change(&part["kind"], part, event));
            }
            "policy_set" => self.policy = data["policy"].clone(),
            other => panic!("an event of unknown kind {other}: {event}"),
        }
    }

    fn touch(&mut self, data: &Value, set: Map<String, Value>, event: &Value) {
        let id = text(&data["courseId"]);
        let course = self.courses.get_mut(&id).expect("only known courses change");
        for (name, value) in set {
            course[&name] = value;
        }
        let before = course["version"].as_u64().expect("a version");
        assert_eq!(data["version"], before + u64::from(self.touched.insert(id)), "{event}");
        course["version"] = data["version"].clone();
        course["updatedBy"] = event["userId"].clone();
        course["updatedAt"] = event["at"].clone();
    }

    fn forget_resource(&mut self, data: &Value) {
        let id = text(&data["resourceId"]);
        let kind = data["kind"].as_str();
        let before = self.resources.len();
        self.resources.retain(|(known, k), _| *known != id || kind.is_some_and(|kind| kind != k));
        assert_eq!(self.resources.len() + 1, before, "exactly one resource goes: {data}");
    }
}

/// The digest of entities: 32-bit FNV-1a over `id:version`, all combined by exclusive or.
pub fn digest_of<'a>(entities: impl IntoIterator<Item = &'a Value>) -> String {
    let hashes =
        entities.into_iter().map(|one| fnv1a(&format!("{}:{}", text(&one["id"]), one["version"])));
    format!("{:08x}", hashes.fold(0, |all, one| all ^ one))
}

/// Folds one `presence` frame into a roster of session → user.
pub fn fold_roster(roster: &mut BTreeMap<String, String>, presence: &Value) {
    for joined in list(&presence["joined"]) {
        roster.insert(text(&joined["sessionId"]), text(&joined["userId"]));
    }
    for left in list(&presence["left"]) {
        roster.remove(&text(&left["sessionId"]));
    }
}

fn fnv1a(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

fn put(entities: &mut BTreeMap<String, Value>, entity: &Value) {
    entities.insert(text(&entity["id"]), entity.clone());
}

fn by_id(entities: &Value) -> BTreeMap<String, Value> {
    list(entities).iter().map(|one| (text(&one["id"]), one.clone())).collect()
}

fn resource_key(resource: &Value) -> (String, String) {
    (text(&resource["id"]), text(&resource["kind"]))
}

fn fields(patch: &Value) -> Map<String, Value> {
    patch.as_object().cloned().expect("a patch is an object")
}

/// An array's items; none where there is no array.
fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} should be text")).to_owned()
}
