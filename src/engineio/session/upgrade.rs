//! From long-polling to WebSocket: a socket asks with a probe, the waiting poll is sent back, and with
//! the upgrade packet the socket gets the queue. Until then polling goes on as if nothing were; a
//! socket that is late, talks nonsense or hangs up is forgotten.

use std::time::Instant;

use actix::prelude::*;
use futures_channel::mpsc::UnboundedSender;

use super::polling::{NOOP_EVERY, Polling, Refusal};
use super::{Received, Session, Transport};
use crate::engineio::handler::{Closed, Cut};
use crate::engineio::line::Answer;
use crate::engineio::packet::Packet;

/// A WebSocket of this session.
pub(in crate::engineio) struct Socket {
    /// Unlike that of any other socket of the endpoint.
    pub id: u64,
    pub cut: Option<Cut>,
}

/// A WebSocket wants to become the transport.
#[derive(Message)]
#[rtype(result = "()")]
pub(in crate::engineio) struct Attach {
    pub socket: Socket,
    pub answers: UnboundedSender<Answer>,
}

/// The WebSocket that may become the transport.
pub(super) struct Candidate {
    socket: Socket,
    answers: UnboundedSender<Answer>,
    /// When it is too late.
    pub(super) until: Instant,
    /// Set with the probe: when the next poll is to go back at the latest.
    pub(super) noop_at: Option<Instant>,
}

impl Candidate {
    /// Lets go of the socket.
    pub(super) fn dismiss(self) {
        self.answers.unbounded_send(Answer::Close).ok();
    }
}

impl Handler<Attach> for Session {
    type Result = ();

    fn handle(&mut self, Attach { socket, answers }: Attach, _: &mut Self::Context) {
        self.look_at_the_clock();
        let until = self.now() + self.endpoint.config.upgrade_timeout;
        let candidate = Candidate { socket, answers, until, noop_at: None };
        let open = self.is_open();
        match &mut self.transport {
            Transport::Polling(polling) if open && polling.candidate.is_none() => {
                polling.candidate = Some(candidate);
            }
            _ => candidate.dismiss(),
        }
    }
}

impl Polling {
    pub(super) fn candidate_hung_up(&mut self, id: u64) {
        self.candidate.take_if(|candidate| candidate.socket.id == id);
    }

    pub(super) fn dismiss_candidate(&mut self) {
        if let Some(candidate) = self.candidate.take() {
            candidate.dismiss();
        }
    }
}

impl Session {
    /// Something came from a socket that is not the transport.
    pub(super) fn hear_candidate(&mut self, received: Received) {
        let now = self.now();
        let Transport::Polling(polling) = &mut self.transport else { return };
        let waits = polling.waiting.is_some();
        let Some(candidate) = &mut polling.candidate else { return };
        if candidate.socket.id != received.socket {
            return;
        }
        match received.packet {
            Ok(Packet::Ping(word)) if word == "probe" && candidate.noop_at.is_none() => {
                // Clients send the upgrade packet once their poll has returned.
                candidate.noop_at = Some(if waits { now } else { now + NOOP_EVERY });
                candidate.answers.unbounded_send(Answer::Probed).ok();
            }
            Ok(Packet::Upgrade) => self.upgrade(),
            _ => polling.dismiss_candidate(),
        }
    }

    fn upgrade(&mut self) {
        let Transport::Polling(polling) = &mut self.transport else { return };
        let Some(Candidate { socket, answers, .. }) = polling.candidate.take() else { return };
        let before = std::mem::replace(&mut self.transport, Transport::Socket(socket));
        let Transport::Polling(Polling { inlet, waiting, .. }) = before else { return };
        if let Some(waiting) = waiting {
            // As if it had come after the upgrade, which it may well have.
            waiting.answer(Err(Refusal::Bad)).ok();
        }
        if answers.unbounded_send(Answer::Become(inlet)).is_err() {
            return self.end(Closed::TransportClosed);
        }
        self.handler.upgraded();
    }
}
