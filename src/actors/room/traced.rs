//! What of an operation is recorded: the operation from its arrival to its answer, in it the append to
//! the store and the publishing, and on the other replicas the delivery. All of it is nothing where
//! the operation is not in a sampled trace.

use super::pipeline::Pipeline;
use crate::actors::registry::RoomKey;
use crate::actors::reply::{Answer, Given, ReplyTo};
use crate::domain::Command;
use crate::protocol::error::WireError;
use crate::protocol::op_kind::kind;
use crate::protocol::relay::{Relay, TraceOf};
use crate::protocol::server::ServerMessage;
use crate::telemetry::Tracer;
use crate::telemetry::trace::{Kind, Parent, Span};

/// The spans of one operation.
#[derive(Debug, Default)]
pub struct Traced {
    operation: Span,
    append: Span,
}

impl Traced {
    /// Those of an operation whose span has begun.
    #[must_use]
    pub fn new(mut operation: Span, key: &RoomKey, command: &Command) -> Self {
        note_room(&mut operation, key);
        operation.note("kyo.op.id", || command.op_id.to_string());
        operation.note("kyo.op.kind", || kind(&command.op));
        Self { operation, append: Span::none() }
    }

    /// For log lines about it.
    pub fn lines(&self) -> tracing::span::EnteredSpan {
        self.operation.lines()
    }

    /// It is about to be answered.
    pub fn answered(&mut self, answer: &Answer) {
        match answer {
            Ok(Given::Message(ServerMessage::Ack(ack))) => {
                let outcome = if ack.duplicate { "duplicate" } else { "ack" };
                self.operation.note("kyo.outcome", || outcome);
                if let Some(seq) = ack.seq {
                    self.operation.note("kyo.seq", || seq as i64);
                }
            }
            Ok(_) => {}
            Err(error) => {
                self.operation.note("kyo.outcome", || error.code.as_str());
                if error.code.http_status() >= 500 {
                    self.operation.fail(|| error.code.as_str().into());
                }
            }
        }
    }

    /// It is refused before it has become a wish.
    pub fn refuse(mut self, reply: ReplyTo, error: WireError) {
        let answer = Err(error);
        self.answered(&answer);
        reply.send(answer);
    }

    /// The store is given it, with the others of a batch.
    pub fn append(&mut self, tracer: &Tracer, batch: usize) {
        self.append = tracer.child("append", Kind::Client, self.operation.parent());
        self.append.note("kyo.batch.events", || batch as i64);
    }

    /// The store has answered.
    pub fn appended(&mut self, outcome: &'static str) {
        self.append.note("kyo.outcome", || outcome);
        self.append = Span::none();
    }

    /// It is told to the other replicas.
    #[must_use]
    pub fn publish(&self, tracer: &Tracer) -> Span {
        tracer.child("publish", Kind::Producer, self.operation.parent())
    }
}

/// Which room something is about.
pub fn note_room(span: &mut Span, key: &RoomKey) {
    span.note("kyo.room", || key.room.to_string());
    span.note("kyo.tenant", || key.tenant.to_string());
}

impl Pipeline {
    /// The operations that the store has are recorded as `note` says.
    pub fn trace_in_flight(&mut self, mut note: impl FnMut(&mut Traced)) {
        self.wishes_in_flight().for_each(|wish| note(&mut wish.traced));
    }
}

/// The spans of events that another replica has told of.
pub struct Delivery(Vec<Span>);

impl Delivery {
    /// Of those that are traced; the others cost nothing.
    pub fn begin(tracer: &Tracer, relay: &Relay) -> Self {
        let deliver = |traced: &TraceOf| {
            let mut span =
                tracer.child("deliver", Kind::Consumer, Parent::parse(&traced.traceparent));
            span.note("kyo.seq", || traced.seq as i64);
            span
        };
        let traced = if tracer.is_on() { relay.traces.as_slice() } else { &[] };
        Self(traced.iter().map(deliver).collect())
    }

    /// For log lines about it; of several the first is named.
    pub fn lines(&self) -> tracing::span::EnteredSpan {
        self.0.first().map_or_else(|| Span::none().lines(), Span::lines)
    }

    /// What became of them.
    pub fn end(self, outcome: &'static str) {
        for mut span in self.0 {
            span.note("kyo.outcome", || outcome);
        }
    }
}
