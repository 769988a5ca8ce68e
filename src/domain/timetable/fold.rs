//! Folding events into the state. Total: what was committed took effect, whatever today's rules say.

use std::sync::Arc;

use super::Timetable;
use crate::domain::{
    Change, ConflictChanges, Course, CourseField, CourseId, CoursePatch, Event, Instant, Interval,
    UserId,
};

/// Who changed something, and when: what a changed course remembers.
#[derive(Clone, Copy, Debug)]
pub(in crate::domain) struct Author<'a> {
    /// Who.
    pub(in crate::domain) user_id: &'a UserId,
    /// When.
    pub(in crate::domain) at: Instant,
}

/// A change of an existing course, with its bookkeeping.
struct Edit<'a> {
    patch: &'a CoursePatch,
    during: Option<Interval>,
    version: u32,
    overridden: bool,
}

impl Timetable {
    /// Folds the next event in; `event.seq` is the head plus one.
    pub fn evolve(&mut self, event: &Event) {
        debug_assert_eq!(event.seq, self.head + 1, "events arrive in order");
        let author = Author { user_id: &event.user_id, at: event.at };
        self.apply(&event.change, author);
        self.apply_conflicts(&event.conflicts);
        self.head = event.seq;
    }

    /// Applies a change without moving the head: a step of an event that is being decided.
    pub(in crate::domain) fn apply(&mut self, change: &Change, author: Author<'_>) {
        match change {
            Change::CourseCreate(course) => self.put_course(Arc::new(Course::clone(course))),
            Change::CourseUpdate { course_id, patch, version, overridden } => {
                let edit = Edit { patch, during: None, version: *version, overridden: *overridden };
                self.edit(course_id, &edit, author);
            }
            Change::CourseMove {
                course_id,
                during,
                trainer_id,
                studio_id,
                version,
                overridden,
            } => {
                let patch = CoursePatch {
                    trainer_id: trainer_id.clone(),
                    studio_id: studio_id.clone(),
                    ..CoursePatch::default()
                };
                let during = Some(*during);
                let edit =
                    Edit { patch: &patch, during, version: *version, overridden: *overridden };
                self.edit(course_id, &edit, author);
            }
            Change::CourseDelete { course_id } => self.remove_course(course_id),
            Change::ResourceUpsert(resource) => self.put_resource(resource.clone()),
            Change::ResourceDelete { resource_id, kind } => {
                self.remove_resource(resource_id, *kind);
            }
            Change::TemplateSave(template) => self.put_template(template.clone()),
            Change::TemplateDelete { template_id } => self.remove_template(template_id),
            Change::TemplateApply { courses, .. } => {
                courses.iter().for_each(|course| self.put_course(Arc::new(course.clone())));
            }
            Change::Batch { changes, .. } => {
                changes.iter().for_each(|change| self.apply(change, author));
            }
            Change::PolicySet(policy) => self.policy = *policy,
        }
    }

    /// Books conflicts that were made and ended.
    pub(in crate::domain) fn apply_conflicts(&mut self, changes: &ConflictChanges) {
        for id in &changes.resolved {
            self.conflicts.remove(id);
            self.elsewhere.remove(id);
        }
        for conflict in &changes.detected {
            self.put_conflict(conflict.clone());
        }
    }

    fn edit(&mut self, id: &CourseId, edit: &Edit<'_>, author: Author<'_>) {
        if let Some(course) = self.course(id) {
            let edited = edit.of(course, author);
            self.put_course(Arc::new(edited));
        }
    }
}

impl Edit<'_> {
    fn of(&self, course: &Course, author: Author<'_>) -> Course {
        let mut edited = course.clone();
        self.patch.apply(&mut edited.fields);
        for field in self.patch.fields() {
            edited.field_versions[field as usize] = self.version;
        }
        if let Some(during) = self.during {
            edited.fields.during = during;
            edited.field_versions[CourseField::During as usize] = self.version;
        }
        edited.version = self.version;
        edited.overridden = self.overridden;
        edited.updated_by = author.user_id.clone();
        edited.updated_at = author.at;
        edited
    }
}
