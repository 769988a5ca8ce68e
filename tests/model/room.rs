//! What a room does (`room/operations.rs`, `pipeline.rs`, `commit.rs`): admit, take_batch, the
//! outcomes of an append, rebase. Every function bears the name of the one it stands for. What other
//! replicas did comes in through `relay.rs`.

use super::mutations::Mutation;
use super::setting::Rule;
use super::state::{
    Accepted, Ack, Append, Batch, Event, Link, Listener, Outcome, Relay, Room, Telling,
};
use super::store;
use super::world::World;

/// An operation on its way (`pipeline::Wish`).
#[derive(Clone, Copy)]
pub struct Wish {
    /// Which.
    pub op: u8,
    /// Who waits for the answer.
    pub listener: Listener,
}

/// What became of a wish at once (`pipeline::Admission`).
pub enum Admission {
    /// It waits for its commit.
    Waits,
    /// It is in the log already: this was a repeat.
    Known(Wish, Event),
    /// It is in the log, put there by an append that seemed to have failed: this was the first.
    Took(Wish, Event),
    /// It breaks a rule.
    Refused(Wish),
}

impl World<'_> {
    /// Queues a wish, or answers it (`Live::admit`).
    pub fn operation(&mut self, r: usize, wish: Wish) {
        let admission = self.admit(r, wish);
        self.settle(r, admission);
        self.flush(r);
    }

    /// Decides a wish on the state ahead and queues it.
    fn admit(&mut self, r: usize, wish: Wish) -> Admission {
        if let Some(event) = self.remembered(r, wish.op) {
            return Admission::Known(wish, event);
        }
        let room = &mut self.state.rooms[r];
        let mut waiting = room.in_flight.iter_mut().chain(&mut room.queue);
        if let Some(first) = waiting.find(|accepted| accepted.event.op == wish.op) {
            if wish.listener != Listener::Nobody {
                first.listener = Listener::Repeater;
            }
            return Admission::Waits;
        }
        match self.decide(r, wish.op) {
            None => Admission::Refused(wish),
            Some(event) => {
                let accepted = Accepted { event, uncertain: false, listener: wish.listener };
                self.state.rooms[r].queue.push(accepted);
                Admission::Waits
            }
        }
    }

    /// The pure decision: the event an operation becomes on top of everything that waits.
    fn decide(&self, r: usize, op: u8) -> Option<Event> {
        let room = &self.state.rooms[r];
        let ahead = room.waiting().map(|accepted| &accepted.event);
        let rule = |event: &Event| self.setting.ops[event.op as usize].rule;
        let is_open =
            room.committed.iter().chain(ahead).fold(false, |open, event| match rule(event) {
                Rule::Free => open,
                Rule::Opens => true,
                Rule::Closes => false,
            });
        let seq = room.head() + room.waiting().count() as u8 + 1;
        let event = Event { seq, op, by: r as u8 };
        let is_legal = match rule(&event) {
            Rule::Free => true,
            Rule::Opens => !is_open,
            Rule::Closes => is_open,
        };
        is_legal.then_some(event)
    }

    /// The event of an operation, if it is among the newest.
    fn remembered(&self, r: usize, op: u8) -> Option<Event> {
        let room = &self.state.rooms[r];
        room.committed[self.forgotten(room)..].iter().find(|event| event.op == op).copied()
    }

    /// How many of the oldest events are no longer in memory (`Recent::first`).
    pub fn forgotten(&self, room: &Room) -> usize {
        room.committed.len().saturating_sub(self.setting.tail)
    }

    /// Answers what does not wait.
    fn settle(&mut self, r: usize, admission: Admission) {
        match admission {
            Admission::Waits => {}
            Admission::Known(wish, event) => self.acknowledge(wish, event, true),
            Admission::Took(wish, event) => self.acknowledge(wish, event, false),
            Admission::Refused(wish) => self.refuse(r, wish),
        }
    }

    fn acknowledge(&mut self, wish: Wish, event: Event, duplicate: bool) {
        if let Some(ack) = answer(wish, event, duplicate) {
            self.receive_ack(ack);
        }
    }

    /// Refuses, unless the operation is in the log where this room does not see it.
    fn refuse(&mut self, r: usize, wish: Wish) {
        let remembers_everything = self.forgotten(&self.state.rooms[r]) == 0;
        let trusts_memory = self.setting.lacks(Mutation::LookBeforeRefusal) && remembers_everything;
        match store::event_by_op(&self.state.log, wish.op).copied() {
            Some(event) if !trusts_memory => self.acknowledge(wish, event, true),
            _ if wish.listener != Listener::Nobody => self.receive_refusal(wish.op),
            _ => {}
        }
    }

    /// Hands the next batch to the journal, unless one is in flight.
    fn flush(&mut self, r: usize) {
        let room = &mut self.state.rooms[r];
        if room.catching_up.is_some() || !room.in_flight.is_empty() || room.queue.is_empty() {
            return;
        }
        room.in_flight = std::mem::take(&mut room.queue);
        self.append(r);
        self.tell_too_early(r);
    }

    /// The batch in flight goes to the database (`Pipeline::batch`).
    fn append(&mut self, r: usize) {
        let room = &mut self.state.rooms[r];
        let events = room.in_flight.iter().map(|accepted| accepted.event).collect();
        room.appending = Some(Append::Sent(Batch { expected: room.head(), events }));
    }

    /// The transaction runs.
    pub fn transact(&mut self, r: usize) {
        if let Some(Append::Sent(batch)) = self.state.rooms[r].appending.take() {
            let outcome = store::append(self.setting, &mut self.state.log, &batch);
            self.state.rooms[r].appending = Some(Append::Answered(outcome));
        }
    }

    /// The room hears what became of its batch; `None` when it hears nothing.
    pub fn appended(&mut self, r: usize, outcome: Option<Outcome>) {
        self.state.rooms[r].appending = None;
        match outcome {
            Some(Outcome::Committed) => return self.committed(r),
            Some(Outcome::Stale) => self.catch_up(r),
            Some(Outcome::Duplicate { index, seq }) => self.duplicate(r, index, seq),
            None if self.state.rooms[r].failures < self.setting.retries => self.again(r),
            None => self.give_up(r),
        }
        self.catch_up_if_behind(r);
    }

    /// The batch is durable: the state moves, members hear of it, then come bus and authors.
    fn committed(&mut self, r: usize) {
        let room = &mut self.state.rooms[r];
        room.failures = 0;
        let done = std::mem::take(&mut room.in_flight);
        let events: Vec<_> = done.iter().map(|accepted| accepted.event).collect();
        room.committed.extend(&events);
        let acks = done.iter().filter_map(|done| answer(done.wish(), done.event, false));
        let publish = Some(Relay { events: events.clone() });
        room.telling = Some(Telling { publish, acks: acks.collect() });
        if !self.setting.lacks(Mutation::CommitBeforeBroadcast) {
            self.broadcast_events(r, &events);
        }
    }

    /// The rest of `committed`, once everything is told.
    pub fn told(&mut self, r: usize) {
        let telling = self.state.rooms[r].telling.as_ref();
        if telling.is_some_and(|rest| rest.publish.is_none() && rest.acks.is_empty()) {
            self.state.rooms[r].telling = None;
            self.seat_latecomers(r);
            self.flush(r);
            self.catch_up_if_behind(r);
        }
    }

    /// The operation is in the log: answer it from there, decide the rest again.
    fn duplicate(&mut self, r: usize, index: usize, seq: u8) {
        let room = &mut self.state.rooms[r];
        if seq > room.head() {
            return self.catch_up(r);
        }
        let wish = room.in_flight.remove(index).wish();
        if let Some(event) = store::event_by_op(&self.state.log, wish.op).copied() {
            self.acknowledge(wish, event, true);
        }
        self.decide_again(r);
    }

    /// No answer: the same batch once more. Had it taken effect, it is a duplicate now.
    fn again(&mut self, r: usize) {
        let room = &mut self.state.rooms[r];
        room.failures += 1;
        // Pipeline::batch_again
        room.in_flight.iter_mut().for_each(|accepted| accepted.uncertain = true);
        self.append(r);
    }

    /// Everything that waits is answered `unavailable`: its sender may send it again.
    fn give_up(&mut self, r: usize) {
        let room = &mut self.state.rooms[r];
        room.failures = 0;
        room.in_flight.clear();
        room.queue.clear();
        self.catch_up(r);
    }

    /// Decides everything that waits again, on top of the committed state.
    ///
    /// # Panics
    /// When a batch is at the journal.
    pub fn decide_again(&mut self, r: usize) {
        // Pipeline::rebase
        let room = &mut self.state.rooms[r];
        assert!(room.appending.is_none(), "the batch in flight has come back");
        let mut waiting = std::mem::take(&mut room.in_flight);
        waiting.append(&mut room.queue);
        let admissions: Vec<_> =
            waiting.into_iter().map(|accepted| self.admit_again(r, accepted)).collect();
        for admission in admissions {
            self.settle(r, admission);
        }
        self.flush(r);
    }

    fn admit_again(&mut self, r: usize, accepted: Accepted) -> Admission {
        let wish = accepted.wish();
        match self.remembered(r, wish.op) {
            Some(event) if accepted.uncertain && event == accepted.event => {
                Admission::Took(wish, event)
            }
            _ => self.admit(r, wish),
        }
    }

    /// Two of the mutations only: what must not be said before the commit.
    fn tell_too_early(&mut self, r: usize) {
        let taken: Vec<_> = self.state.rooms[r].in_flight.clone();
        if self.setting.lacks(Mutation::CommitBeforeAck) {
            for accepted in &taken {
                self.acknowledge(accepted.wish(), accepted.event, false);
            }
        }
        if self.setting.lacks(Mutation::CommitBeforeBroadcast) {
            let events: Vec<_> = taken.iter().map(|accepted| accepted.event).collect();
            self.broadcast_events(r, &events);
        }
    }

    /// Sends events to everyone who has joined here.
    pub fn broadcast_events(&mut self, r: usize, events: &[Event]) {
        for client in &mut self.state.clients {
            if client.link == Link::Joined(r) {
                client.view.extend(events);
            }
        }
    }
}

impl Accepted {
    fn wish(&self) -> Wish {
        Wish { op: self.event.op, listener: self.listener }
    }
}

/// The answer to whoever listens; repeats hear that they were repeats (`Wish::answer`).
fn answer(wish: Wish, event: Event, duplicate: bool) -> Option<Ack> {
    let Event { op, seq, .. } = event;
    match wish.listener {
        Listener::Nobody => None,
        Listener::Sender => Some(Ack { op, seq, duplicate }),
        Listener::Repeater => Some(Ack { op, seq, duplicate: true }),
    }
}
