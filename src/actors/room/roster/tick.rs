//! What one tick says: to members as a frame, to other replicas as a speech. Every part is encoded
//! once, however many get it.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{RoomId, SessionId};
use crate::protocol::peer::Speech;
use crate::protocol::raw::RawJson;
use crate::protocol::server::{Departure, PresenceBody};
use crate::protocol::text::Text;

/// A part of a tick that is about one session.
pub type Part = (SessionId, RawJson);

/// Presence a member was not sent because it was behind: it gets the newest of these when it has
/// caught up, never a longer queue.
#[derive(Clone, Debug, Default)]
pub struct Owed {
    pub(super) sessions: BTreeSet<SessionId>,
    pub(super) left: BTreeMap<SessionId, Departure>,
}

impl Owed {
    /// Whether nothing is owed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty() && self.left.is_empty()
    }

    /// Adds a tick that was not sent.
    pub fn add(&mut self, tick: &Tick) {
        for (session, _) in tick.joined.iter().chain(&tick.changed) {
            self.sessions.insert(session.clone());
        }
        for left in &tick.left {
            let session = &left.session_id.0;
            self.sessions.remove(session);
            self.left.insert(session.clone(), left.clone());
        }
    }
}

/// What one presence frame says.
#[derive(Clone, Debug, Default)]
pub struct Tick {
    /// New, or unknown to the receiver: whole.
    pub joined: Vec<Part>,
    /// Gone.
    pub left: Vec<Departure>,
    /// Changed fields only.
    pub changed: Vec<Part>,
    /// The part of it that other replicas have to hear from this one.
    pub speech: Speech,
}

impl Tick {
    /// Whether there is nothing to say.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.joined.is_empty() && self.left.is_empty() && self.changed.is_empty()
    }

    /// Whether it speaks of `session`.
    #[must_use]
    pub fn concerns(&self, session: &SessionId) -> bool {
        self.joined.iter().chain(&self.changed).any(|(one, _)| one == session)
    }

    /// The body of its frame.
    #[must_use]
    pub fn body(&self, room: RoomId) -> PresenceBody {
        let all = |parts: &[Part]| parts.iter().map(|(_, part)| part.clone()).collect();
        PresenceBody {
            room: Text(room),
            joined: all(&self.joined),
            left: self.left.clone(),
            changed: all(&self.changed),
        }
    }

    /// The same for members, without what `session` did itself.
    #[must_use]
    pub fn without(&self, session: &SessionId) -> Self {
        let others = |parts: &[Part]| {
            parts.iter().filter(|(one, _)| one != session).cloned().collect::<Vec<_>>()
        };
        Self {
            joined: others(&self.joined),
            left: self.left.clone(),
            changed: others(&self.changed),
            speech: Speech::default(),
        }
    }
}
