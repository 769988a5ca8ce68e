//! Going back to an earlier state: the smallest list of operations that leads there, as one event.
//! Overlaps are not refused again, since they stood before; courses keep whether they stand on an
//! override, so that other rooms are protected as they were.

use super::case::Case;
use super::step::Step;
use super::unit::Unit;
use crate::domain::{Change, Course, CoursePatch, Op, Refusal, Resource, Template, Timetable};

/// Makes the state equal to that at `seq`.
pub(super) fn restore(state: &Timetable, seq: u64, case: &mut Case<'_>) -> Result<Step, Refusal> {
    let goal = case
        .ctx
        .restore
        .filter(|goal| goal.head() == seq && seq <= state.head())
        .ok_or_else(|| Refusal::not_found("sequence", "seq"))?;
    case.goal = Some(goal);
    case.base_version = None;
    let mut unit = Unit::new(state);
    difference(state, goal).iter().try_for_each(|op| unit.run(op, case))?;
    Ok(unit.finish(|changes| Change::Batch { changes, restored_seq: Some(seq) }))
}

/// What leads from one state to another, apart from versions and bookkeeping.
fn difference(from: &Timetable, to: &Timetable) -> Vec<Op> {
    let mut ops = Vec::new();
    if from.policy() != to.policy() {
        ops.push(Op::PolicySet { policy: to.policy() });
    }
    ops.extend(
        from.courses()
            .filter(|c| to.course(&c.id).is_none())
            .map(|course| Op::CourseDelete { course_id: course.id.clone() }),
    );
    ops.extend(
        to.courses().flat_map(|goal| course(from.course(&goal.id).map(AsRef::as_ref), goal)),
    );
    ops.extend(from.resources().filter(|r| to.resource(&r.key()).is_none()).map(|resource| {
        Op::ResourceDelete { resource_id: resource.id.clone(), kind: Some(resource.fields.kind) }
    }));
    ops.extend(to.resources().filter_map(|goal| resource(from, goal)));
    ops.extend(
        from.templates()
            .filter(|t| to.template(&t.id).is_none())
            .map(|template| Op::TemplateDelete { template_id: template.id.clone() }),
    );
    ops.extend(to.templates().filter_map(|goal| template(from, goal)));
    ops
}

fn course(now: Option<&Course>, goal: &Course) -> Vec<Op> {
    let course_id = goal.id.clone();
    let Some(now) = now else {
        return vec![Op::CourseCreate { id: Some(course_id), course: goal.fields.clone() }];
    };
    let mut patch = CoursePatch::between(&now.fields, &goal.fields);
    let mut ops = Vec::new();
    if now.fields.during != goal.fields.during {
        ops.push(Op::CourseMove {
            course_id: course_id.clone(),
            starts_at: goal.fields.during.start,
            ends_at: Some(goal.fields.during.end),
            trainer_id: patch.trainer_id.take(),
            studio_id: patch.studio_id.take(),
        });
    }
    // An empty patch carries the mark of an override alone.
    let marks = ops.is_empty() && now.overridden != goal.overridden;
    if marks || patch != CoursePatch::default() {
        ops.push(Op::CourseUpdate { course_id, patch });
    }
    ops
}

fn resource(from: &Timetable, goal: &Resource) -> Option<Op> {
    let same = from.resource(&goal.key()).is_some_and(|now| now.fields == goal.fields);
    (!same).then(|| Op::ResourceUpsert { id: goal.id.clone(), resource: goal.fields.clone() })
}

fn template(from: &Timetable, goal: &Template) -> Option<Op> {
    let same =
        from.template(&goal.id).is_some_and(|now| now.name == goal.name && now.slots == goal.slots);
    (!same).then(|| Op::TemplateSave {
        id: Some(goal.id.clone()),
        name: goal.name.clone(),
        slots: goal.slots.clone(),
    })
}
