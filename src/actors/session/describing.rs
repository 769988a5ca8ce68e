//! What a session tells operators about itself, and what it tells the directory of who it is.

use actix::prelude::*;

use super::Session;
use crate::actors::drain::Known;
use crate::actors::post::post_to;
use crate::domain::RoomId;
use crate::protocol::operator::Backlog;

/// Asks a session for what only it knows.
#[derive(Message, Clone, Copy)]
#[rtype(result = "Described")]
pub struct Describe;

/// What only a session knows.
#[derive(Clone, Debug, Default)]
pub struct Described {
    /// Rooms it has joined.
    pub rooms: Vec<RoomId>,
    /// It is on its way out.
    pub closing: bool,
    /// What its client has not read.
    pub backlog: Backlog,
    /// Messages that came.
    pub messages: u64,
    /// Those beyond its rates.
    pub refused: u64,
}

/// What came from the client.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) messages: u64,
    pub(super) refused: u64,
}

impl Session {
    /// Tells the directory who this is now.
    pub(super) fn introduce(&self) {
        if let Some(who) = self.caller.clone() {
            let known = Known { id: self.id.clone(), who, transport: self.transport };
            post_to(&self.deps.drain, known);
        }
    }
}

impl Handler<Describe> for Session {
    type Result = MessageResult<Describe>;

    fn handle(&mut self, _: Describe, _: &mut Self::Context) -> Self::Result {
        MessageResult(Described {
            rooms: self.links.rooms(),
            closing: self.closing,
            backlog: self.outlet.backlog(),
            messages: self.counts.messages,
            refused: self.counts.refused,
        })
    }
}
