//! What this replica knows of the people on others, as values: which of them each replica has told
//! of, up to which number, and what was missed. Messages may be lost, repeated and come late; what
//! comes out are the steps that bring the roster there. Never shows anybody anything.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::bus::NodeId;
use crate::domain::SessionId;
use crate::protocol::peer::{Announcement, Mark, PersonSaid, Said};
use crate::protocol::server::{LeaveReason, PresenceChange};

/// The most people of other replicas in one room; more are not shown.
const MAX_PEOPLE: usize = 5_000;
/// The most replicas heard in one room.
const MAX_PEERS: usize = 256;

/// What is to be done to the roster.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Somebody is there, as told.
    Enter(PersonSaid),
    /// Somebody moved.
    Move(PresenceChange),
    /// Somebody is gone.
    Leave(SessionId, LeaveReason),
}

/// One other replica in this room.
#[derive(Clone, Debug)]
struct Peer {
    life: u64,
    /// The number that was heard last.
    seq: u64,
    /// The number of its newest announcement.
    announced: u64,
    /// Something was missed: an announcement at least this new is needed.
    needs: Option<u64>,
    /// Whom it told of, and with which number.
    people: BTreeMap<SessionId, u64>,
    /// Who left since the last announcement that was read, and with which number.
    gone: BTreeMap<SessionId, u64>,
    heard: Instant,
}

impl Peer {
    fn new(life: u64, now: Instant) -> Self {
        Self {
            life,
            seq: 0,
            announced: 0,
            needs: None,
            people: BTreeMap::new(),
            gone: BTreeMap::new(),
            heard: now,
        }
    }

    /// Its room began anew. Whom it had told of stays until its first announcement: most will be
    /// there again.
    fn begin(&mut self, life: u64) {
        let people = std::mem::take(&mut self.people).into_keys().map(|session| (session, 0));
        *self = Self { people: people.collect(), ..Self::new(life, self.heard) };
        self.needs = Some(0);
    }

    fn take(&mut self, mark: Mark) {
        if mark.prev > self.seq {
            self.needs = self.needs.max(Some(mark.prev));
        }
        self.seq = mark.seq;
    }
}

/// All of them.
#[derive(Clone, Debug, Default)]
pub struct Peers {
    nodes: BTreeMap<NodeId, Peer>,
}

impl Peers {
    /// Takes in a message.
    pub fn hear(&mut self, node: NodeId, said: Said, now: Instant) -> Vec<Step> {
        let mark = said.mark;
        let mut room = MAX_PEOPLE.saturating_sub(self.len());
        let Some(peer) = self.peer(node, mark.life, now) else { return Vec::new() };
        peer.announced = peer.announced.max(mark.announced);
        if mark.seq < peer.seq || (mark.seq == peer.seq && mark.prev < mark.seq) {
            return Vec::new();
        }
        peer.take(mark);
        let mut steps = Vec::new();
        for person in said.people {
            let session = person.who.session_id.0.clone();
            peer.gone.remove(&session);
            if peer.people.contains_key(&session) || take_one(&mut room) {
                peer.people.insert(session, mark.seq);
                steps.push(Step::Enter(person));
            }
        }
        for left in said.left {
            let session = left.session_id.0;
            if peer.gone.len() < MAX_PEOPLE {
                peer.gone.insert(session.clone(), mark.seq);
            }
            if peer.people.remove(&session).is_some() {
                steps.push(Step::Leave(session, left.reason));
            }
        }
        let known = |moved: &PresenceChange| peer.people.contains_key(&moved.session_id.0);
        steps.extend(said.moved.into_iter().filter(known).map(Step::Move));
        steps
    }

    /// Takes in an announcement, which may be older than what was heard since.
    pub fn read(&mut self, node: NodeId, all: Announcement, now: Instant) -> Vec<Step> {
        let mut room = MAX_PEOPLE.saturating_sub(self.len());
        let Some(peer) = self.peer(node, all.life, now) else { return Vec::new() };
        let (seq, mut steps, mut named) = (all.seq, Vec::new(), BTreeSet::new());
        for person in all.people {
            let session = person.who.session_id.0.clone();
            named.insert(session.clone());
            let known = peer.people.get(&session).copied();
            let newer = known.is_some_and(|at| at > seq)
                || peer.gone.get(&session).is_some_and(|at| *at > seq);
            if !newer && (known.is_some() || take_one(&mut room)) {
                peer.people.insert(session, seq);
                steps.push(Step::Enter(person));
            }
        }
        if all.whole {
            let over = |(session, at): &(&SessionId, &u64)| **at <= seq && !named.contains(session);
            let over: Vec<_> = peer.people.iter().filter(over).map(|(s, _)| s.clone()).collect();
            for session in over {
                peer.people.remove(&session);
                steps.push(Step::Leave(session, LeaveReason::Disconnected));
            }
        }
        peer.gone.retain(|_, at| *at > seq);
        peer.seq = peer.seq.max(seq);
        peer.announced = peer.announced.max(seq);
        peer.needs = peer.needs.filter(|needs| *needs > seq);
        steps
    }

