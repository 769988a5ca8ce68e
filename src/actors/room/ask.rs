//! What a room can be asked, by sessions and by REST handlers.

use std::sync::Arc;

use actix::prelude::*;

use super::Room;

use crate::actors::outlet::Outlet;
use crate::actors::reply::ReplyTo;
use crate::auth::Principal;
use crate::domain::{Command, CourseId, RoomId, SessionId};
use crate::protocol::client::{Page, Profile};
use crate::protocol::request::Since;
use crate::protocol::server::{Cursor, SelectionBody};
use crate::telemetry::metrics::ResyncReason;
use crate::telemetry::trace::Span;

/// Who asks.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The proven identity.
    pub principal: Principal,
    /// Their connection; none for REST.
    pub session: Option<SessionId>,
}

/// A request with its answer's address. A room whose mailbox is full is `busy`.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Ask {
    /// Who.
    pub who: Arc<Caller>,
    /// What.
    pub want: Want,
    /// Where the answer goes.
    pub reply: ReplyTo,
}

/// The requests.
pub enum Want {
    /// Become a member, or join again after a resync.
    Join(Box<Join>),
    /// Stop being one.
    Leave(Departure),
    /// Change the timetable.
    Op {
        /// How.
        command: Box<Command>,
        /// Only say whether it would work.
        dry_run: bool,
        /// It is recorded here.
        span: Span,
    },
    /// The pointer moved; no reply.
    Cursor(Cursor),
    /// The selection changed; no reply.
    Select(SelectionBody),
    /// Hold a course.
    Lock {
        /// Which.
        course_id: CourseId,
        /// For how long.
        ttl_ms: Option<u64>,
    },
    /// Give it back.
    Unlock {
        /// Which.
        course_id: CourseId,
        /// Its fencing number.
        token: u64,
    },
    /// A page of events.
    History {
        /// From where.
        page: Page,
        /// How many.
        limit: usize,
    },
    /// The state, now or at a sequence number.
    Snapshot {
        /// At which.
        seq: Option<u64>,
    },
    /// Who is here.
    Participants,
}

/// A new member.
pub struct Join {
    /// What the client has.
    pub since: Option<Since>,
    /// How it wants to look.
    pub profile: Profile,
    /// The way out to it.
    pub outlet: Outlet,
    /// Its session.
    pub notes: Recipient<Note>,
    /// It is recorded here.
    pub span: Span,
}

/// Why a session leaves a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Departure {
    /// It said so: gone at once.
    Left,
    /// Its connection was closed in order: gone at once.
    Closed,
    /// Its connection was cut: gone after the grace, unless the person is back before.
    Cut,
}

/// What a room tells a session besides frames on its outlet.
#[derive(Message)]
#[rtype(result = "()")]
pub enum Note {
    /// The room was closed for this member, who has been told.
    Closed(RoomId),
    /// The room died; the client must be told to join again.
    Lost(RoomId, ResyncReason),
    /// The room did not let this session in, and said why.
    Refused {
        /// Which.
        room: RoomId,
        /// The one that said so.
        addr: Addr<Room>,
    },
    /// The room has made way for a successor: ask that one.
    Again {
        /// Which.
        room: RoomId,
        /// The one that made way.
        addr: Addr<Room>,
        /// The join.
        ask: Box<Ask>,
    },
}
