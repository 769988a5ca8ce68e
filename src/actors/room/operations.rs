//! From an `op` request to a queued operation: repeats, dry runs, restores, refusals.

use std::sync::Arc;

use actix::prelude::*;
use uuid::Uuid;

use super::Room;
use super::ask::Caller;
use super::live::{Live, incident};
use super::past;
use super::taken::{self, Elsewhere};
use super::traced::Traced;
use super::wish::{Admission, Author, Moment, Wish};
use crate::actors::measure::Measure;
use crate::actors::reply::{Given, ReplyTo};
use crate::domain::{
    Command, Decision, Event, Hold, Interval, NewIds, OccupancyChange, Op, Refusal, ResourceKey,
    Timetable,
};
use crate::protocol::conflict::conflict_bodies;
use crate::protocol::envelope::decode_event;
use crate::protocol::error::WireError;
use crate::protocol::op_kind::kind;
use crate::protocol::server::{AckBody, ServerMessage};
use crate::protocol::text::Text;
use crate::store::StoreError;
use crate::telemetry::trace::Span;

impl Live {
    pub(super) fn operation(
        &mut self,
        who: &Arc<Caller>,
        command: Command,
        dry_run: bool,
        span: Span,
        reply: ReplyTo,
        ctx: &mut Context<Room>,
    ) {
        let _lines = span.lines();
        let traced = Traced::new(span, &self.key, &command);
        if let Some(session) = &who.session
            && !self.members.contains(session)
        {
            return traced.refuse(reply, WireError::forbidden("join the room first"));
        }
        if self.log.is_full(self.deps.config.room_queue) {
            return traced.refuse(reply, WireError::busy(200));
        }
        let wish = Wish {
            author: self.author(who),
            command,
            restored: None,
            ids: NewIds(Uuid::now_v7()),
            elsewhere: Elsewhere::default(),
            reply,
            repeats: Vec::new(),
            received: self.deps.clock.monotonic(),
            traced,
        };
        match wish.command.op {
            Op::Restore { seq } => self.restore(wish, seq, dry_run, ctx),
            _ if dry_run => self.rehearse(wish, ctx),
            _ => self.admit(wish, ctx),
        }
    }

    /// Queues a wish, or answers it.
    pub(super) fn admit(&mut self, wish: Wish, ctx: &mut Context<Room>) {
        let moment = Moment { now: self.deps.clock.now(), locks: self.holdings.locks() };
        let admission = self.log.admit(wish, moment);
        self.settle(admission, ctx);
        self.flush(ctx);
    }

    /// Answers what does not wait.
    pub(super) fn settle(&mut self, admission: Admission, ctx: &mut Context<Room>) {
        match admission {
            Admission::Waits => {}
            Admission::Known(wish, event) => self.acknowledge(wish, &event, true),
            Admission::Took(wish, event) => self.acknowledge(wish, &event, false),
            Admission::Refused(wish, refusal) => self.refuse(wish, refusal, ctx),
        }
    }

    /// Answers with the ack of a committed event.
    pub(super) fn acknowledge(&mut self, wish: Wish, event: &Event, duplicate: bool) {
        let kind = kind(&wish.command.op);
        let outcome = if duplicate { "duplicate" } else { "committed" };
        self.deps.metrics.operation(kind, outcome);
        self.witness(&wish, outcome, Some(event.seq));
        if !duplicate {
            let waited = self.deps.clock.monotonic() - wish.received;
            self.deps.metrics.ack_latency_seconds.observe(waited);
        }
        let ack = self.ack(event, duplicate);
        wish.answer(Ok(Given::Message(ServerMessage::Ack(ack))));
    }

    /// Refuses, unless the operation was committed where this room does not see it, before its memory
    /// begins or by another replica since its head: the repeat gets the first answer even where the
    /// rules would refuse it now.
    fn refuse(&mut self, wish: Wish, refusal: Refusal, ctx: &mut Context<Room>) {
        let op_id = wish.command.op_id;
        let (store, room) = (self.deps.store.clone(), self.key.room);
        let looking = async move { store.event_by_op(room, op_id).await };
        self.aside(ctx, looking, move |live, found, _| {
            match found.map(|row| row.map(|r| r.body)) {
                Ok(Some(body)) => live.acknowledge_stored(wish, &body),
                Ok(None) => live.answer_refused(wish, refusal),
                Err(error) => live.answer_unavailable(wish, &error),
            }
        });
    }

