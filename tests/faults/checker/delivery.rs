//! Redis is a hint: while it is in trouble operations are acked as ever, and what one replica
//! committed reaches the members on the others within two seconds.

use std::collections::BTreeMap;

use super::Violation;
use super::history::{Entry, Line};
use super::streams::Membership;
use super::timing::{Acked, Timing};

/// The promise, for replicas that ask the database instead.
const BOUND_MICROS: u64 = 2_000_000;
/// What the recorder may have been late beyond its own measure: two reads from a socket.
const SLACK_MICROS: u64 = 250_000;
/// How the names of Redis's faults begin.
const REDIS: &str = "redis_";

/// One fault, from its beginning to the end of its healing.
#[derive(Clone, Debug)]
pub struct Fault {
    pub name: String,
    pub from: u64,
    /// The end of the history if it has none.
    pub to: u64,
}

impl Fault {
    /// All faults of a history.
    pub fn all(history: &[Line]) -> Vec<Self> {
        let end = history.last().map_or(0, |line| line.at);
        let mut faults: BTreeMap<u64, Self> = BTreeMap::new();
        for line in history {
            match &line.entry {
                Entry::Begin { fault, id, .. } => {
                    let name = fault.clone();
                    faults.insert(*id, Self { name, from: line.at, to: end });
                }
                Entry::End { id } => {
                    if let Some(fault) = faults.get_mut(id) {
                        fault.to = line.at;
                    }
                }
                _ => {}
            }
        }
        faults.into_values().collect()
    }

    fn is_redis(&self) -> bool {
        self.name.starts_with(REDIS)
    }
}

/// Judges every Redis fault that no other kind of fault overlaps.
pub fn check(
    history: &[Line],
    memberships: &[Membership],
    timing: &Timing,
    found: &mut Vec<Violation>,
) {
    let faults = Fault::all(history);
    let patience = Patience::of(history, memberships, timing, &faults);
    for fault in faults.iter().filter(|fault| fault.is_redis()) {
        let mut others = faults.iter().filter(|other| !other.is_redis());
        if others.any(|other| other.from < fault.to + BOUND_MICROS && fault.from < other.to) {
            continue;
        }
        let acked: Vec<_> = timing
            .acked
            .iter()
            .filter(|(_, acked)| (fault.from..fault.to).contains(&acked.at))
            .collect();
        if acked.is_empty() {
            let text = format!("no operation was acked during {}", fault.name);
            found.push(Violation::new("no-acks", text));
        }
        for ((room, op_id), acked) in acked {
            for stay in memberships.iter().filter(|stay| stay.room == *room) {
                if let Some(late) = late(stay, acked, &patience) {
                    let text = format!(
                        "{}: {} acked {op_id} on {} as {room} {}; {} on {} {late}",
                        fault.name, acked.client, acked.node, acked.seq, stay.client, stay.node
                    );
                    found.push(Violation::new("delivery-bound", text));
                }
            }
        }
    }
}

/// What is granted to a member beyond the bound.
struct Patience {
    /// When the recorder was late, and by how much.
    stalls: Vec<(u64, u64)>,
    /// The longest that anybody waited before the first fault. It is small where replicas get a
    /// processor when they need one; where they do not, no fault can make them faster.
    usual: u64,
}

impl Patience {
    fn of(history: &[Line], memberships: &[Membership], timing: &Timing, faults: &[Fault]) -> Self {
        let stalls = history.iter().filter_map(|line| match line.entry {
            Entry::Stall { micros } => Some((line.at, micros)),
            _ => None,
        });
        let calm = faults.iter().map(|fault| fault.from).min().unwrap_or(0);
        let waits = timing.acked.iter().flat_map(|((room, _), acked)| {
            let stays = memberships.iter().filter(move |stay| stay.room == *room);
            let heard =
                stays.filter(|stay| concerns(stay, acked)).filter_map(|stay| heard(stay, acked));
            heard.filter(|at| *at < calm).map(|at| at.saturating_sub(acked.at))
        });
        Self { usual: waits.max().unwrap_or(0), stalls: stalls.collect() }
    }

    /// Until when it is in time.
    fn until(&self, acked: &Acked) -> u64 {
        let until = acked.at + BOUND_MICROS + SLACK_MICROS + self.usual;
        let stalled =
            self.stalls.iter().filter(|(at, micros)| at - micros <= until && *at >= acked.at);
        until + stalled.map(|(_, micros)| micros).sum::<u64>()
    }
}

/// How a member of another replica missed the bound, if it did.
fn late(stay: &Membership, acked: &Acked, patience: &Patience) -> Option<String> {
    let until = patience.until(acked);
    match heard(stay, acked) {
        _ if !concerns(stay, acked) => None,
        Some(at) if at <= until => None,
        Some(at) => Some(format!("heard of it after {} ms", (at - acked.at) / 1_000)),
        // Whoever left before the bound cannot be told.
        None if stay.to <= until => None,
        None => Some("never heard of it".to_owned()),
    }
}

/// Whether a member of another replica was there when it was acked, and is to be told.
fn concerns(stay: &Membership, acked: &Acked) -> bool {
    stay.node != acked.node && stay.from < acked.at && stay.joined_at < acked.seq
}

fn heard(stay: &Membership, acked: &Acked) -> Option<u64> {
    stay.heard.iter().find(|(seq, _)| *seq == acked.seq).map(|(_, at)| *at)
}