    /// Forgets a replica.
    pub fn lose(&mut self, node: NodeId) -> Vec<Step> {
        let people = self.nodes.remove(&node).map(|peer| peer.people).unwrap_or_default();
        people.into_keys().map(|session| Step::Leave(session, LeaveReason::Lost)).collect()
    }

    /// Replicas that said nothing about this room for so long.
    #[must_use]
    pub fn silent(&self, now: Instant, longer: Duration) -> Vec<NodeId> {
        let silent = self
            .nodes
            .iter()
            .filter(|(_, peer)| now.saturating_duration_since(peer.heard) >= longer);
        silent.map(|(node, _)| *node).collect()
    }

    /// Whether an announcement would tell what was missed.
    #[must_use]
    pub fn wants_to_read(&self) -> bool {
        self.nodes.values().any(|peer| peer.needs.is_some_and(|needs| needs <= peer.announced))
    }

    /// Whether nobody else is known to have people here.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// How many people there are, shown or not.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.values().map(|peer| peer.people.len()).sum()
    }

    /// The replica that says something, unless it is about a life of its room that is over.
    fn peer(&mut self, node: NodeId, life: u64, now: Instant) -> Option<&mut Peer> {
        if !self.nodes.contains_key(&node) && self.nodes.len() >= MAX_PEERS {
            return None;
        }
        let peer = self.nodes.entry(node).or_insert_with(|| Peer::new(life, now));
        if life < peer.life {
            return None;
        }
        peer.heard = now;
        if life > peer.life {
            peer.begin(life);
        }
        Some(peer)
    }
}

