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
        let after = self.new.map_or_else(Vec::new, |(new, _)| state.conflicts_with(self.id, new));
        let before = before.into_iter().map(|conflict| conflict.id);
        step.conflicts = conflict_changes(state, before, &after, case);
        step.forbidden = after.into_iter().filter(|found| self.answers_for(state, found)).collect();
        step.occupancy = self.occupancy(state);
        step.wanted = self.new.map(|(new, _)| (self.id.clone(), new.clone()));
        step
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
        let clear = OccupancyChange::Clear { course_id: self.id.clone() };
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
