//! A timetable as PROTOCOL.md lets a client compute it: every event folded in order, strictly. What
//! does not fit the contract is an error, never a guess.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::history::{list, text};

/// A course's time and places: what can overlap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booking {
    pub course: String,
    pub trainer: Option<String>,
    pub studio: Option<String>,
    /// RFC 3339 in UTC with whole seconds, so that text sorts as time does.
    pub starts: String,
    pub ends: String,
}

impl Booking {
    /// Of a course in its wire form.
    pub fn of(course: &Value) -> Self {
        let place = |name: &str| course[name].as_str().map(str::to_owned);
        Self {
            course: text(&course["id"]).to_owned(),
            trainer: place("trainerId"),
            studio: place("studioId"),
            starts: text(&course["startsAt"]).to_owned(),
            ends: text(&course["endsAt"]).to_owned(),
        }
    }

    /// The trainer or studio that both take at the same time.
    pub fn clash(&self, other: &Self) -> Option<&str> {
        let together = self.starts < other.ends && other.starts < self.ends;
        let same = |a: &'_ Option<String>, b: &Option<String>| a.is_some() && a == b;
        if together && same(&self.trainer, &other.trainer) {
            return self.trainer.as_deref();
        }
        let found = together && same(&self.studio, &other.studio);
        if found { self.studio.as_deref() } else { None }
    }
}

/// One room's state after some event.
#[derive(Clone, Debug)]
pub struct Timetable {
    pub seq: u64,
    pub courses: BTreeMap<String, Value>,
    /// Trainers and studios are separate name spaces.
    resources: BTreeMap<(String, String), Value>,
    templates: BTreeMap<String, Value>,
    policy: Value,
    conflicts: BTreeSet<String>,
    /// Courses whose version the event under way has already raised.
    raised: BTreeSet<String>,
    /// Courses that the last event put, changed or removed.
    pub touched: BTreeSet<String>,
}

impl Default for Timetable {
    fn default() -> Self {
        Self {
            seq: 0,
            courses: BTreeMap::new(),
            resources: BTreeMap::new(),
            templates: BTreeMap::new(),
            policy: json!({"staleEdits": "merge", "defaultOverlap": "forbid"}),
            conflicts: BTreeSet::new(),
            raised: BTreeSet::new(),
            touched: BTreeSet::new(),
        }
    }
}

impl Timetable {
    /// Takes in the next event.
    ///
    /// # Errors
    /// What about it cannot be.
    pub fn apply(&mut self, event: &Value) -> Result<(), String> {
        if event["seq"] != self.seq + 1 {
            return Err(format!("seq {} follows {}", event["seq"], self.seq));
        }
        self.seq += 1;
        self.raised.clear();
        self.touched.clear();
        self.change(text(&event["kind"]), &event["data"], event)?;
        for detected in list(&event["conflicts"]["detected"]) {
            self.conflicts.insert(text(&detected["id"]).to_owned());
        }
        for resolved in list(&event["conflicts"]["resolved"]) {
            self.conflicts.remove(text(resolved));
        }
        Ok(())
    }

    /// The checksum of section 7.
    pub fn digest(&self) -> String {
        let all = self.courses.values().chain(self.resources.values());
        let all = all
            .chain(self.templates.values())
            .map(|one| fnv1a(&format!("{}:{}", text(&one["id"]), one["version"])));
        format!("{:08x}", all.fold(0, |sum, one| sum ^ one))
    }

    /// Compares with a snapshot's `state`.
    ///
    /// # Errors
    /// The part that differs, in both forms.
    pub fn compare(&self, state: &Value) -> Result<(), String> {
        same("courses", &json!(self.courses.values().collect::<Vec<_>>()), &state["courses"])?;
        let resources = self.resources.values().collect::<Vec<_>>();
        same("resources", &json!(resources), &state["resources"])?;
        let templates = self.templates.values().collect::<Vec<_>>();
        same("templates", &json!(templates), &state["templates"])?;
        same("policy", &self.policy, &state["policy"])?;
        let standing: BTreeSet<_> =
            list(&state["conflicts"]).iter().map(|one| text(&one["id"])).collect();
        same("conflicts", &json!(self.conflicts), &json!(standing))
    }

