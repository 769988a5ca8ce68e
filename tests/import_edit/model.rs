//! The rules of the contract, told independently of the service: who held which trainer from which
//! event to which, and which courses were there.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

/// Events after a reply that may have been under way when the service decided: each of the others had
/// at most one.
const UNDER_WAY: u64 = 20;

/// An operation that was refused, and what its author had seen before it and after.
pub struct Refused {
    pub op: Value,
    pub reply: Value,
    pub since: u64,
    pub until: u64,
}

impl Refused {
    pub fn code(&self) -> &str {
        self.reply["code"].as_str().unwrap_or_default()
    }

    fn may_have_seen(&self, life: &Life) -> bool {
        life.from <= self.until + UNDER_WAY && life.to > self.since
    }
}

/// One unchanged stretch of a course's life.
#[derive(Clone, Debug)]
struct Life {
    from: u64,
    to: u64,
    start: Timestamp,
    end: Timestamp,
    trainer: Option<String>,
}

/// All courses with all they were.
pub struct Rules {
    seq: u64,
    courses: BTreeMap<String, Vec<Life>>,
    gone: BTreeMap<String, Vec<u64>>,
}

/// The courses of a `joined` reply.
pub fn courses(joined: &Value) -> impl Iterator<Item = (String, Value)> {
    let state = &joined["snapshot"];
    let state = if state["state"].is_object() { &state["state"] } else { state };
    let all = state["courses"].as_array().cloned().unwrap_or_default();
    all.into_iter().map(|course| (text(&course["id"]), course))
}

impl Rules {
    /// From the first `joined`.
    pub fn new(joined: &Value) -> Self {
        let seq = joined["seq"].as_u64().expect("a number");
        let mut rules = Self { seq, courses: BTreeMap::new(), gone: BTreeMap::new() };
        courses(joined).for_each(|(_, course)| rules.begin(&course));
        rules
    }

    /// Takes in one event.
    pub fn fold(&mut self, event: &Value) {
        self.seq += 1;
        assert_eq!(event["seq"], self.seq, "a gap");
        self.change(&event["kind"], &event["data"]);
    }

    /// Fails unless the contract lets the service refuse this.
    pub fn justify(&self, refused: &Refused) {
        let Refused { op, reply, .. } = refused;
        let kind = op["kind"].as_str().unwrap_or_default();
        if kind == "undo" {
            // What it reverts is the service's to know; it may have nothing left or be overtaken.
            let known = ["conflict", "not_found", "stale", "invalid"].contains(&refused.code());
            return assert!(known, "{reply}");
        }
        match refused.code() {
            "conflict" => self.justify_conflict(refused),
            "not_found" => {
                let id = op["courseId"].as_str().expect("only a named course can be missing");
                // Gone by then, or its creation was refused and it never was.
                let gone = self
                    .gone
                    .get(id)
                    .is_some_and(|seqs| seqs.iter().any(|seq| *seq <= refused.until + UNDER_WAY));
                assert!(gone || !self.courses.contains_key(id), "{op} {reply}");
            }
            _ => panic!("the rules have no such refusal here: {op} {reply}"),
        }
    }

    fn justify_conflict(&self, refused: &Refused) {
        let named = refused.reply["details"]["conflicts"].as_array().expect("they are listed");
        assert!(!named.is_empty(), "a conflict names what is in the way");
        let own = refused.op["courseId"].as_str().or(refused.op["course"]["id"].as_str());
        for conflict in named {
            assert_eq!(conflict["kind"], "trainer_overlap", "studios are allowed to overlap");
            let trainer = conflict["resourceId"].as_str();
            let (start, end) = self.wanted(refused, conflict, own);
            let others = conflict["courses"].as_array().expect("a list");
            let real = others.iter().filter(|one| one["courseId"].as_str() != own).any(|one| {
                let lives = self.courses.get(one["courseId"].as_str().unwrap_or_default());
                lives.into_iter().flatten().any(|life| {
                    refused.may_have_seen(life)
                        && life.trainer.as_deref() == trainer
                        && life.start < end
                        && start < life.end
                })
            });
            assert!(real, "nothing is in the way of {}: {conflict}", refused.op);
        }
    }

    /// The time that the refused course would have had.
    fn wanted(
        &self,
        refused: &Refused,
        conflict: &Value,
        own: Option<&str>,
    ) -> (Timestamp, Timestamp) {
        let course = &refused.op["course"];
        let fields = if course.is_object() { course } else { &refused.op };
        let start = instant(&fields["startsAt"]);
        if fields["endsAt"].is_string() {
            return (start, instant(&fields["endsAt"]));
        }
        let itself = conflict["courses"].as_array().into_iter().flatten();
        let mut itself = itself.filter(|one| one["courseId"].as_str() == own);
        (start, instant(&itself.next().expect("it is part of its conflict")["endsAt"]))
    }

    /// At no time did two courses hold one trainer at once.
    pub fn assert_no_double_booking(&self, trainers: &[&str]) {
        for trainer in trainers {
            let all =
                self.courses.iter().flat_map(|(id, lives)| lives.iter().map(move |l| (id, l)));
            let mut held: Vec<_> =
                all.filter(|(_, life)| life.trainer.as_deref() == Some(*trainer)).collect();
            held.sort_by_key(|(_, life)| life.start);
            for (n, (id, one)) in held.iter().enumerate() {
                for (other, two) in held[n + 1..].iter().take_while(|(_, two)| two.start < one.end)
                {
                    let both = one.from < two.to && two.from < one.to;
                    assert!(!both || id == other, "{trainer} twice: {id} {one:?}, {other} {two:?}");
                }
            }
        }
    }

    fn change(&mut self, kind: &Value, data: &Value) {
        match kind.as_str().unwrap_or_default() {
            "course_create" => self.begin(&data["course"]),
            "course_update" => self.touch(data, &data["patch"]),
            "course_move" => self.touch(data, data),
            "course_delete" => {
                let id = text(&data["courseId"]);
                self.end(&id);
                self.gone.entry(id).or_default().push(self.seq);
            }
            "batch" => {
                let parts = data["ops"].as_array().expect("a list");
                parts.iter().for_each(|part| self.change(&part["kind"], part));
            }
            other => panic!("nobody asked for a {other}"),
        }
    }

    fn begin(&mut self, course: &Value) {
        let life = Life {
            from: self.seq,
            to: u64::MAX,
            start: instant(&course["startsAt"]),
            end: instant(&course["endsAt"]),
            trainer: course["trainerId"].as_str().map(str::to_owned),
        };
        self.courses.entry(text(&course["id"])).or_default().push(life);
    }

    fn end(&mut self, id: &str) -> Life {
        let life = self.courses.get_mut(id).and_then(|lives| lives.last_mut()).expect("is known");
        assert_eq!(life.to, u64::MAX, "{id} was deleted already");
        life.to = self.seq;
        life.clone()
    }

    fn touch(&mut self, data: &Value, set: &Value) {
        let id = text(&data["courseId"]);
        let mut life = Life { from: self.seq, to: u64::MAX, ..self.end(&id) };
        if set["startsAt"].is_string() {
            (life.start, life.end) = (instant(&set["startsAt"]), instant(&set["endsAt"]));
        }
        if let Some(trainer) = set.get("trainerId") {
            life.trainer = trainer.as_str().map(str::to_owned);
        }
        self.courses.entry(id).or_default().push(life);
    }
}

fn instant(value: &Value) -> Timestamp {
    text(value).parse().expect("an instant")
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} should be text")).to_owned()
}
