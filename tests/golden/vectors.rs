//! What the rules make of random operations, step by step, for other implementations of them: the
//! client library proves with these files that it folds, checks and refuses exactly as the service.
//! `web/client/test/vectors.test.ts` reads them.

use std::sync::Arc;

use jiff::tz::TimeZone;
use kyo_collaboration::domain::*;
use kyo_collaboration::protocol::client::decode_op;
use kyo_collaboration::protocol::envelope::encode_event;
use kyo_collaboration::protocol::error::WireError;
use kyo_collaboration::protocol::state::{digest_text, state_json};
use serde_json::{Value, json};
use uuid::Uuid;

use super::file::check;
use super::samples::room;
use super::wishes::{COURSES, Dice, FOUNDED, Kinds, MONDAY, USERS, op_id};

const STEPS: u64 = 60;

/// One room and its past.
struct World {
    states: Vec<Timetable>,
    tail: Tail,
}

/// Who asks, and what else a decision depends on.
struct Asking {
    n: u64,
    user: &'static str,
    role: Role,
    locked: Option<&'static str>,
}

impl Asking {
    fn roll(dice: &mut Dice, n: u64) -> Self {
        let role = match dice.below(20) {
            0 => Role::Viewer,
            1..=4 => Role::Editor,
            _ => Role::Owner,
        };
        let locked = dice.percent(5).then(|| dice.of(&COURSES));
        Self { n, user: dice.of(&USERS), role, locked }
    }

    fn role(&self) -> &'static str {
        match self.role {
            Role::Viewer => "viewer",
            Role::Editor => "editor",
            Role::Owner => "owner",
        }
    }

    fn now(&self) -> Instant {
        Instant(MONDAY + self.n as i64 * 1_001)
    }

    fn ids(&self) -> Uuid {
        Uuid::from_u128(u128::from(self.n) << 64)
    }

    fn locks(&self) -> Locks {
        let mut locks = Locks::default();
        if let Some(course) = self.locked {
            let lock = Lock {
                user_id: UserId::parse("dan").expect("a valid id"),
                session_id: SessionId::parse("dan-1").expect("a valid id"),
                expires_at: self.now().plus(1),
                token: 1,
            };
            locks.put(CourseId::parse(course).expect("a valid id"), lock);
        }
        locks
    }
}

impl World {
    fn new(zone: &str) -> Self {
        let zone = TimeZone::get(zone).expect("a bundled zone");
        Self {
            states: vec![Timetable::new(room(), zone, Policy::default())],
            tail: Tail::new(0, 1_000),
        }
    }

    fn now(&self) -> &Timetable {
        self.states.last().expect("there is always the empty state")
    }

    /// Who has just undone something.
    fn undoer(&self) -> Option<&'static str> {
        let last = self.tail.iter().next_back().filter(|event| event.undoes.is_some())?;
        USERS.into_iter().find(|user| *user == last.user_id.as_str())
    }

    fn decide(&self, message: &Value, asking: &Asking) -> Result<Decision, WireError> {
        let (command, _) = decode_op(message.to_string().as_bytes())?;
        let user_id = UserId::parse(asking.user).expect("a valid id");
        let session_id = SessionId::parse(&format!("{}-1", asking.user)).expect("a valid id");
        let restore = match command.op {
            Op::Restore { seq } => self.states.get(seq as usize),
            _ => None,
        };
        let ctx = Context {
            room: room(),
            user_id: &user_id,
            session_id: Some(&session_id),
            role: asking.role,
            now: asking.now(),
            ids: NewIds(asking.ids()),
            locks: &asking.locks(),
            tail: &self.tail,
            restore,
            elsewhere: &[],
        };
        Ok(decide(self.now(), &command, &ctx)?)
    }

    /// One line of a file: the question, the answer, and the state after it.
    fn step(&mut self, message: &Value, asking: &Asking) -> Value {
        let mut line = json!({
            "user": asking.user, "role": asking.role(), "at": asking.now().0,
            "ids": asking.ids().to_string(), "message": message,
        });
        if let Some(course) = asking.locked {
            line["locked"] = json!(course);
        }
        match self.decide(message, asking) {
            Err(error) => line["error"] = json!(error),
            Ok(decision) => {
                let wire = encode_event(&decision.event).wire;
                line["event"] = serde_json::from_str(wire.as_str()).expect("an event is JSON");
                let mut next = self.now().clone();
                next.evolve(&decision.event);
                self.states.push(next);
                self.tail.push(Arc::new(decision.event));
                line["digest"] = json!(digest_text(self.now().digest()));
                line["state"] = json!(hash(state_json(self.now()).as_str()));
            }
        }
        line
    }
}

/// FNV-1a, 64 bits: the exact text of a state without its size.
fn hash(text: &str) -> String {
    let fold = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    format!("{:016x}", text.bytes().fold(0xcbf2_9ce4_8422_2325, fold))
}

fn message(dice: &mut Dice, kinds: Kinds, n: u64) -> Value {
    let mut message = json!({ "opId": op_id(n), "op": dice.op(kinds, n) });
    if dice.percent(10) {
        message["baseVersion"] = json!(1 + dice.below(3));
    }
    message
}

/// A sequence as lines of JSON: the room, the steps, and the whole state in the end.
fn sequence(seed: u64, zone: &str, kinds: Kinds) -> String {
    let mut dice = Dice(seed);
    let mut world = World::new(zone);
    let mut lines = vec![json!({ "room": room().to_string(), "timezone": zone }).to_string()];
    for n in 1..=STEPS {
        let asking = Asking::roll(&mut dice, n);
        let (asking, message) = if n <= FOUNDED {
            let op = dice.foundation(n);
            let asking = Asking { role: Role::Owner, locked: None, ..asking };
            (asking, json!({ "opId": op_id(n), "op": op }))
        } else if let Some(user) = world.undoer().filter(|_| dice.percent(60)) {
            let asking = Asking { user, role: Role::Owner, ..asking };
            (asking, json!({ "opId": op_id(n), "op": { "kind": "redo" } }))
        } else {
            (asking, message(&mut dice, kinds, n))
        };
        lines.push(world.step(&message, &asking).to_string());
    }
    lines.push(state_json(world.now()).as_str().to_owned());
    lines.join("\n") + "\n"
}

#[test]
fn the_rules_are_as_other_implementations_know_them() {
    let zones = ["Asia/Taipei", "Europe/Berlin", "America/Toronto", "Australia/Lord_Howe"];
    // The last two undo a restore that went back to before a trainer was registered.
    for seed in (1..=12).chain([1077, 1169]) {
        let kinds = Kinds { overrides: seed % 4 == 0, restores: seed % 4 == 1 };
        let zone = zones[seed as usize % zones.len()];
        check(&format!("vectors/{seed:02}.jsonl"), &sequence(seed, zone, kinds));
    }
}
