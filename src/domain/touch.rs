//! Which entities and fields a change sets: what an undo compares with a colleague's later changes.

use std::collections::{BTreeMap, BTreeSet};

use super::{COURSE_FIELDS, Change, CourseField, CourseId, ResourceKey, TemplateId};

/// The set of entities, courses by field, that some changes set.
#[derive(Clone, Debug, Default)]
pub struct Touched {
    courses: BTreeMap<CourseId, u8>,
    resources: BTreeSet<ResourceKey>,
    templates: BTreeSet<TemplateId>,
    policy: bool,
}

const WHOLE: u8 = u8::MAX >> (8 - COURSE_FIELDS);

impl Touched {
    /// What a change sets.
    #[must_use]
    pub fn by(change: &Change) -> Self {
        let mut touched = Self::default();
        touched.add(change);
        touched
    }

    /// Whether the two have an entity, for courses a field, in common.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        let shared = |(id, fields): (&CourseId, &u8)| {
            other.courses.get(id).is_some_and(|others| fields & others != 0)
        };
        self.policy && other.policy
            || self.courses.iter().any(shared)
            || !self.resources.is_disjoint(&other.resources)
            || !self.templates.is_disjoint(&other.templates)
    }

    fn add(&mut self, change: &Change) {
        match change {
            Change::CourseCreate(course) => self.add_course(&course.id, WHOLE),
            Change::CourseDelete { course_id } => self.add_course(course_id, WHOLE),
            Change::CourseUpdate { course_id, patch, .. } => {
                self.add_course(course_id, mask(patch.fields()));
            }
            Change::CourseMove { course_id, trainer_id, studio_id, .. } => {
                let fields = [
                    Some(CourseField::During),
                    trainer_id.as_ref().map(|_| CourseField::Trainer),
                    studio_id.as_ref().map(|_| CourseField::Studio),
                ];
                self.add_course(course_id, mask(fields.into_iter().flatten()));
            }
            Change::TemplateApply { courses, .. } => {
                courses.iter().for_each(|course| self.add_course(&course.id, WHOLE));
            }
            Change::ResourceUpsert(resource) => {
                self.resources.insert(resource.key());
            }
            Change::ResourceDelete { resource_id, kind } => {
                self.resources.insert(ResourceKey { kind: *kind, id: resource_id.clone() });
            }
            Change::TemplateSave(template) => {
                self.templates.insert(template.id.clone());
            }
            Change::TemplateDelete { template_id } => {
                self.templates.insert(template_id.clone());
            }
            Change::Batch { changes, .. } => changes.iter().for_each(|change| self.add(change)),
            Change::PolicySet(_) => self.policy = true,
        }
    }

    fn add_course(&mut self, id: &CourseId, fields: u8) {
        *self.courses.entry(id.clone()).or_default() |= fields;
    }
}

fn mask(fields: impl Iterator<Item = CourseField>) -> u8 {
    fields.fold(0, |mask, field| mask | 1 << field as usize)
}
