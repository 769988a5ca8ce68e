//! Soft locks: taken for a while, refused to others, told to everyone, fenced by a number that only
//! grows. A lock is a lease on the bus, so that it is one for all replicas; without the bus it holds
//! on this replica alone.

use std::sync::Arc;

use actix::prelude::*;

use super::Room;
use super::ask::Caller;
use super::holdings::Stray;
use super::live::Live;
use super::presence::until;
use crate::actors::bridge::Take;
use crate::actors::reply::ReplyTo;
use crate::bus::{Claim, Claimed, Lease};
use crate::domain::{CourseId, Instant, Lock, Refusal, Role, SessionId};
use crate::protocol::error::WireError;
use crate::protocol::peer::{HolderSaid, LocksSaid, ReleaseSaid, decode_holder, encode_holder};
use crate::protocol::request::MAX_LOCK_TTL_MS;
use crate::protocol::server::{HeldLock, LockChanges, Locked, ServerMessage, Unlocked, encode};
use crate::protocol::text::Text;

/// How long a lock lasts when the client does not say, in milliseconds.
const DEFAULT_TTL_MS: u64 = 30_000;
/// The most locks in one room.
const MAX_LOCKS: usize = 2_000;
/// How often a lease that the session turns out to have itself is asked for.
const RENEWALS: u32 = 3;

/// A lock on its way.
struct Wish {
    course: CourseId,
    lock: Lock,
    ttl_ms: u64,
    reply: ReplyTo,
    tries: u32,
}

impl Live {
    pub(super) fn lock(
        &mut self,
        who: &Arc<Caller>,
        course: CourseId,
        ttl_ms: Option<u64>,
        reply: ReplyTo,
        ctx: &mut Context<Room>,
    ) {
        let now = self.deps.clock.now();
        let ttl_ms = ttl_ms.unwrap_or(DEFAULT_TTL_MS);
        match self.may_lock(who, &course, now) {
            Err(error) => reply.error(error),
            Ok(session_id) => {
                let user_id = who.principal.user.clone();
                let expires_at = Instant(now.0 + ttl_ms as i64);
                let lock = Lock { user_id, session_id, expires_at, token: 0 };
                self.claim(Wish { course, lock, ttl_ms, reply, tries: 0 }, ctx);
            }
        }
    }

    pub(super) fn unlock(
        &mut self,
        who: &Arc<Caller>,
        course_id: CourseId,
        token: u64,
        reply: ReplyTo,
        ctx: &mut Context<Room>,
    ) {
        let session = who.session.as_ref();
        let given = session.and_then(|one| self.holdings.give_back(&course_id, one, token));
        let Some(stray) = given else { return reply.error(WireError::not_found()) };
        let unlocked = Unlocked { room: Text(self.key.room), course_id: Text(course_id.clone()) };
        reply.ok(ServerMessage::Unlocked(unlocked));
        self.ended(vec![(course_id, stray)], ctx);
    }

    /// What everyone may see of the locks.
    pub(super) fn held_locks(&self) -> Vec<HeldLock> {
        let now = self.deps.clock.now();
        let held = self.holdings.locks().iter().filter(|(_, lock)| lock.expires_at > now);
        held.map(|(course, lock)| shown(course, lock)).collect()
    }

    /// A lock ends with its session.
    pub(super) fn release_locks_of(&mut self, session: &SessionId, ctx: &mut Context<Room>) {
        let ended = self.holdings.end_session(session);
        self.ended(ended, ctx);
    }

    /// Tells everyone here, the other replicas and the bus that locks have ended.
    fn ended(&mut self, ended: Vec<(CourseId, Option<Stray>)>, ctx: &mut Context<Room>) {
        let said = ended.iter().filter_map(|(course, stray)| {
            let token = stray.as_ref()?.token;
            Some(ReleaseSaid { course_id: Text(course.clone()), token })
        });
        let released: Vec<_> = said.collect();
        if !released.is_empty() {
            self.say_locks(&LocksSaid { held: Vec::new(), released });
        }
        let (courses, strays): (Vec<_>, Vec<_>) = ended.into_iter().unzip();
        self.tell_released(courses);
        let longest = Instant(self.deps.clock.now().0 + MAX_LOCK_TTL_MS as i64);
        for stray in strays.into_iter().flatten() {
            self.give_back(stray, longest, ctx);
        }
    }

    fn may_lock(
        &self,
        who: &Caller,
        course: &CourseId,
        now: Instant,
    ) -> Result<SessionId, WireError> {
        let session = who.session.as_ref().filter(|session| self.members.contains(session));
        let session = session.ok_or_else(|| WireError::forbidden("join the room first"))?;
        if self.role(who) < Role::Editor {
            return Err(WireError::forbidden("viewers can't lock courses"));
        }
        if self.log.committed().course(course).is_none() {
            return Err(WireError::not_found());
        }
        if self.holdings.len() + self.claiming >= MAX_LOCKS {
            return Err(WireError::busy(1_000));
        }
        // One held on another replica may have ended without this one's hearing it: the bus knows.
        match self.holdings.near(course, session, now) {
            Some(held) => Err(locked(course, held)),
            None => Ok(session.clone()),
        }
    }

