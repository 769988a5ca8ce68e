//! `kind` and `data` of an event: what took effect, complete enough for a client to fold.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::conflict::{ConflictBody, conflict_bodies};
use super::course::{CourseBody, PatchBody};
use super::policy::{PolicyBody, ResourceKindName};
use super::raw::RawJson;
use super::resource::ResourceBody;
use super::template::TemplateBody;
use super::text::{CourseRef, Day, ResourceRef, TemplateRef, Text, Time};
use super::typed::clearable;
use crate::domain::{Change, Conflict, Course, Interval, Skipped};

/// `course_create`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CourseCreated {
    /// The whole new course.
    pub course: CourseBody,
}

/// `course_update`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CourseUpdated {
    /// Which.
    pub course_id: CourseRef,
    /// The fields that were set; `null` cleared.
    pub patch: PatchBody,
    /// Its version now.
    pub version: u32,
}

/// `course_move`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CourseMoved {
    /// Which.
    pub course_id: CourseRef,
    /// Its start now.
    pub starts_at: Time,
    /// Its end now.
    pub ends_at: Time,
    /// Its trainer now, when the operation set one; `null` cleared.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ResourceRef>)]
    pub trainer_id: Option<Option<ResourceRef>>,
    /// Its studio now, when the operation set one; `null` cleared.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ResourceRef>)]
    pub studio_id: Option<Option<ResourceRef>>,
    /// Its version now.
    pub version: u32,
}

/// `course_delete`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CourseDeleted {
    /// Which.
    pub course_id: CourseRef,
}

/// `resource_upsert`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ResourceUpserted {
    /// The whole resource.
    pub resource: ResourceBody,
}

/// `resource_delete`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResourceDeleted {
    /// Which.
    pub resource_id: ResourceRef,
    /// Of which kind. (Not `kind`: the parts of a batch use that for the operation.)
    pub resource_kind: ResourceKindName,
}

/// `template_save`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TemplateSaved {
    /// The whole template.
    pub template: TemplateBody,
}

/// `template_delete`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TemplateDeleted {
    /// Which.
    pub template_id: TemplateRef,
}

/// `template_apply`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TemplateApplied {
    /// Which.
    pub template_id: TemplateRef,
    /// First day.
    pub from: Day,
    /// Last day, included.
    pub to: Day,
    /// Made.
    pub courses: Vec<CourseBody>,
    /// Left out.
    pub skipped: Vec<SkippedBody>,
}

/// A course that a `template_apply` left out.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Skipped)]
pub struct SkippedBody {
    /// What it would have been called.
    pub title: String,
    /// When it would have started.
    pub starts_at: Time,
    /// When it would have ended.
    pub ends_at: Time,
    /// Why it was left out.
    pub conflicts: Vec<ConflictBody>,
}

/// `batch`
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BatchApplied {
    /// In order, each `{kind, …data}`.
    #[schema(value_type = Vec<Object>)]
    pub ops: Vec<RawJson>,
    /// The state that was restored, if this was a restore.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restored_seq: Option<u64>,
}

/// `policy_set`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PolicyChanged {
    /// The rules now.
    pub policy: PolicyBody,
}

/// The operation name of a change, as events and the store's rows call it.
#[must_use]
pub fn kind(change: &Change) -> &'static str {
    match change {
        Change::CourseCreate(_) => "course_create",
        Change::CourseUpdate { .. } => "course_update",
        Change::CourseMove { .. } => "course_move",
        Change::CourseDelete { .. } => "course_delete",
        Change::ResourceUpsert(_) => "resource_upsert",
        Change::ResourceDelete { .. } => "resource_delete",
        Change::TemplateSave(_) => "template_save",
        Change::TemplateDelete { .. } => "template_delete",
        Change::TemplateApply { .. } => "template_apply",
        Change::Batch { .. } => "batch",
        Change::PolicySet(_) => "policy_set",
    }
}

/// The `data` of an event.
pub(super) fn write(change: &Change) -> RawJson {
    emit(change, None)
}

/// A part of a batch: its data with `kind` as first field.
fn part(change: &Change) -> RawJson {
    emit(change, Some(kind(change)))
}

fn tagged(kind: Option<&'static str>, data: &impl Serialize) -> RawJson {
    #[derive(Serialize)]
    struct Tagged<'a, T> {
        kind: &'static str,
        #[serde(flatten)]
        data: &'a T,
    }
    match kind {
        None => RawJson::of(data),
        Some(kind) => RawJson::of(&Tagged { kind, data }),
    }
}

