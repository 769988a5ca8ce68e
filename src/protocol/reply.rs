//! The bodies of replies.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::conflict::ConflictBody;
use super::event::EventBody;
use super::policy::{PolicyBody, RoleName};
use super::presence::ParticipantBody;
use super::push::HeldLock;
use super::raw::RawJson;
use super::state::StateBody;
use super::text::{CourseRef, OpRef, RoomText, Time};

/// `pong`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Pong {
    /// For the client's clock offset.
    pub server_time: Time,
}

/// How a member is brought up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sync {
    /// By the whole state.
    Snapshot,
    /// By the events that were missed.
    Delta,
    /// Nothing was missed.
    Current,
}

impl Sync {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Snapshot => "snapshot",
            Self::Delta => "delta",
            Self::Current => "current",
        }
    }
}

/// `joined`. Its large parts are made once per state and spliced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Joined {
    /// Which room.
    pub room: RoomText,
    /// For people.
    pub name: String,
    /// IANA name of the room's time zone.
    pub timezone: String,
    /// What the member may do.
    pub role: RoleName,
    /// Which log.
    pub epoch: i64,
    /// The newest event.
    pub seq: u64,
    /// How the member is brought up to date.
    pub sync: Sync,
    /// The state at `seq`, when `sync` is `snapshot`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<StateBody>)]
    pub snapshot: Option<RawJson>,
    /// The events after `since.seq`, when `sync` is `delta`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<EventBody>>)]
    pub events: Option<Vec<RawJson>>,
    /// All members, the new one too: the JSON of a list.
    #[schema(value_type = Vec<ParticipantBody>)]
    pub participants: RawJson,
    /// All locks.
    pub locks: Vec<HeldLock>,
    /// The room's rules.
    pub policy: PolicyBody,
    /// Checksum of the state at `seq`.
    #[schema(pattern = "^[0-9a-f]{8}$")]
    pub digest: String,
}

/// `left`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Left {
    /// Which room.
    pub room: RoomText,
}

/// `ack`: committed, or what would be for a dry run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Ack)]
pub struct AckBody {
    /// In which room.
    pub room: RoomText,
    /// Client's name for the operation.
    pub op_id: OpRef,
    /// Its place; `null` for a dry run.
    pub seq: Option<u64>,
    /// Whether it was committed before, by an earlier sending.
    pub duplicate: bool,
    /// Conflicts that it made.
    pub warnings: Vec<ConflictBody>,
}

/// `locked`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Locked {
    /// In which room.
    pub room: RoomText,
    /// On what.
    pub course_id: CourseRef,
    /// To be given to `unlock`; grows with each lock taken in the room.
    pub token: u64,
    /// Until when.
    pub expires_at: Time,
}

/// `unlocked`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Unlocked {
    /// In which room.
    pub room: RoomText,
    /// On what.
    pub course_id: CourseRef,
}

/// `history`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = History)]
pub struct HistoryBody {
    /// In ascending order.
    #[schema(value_type = Vec<EventBody>)]
    pub events: Vec<RawJson>,
    /// Whether there are more in the direction of the request.
    pub has_more: bool,
}

/// `snapshot`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Snapshot)]
pub struct SnapshotBody {
    /// Of which log.
    pub epoch: i64,
    /// After which event.
    pub seq: u64,
    /// The state.
    #[schema(value_type = StateBody)]
    pub state: RawJson,
    /// Its checksum.
    #[schema(pattern = "^[0-9a-f]{8}$")]
    pub digest: String,
}
