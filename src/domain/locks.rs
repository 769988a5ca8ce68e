//! Soft locks: who holds which course, as a value. A lock ends with its session, its time, or its
//! owner's unlock; that it does is for its keeper to say.

use std::collections::BTreeMap;

use super::{CourseId, Instant, SessionId, UserId};

/// One held lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    /// Who.
    pub user_id: UserId,
    /// On which connection.
    pub session_id: SessionId,
    /// Until when, exclusive.
    pub expires_at: Instant,
    /// Fencing number: grows with every lock taken in the room.
    pub token: u64,
}

/// All locks of one room. At most one a course.
#[derive(Clone, Debug, Default)]
pub struct Locks {
    held: BTreeMap<CourseId, Lock>,
}

impl Locks {
    /// The lock that keeps `session` from changing `course` at `now`, if any. With no session (REST)
    /// every held lock keeps.
    #[must_use]
    pub fn against(
        &self,
        course: &CourseId,
        session: Option<&SessionId>,
        now: Instant,
    ) -> Option<&Lock> {
        self.held
            .get(course)
            .filter(|lock| lock.expires_at > now && Some(&lock.session_id) != session)
    }

    /// Takes or renews a lock.
    ///
    /// # Errors
    /// The lock in the way, when another session holds the course.
    pub fn take(&mut self, course: CourseId, lock: Lock, now: Instant) -> Result<(), Lock> {
        match self.against(&course, Some(&lock.session_id), now) {
            Some(other) => Err(other.clone()),
            None => {
                self.held.insert(course, lock);
                Ok(())
            }
        }
    }

    /// The lock of a course, also one whose time is over.
    #[must_use]
    pub fn get(&self, course: &CourseId) -> Option<&Lock> {
        self.held.get(course)
    }

    /// Writes down a lock that was given elsewhere, instead of the one that was.
    pub fn put(&mut self, course: CourseId, lock: Lock) {
        self.held.insert(course, lock);
    }

    /// Drops the lock of a course.
    pub fn remove(&mut self, course: &CourseId) -> Option<Lock> {
        self.held.remove(course)
    }

    /// All that are held, by course.
    pub fn iter(&self) -> impl Iterator<Item = (&CourseId, &Lock)> {
        self.held.iter()
    }

    /// The earliest end of any lock.
    #[must_use]
    pub fn next_expiry(&self) -> Option<Instant> {
        self.held.values().map(|lock| lock.expires_at).min()
    }

    /// How many are held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// Whether none is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }
}
