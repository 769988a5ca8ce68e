//! What operators see: plain facts about rooms, sessions and what happens, of one tenant on one
//! replica. What an operation says (titles, names of courses) is never in it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::policy::RoleName;
use super::presence::PresenceState;
use super::push::HeldLock;
use super::text::{OpRef, RoomText, SessionRef, Time, UserRef};

/// An operation that was answered.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Operation)]
pub struct OperationBody {
    /// When it was answered.
    pub at: Time,
    /// What was asked for.
    pub kind: &'static str,
    /// Client's name for it.
    pub op_id: OpRef,
    /// Who.
    pub user_id: UserRef,
    /// On which connection; null for REST.
    #[schema(value_type = Option<String>)]
    pub session_id: Option<SessionRef>,
    /// `committed`, `duplicate`, `dry_run` or an error code.
    pub outcome: &'static str,
    /// Its place in the log, when it has one.
    pub seq: Option<u64>,
    /// Milliseconds from arrival to answer.
    pub ms: f64,
}

/// What waits towards one or more clients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Frames.
    pub frames: usize,
    /// Bytes.
    pub bytes: usize,
}

/// How many operations a room answered since it was loaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct RoomTally {
    /// Those that took effect.
    pub committed: u64,
    /// Those that were refused.
    pub refused: u64,
}

/// Where a room's log stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct HeadBody {
    /// Of which log.
    pub epoch: i64,
    /// Its newest event.
    pub seq: u64,
}

/// A room in memory.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RoomFacts {
    /// Which.
    pub room: RoomText,
    /// For people.
    pub name: String,
    /// True: it has answered.
    pub answering: bool,
    /// Joined sessions of this replica.
    pub sessions: usize,
    /// Where its log stands.
    pub head: HeadBody,
    /// How many courses it has.
    pub courses: usize,
    /// Operations that wait for the store, those in flight too.
    pub queue: usize,
    /// Requests that wait until the store was asked.
    pub late: usize,
    /// A batch is at the store.
    pub appending: bool,
    /// Locks that are held, on all replicas.
    pub locks: usize,
    /// Since when it is in memory.
    pub loaded_at: Time,
    /// When an operation was last answered.
    #[schema(value_type = Option<String>)]
    pub last_operation_at: Option<Time>,
    /// Operations since then.
    pub operations: RoomTally,
    /// Frames that its members have not read.
    pub outbox_frames: usize,
    /// Bytes of them.
    pub outbox_bytes: usize,
    /// Frames of the member who is furthest behind.
    #[serde(skip)]
    pub outbox_frames_max: usize,
}

/// Somebody in a room.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MemberFacts {
    /// On which connection.
    pub session_id: SessionRef,
    /// Who.
    pub user_id: UserRef,
    /// For people.
    pub name: String,
    /// What they may do here.
    pub role: RoleName,
    /// How lively.
    pub state: PresenceState,
    /// Connected to this replica.
    pub local: bool,
    /// Frames not read yet; null for those of other replicas.
    pub outbox_frames: Option<usize>,
    /// Bytes of them.
    pub outbox_bytes: Option<usize>,
    /// More than a quarter of what may wait for them does.
    pub behind: bool,
}

/// One room in full.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RoomDetail {
    /// The same as in the list.
    #[serde(flatten)]
    pub facts: RoomFacts,
    /// Everybody in it, by session.
    pub members: Vec<MemberFacts>,
    /// What is held.
    pub held_locks: Vec<HeldLock>,
    /// The newest first.
    #[schema(value_type = Vec<OperationBody>)]
    pub last_operations: Vec<Arc<OperationBody>>,
}

/// A session of this replica.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SessionFacts {
    /// Which: the id that participants see.
    pub session_id: SessionRef,
    /// Who.
    pub user_id: UserRef,
    /// For people.
    pub name: String,
    /// Tenant-wide.
    pub role: &'static str,
    /// `websocket`, `socketio` or `polling`.
    pub transport: &'static str,
    /// Since when.
    pub connected_at: Time,
    /// When its token ends.
    pub token_expires_at: Time,
    /// Whether it told the rest itself, in time.
    pub answering: bool,
    /// Rooms it has joined.
    pub rooms: Vec<RoomText>,
    /// It is on its way out.
    pub closing: bool,
    /// Frames not read yet.
    pub outbox_frames: usize,
    /// Bytes of them.
    pub outbox_bytes: usize,
    /// Messages that came from it.
    pub messages: u64,
    /// Those beyond its rates.
    pub refused: u64,
}

/// Operations of a tenant on this replica.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OperationsBody {
    /// Since when they are counted.
    pub since: Time,
    /// By outcome; those that never were are left out.
    pub outcomes: BTreeMap<&'static str, u64>,
    /// How long commits took.
    pub ack_ms: AckMillis,
}

/// Milliseconds from an operation's arrival to its ack, over the last minute; 0 when there was none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct AckMillis {
    /// Half were faster.
    pub p50: f64,
    /// Nine of ten were faster.
    pub p90: f64,
    /// 99 of 100 were faster.
    pub p99: f64,
    /// How many there were.
    pub samples: u64,
}

/// Something that happened, as a follower hears it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Sight {
    /// An operation was answered.
    Operation(RoomSight<Arc<OperationBody>>),
    /// Somebody joined.
    Joined(RoomSight<Coming>),
    /// Somebody left.
    Left(RoomSight<Going>),
    /// A session began.
    Connected(Connection),
    /// A session ended.
    Disconnected(Disconnection),
}

/// Something in a room.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RoomSight<T> {
    /// Where.
    pub room: RoomText,
    /// What.
    #[serde(flatten)]
    pub what: T,
}

/// Who joined.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Coming {
    /// When.
    pub at: Time,
    /// On which connection.
    pub session_id: SessionRef,
    /// Who.
    pub user_id: UserRef,
    /// For people.
    pub name: String,
    /// What they may do.
    pub role: RoleName,
}

/// Who left.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Going {
    /// When.
    pub at: Time,
    /// On which connection.
    pub session_id: SessionRef,
    /// Who.
    pub user_id: UserRef,
    /// `left`, `closed` or `cut`.
    pub reason: &'static str,
}

/// Who connected.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Connection {
    /// When.
    pub at: Time,
    /// The connection.
    pub session_id: SessionRef,
    /// Who.
    pub user_id: UserRef,
    /// For people.
    pub name: String,
    /// How their messages travel.
    pub transport: &'static str,
}

/// Whose connection ended.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Disconnection {
    /// When.
    pub at: Time,
    /// The connection.
    pub session_id: SessionRef,
    /// Who.
    pub user_id: UserRef,
}

impl Sight {
    /// The event's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Operation(_) => "operation",
            Self::Joined(_) => "joined",
            Self::Left(_) => "left",
            Self::Connected(_) => "connected",
            Self::Disconnected(_) => "disconnected",
        }
    }

    /// Where, when it was in a room.
    #[must_use]
    pub fn room(&self) -> Option<RoomText> {
        match self {
            Self::Operation(seen) => Some(seen.room),
            Self::Joined(seen) => Some(seen.room),
            Self::Left(seen) => Some(seen.room),
            Self::Connected(_) | Self::Disconnected(_) => None,
        }
    }

    /// Whose doing it was.
    #[must_use]
    pub fn user(&self) -> &UserRef {
        match self {
            Self::Operation(seen) => &seen.what.user_id,
            Self::Joined(seen) => &seen.what.user_id,
            Self::Left(seen) => &seen.what.user_id,
            Self::Connected(seen) => &seen.user_id,
            Self::Disconnected(seen) => &seen.user_id,
        }
    }
}
