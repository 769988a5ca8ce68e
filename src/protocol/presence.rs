//! Who is in a room, where they point and what they select.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::policy::RoleName;
use super::raw::RawJson;
use super::request::{MAX_COMPONENT, MAX_SELECTED, at_most};
use super::text::{Color, CourseRef, SessionRef, Time, UserRef};
use crate::domain::Invalid;

/// Where a member points.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Cursor {
    /// In units of the client's own choice.
    pub x: f64,
    /// In units of the client's own choice.
    pub y: f64,
    /// Which part of the screen.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 128)]
    pub component_id: Option<String>,
    /// What kind of part.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 128)]
    pub component_type: Option<String>,
}

impl Cursor {
    pub(super) fn validate(&self) -> Result<(), Invalid> {
        at_most("componentId", self.component_id.as_deref(), MAX_COMPONENT)?;
        at_most("componentType", self.component_type.as_deref(), MAX_COMPONENT)
    }
}

/// What a member has selected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Selection)]
pub struct SelectionBody {
    /// First instant of a selected stretch of time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_time: Option<Time>,
    /// Its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_time: Option<Time>,
    /// Selected courses.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 100)]
    pub course_ids: Option<Vec<CourseRef>>,
    /// What kind of selection.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 128)]
    pub kind: Option<String>,
}

impl SelectionBody {
    pub(super) fn validate(&self) -> Result<(), Invalid> {
        if self.course_ids.as_ref().is_some_and(|ids| ids.len() > MAX_SELECTED) {
            let rule = format!("must be at most {MAX_SELECTED}");
            return Err(Invalid::new("selection.courseIds", rule));
        }
        at_most("selection.kind", self.kind.as_deref(), MAX_COMPONENT)
    }
}

/// How lively a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PresenceState {
    /// Does something.
    Active,
    /// Did nothing for a while.
    Idle,
    /// Not connected, may come back.
    Away,
}

/// A member of a room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Participant)]
pub struct ParticipantBody {
    /// On which connection.
    pub session_id: SessionRef,
    /// Who.
    pub user_id: UserRef,
    /// For people.
    pub name: String,
    /// What they may do here.
    pub role: RoleName,
    /// Cursor colour.
    pub color: Color,
    /// Address of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
    /// Since when.
    pub joined_at: Time,
    /// How lively.
    pub state: PresenceState,
    /// Where they point.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Cursor>,
    /// What they have selected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selection: Option<SelectionBody>,
}

/// Why a member left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LeaveReason {
    /// Said so.
    Left,
    /// Is here again on another connection.
    Reconnected,
    /// The connection ended and did not come back in time.
    Disconnected,
    /// The node died or was cut off.
    Lost,
    /// Access was withdrawn.
    Removed,
}

/// A member that left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Departure {
    /// On which connection.
    pub session_id: SessionRef,
    /// Who.
    pub user_id: UserRef,
    /// Why.
    pub reason: LeaveReason,
}

/// What is new about a member since the last tick; the newest wins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PresenceChange {
    /// On which connection.
    pub session_id: SessionRef,
    /// Where they point now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Cursor>,
    /// What they have selected now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selection: Option<SelectionBody>,
    /// How lively they are now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<PresenceState>,
}

/// `presence`. The parts are made once a tick and spliced into the frame of each session.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PresenceBody {
    /// Which room.
    pub room: super::text::RoomText,
    /// New members.
    #[schema(value_type = Vec<ParticipantBody>)]
    pub joined: Vec<RawJson>,
    /// Members that are gone.
    pub left: Vec<Departure>,
    /// Members that moved, one entry each; never the receiver.
    #[schema(value_type = Vec<PresenceChange>)]
    pub changed: Vec<RawJson>,
}