    fn claim(&mut self, wish: Wish, ctx: &mut Context<Room>) {
        self.claiming += 1;
        let instead_of = self.holdings.replaceable(&wish.course, &wish.lock.session_id);
        let claiming = self.deps.bridge.send(self.take(&wish, instead_of));
        self.aside(ctx, claiming, |live, claimed, ctx| {
            live.claiming -= 1;
            match claimed {
                Ok(Ok(Claimed::Granted(token))) => live.granted(wish, Some(token), ctx),
                Ok(Ok(Claimed::Held(lease))) => live.held(wish, &lease, ctx),
                Ok(Err(_)) | Err(_) => live.granted_alone(wish, ctx),
            }
        });
    }

    fn take(&self, wish: &Wish, instead_of: Option<u64>) -> Take {
        let holder = HolderSaid {
            node: self.deps.node.to_string(),
            user: Text(wish.lock.user_id.clone()),
            session: Text(wish.lock.session_id.clone()),
        };
        let claim = Claim {
            name: wish.course.to_string(),
            holder: encode_holder(&holder),
            ttl: std::time::Duration::from_millis(wish.ttl_ms),
            instead_of,
        };
        Take { room: self.key.room, claim, above: self.holdings.highest() }
    }

    /// A lease stands behind the lock, or the bus is away and it holds here alone.
    fn granted(&mut self, wish: Wish, lease: Option<u64>, ctx: &mut Context<Room>) {
        let Wish { course, lock, reply, .. } = wish;
        if !self.members.contains(&lock.session_id) {
            reply.error(WireError::forbidden("join the room first"));
            if let Some(token) = lease {
                let stray = Stray { name: course.to_string(), token };
                self.give_back(stray, lock.expires_at, ctx);
            }
            return;
        }
        let token = self.holdings.grant(course.clone(), lock.clone(), lease);
        let (room, course_id) = (Text(self.key.room), Text(course.clone()));
        let expires_at = Text(lock.expires_at);
        reply.ok(ServerMessage::Locked(Locked { room, course_id, token, expires_at }));
        self.tell_held(std::slice::from_ref(&course), ctx);
        let held: Vec<_> = self.holdings.said(&course).into_iter().collect();
        if !held.is_empty() {
            self.say_locks(&LocksSaid { held, released: Vec::new() });
        }
    }

    /// Without the bus a lock is a promise of this replica alone. It is claimed as soon as the bus
    /// is back; should somebody have been first elsewhere, they have it.
    fn granted_alone(&mut self, wish: Wish, ctx: &mut Context<Room>) {
        let now = self.deps.clock.now();
        let session = &wish.lock.session_id;
        match self.holdings.locks().against(&wish.course, Some(session), now) {
            Some(held) => wish.reply.error(locked(&wish.course, held)),
            None => self.granted(wish, None, ctx),
        }
    }

    fn held(&mut self, mut wish: Wish, lease: &Lease, ctx: &mut Context<Room>) {
        let Some(holder) = decode_holder(&lease.holder) else {
            return wish.reply.error(WireError::busy(1_000));
        };
        let now = self.deps.clock.now();
        let expires_at = Instant(now.0 + lease.left.as_millis() as i64);
        let (user_id, session_id) = (holder.user.0.clone(), holder.session.0.clone());
        let lock = Lock { user_id, session_id, expires_at, token: lease.token };
        let own = lock.session_id == wish.lock.session_id;
        if own && !self.members.contains(&lock.session_id) {
            return wish.reply.error(WireError::forbidden("join the room first"));
        }
        if own && wish.tries < RENEWALS {
            // Two wishes of one session have passed each other: the later renews the earlier.
            wish.tries += 1;
            self.holdings.grant(wish.course.clone(), lock, Some(lease.token));
            return self.claim(wish, ctx);
        }
        wish.reply.error(locked(&wish.course, &lock));
        self.learn_lock(&holder, wish.course, lock, ctx);
    }

    pub(super) fn tell_released(&mut self, released: Vec<CourseId>) {
        if !released.is_empty() {
            self.tell_locks(Vec::new(), released.into_iter().map(Text).collect());
        }
    }

    pub(super) fn tell_held(&mut self, courses: &[CourseId], ctx: &mut Context<Room>) {
        let locks = self.holdings.locks();
        let held: Vec<_> =
            courses.iter().filter_map(|c| locks.get(c).map(|lock| shown(c, lock))).collect();
        if !held.is_empty() {
            self.tell_locks(held, Vec::new());
            self.expire_locks_later(ctx);
        }
    }

    fn tell_locks(&mut self, held: Vec<HeldLock>, released: Vec<Text<CourseId>>) {
        let locks = LockChanges { room: Text(self.key.room), held, released };
        let frame = encode(None, &ServerMessage::Locks(locks));
        self.members.broadcast(&frame);
    }

    fn expire_locks_later(&mut self, ctx: &mut Context<Room>) {
        let Some(next) = self.holdings.locks().next_expiry() else { return };
        self.lock_expiry.set(ctx, until(next, self.deps.clock.now()), |live, ctx| {
            let released = live.holdings.expire(live.deps.clock.now());
            live.tell_released(released);
            live.expire_locks_later(ctx);
        });
    }
}

fn shown(course: &CourseId, lock: &Lock) -> HeldLock {
    HeldLock {
        course_id: Text(course.clone()),
        user_id: Text(lock.user_id.clone()),
        session_id: Text(lock.session_id.clone()),
        expires_at: Text(lock.expires_at),
    }
}

fn locked(course_id: &CourseId, held: &Lock) -> WireError {
    WireError::from(Refusal::Locked {
        course_id: course_id.clone(),
        user_id: held.user_id.clone(),
        session_id: held.session_id.clone(),
        expires_at: held.expires_at,
    })
}
