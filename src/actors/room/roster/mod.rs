//! Who is in the room, where they point and what changed since the last tick, whichever replica
//! they are connected to. Values only: the room asks for a tick and sends what comes out. However
//! often a cursor moves between two ticks, one change is left of it.

mod tick;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

pub use tick::{Owed, Tick};

use crate::auth::TenantRole;
use crate::bus::NodeId;
use crate::domain::{Instant, Role, SessionId, UserId};
use crate::protocol::peer::{PersonSaid, PersonSpoken};
use crate::protocol::raw::RawJson;
use crate::protocol::server::{
    Cursor, Departure, LeaveReason, ParticipantBody, PresenceChange, PresenceState, SelectionBody,
};
use crate::protocol::text::Text;

/// How much earlier than a cut was noticed the person may have joined again, in milliseconds: a
/// client often knows first, and replicas' clocks differ a little.
const NOTICED_LATE_MS: i64 = 2_000;

/// Where somebody is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// To this replica, with the role of their token.
    Here(TenantRole),
    /// To another one.
    There(NodeId),
    /// To one that has left in order; they may come back elsewhere within their grace.
    Nowhere,
}

/// A connection that was cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// When that was noticed.
    pub at: Instant,
    /// When the grace ends.
    pub until: Instant,
}

/// One participant, from its join to the end of its grace.
#[derive(Clone, Debug)]
struct Entry {
    body: ParticipantBody,
    user: UserId,
    place: Place,
    cut: Option<Cut>,
    /// When it last did something.
    active_at: Instant,
}

impl Entry {
    fn is_here(&self) -> bool {
        matches!(self.place, Place::Here(_))
    }

    fn spoken(&self, who: RawJson) -> PersonSpoken {
        PersonSpoken { who, cut: self.cut.map(|cut| cut.at.0) }
    }
}

/// What of a participant changed since the last tick.
#[derive(Clone, Copy, Debug, Default)]
struct Dirt {
    joined: bool,
    cursor: bool,
    selection: bool,
    state: bool,
}

/// Somebody who is gone, and whether it is for this replica to tell the others.
#[derive(Clone, Debug)]
struct Gone {
    departure: Departure,
    ours: bool,
}

/// The participants of one room.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    present: BTreeMap<SessionId, Entry>,
    dirt: BTreeMap<SessionId, Dirt>,
    left: Vec<Gone>,
    /// Cut sessions of other replicas whose person is here again: not shown any more, even while
    /// their replica does not know it yet.
    replaced: BTreeSet<SessionId>,
}

impl Roster {
    /// A session of this replica joins.
    pub fn join(&mut self, body: ParticipantBody, standing: TenantRole, now: Instant) {
        let (session, user) = (body.session_id.0.clone(), body.user_id.0.clone());
        let known = self.present.contains_key(&session);
        let place = Place::Here(standing);
        let entry = Entry { body, user: user.clone(), place, cut: None, active_at: now };
        self.present.insert(session.clone(), entry);
        let dirt = self.dirt.entry(session).or_default();
        if known {
            dirt.state = true;
        } else {
            dirt.joined = true;
        }
        self.replace_cut_of(&user);
    }

    /// A connection to this replica was cut: the session is away until its grace ends.
    pub fn cut(&mut self, session: &SessionId, cut: Cut) {
        if let Some(entry) = self.present.get_mut(session) {
            entry.cut = Some(cut);
            entry.body.state = PresenceState::Away;
            self.dirt.entry(session.clone()).or_default().state = true;
            let user = entry.user.clone();
            self.replace_cut_of(&user);
        }
    }

    /// A session of another replica is as told; `until` is when its grace ends if it is away.
    pub fn enter(&mut self, node: NodeId, told: PersonSaid, until: Option<Instant>, now: Instant) {
        let PersonSaid { who: body, cut } = told;
        let (session, user) = (body.session_id.0.clone(), body.user_id.0.clone());
        let cut = cut.zip(until).map(|(at, until)| Cut { at: Instant(at), until });
        if cut.is_some_and(|cut| cut.until <= now) {
            return self.remove(&session, LeaveReason::Disconnected);
        }
        if cut.is_some() && self.replaced.contains(&session) {
            return;
        }
        self.replaced.remove(&session);
        let dirt = match self.present.get(&session) {
            Some(known) if known.is_here() => return,
            Some(known) => difference(&known.body, &body),
            None => Dirt { joined: true, ..Dirt::default() },
        };
        let place = Place::There(node);
        let entry = Entry { body, user: user.clone(), place, cut, active_at: now };
        self.present.insert(session.clone(), entry);
        if dirt.joined || dirt.cursor || dirt.selection || dirt.state {
            self.dirt.entry(session).or_default().add(dirt);
        }
        if dirt.joined || dirt.state {
            self.replace_cut_of(&user);
        }
    }