fn emit(change: &Change, tag: Option<&'static str>) -> RawJson {
    match change {
        Change::CourseCreate(course) => tagged(tag, &CourseCreated { course: (&**course).into() }),
        Change::CourseUpdate { course_id, patch, version, .. } => {
            let (course_id, patch) = (Text(course_id.clone()), patch.into());
            tagged(tag, &CourseUpdated { course_id, patch, version: *version })
        }
        Change::CourseMove { course_id, during, trainer_id, studio_id, version, .. } => {
            let body = CourseMoved {
                course_id: Text(course_id.clone()),
                starts_at: Text(during.start),
                ends_at: Text(during.end),
                trainer_id: trainer_id.clone().map(|id| id.map(Text)),
                studio_id: studio_id.clone().map(|id| id.map(Text)),
                version: *version,
            };
            tagged(tag, &body)
        }
        Change::CourseDelete { course_id } => {
            tagged(tag, &CourseDeleted { course_id: Text(course_id.clone()) })
        }
        Change::ResourceUpsert(resource) => {
            tagged(tag, &ResourceUpserted { resource: resource.into() })
        }
        Change::ResourceDelete { resource_id, kind } => {
            let (resource_id, resource_kind) = (Text(resource_id.clone()), (*kind).into());
            tagged(tag, &ResourceDeleted { resource_id, resource_kind })
        }
        Change::TemplateSave(template) => tagged(tag, &TemplateSaved { template: template.into() }),
        Change::TemplateDelete { template_id } => {
            tagged(tag, &TemplateDeleted { template_id: Text(template_id.clone()) })
        }
        Change::TemplateApply { template_id, from, to, courses, skipped } => {
            let body = TemplateApplied {
                template_id: Text(template_id.clone()),
                from: Text(*from),
                to: Text(*to),
                courses: courses.iter().map(CourseBody::from).collect(),
                skipped: skipped.iter().map(SkippedBody::from).collect(),
            };
            tagged(tag, &body)
        }
        Change::Batch { changes, restored_seq } => {
            let ops = changes.iter().map(part).collect();
            tagged(tag, &BatchApplied { ops, restored_seq: *restored_seq })
        }
        Change::PolicySet(policy) => tagged(tag, &PolicyChanged { policy: (*policy).into() }),
    }
}

/// Reads `data` of an event of that kind.
///
/// # Errors
/// Data that this version did not write.
pub(super) fn read(kind: &str, data: &RawValue) -> Result<Change, serde_json::Error> {
    let data = data.get();
    let change = match kind {
        "course_create" => {
            Change::CourseCreate(Box::new(from::<CourseCreated>(data)?.course.into()))
        }
        "course_update" => course_update(from(data)?),
        "course_move" => course_move(from(data)?),
        "course_delete" => {
            Change::CourseDelete { course_id: from::<CourseDeleted>(data)?.course_id.0 }
        }
        "resource_upsert" => {
            Change::ResourceUpsert(from::<ResourceUpserted>(data)?.resource.into())
        }
        "resource_delete" => resource_delete(from(data)?),
        "template_save" => Change::TemplateSave(from::<TemplateSaved>(data)?.template.into()),
        "template_delete" => {
            Change::TemplateDelete { template_id: from::<TemplateDeleted>(data)?.template_id.0 }
        }
        "template_apply" => template_apply(from(data)?),
        "batch" => batch(data)?,
        "policy_set" => Change::PolicySet(from::<PolicyChanged>(data)?.policy.into()),
        other => {
            return Err(serde::de::Error::custom(format_args!("unknown event kind {other}")));
        }
    };
    Ok(change)
}

fn from<'a, T: Deserialize<'a>>(data: &'a str) -> Result<T, serde_json::Error> {
    serde_json::from_str(data)
}

fn course_update(body: CourseUpdated) -> Change {
    Change::CourseUpdate {
        course_id: body.course_id.0,
        patch: body.patch.into(),
        version: body.version,
        overridden: false,
    }
}

fn course_move(body: CourseMoved) -> Change {
    Change::CourseMove {
        course_id: body.course_id.0,
        during: Interval { start: body.starts_at.0, end: body.ends_at.0 },
        trainer_id: body.trainer_id.map(|id| id.map(|id| id.0)),
        studio_id: body.studio_id.map(|id| id.map(|id| id.0)),
        version: body.version,
        overridden: false,
    }
}

fn resource_delete(body: ResourceDeleted) -> Change {
    Change::ResourceDelete { resource_id: body.resource_id.0, kind: body.resource_kind.into() }
}

fn template_apply(body: TemplateApplied) -> Change {
    Change::TemplateApply {
        template_id: body.template_id.0,
        from: body.from.0,
        to: body.to.0,
        courses: body.courses.into_iter().map(Course::from).collect(),
        skipped: body.skipped.into_iter().map(Skipped::from).collect(),
    }
}

fn batch(data: &str) -> Result<Change, serde_json::Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Parts<'a> {
        #[serde(borrow)]
        ops: Vec<&'a RawValue>,
        restored_seq: Option<u64>,
    }
    #[derive(Deserialize)]
    struct Kind<'a> {
        #[serde(borrow)]
        kind: std::borrow::Cow<'a, str>,
    }
    let Parts { ops, restored_seq } = from(data)?;
    let parts = ops.into_iter().map(|part| read(&from::<Kind<'_>>(part.get())?.kind, part));
    Ok(Change::Batch { changes: parts.collect::<Result<_, _>>()?, restored_seq })
}

impl From<&Skipped> for SkippedBody {
    fn from(skipped: &Skipped) -> Self {
        Self {
            title: skipped.title.clone(),
            starts_at: Text(skipped.during.start),
            ends_at: Text(skipped.during.end),
            conflicts: conflict_bodies(&skipped.conflicts),
        }
    }
}

impl From<SkippedBody> for Skipped {
    fn from(body: SkippedBody) -> Self {
        Self {
            title: body.title,
            during: Interval { start: body.starts_at.0, end: body.ends_at.0 },
            conflicts: body.conflicts.into_iter().map(Conflict::from).collect(),
        }
    }
}
