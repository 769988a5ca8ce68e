//! Courses: create, update, move, delete.

use std::sync::Arc;

use super::case::Case;
use super::place::Placement;
use super::step::Step;
use crate::domain::{
    COURSE_FIELDS, Change, Course, CourseField, CourseFields, CourseId, CoursePatch, Entity,
    Instant, Interval, Invalid, MAX_COURSES, Op, Refusal, ResourceId, Timetable,
};

/// Where a course is to go; `None` leaves, `Some(None)` clears.
pub(super) struct Target<'a> {
    /// New start.
    pub(super) starts_at: Instant,
    /// New end; absent keeps the length.
    pub(super) ends_at: Option<Instant>,
    /// New trainer.
    pub(super) trainer_id: Option<&'a Option<ResourceId>>,
    /// New studio.
    pub(super) studio_id: Option<&'a Option<ResourceId>>,
}

/// A new course, at version 1.
pub(super) fn create(
    state: &Timetable,
    id: Option<&CourseId>,
    fields: &CourseFields,
    case: &mut Case<'_>,
) -> Result<Step, Refusal> {
    let id = id.cloned().unwrap_or_else(|| case.fresh_course());
    if state.course(&id).is_some() {
        return Err(Invalid::new("course.id", "names a course that already exists").into());
    }
    if state.courses().len() >= MAX_COURSES {
        let rule = format!("is one too many: a room holds at most {MAX_COURSES}");
        return Err(Invalid::new("course", rule).into());
    }
    let made_by = case.goal.and_then(|goal| Some(goal.course(&id)?.created_by.clone()));
    let overridden = case.overridden(&id, None, fields);
    let course = Course {
        id: id.clone(),
        version: 1,
        fields: fields.clone(),
        created_by: made_by.unwrap_or_else(|| case.ctx.user_id.clone()),
        updated_by: case.ctx.user_id.clone(),
        updated_at: case.ctx.now,
        field_versions: [1; COURSE_FIELDS],
        overridden,
    };
    let change = Change::CourseCreate(Box::new(course));
    let inverse = Op::CourseDelete { course_id: id.clone() };
    let placement = Placement { id: &id, old: None, new: Some((fields, overridden)) };
    Ok(placement.step(state, change, inverse, case))
}

/// A change of fields other than the time.
pub(super) fn update(
    state: &Timetable,
    id: &CourseId,
    patch: &CoursePatch,
    case: &Case<'_>,
) -> Result<Step, Refusal> {
    let course = open(state, id, case)?;
    check_base(course, patch.fields(), case)?;
    let mut fields = course.fields.clone();
    patch.apply(&mut fields);
    let overridden = case.overridden(id, Some(course), &fields);
    let change = Change::CourseUpdate {
        course_id: id.clone(),
        patch: patch.clone(),
        version: next_version(course, case),
        overridden,
    };
    let inverse = Op::CourseUpdate { course_id: id.clone(), patch: patch.as_on(&course.fields) };
    let placement = Placement { id, old: Some(course), new: Some((&fields, overridden)) };
    Ok(placement.step(state, change, inverse, case))
}

/// A change of time, and perhaps of trainer and studio.
pub(super) fn relocate(
    state: &Timetable,
    id: &CourseId,
    target: &Target<'_>,
    case: &Case<'_>,
) -> Result<Step, Refusal> {
    let course = open(state, id, case)?;
    let patch = CoursePatch {
        trainer_id: target.trainer_id.cloned(),
        studio_id: target.studio_id.cloned(),
        ..CoursePatch::default()
    };
    check_base(course, patch.fields().chain([CourseField::During]), case)?;
    let mut fields = course.fields.clone();
    patch.apply(&mut fields);
    fields.during = target.during(course);
    fields.during.validate()?;
    let overridden = case.overridden(id, Some(course), &fields);
    let inverse = Op::CourseMove {
        course_id: id.clone(),
        starts_at: course.fields.during.start,
        ends_at: Some(course.fields.during.end),
        trainer_id: target.trainer_id.map(|_| course.fields.trainer_id.clone()),
        studio_id: target.studio_id.map(|_| course.fields.studio_id.clone()),
    };
    let change = Change::CourseMove {
        course_id: id.clone(),
        during: fields.during,
        trainer_id: patch.trainer_id,
        studio_id: patch.studio_id,
        version: next_version(course, case),
        overridden,
    };
    let placement = Placement { id, old: Some(course), new: Some((&fields, overridden)) };
    Ok(placement.step(state, change, inverse, case))
}

/// A course that goes. Its id may be used again, from version 1.
pub(super) fn delete(state: &Timetable, id: &CourseId, case: &Case<'_>) -> Result<Step, Refusal> {
    let course = open(state, id, case)?;
    case.check_base(course.version, |_| true, || Entity::Course(Box::new(Course::clone(course))))?;
    let change = Change::CourseDelete { course_id: id.clone() };
    let inverse = Op::CourseCreate { id: Some(id.clone()), course: course.fields.clone() };
    let placement = Placement { id, old: Some(course), new: None };
    Ok(placement.step(state, change, inverse, case))
}

impl Target<'_> {
    fn during(&self, course: &Course) -> Interval {
        let kept = || self.starts_at.plus(course.fields.during.length());
        Interval { start: self.starts_at, end: self.ends_at.unwrap_or_else(kept) }
    }
}

/// A course that is there and that nobody else holds.
fn open<'a>(
    state: &'a Timetable,
    id: &CourseId,
    case: &Case<'_>,
) -> Result<&'a Arc<Course>, Refusal> {
    let course = state.course(id).ok_or_else(|| Refusal::not_found("course", "courseId"))?;
    case.check_lock(id)?;
    Ok(course)
}

fn check_base(
    course: &Course,
    mut fields: impl Iterator<Item = CourseField>,
    case: &Case<'_>,
) -> Result<(), Refusal> {
    case.check_base(
        course.version,
        |base| fields.any(|field| course.field_versions[field as usize] > base),
        || Entity::Course(Box::new(course.clone())),
    )
}

fn next_version(course: &Arc<Course>, case: &Case<'_>) -> u32 {
    case.next_version(Some(course), |course| course.version, |state| state.course(&course.id))
}
