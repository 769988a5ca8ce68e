//! Trainers and studios on the wire.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::policy::{OverlapName, ResourceKindName};
use super::text::{ResourceRef, Text};
use crate::domain::{Resource, ResourceFields, ResourceId};

/// A registered resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Resource)]
pub struct ResourceBody {
    /// Unique among its kind in its room.
    pub id: ResourceRef,
    /// Trainer or studio.
    pub kind: ResourceKindName,
    /// For people.
    pub name: String,
    /// How many people fit.
    pub capacity: Option<u32>,
    /// The overlap rule.
    pub overlap: OverlapName,
    /// Least minutes between two courses.
    pub buffer_minutes: u32,
    /// 1 when registered, plus 1 with each event that changes it.
    pub version: u32,
}

impl From<&Resource> for ResourceBody {
    fn from(resource: &Resource) -> Self {
        let fields = &resource.fields;
        Self {
            id: Text(resource.id.clone()),
            kind: fields.kind.into(),
            name: fields.name.clone(),
            capacity: fields.capacity,
            overlap: fields.overlap.into(),
            buffer_minutes: fields.buffer_minutes,
            version: resource.version,
        }
    }
}

impl From<ResourceBody> for Resource {
    fn from(body: ResourceBody) -> Self {
        let fields = ResourceFields {
            kind: body.kind.into(),
            name: body.name,
            capacity: body.capacity,
            overlap: body.overlap.into(),
            buffer_minutes: body.buffer_minutes,
        };
        Self { id: body.id.0, version: body.version, fields }
    }
}

/// A resource to register or change. `null` means the same as absent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewResource {
    /// Its id at the neighbour service.
    pub id: ResourceRef,
    /// Trainer or studio.
    pub kind: ResourceKindName,
    /// For people.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// How many people fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 100_000)]
    pub capacity: Option<u32>,
    /// The overlap rule.
    pub overlap: OverlapName,
    /// Least minutes between two courses; 0 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 240)]
    pub buffer_minutes: Option<u32>,
}

impl NewResource {
    /// Its id and what people set.
    #[must_use]
    pub fn into_fields(self) -> (ResourceId, ResourceFields) {
        let fields = ResourceFields {
            kind: self.kind.into(),
            name: self.name,
            capacity: self.capacity,
            overlap: self.overlap.into(),
            buffer_minutes: self.buffer_minutes.unwrap_or_default(),
        };
        (self.id.0, fields)
    }

    /// The wire form of a resource to register.
    #[must_use]
    pub fn of(id: &ResourceId, fields: &ResourceFields) -> Self {
        Self {
            id: Text(id.clone()),
            kind: fields.kind.into(),
            name: fields.name.clone(),
            capacity: fields.capacity,
            overlap: fields.overlap.into(),
            buffer_minutes: Some(fields.buffer_minutes),
        }
    }
}
