//! What the service keeps about courses and never tells clients: which version set a field last,
//! and whether a place stands on an override.
//!
//! Kept beside the wire form as a sparse list, by the order in which courses occur in a change or a
//! state; a course at its defaults takes no space.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::{COURSE_FIELDS, Change, Course};

/// The marks of one change or state, by position.
pub(super) type Marks = BTreeMap<usize, Mark>;

/// What is kept about one course or one change of a course.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    /// Absent when every field was set by the course's version.
    #[serde(default, rename = "f", skip_serializing_if = "Option::is_none")]
    field_versions: Option<[u32; COURSE_FIELDS]>,
    /// Absent when false.
    #[serde(default, rename = "o", skip_serializing_if = "std::ops::Not::not")]
    overridden: bool,
}

impl Mark {
    fn of(course: &Course) -> Self {
        let plain = course.field_versions == [course.version; COURSE_FIELDS];
        Self {
            field_versions: (!plain).then_some(course.field_versions),
            overridden: course.overridden,
        }
    }

    fn put_on(&self, course: &mut Course) {
        if let Some(versions) = self.field_versions {
            course.field_versions = versions;
        }
        course.overridden = self.overridden;
    }
}

/// The marks of a state.
pub(super) fn of_courses<'a>(courses: impl Iterator<Item = &'a Course>) -> Marks {
    courses.map(Mark::of).enumerate().filter(|(_, mark)| *mark != Mark::default()).collect()
}

/// Puts the marks of a state back.
pub(super) fn put_on_courses(marks: &Marks, courses: &mut [Course]) {
    for (index, mark) in marks {
        if let Some(course) = courses.get_mut(*index) {
            mark.put_on(course);
        }
    }
}

/// The marks of a change.
pub(super) fn of_change(change: &Change) -> Marks {
    let mut all = Vec::new();
    collect(change, &mut all);
    all.into_iter().enumerate().filter(|(_, mark)| *mark != Mark::default()).collect()
}

fn collect(change: &Change, all: &mut Vec<Mark>) {
    match change {
        Change::CourseCreate(course) => all.push(Mark::of(course)),
        Change::TemplateApply { courses, .. } => all.extend(courses.iter().map(Mark::of)),
        Change::CourseUpdate { overridden, .. } | Change::CourseMove { overridden, .. } => {
            all.push(Mark { field_versions: None, overridden: *overridden });
        }
        Change::Batch { changes, .. } => changes.iter().for_each(|part| collect(part, all)),
        _ => {}
    }
}

/// Puts the marks of a change back.
pub(super) fn put_on_change(marks: &Marks, change: &mut Change) {
    if !marks.is_empty() {
        restore(marks, change, &mut 0);
    }
}

fn restore(marks: &Marks, change: &mut Change, next: &mut usize) {
    let mut take = || {
        *next += 1;
        marks.get(&(*next - 1)).cloned().unwrap_or_default()
    };
    match change {
        Change::CourseCreate(course) => take().put_on(course),
        Change::TemplateApply { courses, .. } => {
            courses.iter_mut().for_each(|course| take().put_on(course));
        }
        Change::CourseUpdate { overridden, .. } | Change::CourseMove { overridden, .. } => {
            *overridden = take().overridden;
        }
        Change::Batch { changes, .. } => {
            changes.iter_mut().for_each(|part| restore(marks, part, next));
        }
        _ => {}
    }
}
