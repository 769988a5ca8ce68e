//! What comes in on one WebSocket. With the upgrade in `http/ws.rs` the only place of the native
//! socket that names actix-web-actors. It runs inside the HTTP response body, so it stands still while its client does
//! not read: whatever must happen then belongs to the session. What goes out does not pass through
//! it ([`super::wire`]).

use std::rc::Rc;

use actix::dev::SendError;
use actix::prelude::*;
use actix_web_actors::ws::{self, CloseReason, ProtocolError};
use bytes::Bytes;

use super::outbox::Outbox;
use super::outlet::Outlet;
use super::post::post_to;
use super::session::{Heard, HungUp, Inbound, Session, SessionSeed};
use super::wire::reason;
use crate::protocol::MAX_MESSAGE_BYTES;
use crate::protocol::code::CloseCode;
use crate::websocket::{Fragments, Meter, TooLarge, Whole, payload_of};

/// The actor.
pub struct Socket {
    seed: Option<Box<SessionSeed>>,
    session: Option<Addr<Session>>,
    outbox: Option<Outbox>,
    meter: Rc<Meter>,
    fragments: Fragments,
    clean: bool,
}

impl Socket {
    /// A socket that starts its session with `seed` when it starts; what the session and its rooms
    /// say goes to `outbox`.
    #[must_use]
    pub fn new(seed: SessionSeed, outbox: Outbox, meter: Rc<Meter>) -> Self {
        let (seed, outbox) = (Some(Box::new(seed)), Some(outbox));
        let fragments = Fragments::new(MAX_MESSAGE_BYTES);
        Self { seed, session: None, outbox, meter, fragments, clean: false }
    }

    /// Hands a whole message to the session. When the session is behind, nothing more is read from
    /// this client until it has caught up: what the meter does not let in stays in the client's TCP
    /// window.
    fn pass_on(&mut self, message: Bytes, ctx: &mut ws::WebsocketContext<Self>) {
        let Some(session) = &self.session else { return };
        match session.try_send(Inbound(message)) {
            Ok(()) => {}
            Err(SendError::Full(inbound)) => {
                ctx.wait(session.send(inbound).into_actor(self).map(|_, _, _| ()));
            }
            // Nobody is left to answer: the client finds a session that does when it comes back.
            Err(SendError::Closed(_)) => self.close(CloseCode::Restart, ctx),
        }
    }

    fn close(&mut self, code: CloseCode, ctx: &mut ws::WebsocketContext<Self>) {
        ctx.close(Some(reason(code)));
        ctx.stop();
    }
}

impl Actor for Socket {
    type Context = ws::WebsocketContext<Self>;

    fn started(&mut self, _: &mut Self::Context) {
        if let (Some(seed), Some(outbox)) = (self.seed.take(), self.outbox.take()) {
            self.session = Some(Session::create(|session| {
                let writer = outbox.writer(session.address().recipient());
                Session::new(*seed, Outlet::native(writer))
            }));
        }
    }

    fn stopped(&mut self, _: &mut Self::Context) {
        if let Some(session) = &self.session {
            post_to(session, HungUp { clean: self.clean });
        }
    }
}

impl StreamHandler<Result<ws::Message, ProtocolError>> for Socket {
    fn handle(
        &mut self,
        item: Result<ws::Message, ProtocolError>,
        ctx: &mut ws::WebsocketContext<Self>,
    ) {
        if let Ok(message) = &item {
            self.meter.handled(payload_of(message));
        }
        match item {
            Ok(ws::Message::Text(text)) => self.pass_on(text.into_bytes(), ctx),
            Ok(ws::Message::Binary(bytes)) => self.pass_on(bytes, ctx),
            Ok(ws::Message::Continuation(item)) => match self.fragments.push(item) {
                Ok(Some(Whole::Text(bytes) | Whole::Binary(bytes))) => self.pass_on(bytes, ctx),
                Ok(None) => {}
                Err(TooLarge) => self.close(CloseCode::TooLarge, ctx),
            },
            Ok(ws::Message::Ping(payload)) => {
                ctx.pong(&payload);
                self.heard();
            }
            Ok(ws::Message::Pong(_)) => self.heard(),
            Ok(ws::Message::Close(reason)) => {
                self.clean = reason.as_ref().is_none_or(is_clean);
                ctx.close(reason);
                ctx.stop();
            }
            Ok(ws::Message::Nop) => {}
            Err(ProtocolError::Overflow) => self.close(CloseCode::TooLarge, ctx),
            Err(_) => self.close(CloseCode::ProtocolError, ctx),
        }
    }
}

impl Socket {
    fn heard(&self) {
        if let Some(session) = &self.session {
            // A session that is behind has something to hear anyway.
            session.try_send(Heard).ok();
        }
    }
}

fn is_clean(reason: &CloseReason) -> bool {
    matches!(reason.code, ws::CloseCode::Normal | ws::CloseCode::Away)
}
