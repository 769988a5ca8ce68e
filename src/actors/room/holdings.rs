//! The locks of one room on all replicas, as values: those of this replica's sessions, each with
//! the lease that stands behind it, and those that the others were heard to hold. Where two claim
//! one course, the higher number has it.

use std::collections::{BTreeMap, VecDeque};

use crate::bus::{Lease, NodeId};
use crate::domain::{CourseId, Instant, Lock, Locks, SessionId, UserId};
use crate::protocol::peer::{HolderSaid, LockSaid};
use crate::protocol::text::Text;

/// Leases whose giving back failed and is tried again; more end by their time.
const MAX_UNRETURNED: usize = 256;

/// Courses that were given up and may still have a lease; of more, a taker waits for the bus.
const MAX_GIVEN_UP: usize = 2_048;

/// Where the holder of a lock is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// To this replica. The number of the lease, unless the lock was given without the bus.
    Here(Option<u64>),
    /// To another one.
    There(NodeId),
}

/// A lease to be given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stray {
    /// On what.
    pub name: String,
    /// Its number.
    pub token: u64,
}

/// What a comparison with the bus has changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// Locks that others hold and that were not known.
    pub held: Vec<CourseId>,
    /// Locks of others that are no longer there.
    pub released: Vec<CourseId>,
    /// Leases of sessions that are not here.
    pub strays: Vec<Stray>,
}

/// All locks of a room.
#[derive(Clone, Debug, Default)]
pub struct Holdings {
    locks: Locks,
    places: BTreeMap<CourseId, Place>,
    highest: u64,
    given_up: BTreeMap<CourseId, u64>,
    unreturned: VecDeque<(Stray, Instant)>,
}

impl Holdings {
    /// For decisions.
    #[must_use]
    pub fn locks(&self) -> &Locks {
        &self.locks
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.locks.len()
    }

    /// The highest number that was given or heard of.
    #[must_use]
    pub fn highest(&self) -> u64 {
        self.highest
    }

    /// The lock of another session of this replica that is in the way of `session`.
    #[must_use]
    pub fn near(&self, course: &CourseId, session: &SessionId, now: Instant) -> Option<&Lock> {
        let here = matches!(self.places.get(course), Some(Place::Here(_)));
        self.locks.against(course, Some(session), now).filter(|_| here)
    }

    /// The number of the lease that `session` may take the place of: its own, or one that was given
    /// up and that the bus may still have.
    #[must_use]
    pub fn replaceable(&self, course: &CourseId, session: &SessionId) -> Option<u64> {
        let Some(lock) = self.locks.get(course) else { return self.given_up.get(course).copied() };
        if lock.session_id != *session {
            return None;
        }
        match self.places.get(course) {
            Some(Place::Here(lease)) => *lease,
            Some(Place::There(_)) | None => Some(lock.token),
        }
    }

    /// A session of this replica has a lease, or a lock without one under the next number.
    pub fn grant(&mut self, course: CourseId, mut lock: Lock, lease: Option<u64>) -> u64 {
        let token = lease.unwrap_or(self.highest + 1);
        self.highest = self.highest.max(token);
        lock.token = token;
        self.put(course, lock, Place::Here(lease));
        token
    }

    /// A lease stands behind a lock that was given without the bus.
    pub fn back(&mut self, course: &CourseId, session: &SessionId, lease: u64) -> bool {
        self.highest = self.highest.max(lease);
        let held = self.locks.get(course).is_some_and(|lock| lock.session_id == *session);
        match self.places.get_mut(course) {
            Some(place @ Place::Here(None)) if held => {
                *place = Place::Here(Some(lease));
                true
            }
            _ => false,
        }
    }

    /// Another replica's session has a lock; true when that is news.
    pub fn hear(&mut self, node: NodeId, course: CourseId, lock: Lock) -> bool {
        self.highest = self.highest.max(lock.token);
        let known = self.number(&course);
        let news = known.is_none_or(|known| known < lock.token);
        if news {
            self.put(course, lock, Place::There(node));
        }
        news
    }

    /// Another replica's session has given a lock back; true when that is news.
    pub fn hear_release(&mut self, course: &CourseId, token: u64) -> bool {
        let there = matches!(self.places.get(course), Some(Place::There(_)));
        let released = there && self.number(course) == Some(token);
        if self.locks.get(course).is_none_or(|lock| lock.token <= token) {
            self.gave_up(course, token);
        }
        if released {
            self.remove(course);
        }
        released
    }

