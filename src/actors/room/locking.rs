//! Soft locks: taken for a while, refused to others, told to everyone, fenced by a number that only
//! grows.

use std::sync::Arc;

use actix::prelude::*;

use super::Room;
use super::ask::Caller;
use super::live::Live;
use super::presence::until;
use crate::actors::reply::ReplyTo;
use crate::domain::{CourseId, Instant, Lock, Refusal, Role, SessionId};
use crate::protocol::error::WireError;
use crate::protocol::server::{HeldLock, LockChanges, Locked, ServerMessage, Unlocked, encode};
use crate::protocol::text::Text;

/// How long a lock lasts when the client does not say, in milliseconds.
const DEFAULT_TTL_MS: u64 = 30_000;
/// The most locks in one room.
const MAX_LOCKS: usize = 2_000;

impl Live {
    pub(super) fn lock(
        &mut self,
        who: &Arc<Caller>,
        course_id: CourseId,
        ttl_ms: Option<u64>,
        reply: ReplyTo,
        ctx: &mut Context<Room>,
    ) {
        let now = self.deps.clock.now();
        match self.take_lock(who, course_id, ttl_ms.unwrap_or(DEFAULT_TTL_MS), now) {
            Err(error) => reply.error(error),
            Ok(locked) => {
                let held = self.held_locks().into_iter().find(|l| l.course_id == locked.course_id);
                reply.ok(ServerMessage::Locked(locked));
                self.tell_locks(held.into_iter().collect(), Vec::new());
                self.expire_locks_later(ctx);
            }
        }
    }

    pub(super) fn unlock(
        &mut self,
        who: &Arc<Caller>,
        course_id: CourseId,
        token: u64,
        reply: ReplyTo,
    ) {
        let given = who
            .session
            .as_ref()
            .is_some_and(|session| self.locks.give_back(&course_id, session, token));
        if !given {
            return reply.error(WireError::not_found());
        }
        let unlocked = Unlocked { room: Text(self.key.room), course_id: Text(course_id.clone()) };
        reply.ok(ServerMessage::Unlocked(unlocked));
        self.tell_released(vec![course_id]);
    }

    /// What everyone may see of the locks.
    pub(super) fn held_locks(&self) -> Vec<HeldLock> {
        let now = self.deps.clock.now();
        let held = self.locks.iter().filter(|(_, lock)| lock.expires_at > now);
        held.map(|(course, lock)| HeldLock {
            course_id: Text(course.clone()),
            user_id: Text(lock.user_id.clone()),
            session_id: Text(lock.session_id.clone()),
            expires_at: Text(lock.expires_at),
        })
        .collect()
    }

    /// A lock ends with its session.
    pub(super) fn release_locks_of(&mut self, session: &SessionId) {
        let released = self.locks.drop_where(|lock| lock.session_id == *session);
        self.tell_released(released);
    }

    fn take_lock(
        &mut self,
        who: &Caller,
        course_id: CourseId,
        ttl_ms: u64,
        now: Instant,
    ) -> Result<Locked, WireError> {
        let session = who.session.as_ref().filter(|session| self.members.contains(session));
        let session = session.ok_or_else(|| WireError::forbidden("join the room first"))?.clone();
        if self.role(who) < Role::Editor {
            return Err(WireError::forbidden("viewers can't lock courses"));
        }
        if self.log.committed().course(&course_id).is_none() {
            return Err(WireError::not_found());
        }
        if self.locks.len() >= MAX_LOCKS {
            return Err(WireError::busy(1_000));
        }
        self.lock_token += 1;
        let lock = Lock {
            user_id: who.principal.user.clone(),
            session_id: session,
            expires_at: Instant(now.0 + ttl_ms as i64),
            token: self.lock_token,
        };
        let (expires_at, token) = (Text(lock.expires_at), lock.token);
        self.locks.take(course_id.clone(), lock, now).map_err(|held| locked(&course_id, held))?;
        Ok(Locked { room: Text(self.key.room), course_id: Text(course_id), token, expires_at })
    }

    fn tell_released(&mut self, released: Vec<CourseId>) {
        if !released.is_empty() {
            self.tell_locks(Vec::new(), released.into_iter().map(Text).collect());
        }
    }

    fn tell_locks(&mut self, held: Vec<HeldLock>, released: Vec<Text<CourseId>>) {
        let locks = LockChanges { room: Text(self.key.room), held, released };
        let frame = encode(None, &ServerMessage::Locks(locks));
        self.members.broadcast(&frame);
    }

    fn expire_locks_later(&mut self, ctx: &mut Context<Room>) {
        let Some(next) = self.locks.next_expiry() else { return };
        self.lock_expiry.set(ctx, until(next, self.deps.clock.now()), |live, ctx| {
            let now = live.deps.clock.now();
            let released = live.locks.drop_where(|lock| lock.expires_at <= now);
            live.tell_released(released);
            live.expire_locks_later(ctx);
        });
    }
}

fn locked(course_id: &CourseId, held: Lock) -> WireError {
    WireError::from(Refusal::Locked {
        course_id: course_id.clone(),
        user_id: held.user_id,
        session_id: held.session_id,
        expires_at: held.expires_at,
    })
}
