//! What a client sends: packets from a POST or a WebSocket, handled one at a time. When the handler
//! asks for a pause, everything of this session waits, and with it the client.

use actix::prelude::*;
use futures_util::future::LocalBoxFuture;

use super::{Phase, Session, Transport};
use crate::engineio::handler::Closed;
use crate::engineio::packet::{BadPacket, Packet};

/// A WebSocket has received something. Sockets are numbered: one may want to become the transport
/// while the session polls.
#[derive(Message)]
#[rtype(result = "()")]
pub(in crate::engineio) struct Received {
    pub socket: u64,
    pub packet: Result<Packet, BadPacket>,
}

/// A WebSocket has ended.
#[derive(Message)]
#[rtype(result = "()")]
pub(in crate::engineio) struct HungUp {
    pub socket: u64,
}

impl Handler<Received> for Session {
    type Result = ();

    fn handle(&mut self, received: Received, ctx: &mut Self::Context) {
        self.look_at_the_clock();
        match &self.transport {
            Transport::Socket(socket) if socket.id == received.socket => {
                if self.is_open()
                    && let Some(pause) = self.take(received.packet)
                {
                    ctx.wait(pause.into_actor(self));
                }
            }
            Transport::Socket(_) => {}
            Transport::Polling(_) => self.hear_candidate(received),
        }
    }
}

impl Handler<HungUp> for Session {
    type Result = ();

    fn handle(&mut self, HungUp { socket: id }: HungUp, _: &mut Self::Context) {
        match &mut self.transport {
            Transport::Socket(socket) if socket.id == id => {
                self.tell_closed(Closed::TransportClosed);
                self.phase = Phase::Over;
            }
            Transport::Socket(_) => {}
            Transport::Polling(polling) => polling.candidate_hung_up(id),
        }
    }
}

impl Session {
    /// Handles what a POST brought, as far as the handler lets it, then answers the POST.
    pub(super) fn proceed(&mut self, ctx: &mut Context<Self>) {
        self.look_at_the_clock();
        while self.is_open() {
            let Some(packet) = self.inbox.as_mut().and_then(Iterator::next) else { break };
            if let Some(pause) = self.take(packet) {
                let pause = pause.into_actor(self);
                ctx.wait(pause.map(|(), session, ctx| session.proceed(ctx)));
                return;
            }
        }
        self.inbox = None;
        self.answer_upload(Ok(()));
    }

    fn take(&mut self, packet: Result<Packet, BadPacket>) -> Option<LocalBoxFuture<'static, ()>> {
        match packet {
            Ok(Packet::Message(message)) => return self.handler.message(message),
            Ok(Packet::Pong) => {
                let now = self.now();
                self.heartbeat.pong(now);
            }
            Ok(Packet::Close) => self.end(Closed::ClientLeft),
            // The server asks, the client answers.
            Err(BadPacket) | Ok(Packet::Ping(_)) => self.end(Closed::BadPacket),
            Ok(Packet::Open | Packet::Upgrade | Packet::Noop) => {}
        }
        None
    }
}
