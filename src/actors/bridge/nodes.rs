//! Which other replicas are alive, as values: one that gives no sign of life for a while is dead, one
//! that left in order stays away, and neither comes back by what of it was still on its way.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::bus::NodeId;

/// Silence after which a replica is dead. Signs of life come every second.
const SILENCE: Duration = Duration::from_millis(6_500);
/// How long one that something on the bus speaks of, and that was never heard, is given.
const BENEFIT: Duration = Duration::from_secs(2);
/// Between the first sign of a dead one and the sign that brings it back: what a bus held back for long
/// comes all at once.
const PULSE: Duration = Duration::from_millis(500);
/// How long the dead are remembered: longer than anything of theirs stays on the bus.
const MEMORY: Duration = Duration::from_secs(600);
/// The most that are known at once; more are not believed.
const MAX_NODES: usize = 1_024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Until then, unless it is heard.
    Alive(Instant),
    /// Since then, without a word.
    Dead(Instant),
    /// Dead, but there was a sign of it then.
    Stirring(Instant),
    /// Since then, in order.
    Left(Instant),
}

/// The other replicas.
#[derive(Clone, Debug, Default)]
pub(super) struct Nodes {
    known: HashMap<NodeId, State>,
}

impl Nodes {
    /// Something but a sign of life came from a replica: whether it is to be listened to. It may have
    /// been on its way for long, so it keeps nobody alive.
    pub(super) fn listens_to(&mut self, node: NodeId, now: Instant) -> bool {
        match self.known.get(&node) {
            Some(State::Alive(_)) => true,
            Some(State::Dead(_) | State::Stirring(_) | State::Left(_)) => false,
            None => {
                self.put(node, State::Alive(now + BENEFIT));
                true
            }
        }
    }

    /// A replica gives a sign of life; whether that brings a dead one back.
    pub(super) fn sign(&mut self, node: NodeId, now: Instant) -> bool {
        let (state, back) = match self.known.get(&node) {
            None | Some(State::Alive(_)) => (State::Alive(now + SILENCE), false),
            Some(State::Dead(_)) => (State::Stirring(now), false),
            Some(State::Stirring(first)) => match now.duration_since(*first) {
                soon if soon < PULSE => return false,
                late if late > SILENCE => (State::Stirring(now), false),
                _ => (State::Alive(now + SILENCE), true),
            },
            Some(State::Left(_)) => return false,
        };
        self.put(node, state);
        back
    }

    /// A replica says that it ends.
    pub(super) fn leave(&mut self, node: NodeId, now: Instant) {
        self.put(node, State::Left(now));
    }

    /// Whether what a replica left on the bus still holds.
    pub(super) fn is_alive(&mut self, node: NodeId, now: Instant) -> bool {
        if !self.known.contains_key(&node) {
            self.put(node, State::Alive(now + BENEFIT));
        }
        matches!(self.known.get(&node), Some(State::Alive(until)) if *until > now)
    }

    /// Whether a replica has ended in order.
    pub(super) fn has_left(&self, node: NodeId) -> bool {
        matches!(self.known.get(&node), Some(State::Left(_)))
    }

    /// Whether a replica has ever been heard, or spoken of on the bus.
    pub(super) fn has_heard(&self, node: NodeId) -> bool {
        self.known.contains_key(&node)
    }

    /// Those that have just died. Forgets those that died long ago.
    pub(super) fn die(&mut self, now: Instant) -> Vec<NodeId> {
        let mut dead = Vec::new();
        self.known.retain(|node, state| match *state {
            State::Alive(until) if until <= now => {
                dead.push(*node);
                *state = State::Dead(now);
                true
            }
            State::Alive(_) => true,
            State::Dead(since) | State::Stirring(since) | State::Left(since) => {
                now.duration_since(since) < MEMORY
            }
        });
        dead
    }

    /// This replica could not listen until `now`: nobody's silence counts.
    pub(super) fn excuse(&mut self, now: Instant) {
        for state in self.known.values_mut() {
            if let State::Alive(until) = state {
                *until = (*until).max(now + SILENCE);
            }
        }
    }