    /// A session of this replica gives a lock back under its number; false when it does not hold it.
    pub fn give_back(
        &mut self,
        course: &CourseId,
        session: &SessionId,
        token: u64,
    ) -> Option<Option<Stray>> {
        let held = |lock: &Lock| lock.session_id == *session && lock.token == token;
        let here = matches!(self.places.get(course), Some(Place::Here(_)));
        (here && self.locks.get(course).is_some_and(held)).then(|| {
            let stray = self.remove(course);
            self.give_up(course, stray.as_ref());
            stray
        })
    }

    /// Ends the locks of a session, wherever it is.
    pub fn end_session(&mut self, session: &SessionId) -> Vec<(CourseId, Option<Stray>)> {
        let ended = self.end(|lock, _| lock.session_id == *session);
        for (course, stray) in &ended {
            self.give_up(course, stray.as_ref());
        }
        ended
    }

    /// Ends the locks of a replica that is gone.
    pub fn end_node(&mut self, node: NodeId) -> Vec<CourseId> {
        let ended = self.end(|_, place| place == Place::There(node));
        ended.into_iter().map(|(course, _)| course).collect()
    }

    /// Ends the locks whose time is over.
    pub fn expire(&mut self, now: Instant) -> Vec<CourseId> {
        self.unreturned.retain(|(_, until)| *until > now);
        self.end(|lock, _| lock.expires_at <= now).into_iter().map(|(course, _)| course).collect()
    }

    /// Locks of this replica without a lease, at most `most`.
    #[must_use]
    pub fn unbacked(&self, most: usize) -> Vec<(CourseId, Lock)> {
        let unbacked = self.places.iter().filter(|(_, place)| **place == Place::Here(None));
        let locks = unbacked.filter_map(|(c, _)| Some((c.clone(), self.locks.get(c)?.clone())));
        locks.take(most).collect()
    }

    /// A lease could not be given back; tried again until its time is over.
    pub fn keep_trying(&mut self, stray: Stray, until: Instant) {
        if self.unreturned.len() < MAX_UNRETURNED {
            self.unreturned.push_back((stray, until));
        }
    }

    /// The next lease to be given back again.
    pub fn try_again(&mut self) -> Option<(Stray, Instant)> {
        self.unreturned.pop_front()
    }

    /// What the others have to know about a lock of this replica; nothing while the bus does not
    /// know it.
    #[must_use]
    pub fn said(&self, course: &CourseId) -> Option<LockSaid> {
        let Some(Place::Here(Some(token))) = self.places.get(course) else { return None };
        let lock = self.locks.get(course)?;
        Some(LockSaid {
            course_id: Text(course.clone()),
            user_id: Text(lock.user_id.clone()),
            session_id: Text(lock.session_id.clone()),
            until: lock.expires_at.0,
            token: *token,
        })
    }

