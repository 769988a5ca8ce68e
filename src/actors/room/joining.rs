//! Coming and going: the choice between delta, snapshot and current, and what others see of it.

use std::sync::Arc;

use actix::prelude::*;

use super::Room;
use super::ask::{Ask, Caller, Departure, Join, Want};
use super::color::color_of;
use super::live::Live;
use super::roster::Cut;
use super::traced::note_room;
use crate::actors::reply::ReplyTo;
use crate::domain::{Instant, SessionId};
use crate::protocol::client::Profile;
use crate::protocol::error::WireError;
use crate::protocol::raw::RawJson;
use crate::protocol::request::Since;
use crate::protocol::server::{
    Joined, LeaveReason, Left, ParticipantBody, PresenceState, ServerMessage, Sync,
};
use crate::protocol::state::digest_text;
use crate::protocol::text::{Rgb, Text};

/// The longest delta in bytes; beyond that a snapshot is cheaper.
const MAX_DELTA_BYTES: usize = 2 * 1024 * 1024;

impl Live {
    pub(super) fn join(
        &mut self,
        who: &Arc<Caller>,
        join: Join,
        reply: ReplyTo,
        ctx: &mut Context<Room>,
    ) {
        let _lines = join.span.lines();
        let Some(session) = who.session.clone() else {
            return reply.error(WireError::forbidden("only a session can join"));
        };
        let now = self.deps.clock.now();
        let user = who.principal.user.clone();
        let body = self.participant(who, &session, &join.profile, now);
        self.roster.join(body, who.principal.role, now);
        let joined = self.joined(who, join.since);
        let mut span = join.span;
        note_room(&mut span, &self.key);
        if let ServerMessage::Joined(joined) = &joined {
            span.note("kyo.sync", || joined.sync.as_str());
        }
        reply.ok(joined);
        self.witness_coming(who, &session);
        let counted = self.deps.metrics.presence_participants.guard();
        self.members.add(session, user, join.outlet, join.notes, counted);
        self.tick_soon(ctx);
    }

    pub(super) fn leave(
        &mut self,
        who: &Arc<Caller>,
        departure: Departure,
        reply: ReplyTo,
        ctx: &mut Context<Room>,
    ) {
        let Some(session) = &who.session else { return };
        if self.members.remove(session).is_some() {
            self.witness_going(who, session, departure);
        }
        match departure {
            Departure::Left => self.roster.remove(session, LeaveReason::Left),
            Departure::Closed => self.roster.remove(session, LeaveReason::Disconnected),
            Departure::Cut => {
                let grace = self.deps.config.presence_grace.as_millis() as i64;
                let at = self.deps.clock.now();
                self.roster.cut(session, Cut { at, until: Instant(at.0 + grace) });
                self.expire_presence_later(ctx);
            }
        }
        self.release_locks_of(session, ctx);
        reply.ok(ServerMessage::Left(Left { room: Text(self.key.room) }));
        self.tick_soon(ctx);
    }

    /// Whether a request has to wait: until the others in a room that has just begun are known, or
    /// until the store was asked because the client saw events which this replica has not; and
    /// whatever the same session sends behind it.
    pub(super) fn is_late(&self, ask: &Ask) -> bool {
        let session = ask.who.session.as_ref();
        if session.is_some() && self.late.iter().any(|late| late.who.session.as_ref() == session) {
            return true;
        }
        let asks_who = matches!(ask.want, Want::Join(_) | Want::Participants);
        if self.crowd.gathering && asks_who {
            return true;
        }
        self.is_ahead(&ask.want)
    }

    fn is_ahead(&self, want: &Want) -> bool {
        let head = self.log.head();
        let ahead = |since: &Since| since.epoch == head.epoch && since.seq > head.seq;
        matches!(want, Want::Join(join) if join.since.as_ref().is_some_and(ahead))
    }

    /// Keeps a request until this room knows what it needs.
    pub(super) fn come_late(&mut self, ask: Ask, ctx: &mut Context<Room>) {
        if self.late.len() >= self.deps.config.room_mailbox {
            return ask.reply.error(WireError::busy(200));
        }
        self.late.push(ask);
        if !self.crowd.gathering {
            self.catch_up(ctx);
        }
    }

    /// Does what waited. What the store does not have either never was: a client that is still ahead
    /// gets a snapshot.
    pub(super) fn seat_latecomers(&mut self, ctx: &mut Context<Room>) {
        if self.crowd.gathering {
            return;
        }
        for ask in std::mem::take(&mut self.late) {
            if self.is_ahead(&ask.want) {
                let (room, head) = (self.key.room, self.log.head());
                // Where that is many, a backup was restored and nobody said so.
                tracing::warn!(%room, head.seq, "a client knows more of the log than there is");
            }
            self.answer_now(ask, ctx);
        }
    }

    fn joined(&mut self, who: &Caller, since: Option<Since>) -> ServerMessage {
        let head = self.log.head();
        let (sync, events) = self.catch_up_choice(since);
        let snapshot = (sync == Sync::Snapshot).then(|| self.state.get(self.log.committed()));
        ServerMessage::Joined(Box::new(Joined {
            room: Text(self.key.room),
            name: self.record.name.clone(),
            timezone: self.record.timezone.clone(),
            role: self.role(who).into(),
            epoch: head.epoch,
            seq: head.seq,
            sync,
            snapshot,
            events,
            participants: RawJson::of(&self.roster.participants()),
            locks: self.held_locks(),
            policy: self.log.committed().policy().into(),
            digest: digest_text(self.log.committed().digest()),
        }))
    }

    fn catch_up_choice(&self, since: Option<Since>) -> (Sync, Option<Vec<RawJson>>) {
        let head = self.log.head();
        let Some(since) = since.filter(|since| since.epoch == head.epoch) else {
            return (Sync::Snapshot, None);
        };
        if since.seq == head.seq {
            return (Sync::Current, None);
        }
        let missed = head.seq.saturating_sub(since.seq) as usize;
        match self.log.wires_since(since.seq) {
            Some(events) if missed <= self.deps.config.delta_limit => {
                let events: Vec<_> = events.cloned().collect();
                let bytes: usize = events.iter().map(RawJson::len).sum();
                if bytes <= MAX_DELTA_BYTES {
                    (Sync::Delta, Some(events))
                } else {
                    (Sync::Snapshot, None)
                }
            }
            _ => (Sync::Snapshot, None),
        }
    }

    fn participant(
        &self,
        who: &Caller,
        session: &SessionId,
        profile: &Profile,
        now: Instant,
    ) -> ParticipantBody {
        let own = profile.color.clone().map(Rgb);
        ParticipantBody {
            session_id: Text(session.clone()),
            user_id: Text(who.principal.user.clone()),
            name: who.principal.name.clone(),
            role: self.role(who).into(),
            color: Text(own.unwrap_or_else(|| color_of(&who.principal.user))),
            avatar: profile.avatar.clone(),
            joined_at: Text(now),
            state: PresenceState::Active,
            cursor: None,
            selection: None,
        }
    }
}
