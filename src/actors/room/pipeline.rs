//! The log of one room as values: what is committed, what is decided ahead of the commit, and the
//! operations in between. It does no input or output; the room moves batches in and outcomes back.

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::recent::Recent;
use super::wish::{Accepted, Admission, Moment, Wish};
use crate::domain::{
    Change, Context, Decision, Event, OpId, Policy, Refusal, RoomId, Tail, TenantId, Timetable,
    decide,
};
use crate::protocol::change;
use crate::protocol::envelope::{StoredEvent, encode_event, encode_policy};
use crate::protocol::raw::RawJson;
use crate::store::{EventRow, Head, NewEvent, RoomBatch};

/// The most events in one batch, so that a commit stays short.
const MAX_BATCH_EVENTS: usize = 256;
/// Bytes after which nothing more is added to a batch, for the same reason.
const MAX_BATCH_BYTES: usize = 1024 * 1024;
/// Bytes that wait or are in flight beyond which nothing more is taken.
const MAX_WAITING_BYTES: usize = 16 * 1024 * 1024;

/// What a log has come to: its state and its newest events, decoded and as clients see them.
pub struct Past {
    /// The state at the head.
    pub state: Timetable,
    /// The newest events.
    pub recent: Recent,
    /// Bytes of the events since the newest snapshot.
    pub unsaved: usize,
}

/// The log of one room.
pub struct Pipeline {
    room: RoomId,
    tenant: TenantId,
    epoch: i64,
    committed: Timetable,
    recent: Recent,
    unsaved: usize,
    ahead: Timetable,
    ahead_tail: Tail,
    queue: VecDeque<Accepted>,
    in_flight: Vec<Accepted>,
    /// How many of the next batch the store had nothing against; 0 when it was not asked.
    unopposed: usize,
    /// Of the queue and of what is in flight.
    waiting_bytes: usize,
}

impl Pipeline {
    /// A log of `room` at `epoch` that stands where `past` ends.
    #[must_use]
    pub fn new(room: RoomId, tenant: TenantId, epoch: i64, past: Past) -> Self {
        let Past { state: committed, recent, unsaved } = past;
        Self {
            room,
            tenant,
            epoch,
            ahead: committed.clone(),
            ahead_tail: recent.tail().clone(),
            committed,
            recent,
            unsaved,
            queue: VecDeque::new(),
            in_flight: Vec::new(),
            unopposed: 0,
            waiting_bytes: 0,
        }
    }

    /// The committed state.
    #[must_use]
    pub fn committed(&self) -> &Timetable {
        &self.committed
    }

    /// The encodings of the events after `seq`; `None` when some are no longer in memory.
    #[must_use]
    pub fn wires_since(
        &self,
        seq: u64,
    ) -> Option<impl DoubleEndedIterator<Item = &RawJson> + ExactSizeIterator> {
        self.recent.wires_since(seq)
    }

    /// Bytes of the events committed since a snapshot was last saved.
    #[must_use]
    pub fn unsaved_bytes(&self) -> usize {
        self.unsaved
    }

