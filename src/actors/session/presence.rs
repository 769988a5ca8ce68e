//! Cursor and selection messages: the newest wins. One that comes faster than the session's rate
//! waits for its turn, replaced by the next; where a pointer stopped is always seen.

use std::collections::HashMap;
use std::mem::{Discriminant, discriminant};
use std::time::Duration;

use actix::prelude::*;

use super::Session;
use crate::actors::measure::Measure;
use crate::actors::room::Want;
use crate::domain::RoomId;
use crate::protocol::client::RoomRef;
use crate::protocol::code::CloseCode;
use crate::telemetry::metrics::LimitScope;

/// What waits for its turn: at most one of each kind for each joined room.
#[derive(Default)]
pub(super) struct Held {
    newest: HashMap<(RoomId, Discriminant<Want>), Want>,
    armed: bool,
}

impl Session {
    /// Passes on where the person points or what they selected, now or when it is their turn.
    pub(super) fn present(&mut self, room: RoomRef, want: Want, ctx: &mut Context<Self>) {
        let Some(room) = room.filter(|room| self.has_joined(room)) else { return };
        let key = (room, discriminant(&want));
        match self.rates.presence() {
            Ok(()) => {
                self.held.newest.remove(&key);
                self.tell(room, want);
            }
            Err(_) if !self.rates.may_conflate() => {
                self.deps.metrics.rate_limited(LimitScope::Presence);
                self.close(CloseCode::RateLimited, ctx);
            }
            Err(wait) => {
                self.held.newest.insert(key, want);
                self.release_later(wait, ctx);
            }
        }
    }

    fn release_later(&mut self, wait: u64, ctx: &mut Context<Self>) {
        if std::mem::replace(&mut self.held.armed, true) {
            return;
        }
        ctx.run_later(Duration::from_millis(wait), |session, ctx| {
            session.held.armed = false;
            for ((room, _), want) in std::mem::take(&mut session.held.newest) {
                session.present(Some(room), want, ctx);
            }
        });
    }
}
