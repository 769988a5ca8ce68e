//! Everything the service may say, and how it becomes a frame.
//!
//! A message is an object with `type` first, then `re` for replies, then the fields in the order of
//! their struct. Called by rooms and sessions; a broadcast calls [`encode`] once.

use serde_json::Number;

use super::error::WireError;
use super::frame::Frame;
use super::raw::RawJson;

pub use super::presence::{
    Cursor, Departure, LeaveReason, ParticipantBody, PresenceBody, PresenceChange, PresenceState,
    SelectionBody,
};
pub use super::push::{
    Draining, Events, Expiry, HeldLock, Limits, LockChanges, Resync, ResyncReason, RoomClosed,
    RoomClosedReason, Welcome,
};
pub use super::reply::{
    AckBody, HistoryBody, Joined, Left, Locked, Pong, SnapshotBody, Sync, Unlocked,
};

/// What the service says.
#[derive(Clone, Debug, PartialEq)]
pub enum ServerMessage {
    /// First message of a session.
    Welcome(Welcome),
    /// Reply to `refresh`.
    Refreshed(Expiry),
    /// The token ends soon.
    TokenExpiring(Expiry),
    /// Reply to `ping`.
    Pong(Pong),
    /// This node is going away.
    Draining(Draining),
    /// Reply to `join`.
    Joined(Box<Joined>),
    /// Reply to `leave`.
    Left(Left),
    /// Committed operations.
    Events(Events),
    /// Join again.
    Resync(Resync),
    /// The room is gone for this member.
    RoomClosed(RoomClosed),
    /// Reply to `op`.
    Ack(AckBody),
    /// Who came, left and moved.
    Presence(PresenceBody),
    /// Locks taken and ended.
    Locks(LockChanges),
    /// Reply to `lock`.
    Locked(Locked),
    /// Reply to `unlock`.
    Unlocked(Unlocked),
    /// Reply to `history`.
    History(HistoryBody),
    /// Reply to `snapshot`.
    Snapshot(SnapshotBody),
    /// Reply to what was refused, or a fault without a request.
    Error(WireError),
}

/// The names of all server messages.
pub const SERVER_TYPES: [&str; 18] = [
    "welcome",
    "refreshed",
    "token_expiring",
    "pong",
    "draining",
    "joined",
    "left",
    "events",
    "resync",
    "room_closed",
    "ack",
    "presence",
    "locks",
    "locked",
    "unlocked",
    "history",
    "snapshot",
    "error",
];

impl ServerMessage {
    /// The message's `type`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Welcome(_) => "welcome",
            Self::Refreshed(_) => "refreshed",
            Self::TokenExpiring(_) => "token_expiring",
            Self::Pong(_) => "pong",
            Self::Draining(_) => "draining",
            Self::Joined(_) => "joined",
            Self::Left(_) => "left",
            Self::Events(_) => "events",
            Self::Resync(_) => "resync",
            Self::RoomClosed(_) => "room_closed",
            Self::Ack(_) => "ack",
            Self::Presence(_) => "presence",
            Self::Locks(_) => "locks",
            Self::Locked(_) => "locked",
            Self::Unlocked(_) => "unlocked",
            Self::History(_) => "history",
            Self::Snapshot(_) => "snapshot",
            Self::Error(_) => "error",
        }
    }

    /// The fields beside `type` and `re`, as one JSON object.
    #[must_use]
    pub fn body(&self) -> RawJson {
        match self {
            Self::Welcome(body) => RawJson::of(body),
            Self::Refreshed(body) | Self::TokenExpiring(body) => RawJson::of(body),
            Self::Pong(body) => RawJson::of(body),
            Self::Draining(body) => RawJson::of(body),
            Self::Joined(body) => RawJson::of(body),
            Self::Left(body) => RawJson::of(body),
            Self::Events(body) => RawJson::of(body),
            Self::Resync(body) => RawJson::of(body),
            Self::RoomClosed(body) => RawJson::of(body),
            Self::Ack(body) => RawJson::of(body),
            Self::Presence(body) => RawJson::of(body),
            Self::Locks(body) => RawJson::of(body),
            Self::Locked(body) => RawJson::of(body),
            Self::Unlocked(body) => RawJson::of(body),
            Self::History(body) => RawJson::of(body),
            Self::Snapshot(body) => RawJson::of(body),
            Self::Error(body) => RawJson::of(body),
        }
    }
}

/// The frame of a message; `re` is the `id` of the request that it answers.
#[must_use]
pub fn encode(re: Option<&Number>, message: &ServerMessage) -> Frame {
    let body = message.body();
    let fields = body.as_str().strip_prefix('{').unwrap_or_default();
    let mut text = String::with_capacity(fields.len() + 48);
    text.push_str(r#"{"type":""#);
    text.push_str(message.kind());
    text.push('"');
    if let Some(re) = re {
        text.push_str(r#","re":"#);
        text.push_str(&re.to_string());
    }
    text.push(',');
    let at = text.len();
    text.push_str(fields);
    Frame::new(text, message.kind(), at)
}

/// The frame of a refusal.
#[must_use]
pub fn encode_error(re: Option<&Number>, error: WireError) -> Frame {
    encode(re, &ServerMessage::Error(error))
}
