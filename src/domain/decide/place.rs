//! A course that comes, goes or changes: its conflicts, those it is answerable for, and the time
//! that it takes.

use super::case::Case;
use super::step::{Step, conflict_changes};
use crate::domain::occupancy::takes;
use crate::domain::{
    Change, Conflict, Course, CourseFields, CourseId, OccupancyChange, Op, Overlap, ResourceKind,
    Timetable,
};

/// One course before and after a step.
pub(super) struct Placement<'a> {
    /// Which.
    pub(super) id: &'a CourseId,
    /// As it is; none when it comes.
    pub(super) old: Option<&'a Course>,
    /// As it would be, and whether on an override; none when it goes.
    pub(super) new: Option<(&'a CourseFields, bool)>,
}

impl Placement<'_> {
    /// The step that makes `change` of it.
    pub(super) fn step(
        &self,
        state: &Timetable,
        change: Change,
        inverse: Op,
        case: &Case<'_>,
    ) -> Step {
        let mut step = Step::plain(change, inverse);
        if self.same_to_others() {
            return step;
        }
        let before =
            self.old.map_or_else(Vec::new, |old| state.conflicts_with(self.id, &old.fields));
        let mut after =
            self.new.map_or_else(Vec::new, |(new, _)| state.conflicts_with(self.id, new));
        let answers = |found: &&Conflict| self.answers_for(state, found);
        step.forbidden = after.iter().filter(answers).cloned().collect();
        step.bearers = step.forbidden.iter().map(|f| (f.id.clone(), self.id.clone())).collect();
        after.extend(self.kept_elsewhere(state, case).cloned());
        let elsewhere = state.conflicts_elsewhere(self.id);
        let before = before.iter().chain(elsewhere).map(|conflict| conflict.id.clone());
        step.conflicts = conflict_changes(state, before, &after, case);
        step.occupancy = self.occupancy(state);
        step.wanted = self.new.map(|(new, _)| (self.id.clone(), new.clone()));
        step
    }

    /// Conflicts with other rooms that go on: of a course that stays where it is, and those that a
    /// restore brings back. Others end, until the store says so again.
    fn kept_elsewhere<'a>(
        &self,
        state: &'a Timetable,
        case: &Case<'a>,
    ) -> impl Iterator<Item = &'a Conflict> {
        let stays = matches!((self.old, self.new), (Some(old), Some((new, _)))
            if old.fields.same_place(new));
        let from = if stays && case.goal.is_none() { Some(state) } else { case.goal };
        let id = self.id.clone();
        from.filter(|_| self.new.is_some())
            .into_iter()
            .flat_map(move |from| from.conflicts_elsewhere(&id).collect::<Vec<_>>())
    }

    /// Whether nothing changes that a conflict or another room could see.
    fn same_to_others(&self) -> bool {
        matches!((self.old, self.new), (Some(old), Some((new, overridden)))
            if old.fields.same_place(new)
                && old.overridden == overridden
                && old.fields.title == new.title
                && old.fields.capacity == new.capacity)
    }

    /// Whether the step itself brings the course into a forbidden overlap: one that stays where it
    /// is answers for nothing, one that changes only its trainer not for its studio. A course that
    /// stood on an override answers for everything once it changes its place.
    fn answers_for(&self, state: &Timetable, conflict: &Conflict) -> bool {
        let Some((new, _)) = self.new else { return false };
        let kind = conflict.kind.resource();
        let overlap = conflict.courses.len() > 1;
        let placed = self.old.is_none_or(|old| places(old, new, kind));
        overlap && placed && state.rule(&conflict.key()).overlap == Overlap::Forbid
    }

    fn occupancy(&self, state: &Timetable) -> Vec<OccupancyChange> {
        if let (Some(old), Some((new, overridden))) = (self.old, self.new)
            && old.fields.same_place(new)
            && old.overridden == overridden
        {
            return Vec::new();
        }
        let clear = OccupancyChange::Clear { course_id: self.id.clone(), held: Vec::new() };
        let taken = self
            .new
            .into_iter()
            .flat_map(|(new, overridden)| takes(self.id, new, overridden, |key| state.rule(key)));
        [clear].into_iter().chain(taken).collect()
    }
}

fn places(old: &Course, new: &CourseFields, kind: ResourceKind) -> bool {
    !old.fields.same_place(new)
        && (old.overridden
            || old.fields.during != new.during
            || old.fields.place(kind) != new.place(kind))
}
