//! Who gets a room's frames. One frame is made for all of them and handed to each of their threads once.

use actix::prelude::*;
use indexmap::IndexMap;

use super::ask::Note;
use super::roster::Owed;
use crate::actors::fanout::Multicast;
use crate::actors::outlet::Outlet;
use crate::actors::post::post;
use crate::domain::{RoomId, SessionId, UserId};
use crate::protocol::frame::Frame;
use crate::telemetry::metrics::{GaugeGuard, ResyncReason};

/// One joined session.
pub struct Member {
    /// Who.
    pub user: UserId,
    /// The way out.
    pub outlet: Outlet,
    /// Presence it was not sent while it was behind.
    pub owed: Owed,
    tether: Tether,
    _counted: GaugeGuard,
}

/// Tells the session when the room goes without a farewell, a panic included: a lost room's members
/// are told to join again.
struct Tether {
    room: RoomId,
    notes: Recipient<Note>,
    holds: bool,
    /// Unless somebody says otherwise before: it panicked.
    why: ResyncReason,
}

impl Drop for Tether {
    fn drop(&mut self) {
        if self.holds {
            post(self.notes.clone(), Note::Lost(self.room, self.why));
        }
    }
}

/// What became of a broadcast.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    /// Who gets it.
    pub members: usize,
    /// Frames in the longest of their queues, as [`Outlet::unread`] has it.
    pub deepest: usize,
}

/// All joined sessions of a room.
pub struct Members {
    room: RoomId,
    /// Mostly in the order in which they came, and so their connections: what is fetched next for a frame for
    /// all of them lies beside what was fetched before.
    joined: IndexMap<SessionId, Member>,
}

impl Members {
    /// None yet.
    #[must_use]
    pub fn new(room: RoomId) -> Self {
        Self { room, joined: IndexMap::new() }
    }

    /// Adds a member or replaces the one with the same session.
    pub fn add(
        &mut self,
        session: SessionId,
        user: UserId,
        outlet: Outlet,
        notes: Recipient<Note>,
        counted: GaugeGuard,
    ) {
        let why = ResyncReason::RoomRestarted;
        let tether = Tether { room: self.room, notes, holds: true, why };
        let owed = Owed::default();
        let member = Member { user, outlet, owed, tether, _counted: counted };
        if let Some(mut old) = self.joined.insert(session, member) {
            old.tether.holds = false;
        }
    }

    /// Removes a member.
    pub fn remove(&mut self, session: &SessionId) -> Option<Member> {
        let mut member = self.joined.swap_remove(session)?;
        member.tether.holds = false;
        Some(member)
    }

    /// Removes a member with a last frame, and tells its session.
    pub fn dismiss(&mut self, session: &SessionId, farewell: &Frame) {
        if let Some(member) = self.remove(session) {
            member.outlet.send(farewell).ok();
            post(member.tether.notes.clone(), Note::Closed(self.room));
        }
    }

    /// Forgets everyone without a farewell: their sessions tell them to join again.
    pub fn lose_all(&mut self, why: ResyncReason) {
        for member in self.joined.values_mut() {
            member.tether.why = why;
        }
        self.joined.clear();
    }

    /// Whether a session has joined.
    #[must_use]
    pub fn contains(&self, session: &SessionId) -> bool {
        self.joined.contains_key(session)
    }

    /// How many have joined.
    #[must_use]
    pub fn len(&self) -> usize {
        self.joined.len()
    }

    /// Whether nobody has joined.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.joined.is_empty()
    }

    /// Sends a frame to everyone, and forgets those for whom this one, or one before, was too much: their
    /// session lets them go, and they resume from the log.
    pub fn broadcast(&mut self, frame: &Frame) -> Sent {
        let mut deepest = 0;
        let mut multicast = Multicast::new(frame, self.joined.len());
        self.joined.retain(|_, member| {
            let kept = member.outlet.join(&mut multicast).is_ok();
            member.tether.holds &= kept;
            deepest = deepest.max(member.outlet.unread());
            kept
        });
        multicast.send();
        Sent { members: self.joined.len(), deepest }
    }

    /// Everyone, for messages that differ.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&SessionId, &mut Member)> {
        self.joined.iter_mut()
    }

    /// Everyone's way out.
    pub fn outlets(&self) -> impl Iterator<Item = (&SessionId, &Outlet)> {
        self.joined.iter().map(|(session, member)| (session, &member.outlet))
    }

    /// The way out to one of them.
    #[must_use]
    pub fn outlet(&self, session: &SessionId) -> Option<&Outlet> {
        self.joined.get(session).map(|member| &member.outlet)
    }

    /// Everyone's session and person.
    pub fn iter(&self) -> impl Iterator<Item = (&SessionId, &UserId)> {
        self.joined.iter().map(|(session, member)| (session, &member.user))
    }
}
