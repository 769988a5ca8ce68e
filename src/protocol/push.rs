//! The bodies of what the service says without being asked.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::event::EventBody;
use super::raw::RawJson;
use super::text::{CourseRef, RoomText, SessionRef, TenantRef, Time, UserRef};

/// `welcome`, the first message of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Welcome {
    /// This connection.
    pub session_id: SessionRef,
    /// Who the token says it is.
    pub user_id: UserRef,
    /// Whose customer.
    pub tenant_id: TenantRef,
    /// For people.
    pub name: String,
    /// For the client's clock offset.
    pub server_time: Time,
    /// Which replica.
    pub node: String,
    /// Version of the service.
    pub version: String,
    /// What the client should stay below.
    pub limits: Limits,
    /// Milliseconds between two presence frames.
    pub presence_tick_ms: u64,
}

/// What a client should stay below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    /// Bytes of one message.
    pub max_message_bytes: usize,
    /// Operations a second.
    pub ops_per_second: u32,
    /// Cursor and selection messages a second.
    pub presence_per_second: u32,
}

/// `token_expiring`, and the reply `refreshed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Expiry {
    /// When the token ends.
    pub expires_at: Time,
}

/// `draining`: this node is going away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Draining {
    /// When this session should reconnect; each has its own moment.
    pub reconnect_after_ms: u64,
    /// When the node closes what is left.
    pub deadline_ms: u64,
}

/// `events`: committed operations in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Events {
    /// In which room.
    pub room: RoomText,
    /// Sequence number of the first.
    pub first: u64,
    /// In order, without gaps.
    #[schema(value_type = Vec<EventBody>)]
    pub events: Vec<RawJson>,
    /// Checksum of the state after the last.
    #[schema(pattern = "^[0-9a-f]{8}$")]
    pub digest: String,
}

/// Why a member is asked to join again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResyncReason {
    /// The member did not read fast enough.
    SlowConsumer,
    /// The room was rebuilt from the store.
    Rebuilt,
    /// The room was found to differ from the log.
    Diverged,
}

/// `resync`: join again with `since`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Resync {
    /// Which room.
    pub room: RoomText,
    /// Why.
    pub reason: ResyncReason,
}

/// Why a room is closed to a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoomClosedReason {
    /// The room was archived.
    Archived,
    /// The member may no longer see it.
    AccessWithdrawn,
}

/// `room_closed`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RoomClosed {
    /// Which room.
    pub room: RoomText,
    /// Why.
    pub reason: RoomClosedReason,
}

/// A held lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HeldLock {
    /// On what.
    pub course_id: CourseRef,
    /// Whose.
    pub user_id: UserRef,
    /// On which connection.
    pub session_id: SessionRef,
    /// Until when.
    pub expires_at: Time,
}

/// `locks`: what changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LockChanges {
    /// In which room.
    pub room: RoomText,
    /// Taken or renewed.
    pub held: Vec<HeldLock>,
    /// Given back or ended.
    pub released: Vec<CourseRef>,
}
