//! What one operation would do to a state, with what others need to judge it.

use std::collections::BTreeMap;

use super::case::Case;
use super::{apply, course, resource, rules, template};
use crate::domain::{
    Change, Conflict, ConflictChanges, CourseFields, CourseId, Invalid, OccupancyChange, Op,
    Refusal, Timetable,
};

/// The effect of one operation.
pub(super) struct Step {
    /// What changes.
    pub(super) change: Change,
    /// What would revert it, in order.
    pub(super) inverse: Vec<Op>,
    /// Conflicts made and ended.
    pub(super) conflicts: ConflictChanges,
    /// Those of its conflicts that a rule forbids and that it is answerable for.
    pub(super) forbidden: Vec<Conflict>,
    /// The courses that would need an override, by the forbidden conflict.
    pub(super) bearers: Vec<(String, CourseId)>,
    /// What changes in the tenant-wide table.
    pub(super) occupancy: Vec<OccupancyChange>,
    /// The course that looks for a place, for suggestions.
    pub(super) wanted: Option<(CourseId, CourseFields)>,
}

impl Step {
    /// A step that touches neither time nor place.
    pub(super) fn plain(change: Change, inverse: Op) -> Self {
        Self {
            change,
            inverse: vec![inverse],
            conflicts: ConflictChanges::default(),
            forbidden: Vec::new(),
            bearers: Vec::new(),
            occupancy: Vec::new(),
            wanted: None,
        }
    }
}

/// The step of an operation on one thing.
pub(super) fn single(state: &Timetable, op: &Op, case: &mut Case<'_>) -> Result<Step, Refusal> {
    match op {
        Op::CourseCreate { id, course } => course::create(state, id.as_ref(), course, case),
        Op::CourseUpdate { course_id, patch } => course::update(state, course_id, patch, case),
        Op::CourseMove { course_id, starts_at, ends_at, trainer_id, studio_id } => {
            let target = course::Target {
                starts_at: *starts_at,
                ends_at: *ends_at,
                trainer_id: trainer_id.as_ref(),
                studio_id: studio_id.as_ref(),
            };
            course::relocate(state, course_id, &target, case)
        }
        Op::CourseDelete { course_id } => course::delete(state, course_id, case),
        Op::ResourceUpsert { id, resource } => resource::upsert(state, id, resource, case),
        Op::ResourceDelete { resource_id, kind } => {
            resource::delete(state, resource_id, *kind, case)
        }
        Op::TemplateSave { id, name, slots } => {
            template::save(state, id.as_ref(), name, slots, case)
        }
        Op::TemplateDelete { template_id } => template::delete(state, template_id, case),
        Op::TemplateApply { template_id, from, to, on_conflict } => {
            apply::apply(state, template_id, (*from, *to), *on_conflict, case)
        }
        Op::PolicySet { policy } => rules::set_policy(state, *policy, case),
        Op::Batch { .. } | Op::Undo { .. } | Op::Redo { .. } | Op::Restore { .. } => {
            Err(Invalid::new("kind", "is not allowed here").into())
        }
    }
}

/// What changes among standing conflicts when those called `before` give way to `after`.
pub(super) fn conflict_changes(
    state: &Timetable,
    before: impl Iterator<Item = String>,
    after: &[Conflict],
    case: &Case<'_>,
) -> ConflictChanges {
    let after: BTreeMap<&str, &Conflict> =
        after.iter().map(|conflict| (conflict.id.as_str(), conflict)).collect();
    let mut resolved: Vec<_> = before
        .filter(|id| !after.contains_key(id.as_str()) && state.conflict(id).is_some())
        .collect();
    resolved.sort_unstable();
    resolved.dedup();
    let detected = after
        .into_values()
        .filter(|conflict| {
            state.conflict(&conflict.id).is_none_or(|standing| !standing.same_clash(conflict))
        })
        .map(|conflict| Conflict {
            last_changed_by: Some(case.ctx.user_id.clone()),
            seq: Some(case.seq()),
            ..conflict.clone()
        })
        .collect();
    ConflictChanges { detected, resolved }
}
