//! A whole timetable: as clients get it in a snapshot, and as the store keeps it.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::conflict::{ConflictBody, conflict_bodies};
use super::course::CourseBody;
use super::envelope::{EnvelopeError, check_version};
use super::marks::{self, Marks};
use super::policy::PolicyBody;
use super::raw::RawJson;
use super::resource::ResourceBody;
use super::template::TemplateBody;
use super::text::{RoomText, Text};
use crate::domain::{Conflict, Course, Resource, Template, Timetable, TimetableParts};

/// `state` of a snapshot. All lists are sorted by id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = State)]
pub struct StateBody {
    /// All courses.
    pub courses: Vec<CourseBody>,
    /// All registered trainers and studios.
    pub resources: Vec<ResourceBody>,
    /// All templates.
    pub templates: Vec<TemplateBody>,
    /// The room's rules.
    pub policy: PolicyBody,
    /// Clashes that stand.
    pub conflicts: Vec<ConflictBody>,
}

impl From<&Timetable> for StateBody {
    fn from(timetable: &Timetable) -> Self {
        Self {
            courses: timetable.courses().map(|course| CourseBody::from(&**course)).collect(),
            resources: timetable.resources().map(ResourceBody::from).collect(),
            templates: timetable.templates().map(TemplateBody::from).collect(),
            policy: timetable.policy().into(),
            conflicts: conflict_bodies(&timetable.conflicts()),
        }
    }
}

/// The wire snapshot `state`, to be made once and spliced into every reply that carries it.
#[must_use]
pub fn state_json(timetable: &Timetable) -> RawJson {
    RawJson::of(&StateBody::from(timetable))
}

/// The digest as eight lower-case hex digits.
#[must_use]
pub fn digest_text(digest: u32) -> String {
    format!("{digest:08x}")
}

#[derive(Serialize, Deserialize)]
struct KeptState {
    v: u32,
    room: RoomText,
    head: u64,
    state: StateBody,
    #[serde(default, skip_serializing_if = "Marks::is_empty")]
    marks: Marks,
}

/// The timetable as the store keeps it.
#[must_use]
pub fn encode_timetable(timetable: &Timetable) -> Vec<u8> {
    let kept = KeptState {
        v: 1,
        room: Text(timetable.room()),
        head: timetable.head(),
        state: StateBody::from(timetable),
        marks: marks::of_courses(timetable.courses().map(AsRef::as_ref)),
    };
    RawJson::of(&kept).as_str().as_bytes().to_vec()
}

/// Reads a kept timetable; its time zone is the room's today, not that of its day.
///
/// # Errors
/// [`EnvelopeError`] for bytes that no binary of this version wrote.
pub fn decode_timetable(body: &[u8], timezone: TimeZone) -> Result<Timetable, EnvelopeError> {
    check_version(body)?;
    let kept: KeptState = serde_json::from_slice(body)?;
    let state = kept.state;
    let mut courses: Vec<_> = state.courses.into_iter().map(Course::from).collect();
    marks::put_on_courses(&kept.marks, &mut courses);
    let mut timetable = Timetable::from_parts(TimetableParts {
        room: kept.room.0,
        head: kept.head,
        policy: state.policy.into(),
        courses,
        resources: state.resources.into_iter().map(Resource::from).collect(),
        templates: state.templates.into_iter().map(Template::from).collect(),
        conflicts: state.conflicts.into_iter().map(Conflict::from).collect(),
    });
    timetable.set_timezone(timezone);
    Ok(timetable)
}
