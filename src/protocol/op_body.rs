//! The fields of each operation kind as clients write them; [`super::op`] turns them into domain
//! operations.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::course::{NewCourse, PatchBody};
use super::policy::{OnConflictName, PolicyBody, ResourceKindName};
use super::resource::NewResource;
use super::template::NewTemplate;
use super::text::{CourseRef, Day, OpRef, ResourceRef, TemplateRef, Time};
use super::typed::clearable;

/// `course_create`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CourseCreate {
    /// The course.
    pub course: NewCourse,
}

/// `course_update`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CourseUpdate {
    /// Which.
    pub course_id: CourseRef,
    /// What; at least one field.
    pub patch: PatchBody,
}

/// `course_move`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CourseMove {
    /// Which.
    pub course_id: CourseRef,
    /// New start.
    pub starts_at: Time,
    /// New end; absent keeps the length.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Time>,
    /// Absent leaves, `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ResourceRef>)]
    pub trainer_id: Option<Option<ResourceRef>>,
    /// Absent leaves, `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ResourceRef>)]
    pub studio_id: Option<Option<ResourceRef>>,
}

/// `course_delete`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CourseDelete {
    /// Which.
    pub course_id: CourseRef,
}

/// `resource_upsert`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ResourceUpsert {
    /// The resource.
    pub resource: NewResource,
}

/// `resource_delete`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResourceDelete {
    /// Which.
    pub resource_id: ResourceRef,
    /// May be left out: an id is registered under one kind only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_kind: Option<ResourceKindName>,
}

/// `template_save`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TemplateSave {
    /// The template.
    pub template: NewTemplate,
}

/// `template_delete`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TemplateDelete {
    /// Which.
    pub template_id: TemplateRef,
}

/// `template_apply`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TemplateApply {
    /// Which.
    pub template_id: TemplateRef,
    /// First day.
    pub from: Day,
    /// Last day, included; at most 366 days and 2,000 courses.
    pub to: Day,
    /// What a conflict does.
    pub on_conflict: OnConflictName,
}

/// `batch`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Batch {
    /// 1 to 100 operations, none of them a batch, undo, redo, restore or policy_set.
    #[schema(value_type = Vec<Object>, min_items = 1, max_items = 100)]
    pub ops: Vec<Value>,
}

/// `undo` and `redo`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Revert {
    /// Which, if not the caller's latest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub op_id: Option<OpRef>,
}

/// `restore`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Restore {
    /// Which state.
    pub seq: u64,
}

/// `policy_set`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PolicySet {
    /// The new rules.
    pub policy: PolicyBody,
}

/// `override` of an operation.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Override {
    /// Why the owner commits over a `forbid`.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}