    /// Checksum of the leases of this replica's sessions, or of those that another one's are known
    /// to have.
    #[must_use]
    pub fn checksum(&self, of: Option<NodeId>) -> u32 {
        let number = |(course, place): (&CourseId, &Place)| match (place, of) {
            (Place::Here(Some(token)), None) => Some(*token),
            (Place::There(node), Some(of)) if *node == of => {
                self.locks.get(course).map(|lock| lock.token)
            }
            _ => None,
        };
        // Numbers are unique in a room: a sum of mixed numbers tells two sets apart.
        let mixed = |token: u64| (token.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32;
        self.places.iter().filter_map(number).fold(0, |all, token| all.wrapping_add(mixed(token)))
    }

    /// Compares with the leases that the bus had some time after `highest` was the highest number.
    pub fn reconcile(
        &mut self,
        me: NodeId,
        leases: Vec<(HolderSaid, Lease)>,
        highest: u64,
        now: Instant,
        is_here: impl Fn(&SessionId) -> bool,
    ) -> Reconciled {
        let mut found = Reconciled::default();
        let mut there = BTreeMap::new();
        for (holder, lease) in leases {
            let Ok(course) = CourseId::parse(&lease.name) else { continue };
            let Ok(node) = holder.node.parse().map(NodeId) else { continue };
            there.insert(course.clone(), lease.token);
            let lock = as_lock(holder.user.0, holder.session.0, &lease, now);
            if node != me {
                if self.hear(node, course.clone(), lock) {
                    found.held.push(course);
                }
            } else if !is_here(&lock.session_id) {
                found.strays.push(Stray { name: lease.name, token: lease.token });
            } else if lease.token > self.number(&course).unwrap_or(highest) {
                // Not what was given back while the bus was asked.
                self.grant(course.clone(), lock, Some(lease.token));
                found.held.push(course);
            }
        }
        for (course, place) in self.places.clone() {
            let number = self.number(&course).unwrap_or_default();
            if there.get(&course) == Some(&number) || number > highest {
                continue;
            }
            match place {
                Place::There(_) => {
                    self.remove(&course);
                    found.released.push(course);
                }
                Place::Here(_) => drop(self.places.insert(course, Place::Here(None))),
            }
        }
        found
    }

    /// The number under which the bus knows the lock of a course.
    fn number(&self, course: &CourseId) -> Option<u64> {
        match self.places.get(course)? {
            // Whatever the bus says of it counts more.
            Place::Here(None) => Some(0),
            Place::Here(Some(token)) => Some(*token),
            Place::There(_) => self.locks.get(course).map(|lock| lock.token),
        }
    }

    fn end(&mut self, over: impl Fn(&Lock, Place) -> bool) -> Vec<(CourseId, Option<Stray>)> {
        let over = |course: &CourseId, lock: &Lock| {
            self.places.get(course).is_some_and(|place| over(lock, *place))
        };
        let courses: Vec<_> =
            self.locks.iter().filter(|(c, l)| over(c, l)).map(|(c, _)| c.clone()).collect();
        let ended = courses.into_iter().map(|course| {
            let stray = self.remove(&course);
            (course, stray)
        });
        ended.collect()
    }

    fn give_up(&mut self, course: &CourseId, stray: Option<&Stray>) {
        if let Some(stray) = stray {
            self.gave_up(course, stray.token);
        }
    }

    fn gave_up(&mut self, course: &CourseId, token: u64) {
        self.given_up.insert(course.clone(), token);
        if self.given_up.len() > MAX_GIVEN_UP {
            self.given_up.pop_first();
        }
    }

    fn put(&mut self, course: CourseId, lock: Lock, place: Place) {
        self.given_up.remove(&course);
        self.locks.put(course.clone(), lock);
        self.places.insert(course, place);
    }

    /// Gives the lease that stood behind it, if it was one of this replica's.
    fn remove(&mut self, course: &CourseId) -> Option<Stray> {
        self.locks.remove(course);
        match self.places.remove(course) {
            Some(Place::Here(Some(token))) => Some(Stray { name: course.to_string(), token }),
            _ => None,
        }
    }
}

fn as_lock(user_id: UserId, session_id: SessionId, lease: &Lease, now: Instant) -> Lock {
    let expires_at = Instant(now.0 + lease.left.as_millis() as i64);
    Lock { user_id, session_id, expires_at, token: lease.token }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;
    use uuid::Uuid;

    use super::*;

    const ME: NodeId = NodeId(Uuid::from_u128(1));
    const OTHER: NodeId = NodeId(Uuid::from_u128(2));
    const NOW: Instant = Instant(1_000);

    fn course(id: &str) -> CourseId {
        CourseId::parse(id).unwrap()
    }

    fn session(id: &str) -> SessionId {
        SessionId::parse(id).unwrap()
    }

    fn lock(holder: &str, token: u64) -> Lock {
        let user_id = UserId::parse(holder).unwrap();
        Lock { user_id, session_id: session(holder), expires_at: Instant(9_000), token }
    }

    fn lease(node: NodeId, holder: &str, name: &str, token: u64) -> (HolderSaid, Lease) {
        let user = Text(UserId::parse(holder).unwrap());
        let said = HolderSaid { node: node.to_string(), user, session: Text(session(holder)) };
        let left = Duration::from_secs(5);
        (said, Lease { name: name.to_owned(), holder: Bytes::new(), token, left })
    }

    #[test]
    fn the_higher_number_has_the_course() {
        let mut all = Holdings::default();
        assert_eq!(all.grant(course("c"), lock("emil", 0), Some(3)), 3);
        assert!(!all.hear(OTHER, course("c"), lock("erna", 2)), "an old lock");
        assert!(all.hear(OTHER, course("c"), lock("erna", 4)));
        assert_eq!(all.locks().get(&course("c")), Some(&lock("erna", 4)));
        assert_eq!(all.give_back(&course("c"), &session("emil"), 3), None, "no longer emil's");
        assert!(!all.hear_release(&course("c"), 3), "the old one");
        assert!(all.hear_release(&course("c"), 4));
    }

    #[test]
    fn a_number_given_without_the_bus_is_above_all_that_were_heard() {
        let mut all = Holdings::default();
        all.hear(OTHER, course("a"), lock("erna", 7));
        assert_eq!(all.grant(course("b"), lock("emil", 0), None), 8);
        assert_eq!(all.said(&course("b")), None, "the others can't know it");
        assert_eq!(all.unbacked(9), [(course("b"), lock("emil", 8))]);
        assert!(all.back(&course("b"), &session("emil"), 9));
        assert_eq!(all.said(&course("b")).map(|said| said.token), Some(9));
        let stray = Some(Stray { name: "b".to_owned(), token: 9 });
        assert_eq!(all.give_back(&course("b"), &session("emil"), 8), Some(stray), "emil's number");
    }

    #[test]
    fn the_bus_decides_between_two_that_took_a_course_without_it() {
        let mut all = Holdings::default();
        all.grant(course("c"), lock("emil", 0), None);
        let leases = vec![lease(OTHER, "erna", "c", 1)];
        let found = all.reconcile(ME, leases, all.highest(), NOW, |_| true);
        assert_eq!(found.held, [course("c")]);
        assert_eq!(all.locks().get(&course("c")).unwrap().user_id.as_str(), "erna");
    }

    #[test]
    fn what_the_bus_does_not_have_is_no_longer_there_unless_it_is_newer() {
        let mut all = Holdings::default();
        all.hear(OTHER, course("a"), lock("erna", 1));
        all.grant(course("b"), lock("emil", 0), Some(2));
        let asked = all.highest();
        all.hear(OTHER, course("c"), lock("erna", 3));
        let found = all.reconcile(ME, Vec::new(), asked, NOW, |_| true);
        assert_eq!((found.released, found.held), (vec![course("a")], Vec::new()));
        assert_eq!(all.unbacked(9), [(course("b"), lock("emil", 2))], "to be claimed again");
        assert!(all.locks().get(&course("c")).is_some(), "taken after the bus was asked");
    }

    #[test]
    fn a_lease_of_nobody_here_is_given_back_and_one_of_a_member_is_taken_up() {
        let mut all = Holdings::default();
        let leases = vec![lease(ME, "gone", "a", 1), lease(ME, "emil", "b", 2)];
        let found = all.reconcile(ME, leases, 0, NOW, |one| *one == session("emil"));
        assert_eq!(found.strays, [Stray { name: "a".to_owned(), token: 1 }]);
        assert_eq!(
            (found.held, all.replaceable(&course("b"), &session("emil"))),
            (vec![course("b")], Some(2))
        );
    }

    #[test]
    fn a_lock_given_back_while_the_bus_was_asked_is_not_taken_up_again() {
        let mut all = Holdings::default();
        all.grant(course("c"), lock("emil", 0), Some(3));
        let asked = all.highest();
        assert!(all.give_back(&course("c"), &session("emil"), 3).is_some());
        let found = all.reconcile(ME, vec![lease(ME, "emil", "c", 3)], asked, NOW, |_| true);
        assert_eq!((found, all.len()), (Reconciled::default(), 0));
    }

    #[test]
    fn a_lease_that_was_given_up_can_be_taken_over_by_anyone_until_the_course_is_held() {
        let mut all = Holdings::default();
        let (emil, erna) = (session("emil"), session("erna"));
        all.grant(course("c"), lock("emil", 0), Some(3));
        assert_eq!(all.replaceable(&course("c"), &erna), None, "emil has it");
        all.give_back(&course("c"), &emil, 3);
        assert_eq!(all.replaceable(&course("c"), &erna), Some(3));
        all.hear(OTHER, course("c"), lock("uwe", 4));
        assert_eq!(all.replaceable(&course("c"), &erna), None, "uwe has it");
        assert!(!all.hear_release(&course("c"), 3), "an old one");
        assert!(all.hear_release(&course("c"), 4));
        assert_eq!(all.replaceable(&course("c"), &emil), Some(4));
        all.grant(course("d"), lock("emil", 0), Some(5));
        all.end_session(&emil);
        assert_eq!(all.replaceable(&course("d"), &erna), Some(5));
    }

    #[test]
    fn checksums_agree_when_both_sides_know_the_same() {
        let (mut here, mut there) = (Holdings::default(), Holdings::default());
        for token in [5, 6, 9] {
            here.grant(course(&token.to_string()), lock("emil", 0), Some(token));
            assert!(there.checksum(Some(ME)) != here.checksum(None));
            there.hear(ME, course(&token.to_string()), lock("emil", token));
            assert_eq!(there.checksum(Some(ME)), here.checksum(None));
        }
        there.hear(OTHER, course("x"), lock("erna", 10));
        assert_eq!(there.checksum(Some(ME)), here.checksum(None));
        here.end_session(&session("emil"));
        assert_eq!((here.checksum(None), here.len()), (0, 0));
        assert_eq!(there.end_node(ME).len(), 3);
    }
}
