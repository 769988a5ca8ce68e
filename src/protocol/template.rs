//! Weekly patterns on the wire.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::course::rgb;
use super::text::{Clock, Color, Minute, ResourceRef, TemplateRef, Text};
use crate::domain::{Slot, Template, TemplateId};

/// One class of the week. `null` means the same as absent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Slot)]
pub struct SlotBody {
    /// Monday 1 to Sunday 7.
    #[schema(minimum = 1, maximum = 7)]
    pub weekday: u8,
    /// Local time of day.
    pub start: Clock,
    /// Length.
    #[schema(minimum = 1, maximum = 1440)]
    pub minutes: u16,
    /// As on a course.
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    /// As on a course.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trainer_id: Option<ResourceRef>,
    /// As on a course.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub studio_id: Option<ResourceRef>,
    /// As on a course.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 100_000)]
    pub capacity: Option<u32>,
    /// As on a course.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color: Option<Color>,
    /// As on a course.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 20)]
    pub tags: Option<Vec<String>>,
}

impl From<SlotBody> for Slot {
    fn from(body: SlotBody) -> Self {
        Self {
            weekday: body.weekday,
            start_minute: body.start.0.0,
            minutes: body.minutes,
            title: body.title,
            trainer_id: body.trainer_id.map(|id| id.0),
            studio_id: body.studio_id.map(|id| id.0),
            capacity: body.capacity,
            color: body.color.map(|color| color.0.0),
            tags: body.tags.unwrap_or_default(),
        }
    }
}

impl From<&Slot> for SlotBody {
    fn from(slot: &Slot) -> Self {
        Self {
            weekday: slot.weekday,
            start: Text(Minute(slot.start_minute)),
            minutes: slot.minutes,
            title: slot.title.clone(),
            trainer_id: slot.trainer_id.clone().map(Text),
            studio_id: slot.studio_id.clone().map(Text),
            capacity: slot.capacity,
            color: rgb(slot.color.as_deref()),
            tags: (!slot.tags.is_empty()).then(|| slot.tags.clone()),
        }
    }
}

/// A saved template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Template)]
pub struct TemplateBody {
    /// Unique in its room.
    pub id: TemplateRef,
    /// For people.
    pub name: String,
    /// Its week.
    pub slots: Vec<SlotBody>,
    /// 1 when created, plus 1 with each event that changes it.
    pub version: u32,
}

impl From<&Template> for TemplateBody {
    fn from(template: &Template) -> Self {
        Self {
            id: Text(template.id.clone()),
            name: template.name.clone(),
            slots: template.slots.iter().map(SlotBody::from).collect(),
            version: template.version,
        }
    }
}

impl From<TemplateBody> for Template {
    fn from(body: TemplateBody) -> Self {
        Self {
            id: body.id.0,
            version: body.version,
            name: body.name,
            slots: body.slots.into_iter().map(Slot::from).collect(),
        }
    }
}

/// A template to save.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewTemplate {
    /// Existing or client's id; made by the service when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<TemplateRef>,
    /// For people.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Its week.
    #[schema(max_items = 500)]
    pub slots: Vec<SlotBody>,
}

impl NewTemplate {
    /// The wire form of a template to save.
    #[must_use]
    pub fn of(id: Option<&TemplateId>, name: &str, slots: &[Slot]) -> Self {
        Self {
            id: id.cloned().map(Text),
            name: name.to_owned(),
            slots: slots.iter().map(SlotBody::from).collect(),
        }
    }
}
