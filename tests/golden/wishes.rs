//! Random operations on the wire, by seed, in a world so small that they meet all the time. Names are
//! chosen so that orders of bytes, of characters and of UTF-16 units differ.

use serde_json::{Map, Value, json};

/// A Monday's midnight, 2026-03-23T00:00:00Z; clocks in Europe go forward on the Sunday after.
pub const MONDAY: i64 = 1_774_224_000_000;

pub const USERS: [&str; 3] = ["ada", "ben", "課長"];
pub const COURSES: [&str; 8] =
    ["course-0", "course-1", "課程-2", "！-3", "🏋-4", "course-5", "c", "c\u{e000}"];
/// So many of them are there from the beginning.
pub const FOUNDED: u64 = 5;
const RESOURCES: [&str; 3] = ["kim", "hall", "大廳🏢"];
const TEMPLATES: [&str; 2] = ["week", "週"];
const TITLES: [&str; 4] = ["Yoga", "瑜伽", "Spinning 🚴", "e\u{301}quilibre"];

/// What a sequence may hold. A restore brings back places on overrides that clients can't know of, so
/// no sequence has both.
#[derive(Clone, Copy, Debug)]
pub struct Kinds {
    pub overrides: bool,
    pub restores: bool,
}

/// SplitMix64: the same operations for the same seed for ever, whatever libraries do.
pub struct Dice(pub u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// 0 up to `end`, without it.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// True in so many of a hundred.
    pub fn percent(&mut self, share: u64) -> bool {
        self.below(100) < share
    }

    /// One of them.
    pub fn of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len() as u64) as usize]
    }

    /// A field that is there in so many of a hundred, then sometimes `null`.
    fn field(&mut self, into: &mut Map<String, Value>, name: &str, share: u64, value: Value) {
        if self.percent(share) {
            let value = if self.percent(15) { Value::Null } else { value };
            into.insert(name.to_owned(), value);
        }
    }

    /// Any operation.
    pub fn op(&mut self, kinds: Kinds, asked: u64) -> Value {
        let mut op = match self.below(100) {
            0..=66 => self.simple(),
            67..=74 => json!({ "kind": "batch", "ops": self.several() }),
            75..=85 => self.revert("undo", asked),
            86..=88 => self.revert("redo", asked),
            89..=91 if kinds.restores => {
                json!({ "kind": "restore", "seq": self.below(asked.min(30) + 1) })
            }
            92..=95 => json!({ "kind": "policy_set", "policy": self.policy() }),
            96 => self.wrong(),
            _ => self.simple(),
        };
        if kinds.overrides && self.percent(25) {
            op["override"] = json!({ "reason": "a guest class" });
        }
        op
    }

    /// What a room begins with, so that later operations have something to meet.
    pub fn foundation(&mut self, n: u64) -> Value {
        let index = n as usize - 1;
        let mut course = self.course();
        // Ten hours apart, so that every one of them is accepted.
        let start = MONDAY + index as i64 * 10 * 3_600_000;
        course["id"] = json!(COURSES[index]);
        course["startsAt"] = json!(time(start));
        course["endsAt"] = json!(time(start + 3_600_000));
        let mut resource = self.resource();
        resource["id"] = json!(RESOURCES[index % RESOURCES.len()]);
        // An id has one kind.
        resource["kind"] = json!(["trainer", "studio", "studio"][index % RESOURCES.len()]);
        let mut template = self.template();
        template["id"] = json!(TEMPLATES[index % TEMPLATES.len()]);
        json!({ "kind": "batch", "ops": [
            { "kind": "course_create", "course": course },
            { "kind": "resource_upsert", "resource": resource },
            { "kind": "template_save", "template": template },
        ] })
    }

    fn several(&mut self) -> Vec<Value> {
        (0..=self.below(4)).map(|_| self.simple()).collect()
    }

    fn simple(&mut self) -> Value {
        match self.below(32) {
            0..=8 => json!({ "kind": "course_create", "course": self.course() }),
            9..=13 => self.update(),
            14..=21 => self.relocation(),
            22 => json!({ "kind": "course_delete", "courseId": self.of(&COURSES) }),
            23..=26 => json!({ "kind": "resource_upsert", "resource": self.resource() }),
            27 => {
                let mut op =
                    json!({ "kind": "resource_delete", "resourceId": self.of(&RESOURCES) });
                if self.percent(50) {
                    op["resourceKind"] = json!(self.of(&["trainer", "studio"]));
                }
                op
            }
            28 => json!({ "kind": "template_save", "template": self.template() }),
            29 => json!({ "kind": "template_delete", "templateId": self.of(&TEMPLATES) }),
            _ => self.application(),
        }
    }

    fn course(&mut self) -> Value {
        let start = self.start();
        let end = start + (1 + self.below(120) as i64) * 60_000;
        let mut course = Map::new();
        course.insert("title".into(), json!(self.of(&TITLES)));
        course.insert("startsAt".into(), json!(time(start)));
        course.insert("endsAt".into(), json!(time(end)));
        let (id, trainer, studio) = (self.of(&COURSES), self.of(&RESOURCES), self.of(&RESOURCES));
        let capacity = 1 + self.below(40);
        self.field(&mut course, "id", 60, json!(id));
        self.field(&mut course, "trainerId", 80, json!(trainer));
        self.field(&mut course, "studioId", 80, json!(studio));
        self.field(&mut course, "capacity", 50, json!(capacity));
        self.field(&mut course, "color", 20, json!("#1F77b4"));
        self.field(&mut course, "notes", 20, json!("帶毛巾\n\"towel\" \u{7f} </b>"));
        self.field(&mut course, "tags", 30, json!(["beginners", "新"]));
        Value::Object(course)
    }

    fn update(&mut self) -> Value {
        let mut patch = Map::new();
        if self.percent(40) {
            patch.insert("title".into(), json!(self.of(&TITLES)));
        }
        let (trainer, studio) = (self.of(&RESOURCES), self.of(&RESOURCES));
        let capacity = 1 + self.below(40);
        self.field(&mut patch, "trainerId", 40, json!(trainer));
        self.field(&mut patch, "studioId", 40, json!(studio));
        self.field(&mut patch, "capacity", 40, json!(capacity));
        self.field(&mut patch, "color", 20, json!("#ABCDEF"));
        self.field(&mut patch, "notes", 20, json!("new"));
        self.field(&mut patch, "tags", 20, json!(["late"]));
        json!({ "kind": "course_update", "courseId": self.of(&COURSES), "patch": patch })
    }

    fn relocation(&mut self) -> Value {
        let start = self.start();
        let mut op = Map::new();
        op.insert("kind".into(), json!("course_move"));
        op.insert("courseId".into(), json!(self.of(&COURSES)));
        op.insert("startsAt".into(), json!(time(start)));
        let (trainer, studio) = (self.of(&RESOURCES), self.of(&RESOURCES));
        let end = start + (1 + self.below(90) as i64) * 60_000;
        self.field(&mut op, "endsAt", 50, json!(time(end)));
        self.field(&mut op, "trainerId", 40, json!(trainer));
        self.field(&mut op, "studioId", 40, json!(studio));
        Value::Object(op)
    }

    fn resource(&mut self) -> Value {
        let mut resource = Map::new();
        resource.insert("id".into(), json!(self.of(&RESOURCES)));
        resource.insert("kind".into(), json!(self.of(&["trainer", "studio"])));
        resource.insert("name".into(), json!(self.of(&TITLES)));
        resource.insert("overlap".into(), json!(self.overlap()));
        let (capacity, buffer) = (5 + self.below(25), self.below(90));
        self.field(&mut resource, "capacity", 50, json!(capacity));
        self.field(&mut resource, "bufferMinutes", 30, json!(buffer));
        Value::Object(resource)
    }

    fn template(&mut self) -> Value {
        let slots: Vec<_> = (0..self.below(4)).map(|_| self.slot()).collect();
        json!({ "id": self.of(&TEMPLATES), "name": self.of(&TITLES), "slots": slots })
    }

    fn slot(&mut self) -> Value {
        let mut slot = Map::new();
        slot.insert("weekday".into(), json!(1 + self.below(7)));
        slot.insert("start".into(), json!(format!("{:02}:{:02}", self.below(24), self.below(60))));
        slot.insert("minutes".into(), json!(1 + self.below(180)));
        slot.insert("title".into(), json!(self.of(&TITLES)));
        let (trainer, studio) = (self.of(&RESOURCES), self.of(&RESOURCES));
        self.field(&mut slot, "trainerId", 50, json!(trainer));
        self.field(&mut slot, "studioId", 50, json!(studio));
        self.field(&mut slot, "color", 20, json!("#00Ff00"));
        self.field(&mut slot, "tags", 20, json!(["week"]));
        Value::Object(slot)
    }

    fn application(&mut self) -> Value {
        let from = 23 + self.below(5);
        let to = from + self.below(4);
        json!({
            "kind": "template_apply", "templateId": self.of(&TEMPLATES),
            "from": format!("2026-03-{from}"), "to": format!("2026-03-{to}"),
            "onConflict": self.of(&["fail", "skip"]),
        })
    }

    fn revert(&mut self, kind: &str, asked: u64) -> Value {
        match asked {
            2.. if self.percent(30) => {
                json!({ "kind": kind, "opId": op_id(1 + self.below(asked - 1)) })
            }
            _ => json!({ "kind": kind }),
        }
    }

    fn policy(&mut self) -> Value {
        json!({ "staleEdits": self.of(&["merge", "strict"]), "defaultOverlap": self.overlap() })
    }

    fn overlap(&mut self) -> &'static str {
        self.of(&["forbid", "warn", "allow"])
    }

    fn start(&mut self) -> i64 {
        MONDAY + self.below(14) as i64 * 15 * 60_000
    }

    /// What breaks a bound.
    fn wrong(&mut self) -> Value {
        let id = self.of(&COURSES);
        match self.below(6) {
            0 => json!({ "kind": "course_update", "courseId": id, "patch": {} }),
            1 => json!({ "kind": "course_update", "courseId": id, "patch": { "title": "" } }),
            2 => {
                json!({ "kind": "course_update", "courseId": id, "patch": { "capacity": 100_001 } })
            }
            3 => json!({
                "kind": "course_move", "courseId": id,
                "startsAt": time(MONDAY), "endsAt": time(MONDAY + 59_999),
            }),
            4 => json!({ "kind": "batch", "ops": [] }),
            _ => json!({ "kind": "batch", "ops": [
                { "kind": "course_update", "courseId": id, "patch": { "tags": ["🏋".repeat(41)] } },
            ] }),
        }
    }
}

/// The name of the operation asked for as the `n`th.
pub fn op_id(n: u64) -> String {
    uuid::Uuid::from_u128(u128::from(n)).to_string()
}

fn time(millis: i64) -> String {
    jiff::Timestamp::from_millisecond(millis).expect("in range").to_string()
}
