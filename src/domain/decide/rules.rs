//! Changes of the rules themselves, a resource's or the room's: what they mean for the courses that
//! are already there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::case::Case;
use super::step::{Step, conflict_changes};
use crate::domain::occupancy::takes;
use crate::domain::{
    Change, Conflict, Course, CourseId, CoursePatch, OccupancyChange, Op, Overlap, Policy, Refusal,
    ResourceKey, Rule, Timetable,
};
/// New rules by resource.
pub(super) type NewRules = BTreeMap<ResourceKey, Rule>;

/// New rules for the room; the default reaches every resource that is not registered.
pub(super) fn set_policy(
    state: &Timetable,
    policy: Policy,
    case: &Case<'_>,
) -> Result<Step, Refusal> {
    let rules = if policy.default_rule() == state.default_rule() {
        NewRules::new()
    } else {
        state.unregistered().map(|key| (key.clone(), policy.default_rule())).collect()
    };
    let inverse = Op::PolicySet { policy: state.policy() };
    Ok(change_rules(state, &rules, Change::PolicySet(policy), inverse, case))
}

/// The step that makes `change` where it sets `rules`. Courses whose overlap becomes forbidden are
/// the step's to answer for; an owner's override commits it and marks them.
pub(super) fn change_rules(
    state: &Timetable,
    rules: &NewRules,
    change: Change,
    inverse: Op,
    case: &Case<'_>,
) -> Step {
    let mut step = Step::plain(change, inverse);
    let standing = rules.iter().flat_map(|(key, rule)| ended(state, key, *rule));
    let before = standing.map(|conflict| conflict.id.clone()).collect::<Vec<_>>();
    let after: Vec<_> =
        rules.iter().flat_map(|(key, rule)| state.conflicts_on(key, *rule)).collect();
    step.conflicts = conflict_changes(state, before.into_iter(), &after, case);
    step.forbidden =
        after.into_iter().filter(|conflict| is_forbidden(state, rules, conflict)).collect();
    step.bearers = step.forbidden.iter().flat_map(bearers).collect();
    let marked = marked(state, rules, case);
    step.occupancy = occupancy(state, rules, &marked);
    if !marked.is_empty() {
        step.change = with_marks(state, step.change, &marked, case);
    }
    step
}

/// Two courses of which neither stands on an override, under a rule that forbids their overlap.
fn is_forbidden(state: &Timetable, rules: &NewRules, conflict: &Conflict) -> bool {
    let enforced = |id: &CourseId| state.course(id).is_some_and(|course| !course.overridden);
    conflict.courses.len() > 1
        && rules.get(&conflict.key()).is_some_and(|rule| rule.overlap == Overlap::Forbid)
        && conflict.courses.iter().all(|course| enforced(&course.course_id))
}

/// Both courses of a conflict, since neither came last.
fn bearers(conflict: &Conflict) -> impl Iterator<Item = (String, CourseId)> {
    conflict.courses.iter().map(|course| (conflict.id.clone(), course.course_id.clone()))
}

/// Standing conflicts that a new rule looks at again. Those with other rooms go on as long as the
/// rule forbids them, since only the store knows them.
fn ended<'a>(
    state: &'a Timetable,
    key: &ResourceKey,
    rule: Rule,
) -> impl Iterator<Item = &'a Conflict> {
    state
        .standing_on(key)
        .filter(move |found| rule.overlap != Overlap::Forbid || !state.is_elsewhere(&found.id))
}

/// The users of the resources that need the override and do not stand on one yet.
fn marked(state: &Timetable, rules: &NewRules, case: &Case<'_>) -> BTreeSet<CourseId> {
    if case.marks.is_empty() {
        return BTreeSet::new();
    }
    rules
        .keys()
        .flat_map(|key| state.courses_on(key))
        .filter(|course| !course.overridden && case.marks.contains(&course.id))
        .map(|course| course.id.clone())
        .collect()
}

/// The change together with the courses that now stand on the override.
fn with_marks(
    state: &Timetable,
    change: Change,
    marked: &BTreeSet<CourseId>,
    case: &Case<'_>,
) -> Change {
    let mark = |course: &Arc<Course>| Change::CourseUpdate {
        course_id: course.id.clone(),
        patch: CoursePatch::default(),
        version: case.next_version(Some(course), |c| c.version, |state| state.course(&course.id)),
        overridden: true,
    };
    let marks = marked.iter().filter_map(|id| state.course(id)).map(mark);
    Change::Batch { changes: [change].into_iter().chain(marks).collect(), restored_seq: None }
}

/// The time that every user of the resources takes under the new rules.
fn occupancy(
    state: &Timetable,
    rules: &NewRules,
    marked: &BTreeSet<CourseId>,
) -> Vec<OccupancyChange> {
    let users: BTreeMap<&CourseId, &Arc<Course>> = rules
        .keys()
        .flat_map(|key| state.courses_on(key))
        .map(|course| (&course.id, course))
        .collect();
    users
        .into_iter()
        .flat_map(|(id, course)| {
            let overridden = course.overridden || marked.contains(id);
            let rule =
                |key: &ResourceKey| rules.get(key).copied().unwrap_or_else(|| state.rule(key));
            let clear = OccupancyChange::Clear { course_id: id.clone(), held: Vec::new() };
            [clear].into_iter().chain(takes(id, &course.fields, overridden, rule))
        })
        .collect()
}