    /// How many are alive.
    pub(super) fn alive(&self) -> usize {
        self.known.values().filter(|state| matches!(state, State::Alive(_))).count()
    }

    fn put(&mut self, node: NodeId, state: State) {
        if self.known.len() < MAX_NODES || self.known.contains_key(&node) {
            self.known.insert(node, state);
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::time::Clock;

    fn now() -> Instant {
        Clock::test(crate::domain::Instant(0)).monotonic()
    }

    const A: NodeId = NodeId(Uuid::from_u128(1));
    const B: NodeId = NodeId(Uuid::from_u128(2));
    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn silence_kills_and_two_signs_bring_back() {
        let (mut nodes, now) = (Nodes::default(), now());
        assert!(!nodes.sign(A, now));
        assert_eq!(nodes.die(now + SECOND * 6), []);
        assert!(!nodes.sign(A, now + SECOND * 6));
        assert_eq!(nodes.die(now + SECOND * 12), []);
        assert_eq!(nodes.die(now + SECOND * 13), [A]);
        assert_eq!(nodes.die(now + SECOND * 14), [], "it dies once");
        assert!(!nodes.is_alive(A, now + SECOND * 14));
        assert!(!nodes.sign(A, now + SECOND * 15) && !nodes.is_alive(A, now + SECOND * 15));
        assert!(nodes.sign(A, now + SECOND * 16) && nodes.is_alive(A, now + SECOND * 16));
    }

    /// Found by torture: a black hole healed, and what a killed replica had sent into it showed its
    /// people again, 13.5 s after its death.
    #[test]
    fn what_was_held_back_brings_no_dead_back() {
        let (mut nodes, now) = (Nodes::default(), now());
        nodes.sign(A, now);
        assert!(nodes.listens_to(A, now + SECOND * 6));
        assert_eq!(nodes.die(now + SECOND * 7), [A], "a late message keeps nobody alive");
        for _ in 0..5 {
            assert!(!nodes.sign(A, now + SECOND * 8) && !nodes.listens_to(A, now + SECOND * 8));
        }
        assert!(!nodes.sign(A, now + SECOND * 20), "nor do two single ones far apart");
        assert!(!nodes.is_alive(A, now + SECOND * 20));
    }

    #[test]
    fn who_left_in_order_stays_away_until_it_is_forgotten() {
        let (mut nodes, now) = (Nodes::default(), now());
        nodes.sign(A, now);
        nodes.leave(A, now);
        assert!(!nodes.sign(A, now + SECOND) && !nodes.listens_to(A, now + SECOND));
        assert!(!nodes.is_alive(A, now + SECOND));
        assert!(nodes.has_left(A) && nodes.has_heard(A) && !nodes.has_heard(B));
        assert_eq!(nodes.die(now + MEMORY), []);
        assert!(nodes.known.is_empty());
    }

    #[test]
    fn who_is_only_spoken_of_has_to_be_heard_soon() {
        let (mut nodes, now) = (Nodes::default(), now());
        assert!(nodes.is_alive(A, now) && nodes.is_alive(B, now));
        nodes.sign(B, now + SECOND);
        assert_eq!(nodes.die(now + BENEFIT), [A]);
        assert!(!nodes.is_alive(A, now + BENEFIT) && nodes.is_alive(B, now + BENEFIT));
    }

    #[test]
    fn nobody_dies_of_our_own_deafness() {
        let (mut nodes, now) = (Nodes::default(), now());
        nodes.sign(A, now);
        nodes.excuse(now + SECOND * 30);
        assert_eq!(nodes.die(now + SECOND * 31), []);
        assert_eq!(nodes.alive(), 1);
    }

    #[test]
    fn strangers_beyond_the_bound_are_not_believed() {
        let (mut nodes, now) = (Nodes::default(), now());
        for n in 0..MAX_NODES as u128 {
            nodes.sign(NodeId(Uuid::from_u128(n)), now);
        }
        let one_more = NodeId(Uuid::from_u128(u128::MAX));
        assert!(!nodes.is_alive(one_more, now));
        assert_eq!(nodes.alive(), MAX_NODES);
    }
}
