//! Courses on the wire: as committed, as asked for, and as patched.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::text::{Color, CourseRef, ResourceRef, Rgb, Text, Time, UserRef};
use super::typed::clearable;
use crate::domain::{
    COURSE_FIELDS, Course, CourseFields, CourseId, CoursePatch, Interval, MAX_CAPACITY, MAX_NOTES,
    MAX_TAGS, MAX_TITLE,
};

/// A committed course.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Course)]
pub struct CourseBody {
    /// Unique in its room.
    pub id: CourseRef,
    /// 1 when created, plus 1 with each event that changes it.
    pub version: u32,
    /// What it is called.
    pub title: String,
    /// First instant inside.
    pub starts_at: Time,
    /// First instant after.
    pub ends_at: Time,
    /// Who leads it.
    pub trainer_id: Option<ResourceRef>,
    /// Where it is held.
    pub studio_id: Option<ResourceRef>,
    /// How many people.
    pub capacity: Option<u32>,
    /// Colour on the board.
    pub color: Option<Color>,
    /// Free text.
    pub notes: Option<String>,
    /// Labels.
    pub tags: Vec<String>,
    /// Who created it.
    pub created_by: UserRef,
    /// Who changed it last.
    pub updated_by: UserRef,
    /// When it was changed last.
    pub updated_at: Time,
}

impl From<&Course> for CourseBody {
    fn from(course: &Course) -> Self {
        let fields = &course.fields;
        Self {
            id: Text(course.id.clone()),
            version: course.version,
            title: fields.title.clone(),
            starts_at: Text(fields.during.start),
            ends_at: Text(fields.during.end),
            trainer_id: fields.trainer_id.clone().map(Text),
            studio_id: fields.studio_id.clone().map(Text),
            capacity: fields.capacity,
            color: rgb(fields.color.as_deref()),
            notes: fields.notes.clone(),
            tags: fields.tags.clone(),
            created_by: Text(course.created_by.clone()),
            updated_by: Text(course.updated_by.clone()),
            updated_at: Text(course.updated_at),
        }
    }
}

impl From<CourseBody> for Course {
    /// The course with its marks at their defaults; [`super::marks`] puts others back.
    fn from(body: CourseBody) -> Self {
        Self {
            id: body.id.0,
            version: body.version,
            fields: CourseFields {
                title: body.title,
                during: Interval { start: body.starts_at.0, end: body.ends_at.0 },
                trainer_id: body.trainer_id.map(|id| id.0),
                studio_id: body.studio_id.map(|id| id.0),
                capacity: body.capacity,
                color: body.color.map(|color| color.0.0),
                notes: body.notes,
                tags: body.tags,
            },
            created_by: body.created_by.0,
            updated_by: body.updated_by.0,
            updated_at: body.updated_at.0,
            field_versions: [body.version; COURSE_FIELDS],
            overridden: false,
        }
    }
}

/// A course to make. `null` means the same as absent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewCourse {
    /// Client's id; made by the service when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<CourseRef>,
    /// What it is called.
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    /// First instant inside.
    pub starts_at: Time,
    /// First instant after; 1 minute to 24 hours later.
    pub ends_at: Time,
    /// Who leads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trainer_id: Option<ResourceRef>,
    /// Where it is held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub studio_id: Option<ResourceRef>,
    /// How many people.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 100_000)]
    pub capacity: Option<u32>,
    /// Colour on the board.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color: Option<Color>,
    /// Free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 4_000)]
    pub notes: Option<String>,
    /// Labels, each of 1 to 40 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 20)]
    pub tags: Option<Vec<String>>,
}

impl NewCourse {
    /// The course as people set it, and the client's id for it.
    #[must_use]
    pub fn into_fields(self) -> (Option<CourseId>, CourseFields) {
        let fields = CourseFields {
            title: self.title,
            during: Interval { start: self.starts_at.0, end: self.ends_at.0 },
            trainer_id: self.trainer_id.map(|id| id.0),
            studio_id: self.studio_id.map(|id| id.0),
            capacity: self.capacity,
            color: self.color.map(|color| color.0.0),
            notes: self.notes,
            tags: self.tags.unwrap_or_default(),
        };
        (self.id.map(|id| id.0), fields)
    }

    /// The wire form of a course to make.
    #[must_use]
    pub fn of(id: Option<&CourseId>, fields: &CourseFields) -> Self {
        Self {
            id: id.cloned().map(Text),
            title: fields.title.clone(),
            starts_at: Text(fields.during.start),
            ends_at: Text(fields.during.end),
            trainer_id: fields.trainer_id.clone().map(Text),
            studio_id: fields.studio_id.clone().map(Text),
            capacity: fields.capacity,
            color: rgb(fields.color.as_deref()),
            notes: fields.notes.clone(),
            tags: Some(fields.tags.clone()),
        }
    }
}

/// A field-level change: absent leaves, `null` clears.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CoursePatch)]
pub struct PatchBody {
    /// New title; can't be cleared.
    #[serde(default, deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    pub title: Option<String>,
    /// New trainer.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ResourceRef>)]
    pub trainer_id: Option<Option<ResourceRef>>,
    /// New studio.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ResourceRef>)]
    pub studio_id: Option<Option<ResourceRef>>,
    /// New capacity.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 100_000)]
    pub capacity: Option<Option<u32>>,
    /// New colour.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Color>)]
    pub color: Option<Option<Color>>,
    /// New notes.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, max_length = 4_000)]
    pub notes: Option<Option<String>>,
    /// New tags; `null` is the same as an empty list.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>, max_items = 20)]
    pub tags: Option<Option<Vec<String>>>,
}

impl From<PatchBody> for CoursePatch {
    fn from(body: PatchBody) -> Self {
        Self {
            title: body.title,
            trainer_id: body.trainer_id.map(|id| id.map(|id| id.0)),
            studio_id: body.studio_id.map(|id| id.map(|id| id.0)),
            capacity: body.capacity,
            color: body.color.map(|color| color.map(|color| color.0.0)),
            notes: body.notes,
            tags: body.tags.map(Option::unwrap_or_default),
        }
    }
}

impl From<&CoursePatch> for PatchBody {
    fn from(patch: &CoursePatch) -> Self {
        Self {
            title: patch.title.clone(),
            trainer_id: patch.trainer_id.clone().map(|id| id.map(Text)),
            studio_id: patch.studio_id.clone().map(|id| id.map(Text)),
            capacity: patch.capacity,
            color: patch.color.as_ref().map(|color| rgb(color.as_deref())),
            notes: patch.notes.clone(),
            tags: patch.tags.clone().map(Some),
        }
    }
}

/// A domain colour is already proven; it is written as it is.
pub(super) fn rgb(color: Option<&str>) -> Option<Color> {
    color.map(|color| Text(Rgb(color.to_owned())))
}

fn not_null<'de, T, D>(reader: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: serde::Deserializer<'de>,
{
    T::deserialize(reader).map(Some)
}

// The schema attributes above take literals only: they must be the domain's bounds.
const _: () = assert!(
    MAX_TITLE == 200 && MAX_NOTES == 4_000 && MAX_TAGS == 20 && MAX_CAPACITY == 100_000,
    "the schemas of courses state other bounds than the domain"
);
