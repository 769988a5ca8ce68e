//! How a session ends: in order, by its client, or cut when the client does not even read its close.

use std::time::Duration;

use actix::prelude::*;

use super::{Leave, Session};
use crate::actors::outlet::Behind;
use crate::actors::room::Departure;
use crate::protocol::code::CloseCode;
use crate::protocol::server::{Draining, ServerMessage};

/// How often the close frame is tried on a full queue.
const CLOSE_RETRY: Duration = Duration::from_millis(100);

/// Between the two ways in which the end is said to Socket.IO clients: long enough for the next poll to
/// begin.
const LAST_WORDS: Duration = Duration::from_millis(500);

impl Session {
    /// Leaves the rooms, queues the close behind what already waits, and cuts the connection when
    /// the client has not taken it in time.
    pub(super) fn close(&mut self, code: CloseCode, ctx: &mut Context<Self>) {
        if std::mem::replace(&mut self.closing, true) {
            return;
        }
        self.leave_all(Departure::Cut);
        if self.outlet.say_closing(code) {
            ctx.run_later(LAST_WORDS, move |session, ctx| session.queue_close(code, ctx));
        } else {
            self.queue_close(code, ctx);
        }
        ctx.run_later(self.deps.config.kill_after, Self::cut);
    }

    /// Ends it without a word.
    pub(super) fn cut(&mut self, ctx: &mut Context<Self>) {
        if let Some(kill) = &self.kill {
            kill.kill();
        }
        ctx.stop();
    }

    /// The socket has ended, for whatever reason.
    pub(super) fn hung_up(&mut self, clean: bool, ctx: &mut Context<Self>) {
        self.closing = true;
        // Whoever leaves because this replica goes away comes back elsewhere: no farewell.
        let gone = clean && !self.moving;
        self.leave_all(if gone { Departure::Closed } else { Departure::Cut });
        ctx.stop();
    }

    /// Tells the client its own moment, and closes a little after it.
    pub(super) fn drain(&mut self, leave: Leave, ctx: &mut Context<Self>) {
        self.moving = true;
        self.push(&ServerMessage::Draining(Draining {
            reconnect_after_ms: leave.reconnect_after_ms,
            deadline_ms: leave.deadline_ms,
        }));
        let patience = leave.deadline_ms.saturating_sub(leave.reconnect_after_ms) / 2;
        let wait = Duration::from_millis(leave.reconnect_after_ms + patience.min(2_000));
        ctx.run_later(wait, |session, ctx| session.close(CloseCode::Restart, ctx));
    }

    fn queue_close(&mut self, code: CloseCode, ctx: &mut Context<Self>) {
        if self.outlet.close(code) == Err(Behind::Full) {
            ctx.run_later(CLOSE_RETRY, move |session, ctx| session.queue_close(code, ctx));
        }
    }
}
