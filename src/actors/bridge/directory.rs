//! Where the other replicas are reached, as values: what the bus has said is remembered, so that a bus
//! in trouble cuts nobody off, and so that names which clients make up are not carried to it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::bus::NodeId;

/// How often an address is asked for again while it is used.
const FRESH: Duration = Duration::from_secs(10);
/// How long an address is used while the bus does not answer.
const KEPT: Duration = Duration::from_secs(600);
/// How long nobody asks again for a replica that has none.
const ABSENT: Duration = Duration::from_secs(2);
/// How long a replica is still looked for that has said that it ends.
const PARTING: Duration = Duration::from_secs(3);
/// The most that are remembered; more are asked for each time.
const MAX_ENTRIES: usize = 1_024;
/// Questions a round for replicas that were never heard: one that has just begun does not know the
/// others yet, and a name that a client made up is never heard.
const STRANGERS: usize = 16;

/// What is known.
#[derive(Debug, Default)]
pub(super) struct Directory {
    entries: HashMap<NodeId, Entry>,
    strangers: usize,
}

#[derive(Debug)]
struct Entry {
    address: Option<Arc<str>>,
    /// Nobody needs to ask before that.
    fresh_until: Instant,
    /// It says nothing after that.
    kept_until: Instant,
}

/// What to do about a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lookup {
    /// Answer this.
    Known(Option<Arc<str>>),
    /// Answer this, and ask the bus for the next time.
    Stale(Arc<str>),
    /// Ask the bus.
    Unknown,
}

impl Directory {
    /// Looks a replica up; `heard` says whether it has ever given a sign of life.
    pub(super) fn look(&mut self, node: NodeId, heard: bool, now: Instant) -> Lookup {
        if let Some(entry) = self.entries.get_mut(&node).filter(|entry| entry.kept_until > now) {
            if entry.fresh_until > now {
                return Lookup::Known(entry.address.clone());
            }
            if let Some(address) = entry.address.clone() {
                entry.fresh_until = now + FRESH;
                return Lookup::Stale(address);
            }
        }
        if !heard {
            if self.strangers >= STRANGERS {
                return Lookup::Known(None);
            }
            self.strangers += 1;
        }
        Lookup::Unknown
    }

    /// The bus has answered.
    pub(super) fn learn(&mut self, node: NodeId, address: Option<Arc<str>>, now: Instant) {
        if self.entries.len() >= MAX_ENTRIES && !self.entries.contains_key(&node) {
            self.entries.retain(|_, entry| entry.kept_until > now);
            if self.entries.len() >= MAX_ENTRIES {
                return;
            }
        }
        let (fresh, kept) = if address.is_some() { (FRESH, KEPT) } else { (ABSENT, ABSENT) };
        let (fresh_until, kept_until) = (now + fresh, now + kept);
        self.entries.insert(node, Entry { address, fresh_until, kept_until });
    }

    /// A replica has said that it ends: what it still has to tell its clients can be fetched yet.
    pub(super) fn part(&mut self, node: NodeId, now: Instant) {
        if let Some(entry) = self.entries.get_mut(&node) {
            let end = now + PARTING;
            (entry.fresh_until, entry.kept_until) = (end, end.min(entry.kept_until));
        }
    }

    /// A round begins, about every second.
    pub(super) fn next_round(&mut self) {
        self.strangers = 0;
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::time::Clock;

    const A: NodeId = NodeId(Uuid::from_u128(1));
    const MOMENT: Duration = Duration::from_millis(1);

    fn now() -> Instant {
        Clock::test(crate::domain::Instant(0)).monotonic()
    }

    fn address() -> Option<Arc<str>> {
        Some("http://a".into())
    }

    #[test]
    fn an_address_is_used_at_once_and_asked_for_again_now_and_then() {
        let (mut directory, now) = (Directory::default(), now());
        assert_eq!(directory.look(A, true, now), Lookup::Unknown);
        directory.learn(A, address(), now);
        assert_eq!(directory.look(A, true, now + FRESH - MOMENT), Lookup::Known(address()));
        assert_eq!(directory.look(A, true, now + FRESH), Lookup::Stale("http://a".into()));
        let soon = now + FRESH + MOMENT;
        assert_eq!(directory.look(A, true, soon), Lookup::Known(address()), "asked for once");
        directory.learn(A, None, soon);
        assert_eq!(directory.look(A, true, soon), Lookup::Known(None));
        assert_eq!(directory.look(A, true, soon + ABSENT), Lookup::Unknown);
    }

    #[test]
    fn without_an_answer_an_address_is_used_for_a_while() {
        let (mut directory, now) = (Directory::default(), now());
        directory.learn(A, address(), now);
        let late = now + KEPT - MOMENT;
        assert_eq!(directory.look(A, true, late), Lookup::Stale("http://a".into()));
        assert_eq!(directory.look(A, true, now + KEPT), Lookup::Unknown);
    }

    #[test]
    fn who_ends_is_forgotten_once_its_last_words_can_be_fetched() {
        let (mut directory, now) = (Directory::default(), now());
        directory.learn(A, address(), now);
        let late = now + FRESH * 2;
        directory.part(A, late);
        assert_eq!(directory.look(A, true, late + PARTING - MOMENT), Lookup::Known(address()));
        assert_eq!(directory.look(A, true, late + PARTING), Lookup::Unknown);
    }

    #[test]
    fn names_that_were_never_heard_are_asked_for_a_few_times_a_round() {
        let (mut directory, now) = (Directory::default(), now());
        let ask = |directory: &mut Directory| {
            let node = NodeId(Uuid::new_v4());
            let asks = directory.look(node, false, now) == Lookup::Unknown;
            directory.learn(node, None, now);
            asks
        };
        let asked = (0..1_000).filter(|_| ask(&mut directory)).count();
        assert_eq!(asked, STRANGERS);
        assert_eq!(directory.look(A, true, now), Lookup::Unknown, "the others are not kept out");
        directory.next_round();
        assert!(ask(&mut directory));
    }

    #[test]
    fn what_is_remembered_is_bounded_and_makes_room() {
        let (mut directory, now) = (Directory::default(), now());
        for n in 0..MAX_ENTRIES as u128 {
            directory.learn(NodeId(Uuid::from_u128(n + 10)), None, now);
        }
        directory.learn(A, address(), now);
        assert_eq!(directory.look(A, true, now), Lookup::Unknown);
        directory.learn(A, address(), now + ABSENT);
        assert_eq!(directory.entries.len(), 1);
        assert_eq!(directory.look(A, true, now + ABSENT), Lookup::Known(address()));
    }
}
