//! From a client's frame to the one it concerns: decode, limit, dispatch. Every request is answered,
//! unknown and malformed ones too.

use actix::prelude::*;
use serde_json::Number;

use super::Session;
use crate::actors::measure::Measure;
use crate::actors::reply::ReplyTo;
use crate::actors::room::{Join, Want};
use crate::protocol::client::{
    BadRequest, ClientMessage, OpRequest, Request, decode, decode_event, id_of,
};
use crate::protocol::code::CloseCode;
use crate::protocol::error::WireError;
use crate::protocol::server::{Pong, ServerMessage};
use crate::protocol::text::Text;
use crate::socketio::Event;
use crate::telemetry::metrics::LimitScope;

/// Malformed messages after which a client is not one of ours.
const MAX_MALFORMED: u32 = 100;

impl Session {
    pub(super) fn receive(&mut self, bytes: &[u8], ctx: &mut Context<Self>) {
        let size = bytes.len();
        if let Err(wait) = self.may_decode(size) {
            return self.slow_down(wait, self.reply(id_of(self.framing, bytes)), ctx);
        }
        match decode(self.framing, bytes) {
            Ok(Request { id, message }) => self.dispatch(message, size, self.reply(id), ctx),
            Err(BadRequest { id, error }) => self.misunderstood(error, self.reply(id), ctx),
        }
    }

    /// The same for what a Socket.IO client says.
    pub(super) fn receive_event(&mut self, event: Event, ctx: &mut Context<Self>) {
        let Event { name, args, attachments, ack } = event;
        let reply = ack.map_or_else(|| self.reply(None), ReplyTo::ack);
        let size = args.iter().map(|text| text.len()).sum();
        if let Err(wait) = self.may_decode(size) {
            return self.slow_down(wait, reply, ctx);
        }
        let decoded = if attachments.is_empty() {
            decode_event(&name, &args)
        } else {
            Err(WireError::invalid("", "must be JSON, without binary attachments"))
        };
        match decoded {
            Ok(message) => self.dispatch(message, size, reply, ctx),
            Err(error) => self.misunderstood(error, reply, ctx),
        }
    }

    fn may_decode(&self, size: usize) -> Result<(), u64> {
        let Some(caller) = &self.caller else { return Ok(()) };
        let share = self.deps.tenants.decoding(&caller.principal.tenant, size);
        share.inspect_err(|_| self.deps.metrics.rate_limited(LimitScope::Tenant))
    }

    fn misunderstood(&mut self, error: WireError, reply: ReplyTo, ctx: &mut Context<Self>) {
        reply.error(error);
        self.malformed += 1;
        if self.malformed >= MAX_MALFORMED {
            self.close(CloseCode::ProtocolError, ctx);
        }
    }

    fn dispatch(
        &mut self,
        message: ClientMessage,
        size: usize,
        reply: ReplyTo,
        ctx: &mut Context<Self>,
    ) {
        let known = self.caller.is_some();
        match message {
            ClientMessage::CursorMove { room, cursor } if known => {
                reply.waive();
                self.present(room, Want::Cursor(cursor), ctx);
            }
            ClientMessage::SelectionChange { room, selection } if known => {
                reply.waive();
                self.present(room, Want::Select(selection), ctx);
            }
            ClientMessage::Op(op) if known => {
                self.limited_op(op, size, reply, ctx);
            }
            other => self.limited_request(other, reply, ctx),
        }
    }

    fn limited_op(&mut self, op: OpRequest, size: usize, reply: ReplyTo, ctx: &mut Context<Self>) {
        let share = || {
            let tenant = self.caller.as_ref().map(|caller| &caller.principal.tenant);
            let count = op.command.op.count();
            tenant.map_or(Ok(()), |tenant| self.deps.tenants.operations(tenant, count, size))
        };
        if let Err(wait) = self.rates.operation() {
            self.deps.metrics.rate_limited(LimitScope::Session);
            return self.slow_down(wait, reply, ctx);
        }
        if let Err(wait) = share() {
            self.deps.metrics.rate_limited(LimitScope::Tenant);
            return reply.error(WireError::rate_limited(wait));
        }
        let OpRequest { room, command, dry_run } = op;
        let (command, span) = (Box::new(command), self.trace("operation"));
        self.ask_joined(room, Want::Op { command, dry_run, span }, reply, ctx);
    }

    fn limited_request(&mut self, message: ClientMessage, reply: ReplyTo, ctx: &mut Context<Self>) {
        if let Err(wait) = self.rates.request() {
            self.deps.metrics.rate_limited(LimitScope::Session);
            return self.slow_down(wait, reply, ctx);
        }
        match message {
            ClientMessage::Authenticate { token } if self.caller.is_none() => {
                let re = reply.waive();
                self.authenticate(&token.0, re.as_ref(), ctx);
            }
            ClientMessage::Ping => {
                let server_time = Text(self.deps.clock.now());
                reply.ok(ServerMessage::Pong(Pong { server_time }));
            }
            _ if self.caller.is_none() => {
                reply.error(WireError::unauthenticated("authenticate first"));
            }
            ClientMessage::Authenticate { .. } => {
                reply.error(WireError::invalid("type", "the session is authenticated already"));
            }
            ClientMessage::Refresh { token } => match self.refresh(&token.0, ctx) {
                Ok(refreshed) => reply.ok(refreshed),
                Err(error) => reply.error(error),
            },
            other => self.room_request(other, reply, ctx),
        }
    }

    fn room_request(&mut self, message: ClientMessage, reply: ReplyTo, ctx: &mut Context<Self>) {
        match message {
            ClientMessage::Join { room, since, profile } => {
                let (outlet, notes) = (self.outlet.clone(), ctx.address().recipient());
                let span = self.trace("join");
                let join = Box::new(Join { since, profile, outlet, notes, span });
                self.join(room, join, reply, ctx);
            }
            ClientMessage::Leave { room } => self.leave(room, reply),
            ClientMessage::Lock { room, course_id, ttl_ms } => {
                self.ask_joined(room, Want::Lock { course_id, ttl_ms }, reply, ctx);
            }
            ClientMessage::Unlock { room, course_id, token } => {
                self.ask_joined(room, Want::Unlock { course_id, token }, reply, ctx);
            }
            ClientMessage::History { room, page, limit } => {
                self.ask_any(room, Want::History { page, limit }, reply, ctx);
            }
            ClientMessage::Snapshot { room, seq } => {
                self.ask_any(room, Want::Snapshot { seq }, reply, ctx);
            }
            // Taken care of by the callers.
            _ => drop(reply.waive()),
        }
    }

    fn slow_down(&mut self, wait: u64, reply: ReplyTo, ctx: &mut Context<Self>) {
        self.counts.refused += 1;
        reply.error(WireError::rate_limited(wait));
        if !self.rates.may_go_on() {
            self.close(CloseCode::RateLimited, ctx);
        }
    }

    fn reply(&self, re: Option<Number>) -> ReplyTo {
        ReplyTo::client(self.outlet.clone(), re)
    }
}