    /// Answers a repeat from the stored event.
    pub(super) fn acknowledge_stored(&mut self, wish: Wish, body: &[u8]) {
        match decode_event(body) {
            Ok((event, _)) => self.acknowledge(wish, &event, true),
            Err(error) => {
                let _lines = wish.traced.lines();
                let fault = incident(&self.key, "event could not be read", &error.to_string());
                wish.answer(Err(fault));
            }
        }
    }

    pub(super) fn answer_refused(&mut self, wish: Wish, refusal: Refusal) {
        let error = WireError::from(refusal);
        self.deps.metrics.operation(kind(&wish.command.op), error.code.as_str());
        self.witness(&wish, error.code.as_str(), None);
        wish.answer(Err(error));
    }

    pub(super) fn answer_unavailable(&mut self, wish: Wish, error: &StoreError) {
        let _lines = wish.traced.lines();
        self.deps.metrics.store_error(error);
        let answer = match error {
            StoreError::Unavailable(_) => WireError::unavailable(500),
            StoreError::Failed(cause) => incident(&self.key, "store failed", cause),
        };
        self.witness(&wish, answer.code.as_str(), None);
        wish.answer(Err(answer));
    }

    /// Says whether an operation would work, other rooms included, and changes nothing.
    fn rehearse(&mut self, mut wish: Wish, ctx: &mut Context<Room>) {
        let moment = Moment { now: self.deps.clock.now(), locks: self.holdings.locks() };
        let decision = match self.log.probe(&wish, moment) {
            Ok(decision) => decision,
            Err(refusal) => return self.answer_refused(wish, refusal),
        };
        let wanted = enforced(&decision);
        if wanted.is_empty() {
            return self.answer_rehearsed(wish, &decision);
        }
        let (store, key) = (self.deps.store.clone(), self.key.clone());
        let looking = async move { store.taken(&key.tenant, key.room, &wanted).await };
        self.aside(ctx, looking, move |live, taken, ctx| match taken {
            Ok(taken) if taken.is_empty() => live.answer_rehearsed(wish, &decision),
            Ok(taken) => {
                let conflicts = taken::conflicts(&decision, live.key.room, &taken);
                if wish.learns(&conflicts) {
                    live.rehearse(wish, ctx);
                } else {
                    live.answer_refused(wish, taken::refusal(conflicts));
                }
            }
            Err(error) => live.answer_unavailable(wish, &error),
        });
    }

    fn answer_rehearsed(&mut self, wish: Wish, decision: &Decision) {
        self.deps.metrics.operation(kind(&wish.command.op), "dry_run");
        self.witness(&wish, "dry_run", None);
        let ack = AckBody { seq: None, ..self.ack(&decision.event, false) };
        wish.answer(Ok(Given::Message(ServerMessage::Ack(ack))));
    }

    /// Finds the state to go back to, then decides.
    fn restore(&mut self, mut wish: Wish, seq: u64, dry_run: bool, ctx: &mut Context<Room>) {
        let Some(turn) = self.past_reads.begin() else {
            return wish.answer(Err(past::busy()));
        };
        let finding = self.past(turn);
        let finding = async move { finding.state(seq).await };
        self.aside(ctx, finding, move |live, found, ctx| match found {
            Ok(state) => {
                wish.restored = state.map(Arc::<Timetable>::new);
                if dry_run { live.rehearse(wish, ctx) } else { live.admit(wish, ctx) }
            }
            Err(error) => wish.answer(Err(error)),
        });
    }

    fn author(&self, who: &Caller) -> Author {
        Author {
            user: who.principal.user.clone(),
            session: who.session.clone(),
            role: self.role(who),
        }
    }

    fn ack(&self, event: &Event, duplicate: bool) -> AckBody {
        AckBody {
            room: Text(self.key.room),
            op_id: Text(event.op_id),
            seq: Some(event.seq),
            duplicate,
            warnings: conflict_bodies(&event.conflicts.detected),
        }
    }
}

fn enforced(decision: &Decision) -> Vec<(ResourceKey, Interval)> {
    let take = |change: &OccupancyChange| match change {
        OccupancyChange::Take { resource, during, hold: Hold::Enforced, kept: false, .. } => {
            Some((resource.clone(), *during))
        }
        OccupancyChange::Take { .. } | OccupancyChange::Clear { .. } => None,
    };
    decision.occupancy.iter().filter_map(take).collect()
}