    /// A session of another replica moved.
    pub fn moved(&mut self, change: PresenceChange) {
        let session = change.session_id.0;
        let Some(entry) = self.present.get_mut(&session).filter(|entry| !entry.is_here()) else {
            return;
        };
        let dirt = self.dirt.entry(session).or_default();
        if let Some(cursor) = change.cursor {
            entry.body.cursor = Some(cursor);
            dirt.cursor = true;
        }
        if let Some(selection) = change.selection {
            entry.body.selection = Some(selection);
            dirt.selection = true;
        }
    }

    /// A session is gone.
    pub fn remove(&mut self, session: &SessionId, reason: LeaveReason) {
        self.replaced.remove(session);
        let Some(entry) = self.present.remove(session) else { return };
        self.dirt.remove(session);
        let ours = entry.is_here();
        // Told even when the join was not yet: someone who joined in between has seen it in the
        // participants of their reply.
        let departure =
            Departure { session_id: Text(session.clone()), user_id: Text(entry.user), reason };
        self.left.push(Gone { departure, ours });
    }

    /// A session of another replica is gone; false when it is one of this replica's.
    pub fn depart(&mut self, session: &SessionId, reason: LeaveReason) -> bool {
        let there = !self.present.get(session).is_some_and(Entry::is_here);
        if there {
            self.remove(session, reason);
        }
        there
    }

    /// A session of another replica is gone with it. Where that one left in order, whoever was away
    /// may be on the way to another replica, and keeps the grace until `moving` at most.
    pub fn orphan(&mut self, session: &SessionId, moving: Option<Instant>) {
        let Some(entry) = self.present.get_mut(session) else {
            return self.remove(session, LeaveReason::Lost);
        };
        let here = entry.is_here();
        match (&mut entry.cut, moving) {
            _ if here => {}
            (Some(cut), Some(moving)) => {
                cut.until = cut.until.min(moving);
                entry.place = Place::Nowhere;
            }
            (Some(_), None) | (None, _) => self.remove(session, LeaveReason::Lost),
        }
    }

    /// Ends the graces that are over at `now`.
    pub fn expire(&mut self, now: Instant) {
        let over = |entry: &Entry| entry.cut.is_some_and(|cut| cut.until <= now);
        let over: Vec<_> =
            self.present.iter().filter(|(_, e)| over(e)).map(|(s, _)| s.clone()).collect();
        for session in over {
            self.remove(&session, LeaveReason::Disconnected);
        }
    }

    /// The earliest end of a grace.
    #[must_use]
    pub fn next_expiry(&self) -> Option<Instant> {
        self.present.values().filter_map(|entry| entry.cut.map(|cut| cut.until)).min()
    }

    /// The pointer of a session of this replica moved.
    pub fn point(&mut self, session: &SessionId, cursor: Cursor, now: Instant) {
        if let Some(entry) = self.present.get_mut(session) {
            entry.body.cursor = Some(cursor);
            self.dirt.entry(session.clone()).or_default().cursor = true;
            self.active(session, now);
        }
    }

    /// The selection of a session of this replica changed.
    pub fn select(&mut self, session: &SessionId, selection: SelectionBody, now: Instant) {
        if let Some(entry) = self.present.get_mut(session) {
            entry.body.selection = Some(selection);
            self.dirt.entry(session.clone()).or_default().selection = true;
            self.active(session, now);
        }
    }

    /// A session of this replica did something.
    pub fn active(&mut self, session: &SessionId, now: Instant) {
        if let Some(entry) = self.present.get_mut(session) {
            entry.active_at = now;
            if entry.body.state == PresenceState::Idle {
                entry.body.state = PresenceState::Active;
                self.dirt.entry(session.clone()).or_default().state = true;
            }
        }
    }

    /// Whoever of this replica did nothing since `since` is idle.
    pub fn idle(&mut self, since: Instant) {
        for (session, entry) in self.present.iter_mut().filter(|(_, entry)| entry.is_here()) {
            if entry.body.state == PresenceState::Active && entry.active_at < since {
                entry.body.state = PresenceState::Idle;
                self.dirt.entry(session.clone()).or_default().state = true;
            }
        }
    }

    /// Roles were changed; `role` says what a person of this replica may do now.
    pub fn set_roles(&mut self, role: impl Fn(&UserId, TenantRole) -> Role) {
        for (session, entry) in &mut self.present {
            let Place::Here(standing) = entry.place else { continue };
            let now = role(&entry.user, standing).into();
            if entry.body.role != now {
                entry.body.role = now;
                // A change has no field for it: told whole.
                self.dirt.entry(session.clone()).or_default().joined = true;
            }
        }
    }

    /// Everyone, by session id.
    #[must_use]
    pub fn participants(&self) -> Vec<ParticipantBody> {
        self.present.values().map(|entry| entry.body.clone()).collect()
    }

