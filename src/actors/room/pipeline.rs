//! The log of one room as values: what is committed, what is decided ahead of the commit, and the
//! operations in between. It does no input or output; the room moves batches in and outcomes back.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant as Monotonic;

use jiff::tz::TimeZone;

use super::taken::Elsewhere;
use crate::actors::reply::{Answer, Given, ReplyTo};
use crate::domain::{
    Change, Command, Conflict, Context, Decision, Event, Instant, Locks, NewIds, OpId, Policy,
    Refusal, Role, RoomId, SessionId, Tail, TenantId, Timetable, UserId, decide,
};
use crate::protocol::change;
use crate::protocol::envelope::{StoredEvent, encode_event, encode_policy};
use crate::protocol::raw::RawJson;
use crate::protocol::server::{AckBody, ServerMessage};
use crate::store::{EventRow, Head, NewEvent, RoomBatch};

/// The most events in one batch, so that a commit stays short.
const MAX_BATCH_EVENTS: usize = 256;

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
}

impl Wish {
    /// Whether it is worth deciding again with what stands in its way: an owner commits over it.
    pub fn learns(&mut self, conflicts: &[Conflict]) -> bool {
        self.command.override_reason.is_some() && self.elsewhere.add(conflicts)
    }

    /// Answers whoever waits; repeats hear that they were repeats.
    pub fn answer(self, answer: Answer) {
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
    uncertain: bool,
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

/// What a log has come to: its state and its newest events, decoded and as clients see them.
pub struct Past {
    /// The state at the head.
    pub state: Timetable,
    /// The newest events.
    pub tail: Tail,
    /// Their encodings, one for each event of the tail.
    pub wires: VecDeque<RawJson>,
}

/// The log of one room.
pub struct Pipeline {
    room: RoomId,
    tenant: TenantId,
    epoch: i64,
    committed: Timetable,
    tail: Tail,
    wires: VecDeque<RawJson>,
    ahead: Timetable,
    ahead_tail: Tail,
    queue: VecDeque<Accepted>,
    in_flight: Vec<Accepted>,
}

impl Pipeline {
    /// A log of `room` at `epoch` that stands where `past` ends.
    #[must_use]
    pub fn new(room: RoomId, tenant: TenantId, epoch: i64, past: Past) -> Self {
        let Past { state: committed, tail, wires } = past;
        let (ahead, ahead_tail) = (committed.clone(), tail.clone());
        let (queue, in_flight) = (VecDeque::new(), Vec::new());
        Self { room, tenant, epoch, committed, tail, wires, ahead, ahead_tail, queue, in_flight }
    }

    /// The committed state.
    #[must_use]
    pub fn committed(&self) -> &Timetable {
        &self.committed
    }

    /// The encodings of the events after `seq`; `None` when some are no longer in memory.
    #[must_use]
    pub fn wires_since(&self, seq: u64) -> Option<impl Iterator<Item = &RawJson>> {
        let first = self.tail.head() - self.wires.len() as u64;
        (seq >= first && seq <= self.tail.head())
            .then(|| self.wires.range((seq - first) as usize..))
    }

    /// Where the committed log stands.
    #[must_use]
    pub fn head(&self) -> Head {
        Head { epoch: self.epoch, seq: self.committed.head() }
    }

    /// Template weeks are laid out in another zone from now on.
    pub fn set_timezone(&mut self, zone: TimeZone) {
        self.committed.set_timezone(zone.clone());
        self.ahead.set_timezone(zone);
    }

    /// Operations that wait or are in flight.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.queue.len() + self.in_flight.len()
    }

    /// Whether all of the log is in memory, so that an operation not found here never was.
    #[must_use]
    pub fn remembers_everything(&self) -> bool {
        self.tail.head() == self.tail.len() as u64
    }

    /// Decides without changing anything.
    ///
    /// # Errors
    /// The refusal.
    pub fn probe(&self, wish: &Wish, moment: Moment<'_>) -> Result<Decision, Refusal> {
        decide(&self.ahead, &wish.command, &self.context(wish, moment))
    }

    /// Decides a wish on the state ahead and queues it.
    pub fn admit(&mut self, mut wish: Wish, moment: Moment<'_>) -> Admission {
        let op_id = wish.command.op_id;
        if let Some(event) = self.tail.by_op(&op_id) {
            return Admission::Known(wish, event.clone());
        }
        if let Some(first) = self.waiting_mut(op_id) {
            first.wish.repeats.push(wish.reply);
            first.wish.repeats.append(&mut wish.repeats);
            return Admission::Waits;
        }
        match self.probe(&wish, moment) {
            Err(refusal) => Admission::Refused(wish, refusal),
            Ok(decision) => {
                self.queue_up(wish, decision);
                Admission::Waits
            }
        }
    }

    /// The next batch for the store, unless one is in flight or nothing waits.
    pub fn take_batch(&mut self) -> Option<RoomBatch> {
        if !self.in_flight.is_empty() || self.queue.is_empty() {
            return None;
        }
        let count = self.queue.len().min(MAX_BATCH_EVENTS);
        self.in_flight.extend(self.queue.drain(..count));
        Some(self.batch())
    }

    /// The batch in flight once more, after a store that did not answer.
    pub fn batch_again(&mut self) -> RoomBatch {
        self.in_flight.iter_mut().for_each(|accepted| accepted.uncertain = true);
        self.batch()
    }

    fn batch(&self) -> RoomBatch {
        let before = self.committed.policy();
        let policy = self.in_flight.iter().rev().find_map(|a| new_policy(&a.decision.event.change));
        RoomBatch {
            room: self.room,
            tenant: self.tenant.clone(),
            expected: self.head(),
            events: self.in_flight.iter().map(new_event).collect(),
            policy: policy.filter(|after| *after != before).map(encode_policy),
        }
    }

    /// The batch in flight is durable: moves the committed state and hands the operations back in
    /// order.
    pub fn commit(&mut self) -> Vec<(Wish, Arc<Event>, StoredEvent)> {
        let accepted = std::mem::take(&mut self.in_flight);
        let mut done = Vec::with_capacity(accepted.len());
        for Accepted { wish, decision, stored, .. } in accepted {
            let event = Arc::new(decision.event);
            self.evolve(event.clone(), stored.wire.clone());
            done.push((wish, event, stored));
        }
        done
    }

    /// Takes in the next event of another replica. The state ahead is wrong until [`Self::rebase`].
    ///
    /// # Panics
    /// When it is not the next one.
    pub fn absorb(&mut self, event: Arc<Event>, wire: RawJson) {
        self.evolve(event, wire);
    }

    /// One operation of the batch in flight.
    pub fn in_flight_mut(&mut self, index: usize) -> Option<&mut Accepted> {
        self.in_flight.get_mut(index)
    }

    /// Takes one operation of the batch in flight out, to be answered.
    pub fn take_in_flight(&mut self, index: usize) -> Option<Accepted> {
        (index < self.in_flight.len()).then(|| self.in_flight.remove(index))
    }

    /// Gives up everything undecided by the store, to be answered.
    pub fn abandon(&mut self) -> Vec<Wish> {
        let waiting = self.drain();
        self.reset_ahead();
        waiting.into_iter().map(|accepted| accepted.wish).collect()
    }

    /// Decides everything that waits again, on top of the committed state, and returns what no
    /// longer waits.
    pub fn rebase(&mut self, moment: Moment<'_>) -> Vec<Admission> {
        let waiting = self.drain();
        self.reset_ahead();
        waiting
            .into_iter()
            .map(|accepted| self.admit_again(accepted, moment))
            .filter(|admission| !matches!(admission, Admission::Waits))
            .collect()
    }

    fn admit_again(&mut self, accepted: Accepted, moment: Moment<'_>) -> Admission {
        let Accepted { wish, decision, uncertain, .. } = accepted;
        match self.tail.by_op(&wish.command.op_id) {
            Some(event) if uncertain && **event == decision.event => {
                Admission::Took(wish, event.clone())
            }
            _ => self.admit(wish, moment),
        }
    }

    fn drain(&mut self) -> Vec<Accepted> {
        let in_flight = std::mem::take(&mut self.in_flight);
        in_flight.into_iter().chain(self.queue.drain(..)).collect()
    }

    fn reset_ahead(&mut self) {
        self.ahead = self.committed.clone();
        self.ahead_tail = self.tail.clone();
    }

    fn queue_up(&mut self, wish: Wish, decision: Decision) {
        let stored = encode_event(&decision.event);
        self.ahead.evolve(&decision.event);
        self.ahead_tail.push(Arc::new(decision.event.clone()));
        self.queue.push_back(Accepted { wish, decision, stored, uncertain: false });
    }

    fn evolve(&mut self, event: Arc<Event>, wire: RawJson) {
        self.committed.evolve(&event);
        self.tail.push(event);
        self.wires.push_back(wire);
        while self.wires.len() > self.tail.len() {
            self.wires.pop_front();
        }
    }

    fn waiting_mut(&mut self, op: OpId) -> Option<&mut Accepted> {
        self.in_flight
            .iter_mut()
            .chain(self.queue.iter_mut())
            .find(|accepted| accepted.wish.command.op_id == op)
    }

    fn context<'a>(&'a self, wish: &'a Wish, moment: Moment<'a>) -> Context<'a> {
        Context {
            room: self.room,
            user_id: &wish.author.user,
            session_id: wish.author.session.as_ref(),
            role: wish.author.role,
            now: moment.now,
            ids: wish.ids,
            locks: moment.locks,
            tail: &self.ahead_tail,
            restore: wish.restored.as_deref(),
            elsewhere: wish.elsewhere.conflicts(),
        }
    }
}

/// The rules after a change, if it sets them.
fn new_policy(change: &Change) -> Option<Policy> {
    match change {
        Change::PolicySet(policy) => Some(*policy),
        Change::Batch { changes, .. } => changes.iter().rev().find_map(new_policy),
        _ => None,
    }
}

fn new_event(accepted: &Accepted) -> NewEvent {
    let event = &accepted.decision.event;
    NewEvent {
        row: EventRow {
            seq: event.seq,
            op_id: event.op_id,
            actor: event.user_id.clone(),
            at: event.at,
            kind: change::kind(&event.change).to_owned(),
            body: accepted.stored.body.clone(),
        },
        occupancy: accepted.decision.occupancy.clone(),
    }
}
