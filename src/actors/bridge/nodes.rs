//! Which other replicas are alive, as values: one that is not heard for a while is dead, and one
//! that left in order stays away, whatever of it still comes.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::bus::NodeId;

/// Silence after which a replica is dead. Signs of life come every second.
const SILENCE: Duration = Duration::from_millis(6_500);
/// How long one that something on the bus speaks of, and that was never heard, is given.
const BENEFIT: Duration = Duration::from_secs(2);
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
    /// Since then, in order.
    Left(Instant),
}

/// The other replicas.
#[derive(Clone, Debug, Default)]
pub(super) struct Nodes {
    known: HashMap<NodeId, State>,
}

impl Nodes {
    /// Something came from a replica; false when it has left and is not to be listened to.
    pub(super) fn hear(&mut self, node: NodeId, now: Instant) -> bool {
        if matches!(self.known.get(&node), Some(State::Left(_))) {
            return false;
        }
        self.put(node, State::Alive(now + SILENCE));
        true
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
            State::Dead(since) | State::Left(since) => now.duration_since(since) < MEMORY,
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
    fn silence_kills_and_a_word_revives() {
        let (mut nodes, now) = (Nodes::default(), now());
        assert!(nodes.hear(A, now));
        assert_eq!(nodes.die(now + SECOND * 6), []);
        assert!(nodes.hear(A, now + SECOND * 6));
        assert_eq!(nodes.die(now + SECOND * 12), []);
        assert_eq!(nodes.die(now + SECOND * 13), [A]);
        assert_eq!(nodes.die(now + SECOND * 14), [], "it dies once");
        assert!(!nodes.is_alive(A, now + SECOND * 14));
        assert!(nodes.hear(A, now + SECOND * 15) && nodes.is_alive(A, now + SECOND * 15));
    }

    #[test]
    fn who_left_in_order_stays_away_until_it_is_forgotten() {
        let (mut nodes, now) = (Nodes::default(), now());
        nodes.hear(A, now);
        nodes.leave(A, now);
        assert!(!nodes.hear(A, now + SECOND) && !nodes.is_alive(A, now + SECOND));
        assert_eq!(nodes.die(now + MEMORY), []);
        assert!(nodes.known.is_empty());
    }

    #[test]
    fn who_is_only_spoken_of_has_to_be_heard_soon() {
        let (mut nodes, now) = (Nodes::default(), now());
        assert!(nodes.is_alive(A, now) && nodes.is_alive(B, now));
        nodes.hear(B, now + SECOND);
        assert_eq!(nodes.die(now + BENEFIT), [A]);
        assert!(!nodes.is_alive(A, now + BENEFIT) && nodes.is_alive(B, now + BENEFIT));
    }

    #[test]
    fn nobody_dies_of_our_own_deafness() {
        let (mut nodes, now) = (Nodes::default(), now());
        nodes.hear(A, now);
        nodes.excuse(now + SECOND * 30);
        assert_eq!(nodes.die(now + SECOND * 31), []);
        assert_eq!(nodes.alive(), 1);
    }

    #[test]
    fn strangers_beyond_the_bound_are_not_believed() {
        let (mut nodes, now) = (Nodes::default(), now());
        for n in 0..MAX_NODES as u128 {
            nodes.hear(NodeId(Uuid::from_u128(n)), now);
        }
        let one_more = NodeId(Uuid::from_u128(u128::MAX));
        assert!(!nodes.is_alive(one_more, now));
        assert_eq!(nodes.alive(), MAX_NODES);
    }
}
