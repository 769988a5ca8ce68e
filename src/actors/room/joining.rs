//! Coming and going: the choice between delta, snapshot and current, and what others see of it.

use std::sync::Arc;

use actix::prelude::*;

use super::Room;
use super::ask::{Caller, Departure, Join};
use super::live::Live;
use crate::actors::reply::ReplyTo;
use crate::domain::{Instant, SessionId};
use crate::protocol::{
    JoinedBody, LeftBody, ParticipantBody, PresenceState, Profile, ServerMessage, Since, Sync,
    digest_hex, person_color, policy_dto, role_name, rfc3339,
};

impl Live {
    pub(super) fn join(
        &mut self,
        who: &Arc<Caller>,
        join: Join,
        reply: ReplyTo,
        ctx: &mut Context<Room>,
    ) {
        let Some(session) = who.session.clone() else {
            return reply.error(crate::protocol::WireError::forbidden("only a session can join"));
        };
        if self.is_ahead(join.since) && !self.catching_up {
            // The client saw events that this replica has not: ask the store before answering.
            return self.join_later(who.clone(), join, reply, ctx);
        }
        let now = self.deps.clock.now();
        let user = who.principal.user.clone();
        let body = self.participant(who, &session, &join.profile, now);
        self.roster.join(session.clone(), user.clone(), body, now);
        reply.ok(self.joined(who, join.since));
        self.members.add(session, user, join.outlet, join.notes);
        self.deps.metrics.join();
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
        self.members.remove(session);
        match departure {
            Departure::Left => self.roster.remove(session, "left"),
            Departure::Closed => self.roster.remove(session, "disconnected"),
            Departure::Cut => {
                let grace = self.deps.config.presence_grace.as_millis() as i64;
                self.roster.cut(session, Instant(self.deps.clock.now().0 + grace));
                self.expire_presence_later(ctx);
            }
        }
        self.release_locks_of(session);
        reply.ok(ServerMessage::Left(LeftBody { room: self.key.room.to_string() }));
        self.tick_soon(ctx);
    }

    fn is_ahead(&self, since: Option<Since>) -> bool {
        let head = self.log.head();
        since.is_some_and(|since| since.epoch == head.epoch && since.seq > head.seq)
    }

    fn join_later(&mut self, who: Arc<Caller>, join: Join, reply: ReplyTo, ctx: &mut Context<Room>) {
        let (store, room) = (self.deps.store.clone(), self.key.room);
        let asking = async move { store.heads(&[room]).await };
        self.aside(ctx, asking, move |live, heads, ctx| {
            let there = heads.ok().and_then(|heads| heads.first().map(|(_, head)| head.seq));
            let since = join.since.filter(|since| there.is_some_and(|seq| seq >= since.seq));
            if since.is_some() {
                live.catch_up(ctx);
            }
            // What the store does not have either never was: that client gets a snapshot.
            live.join_now(&who, Join { since, ..join }, reply, ctx);
        });
    }

    /// Joins once this room has caught up, without asking again.
    fn join_now(&mut self, who: &Arc<Caller>, join: Join, reply: ReplyTo, ctx: &mut Context<Room>) {
        if self.is_ahead(join.since) {
            // The missing events reach the new member as a broadcast, from this head on; what it has
            // beyond is older to it than a snapshot of today would be.
            return self.join(who, Join { since: None, ..join }, reply, ctx);
        }
        self.join(who, join, reply, ctx);
    }

    fn joined(&mut self, who: &Caller, since: Option<Since>) -> ServerMessage {
        let head = self.log.head();
        let (sync, events) = self.catch_up_choice(since);
        let snapshot = (sync == Sync::Snapshot).then(|| self.state.get(self.log.committed()));
        ServerMessage::Joined(JoinedBody {
            room: self.key.room.to_string(),
            name: self.record.name.clone(),
            timezone: self.record.timezone.clone(),
            role: role_name(self.role(who)),
            epoch: head.epoch,
            seq: head.seq,
            sync,
            snapshot,
            events,
            participants: self.roster.participants(),
            locks: self.held_locks(),
            policy: policy_dto(self.log.committed().policy()),
            digest: digest_hex(self.log.committed().digest()),
        })
    }

    fn catch_up_choice(&self, since: Option<Since>) -> (Sync, Option<Vec<Arc<str>>>) {
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
                (Sync::Delta, Some(events.cloned().collect()))
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
        let color = profile.color.clone();
        ParticipantBody {
            session_id: session.to_string(),
            user_id: who.principal.user.to_string(),
            name: who.principal.name.clone(),
            role: role_name(self.role(who)),
            color: color.unwrap_or_else(|| person_color(&who.principal.user)),
            avatar: profile.avatar.clone(),
            joined_at: rfc3339(now),
            state: PresenceState::Active,
            cursor: None,
            selection: None,
        }
    }
}