    /// Everyone of this replica, encoded for the others.
    #[must_use]
    pub fn ours(&self) -> Vec<PersonSpoken> {
        let ours = self.present.values().filter(|entry| entry.is_here());
        ours.map(|entry| entry.spoken(RawJson::of(&entry.body))).collect()
    }

    /// How many are connected to this replica, or were just now.
    #[must_use]
    pub fn here(&self) -> usize {
        self.present.values().filter(|entry| entry.is_here()).count()
    }

    /// Whether there is anything for the next tick.
    #[must_use]
    pub fn is_dirty(&self) -> bool {
        !self.dirt.is_empty() || !self.left.is_empty()
    }

    /// Everything since the last tick, once.
    pub fn tick(&mut self) -> Tick {
        let mut tick = Tick::default();
        for Gone { departure, ours } in std::mem::take(&mut self.left) {
            // Who is here again already has not left.
            if self.present.contains_key(&departure.session_id.0) {
                continue;
            }
            if ours {
                tick.speech.left.push(departure.clone());
            }
            tick.left.push(departure);
        }
        for (session, dirt) in std::mem::take(&mut self.dirt) {
            if let Some(entry) = self.present.get(&session) {
                tell(&mut tick, session, entry, dirt);
            }
        }
        tick
    }

    /// What a member that was behind has to hear, with the newest of everything.
    #[must_use]
    pub fn settle(&self, owed: &Owed) -> Tick {
        let mut tick = Tick::default();
        for session in &owed.sessions {
            if let Some(entry) = self.present.get(session) {
                tick.joined.push((session.clone(), RawJson::of(&entry.body)));
            }
        }
        let left = owed.left.iter().filter(|(session, _)| !self.present.contains_key(session));
        tick.left = left.map(|(_, left)| left.clone()).collect();
        tick
    }

    /// A person whose connection was cut and who is here again, on whichever replica, has one
    /// place in the list: the cut session ends in the same tick, so that nobody sees the person
    /// leave and come back. Whichever of the two was heard of first.
    fn replace_cut_of(&mut self, user: &UserId) {
        let theirs = || self.present.iter().filter(|(_, entry)| entry.user == *user);
        let Some(newest) = theirs().map(age).max() else { return };
        let back =
            |entry: &Entry| entry.cut.is_some_and(|cut| cut.at.0 - NOTICED_LATE_MS <= newest.0.0);
        let older = theirs().filter(|one| age(*one) < newest && back(one.1));
        let sessions: Vec<_> = older.map(|(session, _)| session.clone()).collect();
        for session in sessions {
            let there = self.present.get(&session).map(|entry| entry.place);
            self.remove(&session, LeaveReason::Reconnected);
            if matches!(there, Some(Place::There(_))) {
                self.replaced.insert(session);
            }
        }
    }
}

/// By when they joined; of two at once, the one that is connected is the newer.
fn age<'a>((session, entry): (&'a SessionId, &Entry)) -> (Instant, bool, &'a SessionId) {
    (entry.body.joined_at.0, entry.cut.is_none(), session)
}

impl Dirt {
    fn add(&mut self, other: Self) {
        self.joined |= other.joined;
        self.cursor |= other.cursor;
        self.selection |= other.selection;
        self.state |= other.state;
    }
}

/// Says it to members, and to other replicas if it is about one of this replica's people.
fn tell(tick: &mut Tick, session: SessionId, entry: &Entry, dirt: Dirt) {
    let part = if dirt.joined {
        RawJson::of(&entry.body)
    } else {
        RawJson::of(&change(&entry.body, dirt))
    };
    if entry.is_here() {
        match (dirt.joined, dirt.state) {
            (true, _) => tick.speech.people.push(entry.spoken(part.clone())),
            (false, true) => tick.speech.people.push(entry.spoken(RawJson::of(&entry.body))),
            (false, false) => tick.speech.moved.push(part.clone()),
        }
    }
    let told = if dirt.joined { &mut tick.joined } else { &mut tick.changed };
    told.push((session, part));
}

fn change(body: &ParticipantBody, dirt: Dirt) -> PresenceChange {
    PresenceChange {
        session_id: body.session_id.clone(),
        cursor: dirt.cursor.then(|| body.cursor.clone()).flatten(),
        selection: dirt.selection.then(|| body.selection.clone()).flatten(),
        state: dirt.state.then_some(body.state),
    }
}

/// What of a participant is new, when another replica tells of it again.
fn difference(known: &ParticipantBody, told: &ParticipantBody) -> Dirt {
    let cursor = known.cursor != told.cursor;
    let selection = known.selection != told.selection;
    let state = known.state != told.state;
    let name = (&known.name, known.role, &known.color, &known.avatar, known.joined_at);
    let other = name != (&told.name, told.role, &told.color, &told.avatar, told.joined_at);
    // A change can't say that a pointer is no longer there, nor anything about the person.
    let whole =
        other || (cursor && told.cursor.is_none()) || (selection && told.selection.is_none());
    Dirt { joined: whole, cursor, selection, state }
}