    /// The committed state is being saved.
    pub fn saved(&mut self) {
        self.unsaved = 0;
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

    /// Whether so much waits, in operations or in bytes, that nothing more is taken.
    #[must_use]
    pub fn is_full(&self, most: usize) -> bool {
        self.pending() >= most || self.waiting_bytes >= MAX_WAITING_BYTES
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
        if let Some(event) = self.recent.tail().by_op(&op_id) {
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
        let mut bytes = 0;
        let fits = |accepted: &&Accepted| {
            let before = bytes;
            bytes += accepted.bytes();
            before < MAX_BATCH_BYTES
        };
        let most = match std::mem::take(&mut self.unopposed) {
            0 => MAX_BATCH_EVENTS,
            unopposed => unopposed.min(MAX_BATCH_EVENTS),
        };
        let count = self.queue.iter().take(most).take_while(fits).count();
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
        self.waiting_bytes -= accepted.iter().map(Accepted::bytes).sum::<usize>();
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

    /// The operations of the batch in flight.
    pub fn wishes_in_flight(&mut self) -> impl Iterator<Item = &mut Wish> {
        self.in_flight.iter_mut().map(|accepted| &mut accepted.wish)
    }

    /// One operation of the batch in flight.
    pub fn in_flight_mut(&mut self, index: usize) -> Option<&mut Accepted> {
        self.in_flight.get_mut(index)
    }

    /// The store refused this one of the batch in flight. What stands before it goes first and alone,
    /// so that a batch with many refusals commits something between them.
    pub fn opposed(&mut self, index: usize) {
        self.unopposed = index;
    }

    /// Takes one operation of the batch in flight out, to be answered.
    pub fn take_in_flight(&mut self, index: usize) -> Option<Accepted> {
        let taken = (index < self.in_flight.len()).then(|| self.in_flight.remove(index))?;
        self.waiting_bytes -= taken.bytes();
        Some(taken)
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
        match self.recent.tail().by_op(&wish.command.op_id) {
            Some(event) if uncertain && **event == decision.event => {
                Admission::Took(wish, event.clone())
            }
            _ => self.admit(wish, moment),
        }
    }

    fn drain(&mut self) -> Vec<Accepted> {
        self.waiting_bytes = 0;
        let in_flight = std::mem::take(&mut self.in_flight);
        in_flight.into_iter().chain(self.queue.drain(..)).collect()
    }

    fn reset_ahead(&mut self) {
        self.ahead = self.committed.clone();
        self.ahead_tail = self.recent.tail().clone();
    }

    fn queue_up(&mut self, wish: Wish, decision: Decision) {
        let stored = encode_event(&decision.event);
        self.ahead.evolve(&decision.event);
        self.ahead_tail.push(Arc::new(decision.event.clone()));
        let accepted = Accepted { wish, decision, stored, uncertain: false };
        self.waiting_bytes += accepted.bytes();
        self.queue.push_back(accepted);
    }

    fn evolve(&mut self, event: Arc<Event>, wire: RawJson) {
        self.committed.evolve(&event);
        self.unsaved += wire.len();
        self.recent.push(event, wire);
        let (first, ahead) = (self.recent.first(), &mut self.ahead_tail);
        while ahead.head() - (ahead.len() as u64) < first && ahead.forget_oldest() {}
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

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::actors::reply::ReplyTo;
    use crate::actors::room::taken::Elsewhere;
    use crate::actors::room::traced::Traced;
    use crate::actors::room::wish::Author;
    use crate::domain::{Instant, Locks, NewIds, Role, UserId};
    use crate::protocol::client::decode_op;

    fn empty() -> Pipeline {
        let room = RoomId(Uuid::now_v7());
        let past = Past {
            state: Timetable::new(room, TimeZone::UTC, Policy::default()),
            recent: Recent::new(0, 500),
            unsaved: 0,
        };
        Pipeline::new(room, TenantId::parse("north").expect("a name"), 1, past)
    }

    /// Some 40 kB, and as much again for the way back to the one before.
    fn big(n: usize) -> Wish {
        let slots: Vec<_> = (0..360)
            .map(|i| {
                json!({"weekday": i % 7 + 1, "start": format!("{:02}:{:02}", i / 60, i % 60),
                    "minutes": 60, "title": "x".repeat(60)})
            })
            .collect();
        let template = json!({"id": "t", "name": format!("week {n}"), "slots": slots});
        let op = json!({"opId": Uuid::now_v7().to_string(),
            "op": {"kind": "template_save", "template": template}});
        let (command, _) = decode_op(op.to_string().as_bytes()).expect("a valid operation");
        let user = UserId::parse("anna").expect("a name");
        Wish {
            command,
            author: Author { user, session: None, role: Role::Owner },
            ids: NewIds(Uuid::now_v7()),
            elsewhere: Elsewhere::default(),
            restored: None,
            reply: ReplyTo::nobody(),
            repeats: Vec::new(),
            received: crate::time::Clock::system().monotonic(),
            traced: Traced::default(),
        }
    }

    fn fill(log: &mut Pipeline) -> usize {
        let locks = Locks::default();
        let moment = Moment { now: Instant(0), locks: &locks };
        let mut taken = 0;
        while !log.is_full(4_096) {
            assert!(matches!(log.admit(big(taken), moment), Admission::Waits));
            taken += 1;
        }
        taken
    }

    #[test]
    fn what_waits_and_what_is_appended_at_once_is_bounded_in_bytes() {
        let mut log = empty();
        let taken = fill(&mut log);
        assert!(taken < 1_000, "bytes are the bound: {taken}");
        let mut appended = 0;
        while let Some(batch) = log.take_batch() {
            let sizes: Vec<_> = batch.events.iter().map(|event| event.row.body.len()).collect();
            let (last, before) = sizes.split_last().expect("an event");
            assert!(before.iter().sum::<usize>() < MAX_BATCH_BYTES && *last < MAX_BATCH_BYTES);
            appended += log.commit().len();
            assert!(!log.is_full(4_096));
        }
        assert_eq!((appended, log.waiting_bytes), (taken, 0));
        assert!(log.unsaved_bytes() > MAX_BATCH_BYTES);
        log.saved();
        assert_eq!(log.unsaved_bytes(), 0);
    }

    /// Found by the fault tests: after an outage a room of 117 operations that waited, many of them
    /// refused by other rooms, committed nothing for a minute.
    #[test]
    fn what_stood_before_a_refusal_goes_first() {
        let mut log = empty();
        let locks = Locks::default();
        let moment = Moment { now: Instant(0), locks: &locks };
        for n in 0..5 {
            log.admit(big(n), moment);
        }
        let sizes = |log: &mut Pipeline| log.take_batch().map(|batch| batch.events.len());
        assert_eq!(sizes(&mut log), Some(5));
        log.opposed(2);
        log.take_in_flight(2);
        log.rebase(moment);
        assert_eq!(sizes(&mut log), Some(2), "nothing was said against these");
        log.commit();
        assert_eq!(sizes(&mut log), Some(2), "the rest, without the refused one");
    }

    #[test]
    fn what_is_given_up_frees_its_bytes() {
        let mut log = empty();
        let taken = fill(&mut log);
        log.take_batch();
        log.take_in_flight(0);
        assert_eq!(log.abandon().len(), taken - 1);
        assert_eq!(log.waiting_bytes, 0);
    }
}
