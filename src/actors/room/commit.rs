//! From a queued operation to a durable one: one batch at the journal at a time, the next one fills
//! meanwhile, and every outcome leads either to a broadcast or to a decision made again.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use tokio::sync::oneshot;

use super::Room;
use super::live::{Live, incident};
use super::relay::relay_payload;
use super::taken;
use super::wish::{Accepted, Moment, Wish};
use crate::actors::bridge::Publish;
use crate::actors::journal::{Append, Appended};
use crate::actors::measure::Measure;
use crate::actors::post::post_to;
use crate::domain::Event;
use crate::protocol::envelope::StoredEvent;
use crate::protocol::error::WireError;
use crate::protocol::raw::RawJson;
use crate::protocol::relay::TraceOf;
use crate::protocol::server::{Events, ServerMessage, encode};
use crate::protocol::state::digest_text;
use crate::protocol::text::Text;
use crate::store::{AppendOutcome, Head, OccupancyRow, RoomBatch, StoreError};
use crate::telemetry::Tracer;
use crate::telemetry::metrics::ResyncReason;
use crate::telemetry::trace::Span;

/// How often an append is tried again on a store that does not answer, before its operations are
/// answered `unavailable`.
const RETRIES: u32 = 5;

impl Live {
    /// Hands the next batch to the journal, unless one is in flight.
    pub(super) fn flush(&mut self, ctx: &mut Context<Room>) {
        if self.catching_up {
            return;
        }
        if let Some(batch) = self.log.take_batch() {
            self.append(batch, ctx);
        }
        self.note_flushed();
    }

    fn append(&mut self, batch: RoomBatch, ctx: &mut Context<Room>) {
        self.appending = true;
        let (tracer, events) = (&self.deps.tracer, batch.events.len());
        self.log.trace_in_flight(|traced| traced.append(tracer, events));
        let journal = self.deps.journal.clone();
        let appending = async move {
            let (done, outcome) = oneshot::channel();
            // The journal's full mailbox is the back-pressure: this batch waits, the next one fills.
            let handed = journal.send(Append { batch, done }).await;
            let lost = || Err(StoreError::Unavailable("the journal has ended".to_owned()));
            if handed.is_err() { lost() } else { outcome.await.unwrap_or_else(|_| lost()) }
        };
        self.aside(ctx, appending, Self::appended);
    }

    fn appended(&mut self, appended: Appended, ctx: &mut Context<Room>) {
        self.appending = false;
        self.log.trace_in_flight(|traced| traced.appended(outcome(&appended)));
        match appended {
            Ok(AppendOutcome::Committed) => self.committed(ctx),
            Ok(AppendOutcome::Stale(head)) => self.stale(head, ctx),
            Ok(AppendOutcome::Duplicate { index, seq }) => self.duplicate(index, seq, ctx),
            Ok(AppendOutcome::Refused { index, taken }) => self.refused(index, taken, ctx),
            Ok(AppendOutcome::Gone) => self.close(ctx),
            Err(StoreError::Unavailable(_)) if self.failures < RETRIES => self.again(ctx),
            Err(error) => self.give_up(&error, ctx),
        }
        if std::mem::take(&mut self.behind) {
            self.catch_up(ctx);
        }
    }

    fn committed(&mut self, ctx: &mut Context<Room>) {
        self.failures = 0;
        let done = self.log.commit();
        self.broadcast_committed(&done);
        for (wish, event, _) in done {
            self.acknowledge(wish, &event, false);
        }
        self.save_if_due(self.deps.config.snapshot_every, ctx);
        // This was the head when it was committed. The answer may be old: whoever has heard of more
        // since then (another replica, a client that comes from one) must not wait for the batches
        // of this one to end.
        if !self.behind {
            self.flush(ctx);
        }
    }

    fn broadcast_committed(&mut self, done: &[(Wish, Arc<Event>, StoredEvent)]) {
        let Some((_, first, _)) = done.first() else { return };
        let wires = done.iter().map(|(_, _, stored)| stored.wire.clone()).collect();
        self.broadcast_events(first.seq, wires);
        let bodies = done.iter().map(|(_, _, stored)| stored.body.as_slice());
        let (head, digest) = (self.log.head(), self.log.committed().digest());
        let (spans, traces) = publishing(&self.deps.tracer, done);
        let now = self.deps.clock.now();
        let payload = relay_payload(head, first.seq, digest, now, &traces, bodies);
        post_to(&self.deps.bridge, Publish { room: self.key.room, payload, spans });
    }

    /// Sends committed events to everyone who has joined.
    pub(super) fn broadcast_events(&mut self, first: u64, events: Vec<RawJson>) {
        self.state.forget();
        let digest = digest_text(self.log.committed().digest());
        let events = Events { room: Text(self.key.room), first, events, digest };
        let frame = encode(None, &ServerMessage::Events(events));
        let began = self.deps.clock.monotonic();
        let sent = self.members.broadcast(&frame);
        self.deps.metrics.fanout(sent.members, self.deps.clock.monotonic() - began);
        self.deps.metrics.outbox_depth_max.observe(sent.deepest);
    }

