//! Several steps as one: each sees what the ones before it did, overlaps are judged by the state
//! after the last. So a batch may swap two courses, and what it leaves behind obeys the rules.

use std::collections::BTreeSet;

use super::case::{Case, too_many_conflicts};
use super::permit;
use super::step::{Step, single};
use crate::domain::timetable::Author;
use crate::domain::{
    Change, Conflict, ConflictChanges, CourseId, MAX_CONFLICTS, MAX_LISTED, OccupancyChange, Op,
    Overlap, Refusal, Timetable,
};

/// Steps in progress on a scratch state.
pub(super) struct Unit<'a> {
    before: &'a Timetable,
    /// The state after the steps so far.
    pub(super) scratch: Timetable,
    changes: Vec<Change>,
    inverses: Vec<Vec<Op>>,
    changed_conflicts: BTreeSet<String>,
    forbidden: BTreeSet<String>,
    bearers: Vec<(String, CourseId)>,
    occupancy: Vec<OccupancyChange>,
}

/// A client's batch.
pub(super) fn batch(state: &Timetable, ops: &[Op], case: &mut Case<'_>) -> Result<Step, Refusal> {
    let mut unit = Unit::new(state);
    case.base_version = None;
    for (index, op) in ops.iter().enumerate() {
        unit.run(op, case).map_err(|refusal| refusal.under(&format!("ops[{index}]")))?;
    }
    Ok(unit.finish(|changes| Change::Batch { changes, restored_seq: None }))
}

/// Recorded inverses, of any number, decided again.
pub(super) fn replay(state: &Timetable, ops: &[Op], case: &mut Case<'_>) -> Result<Step, Refusal> {
    case.base_version = None;
    if let [op] = ops {
        permit(op, case.ctx.role)?;
        return single(state, op, case);
    }
    let mut unit = Unit::new(state);
    ops.iter().try_for_each(|op| unit.run(op, case))?;
    Ok(unit.finish(|changes| Change::Batch { changes, restored_seq: None }))
}

impl<'a> Unit<'a> {
    /// No steps yet.
    pub(super) fn new(before: &'a Timetable) -> Self {
        Self {
            before,
            scratch: before.clone(),
            changes: Vec::new(),
            inverses: Vec::new(),
            changed_conflicts: BTreeSet::new(),
            forbidden: BTreeSet::new(),
            bearers: Vec::new(),
            occupancy: Vec::new(),
        }
    }

    /// Decides an operation on the scratch state and adds it.
    pub(super) fn run(&mut self, op: &Op, case: &mut Case<'_>) -> Result<(), Refusal> {
        permit(op, case.ctx.role)?;
        let step = single(&self.scratch, op, case)?;
        self.add(step, case)
    }

    /// Adds a step that was decided on the scratch state.
    pub(super) fn add(&mut self, step: Step, case: &Case<'_>) -> Result<(), Refusal> {
        self.scratch.apply(&step.change, Author { user_id: case.ctx.user_id, at: case.ctx.now });
        self.scratch.apply_conflicts(&step.conflicts);
        if self.scratch.conflict_count() > MAX_CONFLICTS && !step.conflicts.detected.is_empty() {
            return Err(too_many_conflicts());
        }
        let detected = step.conflicts.detected.into_iter().map(|conflict| conflict.id);
        self.changed_conflicts.extend(detected.chain(step.conflicts.resolved));
        self.forbidden.extend(step.forbidden.into_iter().map(|conflict| conflict.id));
        self.bearers.extend(step.bearers);
        match step.change {
            Change::Batch { changes, .. } => self.changes.extend(changes),
            change => self.changes.push(change),
        }
        self.inverses.push(step.inverse);
        self.occupancy.extend(step.occupancy);
        Ok(())
    }

    /// Whether a refusal could not list more than what was found so far.
    pub(super) fn is_hopeless(&self, case: &Case<'_>) -> bool {
        self.forbidden.len() >= MAX_LISTED && !case.lenient()
    }

    /// All steps as one.
    pub(super) fn finish(self, change: impl FnOnce(Vec<Change>) -> Change) -> Step {
        let conflicts = self.conflicts();
        let forbidden = self.still_forbidden();
        let stands = |id: &String| forbidden.iter().any(|found| found.id == *id);
        let bearers = self.bearers.into_iter().filter(|(id, _)| stands(id)).collect();
        Step {
            change: change(self.changes),
            inverse: self.inverses.into_iter().rev().flatten().collect(),
            conflicts,
            forbidden,
            bearers,
            occupancy: self.occupancy,
            wanted: None,
        }
    }

    fn conflicts(&self) -> ConflictChanges {
        let mut net = ConflictChanges::default();
        for id in &self.changed_conflicts {
            match (self.before.conflict(id), self.scratch.conflict(id)) {
                (Some(old), Some(new)) if old.same_clash(new) => {}
                (_, Some(new)) => net.detected.push(Conflict::clone(new)),
                (Some(_), None) => net.resolved.push(id.clone()),
                (None, None) => {}
            }
        }
        net
    }

    fn still_forbidden(&self) -> Vec<Conflict> {
        let stands = |id: &String| Some(Conflict::clone(self.scratch.conflict(id)?));
        self.forbidden
            .iter()
            .filter_map(stands)
            .filter(|found| self.scratch.rule(&found.key()).overlap == Overlap::Forbid)
            .collect()
    }
}
