//! How long people waited, fault by fault: from sending an operation to its ack, however often it
//! had to be sent, and from that ack until each of the others knew of it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::checker::delivery::Fault;
use crate::checker::history::Line;
use crate::checker::logs::Logs;
use crate::checker::streams::{self, Membership};
use crate::checker::timing::{Acked, Timing};
use crate::recorder::Tally;
use crate::run::Outcome;

/// The name of the time in which nothing is wrong.
const CALM: &str = "(calm)";

/// Delays in milliseconds.
#[derive(Debug, Default)]
struct Delays {
    times: usize,
    acks: Vec<u32>,
    deliveries: Vec<u32>,
}

/// Of any number of runs.
#[derive(Debug, Default)]
pub struct Figures {
    pub tally: Tally,
    pub events: u64,
    pub violations: Vec<String>,
    faults: BTreeMap<String, Delays>,
}

impl Figures {
    /// Adds a run.
    pub fn add(&mut self, outcome: &Outcome) {
        let tally = outcome.recorder.tally();
        self.tally.acked += tally.acked;
        self.tally.refused += tally.refused;
        self.tally.unknown += tally.unknown;
        let name = outcome.recorder.path().display();
        let found = outcome.violations.iter().map(|one| format!("{name}: {one}"));
        self.violations.extend(found);
        self.measure(&outcome.history);
    }

    /// As a table for people.
    pub fn text(&self) -> String {
        let mut text = format!(
            "operations: {} acked, {} refused, {} unknown; {} events in the logs; {} violations\n\n",
            self.tally.acked,
            self.tally.refused,
            self.tally.unknown,
            self.events,
            self.violations.len()
        );
        text +=
            "during              times   acks   p50   p99    max ms   told   p50   p99    max ms\n";
        for (fault, delays) in &self.faults {
            let (acks, told) = (Spread::of(&delays.acks), Spread::of(&delays.deliveries));
            text += &format!("{fault:<18} {:>6} {acks} {told}\n", delays.times);
        }
        for violation in &self.violations {
            text += &format!("\n{violation}");
        }
        text
    }

    /// The same for programs.
    pub fn json(&self) -> Value {
        let faults = self.faults.iter().map(|(fault, delays)| {
            json!({
                "fault": fault,
                "times": delays.times,
                "ackDelayMs": Spread::of(&delays.acks).json(),
                "deliveryDelayMs": Spread::of(&delays.deliveries).json(),
            })
        });
        json!({
            "acked": self.tally.acked,
            "refused": self.tally.refused,
            "unknown": self.tally.unknown,
            "events": self.events,
            "faults": faults.collect::<Vec<_>>(),
            "violations": self.violations,
        })
    }

    fn measure(&mut self, history: &[Line]) {
        // What is wrong has been judged.
        let mut ignored = Vec::new();
        let logs = Logs::read(history, &mut ignored);
        let memberships = streams::check(history, &logs, &mut ignored);
        let (timing, faults) = (Timing::read(history), Fault::all(history));
        self.events += logs.iter().map(|(_, log)| log.head()).sum::<u64>();
        for fault in &faults {
            self.faults.entry(fault.name.clone()).or_default().times += 1;
        }
        let mut known = Known::of(&memberships);
        for (op, acked) in timing.acked.iter().filter(|(op, _)| !timing.refused.contains(*op)) {
            let sent = timing.sent.get(op).copied().unwrap_or(acked.at);
            let hit: Vec<_> =
                faults.iter().filter(|one| sent < one.to && one.from < acked.at).collect();
            let names = hit.iter().map(|fault| fault.name.as_str());
            let names: Vec<_> = if hit.is_empty() { vec![CALM] } else { names.collect() };
            let told = known.delays(&op.0, acked);
            for name in names {
                let delays = self.faults.entry(name.to_owned()).or_default();
                delays.acks.push(((acked.at - sent) / 1_000) as u32);
                delays.deliveries.extend(&told);
            }
        }
    }
}

/// When each client first knew of each event of a room.
struct Known<'a>(BTreeMap<&'a str, Vec<&'a Membership>>);

impl<'a> Known<'a> {
    fn of(memberships: &'a [Membership]) -> Self {
        let mut rooms: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for stay in memberships {
            rooms.entry(stay.room.as_str()).or_default().push(stay);
        }
        Self(rooms)
    }

    fn delays(&mut self, room: &str, acked: &Acked) -> Vec<u32> {
        let mut first: BTreeMap<&str, u64> = BTreeMap::new();
        for stay in self.0.get(room).into_iter().flatten() {
            let known = match stay.joined_at >= acked.seq {
                true => Some(stay.from),
                false => heard(stay, acked.seq),
            };
            if let Some(at) = known.filter(|_| stay.client != acked.client) {
                let earliest = first.entry(&stay.client).or_insert(at);
                *earliest = at.min(*earliest);
            }
        }
        first.values().map(|at| (at.saturating_sub(acked.at) / 1_000) as u32).collect()
    }
}

fn heard(stay: &Membership, seq: u64) -> Option<u64> {
    // Within one stay they come in order.
    let place = stay.heard.binary_search_by_key(&seq, |(seq, _)| *seq).ok()?;
    Some(stay.heard[place].1)
}

/// What is told of many numbers.
#[derive(Clone, Copy, Debug)]
pub struct Spread {
    pub count: usize,
    pub p50: u32,
    pub p99: u32,
    pub max: u32,
}

impl Spread {
    /// Of these, in any order.
    pub fn of(numbers: &[u32]) -> Self {
        let mut sorted = numbers.to_vec();
        sorted.sort_unstable();
        let at = |percent: usize| sorted.get(sorted.len() * percent / 100).copied().unwrap_or(0);
        let max = sorted.last().copied().unwrap_or(0);
        Self { count: sorted.len(), p50: at(50), p99: at(99), max }
    }

    /// For programs.
    pub fn json(&self) -> Value {
        json!({"count": self.count, "p50": self.p50, "p99": self.p99, "max": self.max})
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:>6} {:>5} {:>5} {:>9}", self.count, self.p50, self.p99, self.max)
    }
}
