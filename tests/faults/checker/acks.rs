//! What a client may conclude from a reply: an ack is in the log where it said, an operation that
//! was refused is not, a repeat gets the first answer, and what follows an ack comes after it.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::Violation;
use super::history::{Entry, Line, text};
use super::logs::Logs;
use super::timing::{Op, Timing, is_op, key};

/// Codes with which an operation was not applied, whoever asks.
const NOT_APPLIED: [&str; 12] = [
    "unauthenticated",
    "token_expired",
    "forbidden",
    "not_found",
    "invalid",
    "unknown_type",
    "too_large",
    "conflict",
    "stale",
    "locked",
    "rate_limited",
    "busy",
];
/// Those of them that are the outcome of a decision: a repeat of a committed operation is looked up
/// before anything is decided.
const DECIDED: [&str; 5] = ["conflict", "stale", "locked", "invalid", "not_found"];

/// One request for an operation, and its reply if one came.
#[derive(Debug)]
struct Attempt<'a> {
    client: &'a str,
    user: Option<&'a str>,
    sent: u64,
    answered: Option<(u64, &'a Value)>,
}

impl Attempt<'_> {
    fn code(&self) -> Option<&str> {
        let (_, reply) = self.answered?;
        (reply["type"] == "error").then(|| text(&reply["code"]))
    }

    fn ack(&self) -> Option<(u64, &Value)> {
        self.answered.filter(|(_, reply)| reply["type"] == "ack")
    }
}

/// Judges every operation by its attempts.
pub fn check(history: &[Line], logs: &Logs, timing: &Timing, found: &mut Vec<Violation>) {
    let attempts = attempts(history, found);
    for (op, attempts) in &attempts {
        Case { op, attempts, logs, found: &mut *found }.check();
    }
    unknown(&attempts, logs, found);
    order(logs, timing, found);
}

fn attempts<'a>(history: &'a [Line], found: &mut Vec<Violation>) -> BTreeMap<Op, Vec<Attempt<'a>>> {
    let mut all: BTreeMap<Op, Vec<Attempt<'a>>> = BTreeMap::new();
    let mut calls: HashMap<(&str, u64), (Op, usize)> = HashMap::new();
    let mut users: HashMap<&str, &str> = HashMap::new();
    for line in history {
        match &line.entry {
            Entry::Open { client, user, .. } => {
                users.insert(client, user);
            }
            Entry::Invoke { client, call, request, .. } if is_op(request) => {
                let op = key(text(&request["room"]), text(&request["opId"]));
                let list = all.entry(op.clone()).or_default();
                let user = users.get(client.as_str()).copied();
                list.push(Attempt { client, user, sent: line.at, answered: None });
                calls.insert((client, *call), (op, list.len() - 1));
            }
            Entry::Answer { client, call, reply, .. } => {
                let Some((op, n)) = calls.get(&(client.as_str(), *call)) else { continue };
                let attempt = &mut all.get_mut(op).expect("it was just put there")[*n];
                if attempt.answered.replace((line.at, reply)).is_some() {
                    let text = format!("{client}, call {call}: a second reply {reply}");
                    found.push(Violation::new("answered-twice", text));
                }
            }
            _ => {}
        }
    }
    all
}

/// One operation before the judge.
struct Case<'a> {
    op: &'a Op,
    attempts: &'a [Attempt<'a>],
    logs: &'a Logs,
    found: &'a mut Vec<Violation>,
}

