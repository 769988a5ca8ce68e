//! One operation on its way through its room: what was asked by whom, what was decided, and what became
//! of it at once. [`super::pipeline`] holds many of them in order.

use std::sync::Arc;
use std::time::Instant as Monotonic;

use super::taken::Elsewhere;
use super::traced::Traced;
use crate::actors::reply::{Answer, Given, ReplyTo};
use crate::domain::{
    Command, Conflict, Decision, Event, Instant, Locks, NewIds, Refusal, Role, SessionId,
    Timetable, UserId,
};
use crate::protocol::envelope::StoredEvent;
use crate::protocol::server::{AckBody, ServerMessage};

/// Who wants an operation.
#[derive(Clone, Debug)]
pub struct Author {
    /// The person.
    pub user: UserId,
    /// Their connection; none for REST.
    pub session: Option<SessionId>,
    /// What they may do here.
    pub role: Role,
}

/// An operation on its way.
pub struct Wish {
    /// What is asked.
    pub command: Command,
    /// By whom.
    pub author: Author,
    /// The state to go back to, for `restore`.
    pub restored: Option<Arc<Timetable>>,
    /// Ids for what it makes, the same however often it is decided.
    pub ids: NewIds,
    /// What other rooms have in its way.
    pub elsewhere: Elsewhere,
    /// Who waits for the first answer.
    pub reply: ReplyTo,
    /// Who sent the same operation again meanwhile.
    pub repeats: Vec<ReplyTo>,
    /// When it came.
    pub received: Monotonic,
    /// What of it is recorded.
    pub traced: Traced,
}

impl Wish {
    /// Whether it is worth deciding again with what stands in its way: an owner commits over it.
    pub fn learns(&mut self, conflicts: &[Conflict]) -> bool {
        self.command.override_reason.is_some() && self.elsewhere.add(conflicts)
    }

    /// Answers whoever waits; repeats hear that they were repeats.
    pub fn answer(mut self, answer: Answer) {
        self.traced.answered(&answer);
        for repeat in self.repeats {
            repeat.send(answer.clone().map(as_duplicate));
        }
        self.reply.send(answer);
    }
}

fn as_duplicate(given: Given) -> Given {
    match given {
        Given::Message(ServerMessage::Ack(ack)) => {
            Given::Message(ServerMessage::Ack(AckBody { duplicate: true, ..ack }))
        }
        other => other,
    }
}

/// An operation that was decided and waits for its commit.
pub struct Accepted {
    /// What was asked.
    pub wish: Wish,
    /// What takes effect.
    pub decision: Decision,
    /// Its encoding, made once.
    pub stored: StoredEvent,
    /// The store was given it and did not say what became of it.
    pub(super) uncertain: bool,
}

impl Accepted {
    /// What it takes in memory while it waits, near enough.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.stored.body.len()
    }
}

/// What became of a wish at once.
pub enum Admission {
    /// It waits for its commit (or joined an earlier sending of itself that does).
    Waits,
    /// It is in the log already: this was a repeat.
    Known(Wish, Arc<Event>),
    /// It is in the log, put there by an append that seemed to have failed: this was the first.
    Took(Wish, Arc<Event>),
    /// It breaks a rule.
    Refused(Wish, Refusal),
}

/// The circumstances of a decision.
#[derive(Clone, Copy)]
pub struct Moment<'a> {
    /// Now.
    pub now: Instant,
    /// Who holds what.
    pub locks: &'a Locks,
}
