//! From a wish to what takes effect: the one place where an operation is accepted or refused. Pure:
//! everything is checked before anything is made, and nothing outside is asked.
//!
//! Reading order: `case` (the question), `step` (the answer for one operation), one file a noun,
//! `unit` (several steps as one), then `undo` and `restore`, which are made of steps.

mod apply;
mod case;
mod chain;
mod course;
mod elsewhere;
mod place;
mod resource;
mod restore;
mod rules;
mod settle;
mod step;
mod suggest;
mod template;
mod undo;
mod unit;

use super::{
    Command, Conflict, Event, Instant, Locks, MAX_CONFLICTS, MAX_LISTED, NewIds, OccupancyChange,
    Op, OpId, Refusal, Role, RoomId, SessionId, Tail, Timetable, UserId,
};
use case::Case;
use step::Step;
use undo::Direction;

/// Everything besides the timetable that a decision depends on.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The room, for naming it in conflicts.
    pub room: RoomId,
    /// Who asks.
    pub user_id: &'a UserId,
    /// On which connection; none for REST.
    pub session_id: Option<&'a SessionId>,
    /// What they may do here.
    pub role: Role,
    /// The time of the decision.
    pub now: Instant,
    /// Fresh ids.
    pub ids: NewIds,
    /// Who holds which course.
    pub locks: &'a Locks,
    /// The latest events up to and including the head of the timetable; undo and redo look here.
    pub tail: &'a Tail,
    /// The state to go back to, for `restore`.
    pub restore: Option<&'a Timetable>,
    /// Conflicts with bookings of other rooms that the store has reported for this operation; an
    /// override commits over them, otherwise they are not looked at.
    pub elsewhere: &'a [Conflict],
}

/// An accepted operation.
#[derive(Clone, Debug)]
pub struct Decision {
    /// What takes effect, at the head plus one. Its detected conflicts are the warnings.
    pub event: Event,
    /// What changes in the tenant-wide table.
    pub occupancy: Vec<OccupancyChange>,
}

/// Decides a command on a timetable.
///
/// # Errors
/// Why it does not take effect, in terms a person can act on.
pub fn decide(
    timetable: &Timetable,
    command: &Command,
    ctx: &Context<'_>,
) -> Result<Decision, Refusal> {
    if command.override_reason.is_some() && ctx.role < Role::Owner {
        return Err(Refusal::Forbidden("only owners may override".to_owned()));
    }
    permit(&command.op, ctx.role)?;
    command.validate()?;
    let mut case = Case::new(timetable, command, ctx);
    let (mut step, undoes) = step_of(timetable, &command.op, &mut case)?;
    if case.overriding {
        step = overridden(timetable, command, ctx, step)?;
    }
    refuse_overlaps(timetable, &step, &case)?;
    refuse_too_many_conflicts(timetable, &step)?;
    Ok(Decision {
        occupancy: settle::settle(timetable, step.occupancy),
        event: Event {
            seq: timetable.head() + 1,
            op_id: command.op_id,
            user_id: ctx.user_id.clone(),
            session_id: ctx.session_id.cloned(),
            at: ctx.now,
            change: step.change,
            undoes,
            override_reason: command.override_reason.clone(),
            conflicts: step.conflicts,
            inverse: step.inverse,
        },
    })
}

/// The step once more, with marks on the courses that are in somebody's way after the first try: an
/// override that nothing needs leaves no trace but its reason.
fn overridden(
    timetable: &Timetable,
    command: &Command,
    ctx: &Context<'_>,
    first: Step,
) -> Result<Step, Refusal> {
    let elsewhere: Vec<_> =
        ctx.elsewhere.iter().filter(|found| elsewhere::wants(&first, ctx.room, found)).collect();
    let mut case = Case::new(timetable, command, ctx);
    // A restore brings its own marks along.
    if !matches!(command.op, Op::Restore { .. }) {
        case.marks = first.bearers.iter().map(|(_, id)| id.clone()).collect();
    }
    case.marks.extend(elsewhere.iter().flat_map(|found| elsewhere::own(found, ctx.room)));
    if case.marks.is_empty() {
        return Ok(first);
    }
    let (mut step, _) = step_of(timetable, &command.op, &mut case)?;
    elsewhere::add(&mut step, &elsewhere, &case);
    Ok(step)
}

/// Whether the role allows such an operation at all.
fn permit(op: &Op, role: Role) -> Result<(), Refusal> {
    let (least, rule) = match op {
        Op::Restore { .. } => (Role::Owner, "only owners may restore"),
        Op::PolicySet { .. } => (Role::Owner, "only owners may set the policy"),
        _ => (Role::Editor, "viewers can't change the timetable"),
    };
    if role < least { Err(Refusal::Forbidden(rule.to_owned())) } else { Ok(()) }
}

/// The step of any operation, and the operation that it reverts, if it does.
fn step_of(
    timetable: &Timetable,
    op: &Op,
    case: &mut Case<'_>,
) -> Result<(Step, Option<OpId>), Refusal> {
    match op {
        Op::Batch { ops } => Ok((unit::batch(timetable, ops, case)?, None)),
        Op::Restore { seq } => Ok((restore::restore(timetable, *seq, case)?, None)),
        Op::Undo { op_id } => undo::revert(timetable, Direction::Undo, *op_id, case),
        Op::Redo { op_id } => undo::revert(timetable, Direction::Redo, *op_id, case),
        op => Ok((step::single(timetable, op, case)?, None)),
    }
}

fn refuse_overlaps(timetable: &Timetable, step: &Step, case: &Case<'_>) -> Result<(), Refusal> {
    if step.forbidden.is_empty() || case.lenient() {
        return Ok(());
    }
    let suggestions = step
        .wanted
        .as_ref()
        .map(|(id, course)| suggest::suggest(timetable, id, course, &step.forbidden));
    let conflicts = step.forbidden.iter().take(MAX_LISTED).cloned().collect();
    Err(Refusal::Conflict { conflicts, suggestions: suggestions.unwrap_or_default() })
}

fn refuse_too_many_conflicts(timetable: &Timetable, step: &Step) -> Result<(), Refusal> {
    let added = step.conflicts.detected.len();
    if added > 0
        && timetable.conflict_count() + added > MAX_CONFLICTS + step.conflicts.resolved.len()
    {
        return Err(case::too_many_conflicts());
    }
    Ok(())
}
