//! What comes in on one WebSocket. With `http/websocket.rs` the only place of this layer that names
//! actix-web-actors. It runs inside the HTTP response body, so it stands still while its client does
//! not read; whatever must happen then is the session's. What goes out does not pass through it
//! ([`super::line`]).

use std::rc::Rc;

use actix::dev::{SendError, ToEnvelope};
use actix::prelude::*;
use actix_web_actors::ws::{self, ProtocolError};
use bytes::Bytes;
use bytestring::ByteString;

use super::packet::{BadPacket, Message, Packet};
use super::post::post;
use super::session::{Attach, HungUp, Received, Session};
use crate::websocket::{Fragments, Meter, TooLarge, Whole, payload_of};

/// The actor.
pub(super) struct WebSocket {
    id: u64,
    session: Addr<Session>,
    attach: Option<Attach>,
    meter: Rc<Meter>,
    fragments: Fragments,
}

impl WebSocket {
    /// A socket of `session`; with `attach` it wants to become its transport, without it is.
    pub(super) fn new(
        id: u64,
        session: Addr<Session>,
        attach: Option<Attach>,
        meter: Rc<Meter>,
        max_payload: usize,
    ) -> Self {
        Self { id, session, attach, meter, fragments: Fragments::new(max_payload) }
    }

    fn text(&mut self, text: &ByteString, ctx: &mut ws::WebsocketContext<Self>) {
        self.pass_on(Packet::decode(text), ctx);
    }

    fn binary(&mut self, bytes: Bytes, ctx: &mut ws::WebsocketContext<Self>) {
        self.pass_on(Ok(Packet::Message(Message::Binary(bytes))), ctx);
    }

    fn whole(&mut self, whole: Whole, ctx: &mut ws::WebsocketContext<Self>) {
        match whole {
            Whole::Binary(bytes) => self.binary(bytes, ctx),
            Whole::Text(bytes) => match ByteString::try_from(bytes) {
                Ok(text) => self.text(&text, ctx),
                Err(_) => self.pass_on(Err(BadPacket), ctx),
            },
        }
    }

    fn pass_on(&mut self, packet: Result<Packet, BadPacket>, ctx: &mut ws::WebsocketContext<Self>) {
        self.tell(Received { socket: self.id, packet }, ctx);
    }

    /// When the session is behind, nothing more is read from this client until it has caught up.
    fn tell<M>(&mut self, message: M, ctx: &mut ws::WebsocketContext<Self>)
    where
        M: actix::Message<Result = ()> + Send + 'static,
        Session: Handler<M>,
        Context<Session>: ToEnvelope<Session, M>,
    {
        match self.session.try_send(message) {
            Ok(()) => {}
            Err(SendError::Full(message)) => {
                ctx.wait(self.session.send(message).into_actor(self).map(|_, _, _| ()));
            }
            Err(SendError::Closed(_)) => close(ws::CloseCode::Away, ctx),
        }
    }
}

fn close(code: ws::CloseCode, ctx: &mut ws::WebsocketContext<WebSocket>) {
    ctx.close(Some(code.into()));
    ctx.stop();
}

impl Actor for WebSocket {
    type Context = ws::WebsocketContext<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        if let Some(attach) = self.attach.take() {
            self.tell(attach, ctx);
        }
    }

    fn stopped(&mut self, _: &mut Self::Context) {
        post(&self.session.clone().recipient(), HungUp { socket: self.id });
    }
}

impl StreamHandler<Result<ws::Message, ProtocolError>> for WebSocket {
    fn handle(&mut self, item: Result<ws::Message, ProtocolError>, ctx: &mut Self::Context) {
        if let Ok(message) = &item {
            self.meter.handled(payload_of(message));
        }
        match item {
            Ok(ws::Message::Text(text)) => self.text(&text, ctx),
            Ok(ws::Message::Binary(bytes)) => self.binary(bytes, ctx),
            Ok(ws::Message::Continuation(item)) => match self.fragments.push(item) {
                Ok(whole) => whole.into_iter().for_each(|whole| self.whole(whole, ctx)),
                Err(TooLarge) => close(ws::CloseCode::Size, ctx),
            },
            Ok(ws::Message::Ping(payload)) => ctx.pong(&payload),
            Ok(ws::Message::Pong(_) | ws::Message::Nop) => {}
            Ok(ws::Message::Close(reason)) => {
                ctx.close(reason);
                ctx.stop();
            }
            Err(ProtocolError::Overflow) => close(ws::CloseCode::Size, ctx),
            Err(_) => close(ws::CloseCode::Protocol, ctx),
        }
    }
}
