//! Who is in the room, where they point and what changed since the last tick. Values only: the room
//! asks for a tick and sends what comes out. However often a cursor moves between two ticks, one
//! change is left of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{Instant, SessionId, UserId};
use crate::protocol::server::{
    Cursor, Departure, LeaveReason, ParticipantBody, PresenceChange, PresenceState, SelectionBody,
};
use crate::protocol::text::Text;

/// One participant, from its join to the end of its grace.
#[derive(Clone, Debug)]
struct Entry {
    body: ParticipantBody,
    user: UserId,
    /// When its grace ends, if its connection was cut.
    until: Option<Instant>,
    /// When it last did something.
    active_at: Instant,
}

/// What of a participant changed since the last tick.
#[derive(Clone, Copy, Debug, Default)]
struct Dirt {
    joined: bool,
    cursor: bool,
    selection: bool,
    state: bool,
}

/// Presence a member was not sent because it was behind: it gets the newest of these when it has
/// caught up, never a longer queue.
#[derive(Clone, Debug, Default)]
pub struct Owed {
    sessions: BTreeSet<SessionId>,
    left: BTreeMap<SessionId, Departure>,
}

impl Owed {
    /// Whether nothing is owed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty() && self.left.is_empty()
    }

    /// Adds a tick that was not sent.
    pub fn add(&mut self, tick: &Tick) {
        for joined in &tick.joined {
            self.sessions.insert(joined.session_id.0.clone());
        }
        for changed in &tick.changed {
            self.sessions.insert(changed.session_id.0.clone());
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
    pub joined: Vec<ParticipantBody>,
    /// Gone.
    pub left: Vec<Departure>,
    /// Changed fields only.
    pub changed: Vec<PresenceChange>,
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
        self.joined.iter().any(|p| p.session_id.0 == *session)
            || self.changed.iter().any(|c| c.session_id.0 == *session)
    }

    /// The same without what `session` did itself.
    #[must_use]
    pub fn without(&self, session: &SessionId) -> Self {
        Self {
            joined: self.joined.iter().filter(|p| p.session_id.0 != *session).cloned().collect(),
            left: self.left.clone(),
            changed: self.changed.iter().filter(|c| c.session_id.0 != *session).cloned().collect(),
        }
    }
}

/// The participants of one room.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    present: BTreeMap<SessionId, Entry>,
    dirt: BTreeMap<SessionId, Dirt>,
    left: Vec<Departure>,
}

impl Roster {
    /// A session joins. Cut sessions of the same person end in the same tick, so that nobody sees
    /// the person leave and come back.
    pub fn join(&mut self, session: SessionId, user: UserId, body: ParticipantBody, now: Instant) {
        let replaced: Vec<_> = self
            .present
            .iter()
            .filter(|(_, entry)| entry.until.is_some() && entry.user == user)
            .map(|(session, _)| session.clone())
            .collect();
        for old in replaced {
            self.remove(&old, LeaveReason::Reconnected);
        }
        let known = self.present.contains_key(&session);
        self.present.insert(session.clone(), Entry { body, user, until: None, active_at: now });
        let dirt = self.dirt.entry(session).or_default();
        if known {
            dirt.state = true;
        } else {
            dirt.joined = true;
        }
    }

    /// A session's connection was cut: it is away until its grace ends.
    pub fn cut(&mut self, session: &SessionId, until: Instant) {
        if let Some(entry) = self.present.get_mut(session) {
            entry.until = Some(until);
            entry.body.state = PresenceState::Away;
            self.dirt.entry(session.clone()).or_default().state = true;
        }
    }

    /// A session is gone.
    pub fn remove(&mut self, session: &SessionId, reason: LeaveReason) {
        let Some(entry) = self.present.remove(session) else { return };
        self.dirt.remove(session);
        // Told even when the join was not yet: someone who joined in between has seen it in the
        // participants of their reply.
        self.left.push(Departure {
            session_id: Text(session.clone()),
            user_id: Text(entry.user),
            reason,
        });
    }

    /// Ends the graces that are over at `now`.
    pub fn expire(&mut self, now: Instant) {
        let over: Vec<_> = self
            .present
            .iter()
            .filter(|(_, entry)| entry.until.is_some_and(|until| until <= now))
            .map(|(session, _)| session.clone())
            .collect();
        for session in over {
            self.remove(&session, LeaveReason::Disconnected);
        }
    }

    /// The earliest end of a grace.
    #[must_use]
    pub fn next_expiry(&self) -> Option<Instant> {
        self.present.values().filter_map(|entry| entry.until).min()
    }

    /// The pointer of a session moved.
    pub fn point(&mut self, session: &SessionId, cursor: Cursor, now: Instant) {
        if let Some(entry) = self.present.get_mut(session) {
            entry.body.cursor = Some(cursor);
            self.dirt.entry(session.clone()).or_default().cursor = true;
            self.active(session, now);
        }
    }

    /// The selection of a session changed.
    pub fn select(&mut self, session: &SessionId, selection: SelectionBody, now: Instant) {
        if let Some(entry) = self.present.get_mut(session) {
            entry.body.selection = Some(selection);
            self.dirt.entry(session.clone()).or_default().selection = true;
            self.active(session, now);
        }
    }

    /// A session did something.
    pub fn active(&mut self, session: &SessionId, now: Instant) {
        if let Some(entry) = self.present.get_mut(session) {
            entry.active_at = now;
            if entry.body.state == PresenceState::Idle {
                entry.body.state = PresenceState::Active;
                self.dirt.entry(session.clone()).or_default().state = true;
            }
        }
    }

    /// Whoever did nothing since `since` is idle.
    pub fn idle(&mut self, since: Instant) {
        for (session, entry) in &mut self.present {
            if entry.body.state == PresenceState::Active && entry.active_at < since {
                entry.body.state = PresenceState::Idle;
                self.dirt.entry(session.clone()).or_default().state = true;
            }
        }
    }

    /// Everyone, by session id.
    #[must_use]
    pub fn participants(&self) -> Vec<ParticipantBody> {
        self.present.values().map(|entry| entry.body.clone()).collect()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.present.len()
    }

    /// Whether there is anything for the next tick.
    #[must_use]
    pub fn is_dirty(&self) -> bool {
        !self.dirt.is_empty() || !self.left.is_empty()
    }

    /// Everything since the last tick, once.
    pub fn tick(&mut self) -> Tick {
        let mut tick = Tick { left: std::mem::take(&mut self.left), ..Tick::default() };
        for (session, dirt) in std::mem::take(&mut self.dirt) {
            let Some(entry) = self.present.get(&session) else { continue };
            if dirt.joined {
                tick.joined.push(entry.body.clone());
            } else {
                tick.changed.push(change(&entry.body, dirt));
            }
        }
        tick
    }

    /// What a member that was behind has to hear, with the newest of everything.
    #[must_use]
    pub fn settle(&self, owed: &Owed) -> Tick {
        let present = owed.sessions.iter().filter_map(|session| self.present.get(session));
        let left = owed.left.iter().filter(|(session, _)| !self.present.contains_key(session));
        Tick {
            joined: present.map(|entry| entry.body.clone()).collect(),
            left: left.map(|(_, left)| left.clone()).collect(),
            changed: Vec::new(),
        }
    }
}

fn change(body: &ParticipantBody, dirt: Dirt) -> PresenceChange {
    PresenceChange {
        session_id: body.session_id.clone(),
        cursor: dirt.cursor.then(|| body.cursor.clone()).flatten(),
        selection: dirt.selection.then(|| body.selection.clone()).flatten(),
        state: dirt.state.then_some(body.state),
    }
}
