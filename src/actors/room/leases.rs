//! Locks across replicas: what the others say of theirs, what the bus keeps, and how the two and
//! this replica's own are brought together again after either was lost.

use actix::prelude::*;

use super::Room;
use super::holdings::Stray;
use super::live::Live;
use crate::actors::bridge::{GiveBack, Publish, Take};
use crate::bus::{Claim, Claimed, Lease, NodeId};
use crate::domain::{CourseId, Instant, Lock};
use crate::protocol::peer::{HolderSaid, LocksSaid, encode_holder, encode_locks};
use crate::protocol::text::Text;

/// Leases that are claimed or given back again in one round.
const A_ROUND: usize = 32;
/// Time below which a lock is not worth a lease any more, in milliseconds.
const NEARLY_OVER_MS: i64 = 1_000;

impl Live {
    /// Tells the other replicas. What gets lost shows in the checksum of the next announcement.
    pub(super) fn say_locks(&self, said: &LocksSaid) {
        if !self.deps.alone {
            self.deps.metrics.presence_published_total.inc();
            let payload = encode_locks(said);
            self.deps.bridge.try_send(Publish::plain(self.key.room, payload)).ok();
        }
    }

    /// Another replica said something of its sessions' locks.
    pub(super) fn hear_locks(&mut self, node: NodeId, said: LocksSaid, ctx: &mut Context<Room>) {
        let released = said.released.into_iter().filter_map(|one| {
            let course = one.course_id.0;
            self.holdings.hear_release(&course, one.token).then_some(course)
        });
        let released = released.collect();
        self.tell_released(released);
        let mut held = Vec::new();
        for one in said.held {
            let lock = Lock {
                user_id: one.user_id.0,
                session_id: one.session_id.0,
                expires_at: Instant(one.until),
                token: one.token,
            };
            if self.holdings.hear(node, one.course_id.0.clone(), lock) {
                held.push(one.course_id.0);
            }
        }
        self.tell_held(&held, ctx);
    }

    /// Somebody elsewhere holds what was asked for, and this replica did not know.
    pub(super) fn learn_lock(
        &mut self,
        holder: &HolderSaid,
        course: CourseId,
        lock: Lock,
        ctx: &mut Context<Room>,
    ) {
        if let Ok(node) = holder.node.parse().map(NodeId)
            && node != self.deps.node
            && self.holdings.hear(node, course.clone(), lock)
        {
            self.tell_held(&[course], ctx);
        }
    }

    /// Compares with what the bus has, as asked for when `highest` was the highest number.
    pub(super) fn reconcile_locks(
        &mut self,
        leases: Vec<(HolderSaid, Lease)>,
        highest: u64,
        ctx: &mut Context<Room>,
    ) {
        let (me, now) = (self.deps.node, self.deps.clock.now());
        let members = &self.members;
        let found = self.holdings.reconcile(me, leases, highest, now, |one| members.contains(one));
        self.tell_released(found.released);
        self.tell_held(&found.held, ctx);
        for stray in found.strays {
            self.give_back(stray, now, ctx);
        }
    }

    /// Gives a lease back; tried again until `until` if the bus can't.
    pub(super) fn give_back(&self, stray: Stray, until: Instant, ctx: &mut Context<Room>) {
        let (room, name, token) = (self.key.room, stray.name.clone(), stray.token);
        let giving = self.deps.bridge.send(GiveBack { room, name, token });
        self.aside(ctx, giving, move |live, given, _| {
            if !matches!(given, Ok(Ok(_))) && until > live.deps.clock.now() {
                live.holdings.keep_trying(stray, until);
            }
        });
    }

    /// Locks that were given without the bus become leases, and leases go back, when it can again.
    pub(super) fn mend_leases(&mut self, ctx: &mut Context<Room>) {
        for _ in 0..A_ROUND {
            let Some((stray, until)) = self.holdings.try_again() else { break };
            self.give_back(stray, until, ctx);
        }
        let now = self.deps.clock.now();
        for (course, lock) in self.holdings.unbacked(A_ROUND) {
            let left = lock.expires_at.0 - now.0;
            if left > NEARLY_OVER_MS {
                self.back(course, lock, left as u64, ctx);
            }
        }
    }

    fn back(&self, course: CourseId, lock: Lock, left_ms: u64, ctx: &mut Context<Room>) {
        let holder = HolderSaid {
            node: self.deps.node.to_string(),
            user: Text(lock.user_id.clone()),
            session: Text(lock.session_id.clone()),
        };
        let claim = Claim {
            name: course.to_string(),
            holder: encode_holder(&holder),
            ttl: std::time::Duration::from_millis(left_ms),
            instead_of: None,
        };
        let take = Take { room: self.key.room, claim, above: self.holdings.highest() };
        self.aside(ctx, self.deps.bridge.send(take), move |live, taken, ctx| match taken {
            Ok(Ok(Claimed::Granted(token))) => live.backed(&course, &lock, token, ctx),
            // Somebody was first elsewhere.
            Ok(Ok(Claimed::Held(_))) => live.look(ctx),
            Ok(Err(_)) | Err(_) => {}
        });
    }

    fn backed(&mut self, course: &CourseId, lock: &Lock, token: u64, ctx: &mut Context<Room>) {
        if self.holdings.back(course, &lock.session_id, token) {
            let held = self.holdings.said(course).into_iter().collect();
            self.say_locks(&LocksSaid { held, released: Vec::new() });
        } else {
            // It ended meanwhile.
            let stray = Stray { name: course.to_string(), token };
            self.give_back(stray, lock.expires_at, ctx);
        }
    }
}