fn take_one(room: &mut usize) -> bool {
    let there = *room > 0;
    *room = room.saturating_sub(1);
    there
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::domain::UserId;
    use crate::protocol::peer::{PersonSpoken, decode_announcement, encode_announcement};
    use crate::protocol::raw::RawJson;
    use crate::protocol::server::Departure;
    use crate::protocol::text::Text;
    use crate::time::Clock;

    fn now() -> Instant {
        Clock::test(crate::domain::Instant(0)).monotonic()
    }

    const NODE: NodeId = NodeId(Uuid::from_u128(1));

    fn body(session: &str) -> serde_json::Value {
        serde_json::json!({"sessionId": session, "userId": "emil", "name": "Emil",
            "role": "editor", "color": "#102030", "joinedAt": "2026-01-05T09:00:00Z",
            "state": "active"})
    }

    fn person(session: &str) -> PersonSaid {
        PersonSaid { who: serde_json::from_value(body(session)).unwrap(), cut: None }
    }

    fn departure(session: &str) -> Departure {
        Departure {
            session_id: Text(SessionId::parse(session).unwrap()),
            user_id: Text(UserId::parse("emil").unwrap()),
            reason: LeaveReason::Left,
        }
    }

    fn all(life: u64, seq: u64, sessions: &[&str]) -> Announcement {
        let people =
            sessions.iter().map(|s| PersonSpoken { who: RawJson::of(&body(s)), cut: None });
        decode_announcement(&encode_announcement(life, seq, people.collect())).unwrap()
    }

    fn said(life: u64, seq: u64, came: &[&str], left: &[&str]) -> Said {
        let mark = Mark { life, prev: seq - 1, seq, announced: 0, locks: 0 };
        let people = came.iter().map(|session| person(session)).collect();
        Said { mark, people, left: left.iter().map(|s| departure(s)).collect(), moved: Vec::new() }
    }

    fn pulse(life: u64, seq: u64) -> Said {
        let mark = Mark { life, prev: seq, seq, announced: seq, locks: 0 };
        Said { mark, people: Vec::new(), left: Vec::new(), moved: Vec::new() }
    }

    fn known(peers: &Peers) -> Vec<String> {
        peers.nodes.values().flat_map(|p| p.people.keys().map(ToString::to_string)).collect()
    }

    #[test]
    fn what_was_missed_is_read_when_it_is_announced() {
        let (mut peers, now) = (Peers::default(), now());
        peers.hear(NODE, said(1, 1, &["a"], &[]), now);
        peers.hear(NODE, said(1, 3, &["c"], &[]), now);
        assert_eq!(known(&peers), ["a", "c"], "b was missed");
        assert!(!peers.wants_to_read(), "nobody has announced it yet");
        peers.hear(NODE, pulse(1, 3), now);
        assert!(peers.wants_to_read());
        peers.read(NODE, all(1, 3, &["a", "b", "c"]), now);
        assert_eq!(known(&peers), ["a", "b", "c"]);
        assert!(!peers.wants_to_read());
    }

    #[test]
    fn an_announcement_does_not_undo_what_was_heard_since() {
        let (mut peers, now) = (Peers::default(), now());
        peers.hear(NODE, said(1, 1, &["a", "b"], &[]), now);
        peers.hear(NODE, said(1, 2, &["c"], &["a"]), now);
        assert_eq!(peers.read(NODE, all(1, 1, &["a", "b"]), now).len(), 1, "b alone is told again");
        assert_eq!(known(&peers), ["b", "c"]);
    }

    #[test]
    fn repeats_and_old_lives_change_nothing() {
        let (mut peers, now) = (Peers::default(), now());
        peers.hear(NODE, said(2, 1, &["a"], &[]), now);
        peers.hear(NODE, said(2, 2, &[], &["a"]), now);
        assert_eq!(peers.hear(NODE, said(2, 1, &["a"], &[]), now), []);
        assert_eq!(peers.hear(NODE, said(2, 2, &[], &["a"]), now), []);
        assert_eq!(peers.hear(NODE, said(1, 9, &["x"], &[]), now), []);
        assert_eq!(peers.read(NODE, all(1, 9, &["x"]), now), []);
        assert!(known(&peers).is_empty() && !peers.wants_to_read());
    }

    #[test]
    fn a_room_that_began_anew_keeps_its_people_until_it_has_announced_them() {
        let (mut peers, now) = (Peers::default(), now());
        peers.hear(NODE, said(1, 1, &["a", "b"], &[]), now);
        assert_eq!(peers.hear(NODE, said(2, 1, &["a"], &[]), now), [Step::Enter(person("a"))]);
        assert_eq!(known(&peers), ["a", "b"]);
        assert!(peers.wants_to_read());
        let gone = Step::Leave(SessionId::parse("b").unwrap(), LeaveReason::Disconnected);
        assert!(peers.read(NODE, all(2, 1, &["a"]), now).contains(&gone));
        assert_eq!(known(&peers), ["a"]);
    }

    #[test]
    fn an_announcement_that_is_not_whole_sends_nobody_away() {
        let (mut peers, now) = (Peers::default(), now());
        peers.hear(NODE, said(1, 1, &["a"], &[]), now);
        let mut part = all(1, 1, &["b"]);
        part.whole = false;
        peers.read(NODE, part, now);
        assert_eq!(known(&peers), ["a", "b"]);
    }

    #[test]
    fn people_beyond_the_bound_are_not_taken_in() {
        let (mut peers, now) = (Peers::default(), now());
        let names: Vec<_> = (0..MAX_PEOPLE + 10).map(|n| n.to_string()).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let steps = peers.hear(NODE, said(1, 1, &names, &[]), now);
        assert_eq!((steps.len(), peers.len()), (MAX_PEOPLE, MAX_PEOPLE));
        assert_eq!(peers.lose(NODE).len(), MAX_PEOPLE);
        assert!(peers.is_empty());
    }

    #[test]
    fn silence_is_counted_from_the_last_word() {
        let (mut peers, began) = (Peers::default(), now());
        let second = Duration::from_secs(1);
        peers.hear(NODE, said(1, 1, &["a"], &[]), began);
        peers.hear(NODE, said(1, 1, &["a"], &[]), began + second);
        assert_eq!(peers.silent(began + second * 5, second * 5), []);
        assert_eq!(peers.silent(began + second * 6, second * 5), [NODE]);
    }

    proptest! {
        /// Whatever of a history arrives, how often and in which order: the announcement that
        /// follows it makes the receiver know exactly the sender's people.
        #[test]
        fn an_announcement_heals_everything(
            history in prop::collection::vec((0..6_usize, any::<bool>()), 1..30),
            order in prop::collection::vec(0..30_usize, 0..60),
        ) {
            let names = ["a", "b", "c", "d", "e", "f"];
            let (mut there, mut messages) = (BTreeSet::new(), Vec::new());
            for (at, (who, comes)) in history.iter().enumerate() {
                let one = [names[*who]];
                let seq = at as u64 + 1;
                if *comes {
                    there.insert(names[*who]);
                    messages.push(said(1, seq, &one, &[]));
                } else {
                    there.remove(names[*who]);
                    messages.push(said(1, seq, &[], &one));
                }
            }
            let (mut peers, now, last) = (Peers::default(), now(), messages.len() as u64);
            for index in order {
                if let Some(message) = messages.get(index) {
                    peers.hear(NODE, message.clone(), now);
                }
            }
            peers.hear(NODE, pulse(1, last), now);
            let there: Vec<_> = there.into_iter().collect();
            if peers.wants_to_read() {
                peers.read(NODE, all(1, last, &there), now);
            }
            prop_assert_eq!(known(&peers), there);
            prop_assert!(!peers.wants_to_read());
        }
    }
}