    /// Another replica was first: take its events in, then decide again.
    fn stale(&mut self, head: Head, ctx: &mut Context<Room>) {
        self.deps.metrics.append_stale_total.inc();
        let ours = self.log.head();
        if head.epoch == ours.epoch && head.seq > ours.seq {
            self.catch_up(ctx);
        } else {
            self.restart(ResyncReason::LogReplaced, super::relay::REPLACED, "", ctx);
        }
    }

    /// The operation is in the log: answer it from there. The rest is decided again, after the
    /// events that this room has not seen.
    fn duplicate(&mut self, index: usize, seq: u64, ctx: &mut Context<Room>) {
        if seq > self.log.committed().head() {
            return self.catch_up(ctx);
        }
        if let Some(Accepted { wish, .. }) = self.log.take_in_flight(index) {
            let (store, room, op) = (self.deps.store.clone(), self.key.room, wish.command.op_id);
            let looking = async move { store.event_by_op(room, op).await };
            self.aside(ctx, looking, move |live, found, _| match found {
                Ok(Some(row)) => live.acknowledge_stored(wish, &row.body),
                Ok(None) => live.answer_unavailable(wish, &vanished()),
                Err(error) => live.answer_unavailable(wish, &error),
            });
        }
        self.decide_again(ctx);
    }

    /// Another room holds the trainer or studio: that operation is answered, or decided again when
    /// an owner commits over it; the rest goes on.
    fn refused(&mut self, index: usize, taken: Vec<OccupancyRow>, ctx: &mut Context<Room>) {
        let room = self.key.room;
        self.log.opposed(index);
        if let Some(Accepted { wish, decision, .. }) = self.log.in_flight_mut(index) {
            let conflicts = taken::conflicts(decision, room, &taken);
            if !wish.learns(&conflicts)
                && let Some(Accepted { wish, .. }) = self.log.take_in_flight(index)
            {
                self.answer_refused(wish, taken::refusal(conflicts));
            }
        }
        self.decide_again(ctx);
    }

    /// The store did not answer, and may have committed: ask again with the same batch. If it had,
    /// the answer is `Duplicate` and the events come in from the log.
    fn again(&mut self, ctx: &mut Context<Room>) {
        self.failures += 1;
        self.appending = true;
        let delay = Duration::from_millis(50 << self.failures);
        let waiting = actix::clock::sleep(delay);
        self.aside(ctx, waiting, |live, (), ctx| {
            let batch = live.log.batch_again();
            live.append(batch, ctx);
        });
    }

    /// Answers everything that waits. Whether the batch in flight took effect is not known: the next
    /// append will find out by its head, and its clients by their `opId`.
    fn give_up(&mut self, error: &StoreError, ctx: &mut Context<Room>) {
        self.failures = 0;
        for wish in self.log.abandon() {
            self.answer_unavailable(wish, error);
        }
        self.note_flushed();
        self.catch_up(ctx);
    }

    /// Decides what waits on today's state and goes on. Only between two appends: a batch that the
    /// journal has must come back before it is decided again.
    pub(super) fn decide_again(&mut self, ctx: &mut Context<Room>) {
        debug_assert!(!self.appending, "the batch in flight has come back");
        let moment = Moment { now: self.deps.clock.now(), locks: self.holdings.locks() };
        for admission in self.log.rebase(moment) {
            self.settle(admission, ctx);
        }
        self.flush(ctx);
    }

    /// Begins anew from the store: the log was replaced under this room (a restored backup), can't
    /// be read, or folds to another state than elsewhere. Members are told to join again.
    pub(super) fn restart(
        &mut self,
        reason: ResyncReason,
        why: &'static str,
        cause: &str,
        ctx: &mut Context<Room>,
    ) {
        incident(&self.key, why, cause);
        for wish in self.log.abandon() {
            wish.answer(Err(WireError::unavailable(200)));
        }
        self.members.lose_all(reason);
        self.end(super::Over::Replaced, ctx);
    }
}

/// The spans of what is told to the other replicas, and what theirs are children of.
fn publishing(
    tracer: &Tracer,
    done: &[(Wish, Arc<Event>, StoredEvent)],
) -> (Vec<Span>, Vec<TraceOf>) {
    let begin = |(wish, event, _): &(Wish, Arc<Event>, StoredEvent)| {
        let span = wish.traced.publish(tracer);
        let traceparent = span.parent()?.traceparent();
        Some((span, TraceOf { seq: event.seq, traceparent }))
    };
    done.iter().filter_map(begin).unzip()
}

/// What became of a batch, in a word.
fn outcome(appended: &Appended) -> &'static str {
    match appended {
        Ok(AppendOutcome::Committed) => "committed",
        Ok(AppendOutcome::Stale(_)) => "stale",
        Ok(AppendOutcome::Duplicate { .. }) => "duplicate",
        Ok(AppendOutcome::Refused { .. }) => "refused",
        Ok(AppendOutcome::Gone) => "gone",
        Err(_) => "no_answer",
    }
}

fn vanished() -> StoreError {
    StoreError::Failed("a duplicate operation is not in the log".to_owned())
}
