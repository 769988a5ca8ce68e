//! Cursors and comings, at most one frame a tick to each member, however many moved. A member that
//! is behind gets fewer ticks, not a longer queue.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;

use super::Room;
use super::ask::Caller;
use super::live::Live;
use super::roster::{Owed, Tick};
use crate::actors::fanout::Multicast;
use crate::domain::{Instant, RoomId};
use crate::protocol::frame::Frame;
use crate::protocol::server::{Cursor, SelectionBody, ServerMessage, encode};

/// Whether a tick is due; there is no timer while nothing moves.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ticking {
    armed: bool,
    last: Option<std::time::Instant>,
    settling: bool,
}

impl Live {
    pub(super) fn point(&mut self, who: &Arc<Caller>, cursor: Cursor, ctx: &mut Context<Room>) {
        if let Some(session) = &who.session {
            self.roster.point(session, cursor, self.deps.clock.now());
            self.tick_soon(ctx);
        }
    }

    pub(super) fn select(
        &mut self,
        who: &Arc<Caller>,
        selection: SelectionBody,
        ctx: &mut Context<Room>,
    ) {
        if let Some(session) = &who.session {
            self.roster.select(session, selection, self.deps.clock.now());
            self.tick_soon(ctx);
        }
    }

    /// Arms the tick: at once after a quiet time, else when the tick is over.
    pub(super) fn tick_soon(&mut self, ctx: &mut Context<Room>) {
        if self.ticking.armed || !(self.roster.is_dirty() || self.crowd.is_due()) {
            return;
        }
        self.ticking.armed = true;
        let now = self.deps.clock.monotonic();
        let gone = self.ticking.last.map_or(Duration::MAX, |last| now - last);
        let wait = self.deps.config.presence_tick.saturating_sub(gone);
        // Never inside the handler: what arrives in the same turn belongs to the same tick.
        ctx.run_later(wait.max(Duration::from_millis(1)), |room, ctx| {
            if let Some(live) = room.live() {
                live.tick(ctx);
            }
        });
    }

    fn tick(&mut self, ctx: &mut Context<Room>) {
        self.ticking.armed = false;
        self.ticking.last = Some(self.deps.clock.monotonic());
        let mut tick = self.roster.tick();
        let speech = std::mem::take(&mut tick.speech);
        if !tick.is_empty() {
            self.deps.metrics.presence_ticks_total.inc();
            self.send_tick(&tick);
        }
        self.speak(speech, ctx);
        if self.members.iter_mut().any(|(_, member)| !member.owed.is_empty()) {
            self.settle_later(ctx);
        }
    }

    fn send_tick(&mut self, tick: &Tick) {
        let room = self.key.room;
        let shared = frame(room, tick);
        let mut multicast = Multicast::new(&shared, self.members.len());
        for (session, member) in self.members.iter_mut() {
            if member.outlet.is_behind() || !member.owed.is_empty() {
                member.owed.add(tick);
            } else if tick.concerns(session) {
                let own = tick.without(session);
                if !own.is_empty() {
                    member.outlet.send(&frame(room, &own)).ok();
                }
            } else if !tick.is_empty() {
                member.outlet.join(&mut multicast).ok();
            }
        }
        multicast.send();
    }

    /// Members that were behind get the newest of what they missed when they have caught up.
    fn settle_later(&mut self, ctx: &mut Context<Room>) {
        // One timer however many ticks pass meanwhile.
        if std::mem::replace(&mut self.ticking.settling, true) {
            return;
        }
        ctx.run_later(self.deps.config.presence_tick * 2, |room, ctx| {
            let Some(live) = room.live() else { return };
            live.ticking.settling = false;
            let mut still = false;
            for (session, member) in live.members.iter_mut() {
                if member.owed.is_empty() {
                    continue;
                }
                if member.outlet.is_behind() {
                    still = true;
                    continue;
                }
                let owed: Owed = std::mem::take(&mut member.owed);
                let tick = live.roster.settle(&owed).without(session);
                member.outlet.send(&frame(live.key.room, &tick)).ok();
            }
            if still {
                live.settle_later(ctx);
            }
        });
    }

    /// Looks again when the next grace is over, and so on until none is left.
    pub(super) fn expire_presence_later(&mut self, ctx: &mut Context<Room>) {
        let Some(next) = self.roster.next_expiry() else { return };
        let wait = until(next, self.deps.clock.now());
        self.grace.set(ctx, wait, |live, ctx| {
            live.roster.expire(live.deps.clock.now());
            live.tick_soon(ctx);
            live.expire_presence_later(ctx);
        });
    }
}

/// How long until `then`, and a little more so that it is over.
pub(super) fn until(then: Instant, now: Instant) -> Duration {
    Duration::from_millis((then.0 - now.0).max(0) as u64 + 5)
}

fn frame(room: RoomId, tick: &Tick) -> Frame {
    encode(None, &ServerMessage::Presence(tick.body(room)))
}
