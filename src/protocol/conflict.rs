//! Conflicts and suggestions on the wire.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::policy::wire_enum;
use super::text::{CourseRef, ResourceRef, RoomText, Text, Time, UserRef};
use crate::domain::{
    Conflict, ConflictChanges, ConflictCourse, ConflictKind, Interval, Suggestion,
};

wire_enum! {
    /// What clashes.
    ConflictKindName = ConflictKind {
        /// Two courses on one trainer.
        TrainerOverlap,
        /// Two courses in one studio.
        StudioOverlap,
        /// A course for more people than its studio holds.
        CapacityExceeded,
    }
}

/// A clash, the same value whichever side it is found from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Conflict)]
pub struct ConflictBody {
    /// The same clash has the same id.
    pub id: String,
    /// What clashes.
    pub kind: ConflictKindName,
    /// On what.
    pub resource_id: ResourceRef,
    /// The courses, sorted by id.
    pub courses: Vec<ConflictCourseBody>,
    /// Who changed one of them last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_changed_by: Option<UserRef>,
    /// The event that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
}

/// A course as a conflict names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConflictCourse)]
pub struct ConflictCourseBody {
    /// Which.
    pub course_id: CourseRef,
    /// In which room.
    pub room: RoomText,
    /// Known for courses of the same room.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// First instant inside.
    pub starts_at: Time,
    /// First instant after.
    pub ends_at: Time,
}

impl From<&Conflict> for ConflictBody {
    fn from(conflict: &Conflict) -> Self {
        Self {
            id: conflict.id.clone(),
            kind: conflict.kind.into(),
            resource_id: Text(conflict.resource_id.clone()),
            courses: conflict.courses.iter().map(ConflictCourseBody::from).collect(),
            last_changed_by: conflict.last_changed_by.clone().map(Text),
            seq: conflict.seq,
        }
    }
}

impl From<ConflictBody> for Conflict {
    fn from(body: ConflictBody) -> Self {
        Self {
            id: body.id,
            kind: body.kind.into(),
            resource_id: body.resource_id.0,
            courses: body.courses.into_iter().map(ConflictCourse::from).collect(),
            last_changed_by: body.last_changed_by.map(|id| id.0),
            seq: body.seq,
        }
    }
}

impl From<&ConflictCourse> for ConflictCourseBody {
    fn from(course: &ConflictCourse) -> Self {
        Self {
            course_id: Text(course.course_id.clone()),
            room: Text(course.room),
            title: course.title.clone(),
            starts_at: Text(course.during.start),
            ends_at: Text(course.during.end),
        }
    }
}

impl From<ConflictCourseBody> for ConflictCourse {
    fn from(body: ConflictCourseBody) -> Self {
        Self {
            course_id: body.course_id.0,
            room: body.room.0,
            title: body.title,
            during: Interval { start: body.starts_at.0, end: body.ends_at.0 },
        }
    }
}

/// All conflicts of a list.
#[must_use]
pub fn conflict_bodies(conflicts: &[Conflict]) -> Vec<ConflictBody> {
    conflicts.iter().map(ConflictBody::from).collect()
}

/// Conflicts that an event made or ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ConflictChanges)]
pub struct ConflictChangesBody {
    /// New ones.
    pub detected: Vec<ConflictBody>,
    /// Ids of those that are gone.
    pub resolved: Vec<String>,
}

impl ConflictChangesBody {
    /// Nothing on the wire when nothing changed.
    #[must_use]
    pub fn of(changes: &ConflictChanges) -> Option<Self> {
        let none = changes.detected.is_empty() && changes.resolved.is_empty();
        (!none).then(|| Self {
            detected: conflict_bodies(&changes.detected),
            resolved: changes.resolved.clone(),
        })
    }
}

impl From<ConflictChangesBody> for ConflictChanges {
    fn from(body: ConflictChangesBody) -> Self {
        Self {
            detected: body.detected.into_iter().map(Conflict::from).collect(),
            resolved: body.resolved,
        }
    }
}

/// A free place offered instead of a refused one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Suggestion)]
pub struct SuggestionBody {
    /// First instant inside.
    pub starts_at: Time,
    /// First instant after.
    pub ends_at: Time,
    /// With whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trainer_id: Option<ResourceRef>,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub studio_id: Option<ResourceRef>,
}

impl From<&Suggestion> for SuggestionBody {
    fn from(suggestion: &Suggestion) -> Self {
        Self {
            starts_at: Text(suggestion.during.start),
            ends_at: Text(suggestion.during.end),
            trainer_id: suggestion.trainer_id.clone().map(Text),
            studio_id: suggestion.studio_id.clone().map(Text),
        }
    }
}