    /// Resources whose overlaps are not forbidden, and so not judged.
    pub fn lenient(&self) -> BTreeSet<&str> {
        let lenient = self.resources.values().filter(|one| one["overlap"] != "forbid");
        lenient.map(|one| text(&one["id"])).collect()
    }

    /// Whether the room forbids overlaps of those that are not registered.
    pub fn forbids(&self) -> bool {
        self.policy["defaultOverlap"] == "forbid"
    }

    fn change(&mut self, kind: &str, data: &Value, event: &Value) -> Result<(), String> {
        match kind {
            "course_create" => self.put_course(&data["course"]),
            "course_update" => {
                let patch = data["patch"].as_object().ok_or("a patch is an object")?;
                self.touch(data, patch.iter(), event)
            }
            "course_move" => {
                let places = ["startsAt", "endsAt", "trainerId", "studioId"];
                let set = data.as_object().ok_or("data is an object")?;
                self.touch(
                    data,
                    set.iter().filter(|(name, _)| places.contains(&name.as_str())),
                    event,
                )
            }
            "course_delete" => {
                let id = text(&data["courseId"]);
                self.touched.insert(id.to_owned());
                self.courses.remove(id).map(drop).ok_or(format!("no course {id} to delete"))
            }
            "resource_upsert" => {
                let one = data["resource"].clone();
                let key = (text(&one["id"]).to_owned(), text(&one["kind"]).to_owned());
                self.resources.insert(key, one);
                Ok(())
            }
            "resource_delete" => self.forget_resource(data),
            "template_save" => {
                let one = data["template"].clone();
                self.templates.insert(text(&one["id"]).to_owned(), one);
                Ok(())
            }
            "template_delete" => {
                let id = text(&data["templateId"]);
                self.templates.remove(id).map(drop).ok_or(format!("no template {id} to delete"))
            }
            "template_apply" => {
                list(&data["courses"]).iter().try_for_each(|made| self.put_course(made))
            }
            "batch" => list(&data["ops"])
                .iter()
                .try_for_each(|part| self.change(text(&part["kind"]), part, event)),
            "policy_set" => {
                self.policy = data["policy"].clone();
                Ok(())
            }
            other => Err(format!("no such kind: {other}")),
        }
    }

    fn put_course(&mut self, course: &Value) -> Result<(), String> {
        let id = text(&course["id"]).to_owned();
        self.raised.insert(id.clone());
        self.touched.insert(id.clone());
        match self.courses.insert(id.clone(), course.clone()) {
            None => Ok(()),
            Some(_) => Err(format!("course {id} was made twice")),
        }
    }

    fn touch<'a>(
        &mut self,
        data: &Value,
        set: impl Iterator<Item = (&'a String, &'a Value)>,
        event: &Value,
    ) -> Result<(), String> {
        let id = text(&data["courseId"]).to_owned();
        let raise = u64::from(self.raised.insert(id.clone()));
        self.touched.insert(id.clone());
        let course = self.courses.get_mut(&id).ok_or(format!("no course {id} to change"))?;
        for (name, value) in set {
            course[name] = value.clone();
        }
        let expected = course["version"].as_u64().unwrap_or_default() + raise;
        if data["version"] != expected {
            return Err(format!("course {id} has version {}, not {expected}", data["version"]));
        }
        course["version"] = data["version"].clone();
        course["updatedBy"] = event["userId"].clone();
        course["updatedAt"] = event["at"].clone();
        Ok(())
    }

    fn forget_resource(&mut self, data: &Value) -> Result<(), String> {
        let (id, kind) = (text(&data["resourceId"]), data["kind"].as_str());
        let before = self.resources.len();
        self.resources.retain(|(known, k), _| known != id || kind.is_some_and(|kind| kind != k));
        if self.resources.len() + 1 == before { Ok(()) } else { Err(format!("no resource {id}")) }
    }
}

fn same(what: &str, folded: &Value, told: &Value) -> Result<(), String> {
    if folded == told { Ok(()) } else { Err(format!("{what}: folded {folded}, told {told}")) }
}

fn fnv1a(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}
