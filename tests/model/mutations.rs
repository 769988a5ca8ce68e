//! The rules of the protocol that can be left out, and the proof that each of them is needed: without
//! it the checker finds a way to break a promise. It also proves that the checker would notice.

/// A rule that can be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutation {
    /// An ack leaves after the commit.
    CommitBeforeAck,
    /// The store appends where the head is the expected one.
    Compare,
    /// The store has an `opId` once.
    OpIdUniqueness,
    /// Members hear of an event after its commit.
    CommitBeforeBroadcast,
    /// A message of the bus is absorbed only where it follows on the head.
    GapCheck,
    /// The store is asked for the heads of rooms now and then.
    AskingForHeads,
    /// A client that says it has seen more than the room makes the room look.
    DistrustOfTheClient,
    /// An operation that breaks a rule is looked for in the store before it is refused.
    LookBeforeRefusal,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::properties::{
        ACKED_IS_DURABLE, EXACTLY_ONCE, LOG_IS_GAPLESS, ONE_ANSWER, RECEIVED_IN_ORDER, SETTLES,
        VIEWS_AGREE,
    };
    use crate::protocol::{Protocol, counterexample};
    use crate::setting::{Rule, Setting};

    fn race(faults: u8) -> Setting {
        Setting::of(&[(0, Rule::Free), (1, Rule::Free)], faults)
    }

    fn breaks(setting: Setting, mutation: Mutation, promise: &'static str) {
        let report = counterexample(Protocol(setting.without(mutation)), promise);
        println!("without {mutation:?}, {report}");
    }

    #[test]
    fn an_ack_before_the_commit_is_not_durable() {
        breaks(race(1), Mutation::CommitBeforeAck, ACKED_IS_DURABLE);
    }

    #[test]
    fn an_append_that_does_not_compare_tears_the_log() {
        breaks(race(0), Mutation::Compare, LOG_IS_GAPLESS);
    }

    #[test]
    fn a_log_that_takes_an_op_id_twice_repeats_operations() {
        breaks(race(1), Mutation::OpIdUniqueness, EXACTLY_ONCE);
    }

    #[test]
    fn a_broadcast_before_the_commit_shows_what_never_was() {
        breaks(race(0), Mutation::CommitBeforeBroadcast, VIEWS_AGREE);
    }

    #[test]
    fn a_bus_that_is_believed_leaves_gaps() {
        let twice = Setting::of(&[(0, Rule::Free), (0, Rule::Free)], 0);
        breaks(twice, Mutation::GapCheck, RECEIVED_IN_ORDER);
    }

    #[test]
    fn a_bus_alone_leaves_replicas_behind() {
        breaks(race(1).with_calm(), Mutation::AskingForHeads, SETTLES);
    }

    #[test]
    fn a_client_that_is_believed_is_told_twice() {
        breaks(race(1), Mutation::DistrustOfTheClient, RECEIVED_IN_ORDER);
    }

    /// A replica that is behind can't know from its memory that an operation never was, though its
    /// memory reaches back to the first event: the operation may be in what it has not heard of.
    #[test]
    fn a_refusal_from_memory_is_the_second_answer_to_a_committed_operation() {
        let doors = Setting::of(&[(0, Rule::Opens), (1, Rule::Closes)], 1);
        breaks(doors.together().remembering(2), Mutation::LookBeforeRefusal, ONE_ANSWER);
    }
}