impl Case<'_> {
    fn check(&mut self) {
        self.acks();
        self.refusals();
        self.late_refusals();
        self.author();
    }

    fn logged(&self) -> Option<u64> {
        self.logs.of(&self.op.0)?.seq_of.get(&self.op.1).copied()
    }

    fn wrong(&mut self, rule: &'static str, text: impl AsRef<str>) {
        let (room, op_id) = self.op;
        let text = format!("room {room}, op {op_id}: {}", text.as_ref());
        self.found.push(Violation::new(rule, text));
    }

    fn acks(&mut self) {
        let acks: Vec<&Value> = self.attempts.iter().filter_map(|one| Some(one.ack()?.1)).collect();
        for ack in &acks {
            let seq = ack["seq"].as_u64();
            if seq.is_none() || seq != self.logged() {
                let logged = self.logged();
                let text = format!("acked at {}, in the log at {logged:?}", ack["seq"]);
                self.wrong("acked-lost", text);
            }
            if text(&ack["opId"]) != self.op.1 || text(&ack["room"]) != self.op.0 {
                self.wrong("wrong-ack", ack.to_string());
            }
        }
        if acks.iter().filter(|ack| ack["duplicate"] == false).count() > 1 {
            self.wrong("acked-new-twice", "two acks say that it is no duplicate");
        }
        if acks.iter().any(|ack| ack["seq"] != acks[0]["seq"]) {
            self.wrong("duplicate-elsewhere", format!("its acks name different places: {acks:?}"));
        }
    }

    /// An operation that every attempt was told was not applied, was not.
    fn refusals(&mut self) {
        let refused =
            self.attempts.iter().all(|one| one.code().is_some_and(|c| NOT_APPLIED.contains(&c)));
        if refused && let Some(seq) = self.logged() {
            let codes: Vec<_> = self.attempts.iter().filter_map(Attempt::code).collect();
            self.wrong("refused-applied", format!("refused as {codes:?}, and in the log at {seq}"));
        }
    }

    /// Whoever asks again after an ack gets that ack.
    fn late_refusals(&mut self) {
        let acked = self.attempts.iter().filter_map(|one| Some(one.ack()?.0)).min();
        let Some(acked) = acked else { return };
        let later = self.attempts.iter().filter(|one| one.sent > acked);
        let refused = later.filter_map(Attempt::code).filter(|code| DECIDED.contains(code));
        let refused: Vec<String> = refused.map(str::to_owned).collect();
        if !refused.is_empty() {
            self.wrong("repeat-refused", format!("acked, then refused as {refused:?}"));
        }
    }

    fn author(&mut self) {
        let Some(seq) = self.logged() else { return };
        let event = self.logs.of(&self.op.0).and_then(|log| log.event(seq));
        let told = event.map(|event| text(&event["userId"])).unwrap_or_default().to_owned();
        let mut users = self.attempts.iter().filter_map(|one| one.user);
        if users.any(|user| user != told) {
            let clients: Vec<_> = self.attempts.iter().map(|one| one.client).collect();
            self.wrong("wrong-author", format!("sent by {clients:?}, logged as {told}'s"));
        }
    }
}

/// Nothing is in a log that nobody asked for.
fn unknown(attempts: &BTreeMap<Op, Vec<Attempt<'_>>>, logs: &Logs, found: &mut Vec<Violation>) {
    for (room, log) in logs.iter() {
        for (op_id, seq) in &log.seq_of {
            if !attempts.contains_key(&key(room, op_id)) {
                let text = format!("room {room}, seq {seq}: nobody sent op {op_id}");
                found.push(Violation::new("never-sent", text));
            }
        }
    }
}

/// What was first sent after another operation's ack stands behind it.
fn order(logs: &Logs, timing: &Timing, found: &mut Vec<Violation>) {
    for (room, log) in logs.iter() {
        let acked = |seq: u64| {
            let op_id = text(&log.event(seq)?["opId"]);
            timing.acked.get(&key(room, op_id)).map(|acked| acked.at)
        };
        // From the end: the earliest ack of all that stands behind.
        let mut earliest: Option<(u64, u64)> = None;
        for seq in (1..=log.head()).rev() {
            let op_id = log.event(seq).map(|event| text(&event["opId"])).unwrap_or_default();
            let sent = timing.sent.get(&key(room, op_id));
            if let (Some(sent), Some((at, behind))) = (sent, earliest)
                && at < *sent
            {
                let text = format!("room {room}: {seq} was sent after the ack of {behind}");
                found.push(Violation::new("order", text));
            }
            earliest = acked(seq).map(|at| (at, seq)).into_iter().chain(earliest).min();
        }
    }
}
