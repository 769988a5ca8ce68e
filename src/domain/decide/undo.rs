//! Undo and redo, per person: the recorded inverse of an own operation, decided again on today's
//! state. A colleague's later change of the same thing is never overwritten.

use std::sync::Arc;

use super::case::Case;
use super::chain::{Chains, Link};
use super::step::Step;
use super::unit::replay;
use crate::domain::{Event, OpId, Refusal, Timetable, Touched, UserId};

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// Reverts an operation or a redo.
    Undo,
    /// Reverts an undo.
    Redo,
}

/// Reverts the caller's latest event in that direction, or the one named.
pub(super) fn revert(
    state: &Timetable,
    direction: Direction,
    named: Option<OpId>,
    case: &mut Case<'_>,
) -> Result<(Step, Option<OpId>), Refusal> {
    let chains = Chains::of(case.ctx.tail);
    let event = match named {
        Some(op) => find_named(&chains, direction, op, case)?,
        None => find_latest(&chains, direction, case)
            .ok_or_else(|| Refusal::not_found("operation", "opId"))?,
    };
    if event.inverse.is_empty() {
        return Err(refused("this operation changed nothing that could be reverted"));
    }
    refuse_overtaken(&chains, event, case)?;
    let step = replay(state, &event.inverse, case)?;
    Ok((step, Some(event.op_id)))
}

/// The end of the named operation's chain, if it is the caller's and goes in that direction.
fn find_named<'a>(
    chains: &Chains<'a>,
    direction: Direction,
    op: OpId,
    case: &Case<'a>,
) -> Result<&'a Arc<Event>, Refusal> {
    let event = case.ctx.tail.by_op(&op).ok_or_else(|| Refusal::not_found("operation", "opId"))?;
    if event.user_id != *case.ctx.user_id {
        return Err(Refusal::Forbidden("only own operations can be undone or redone".to_owned()));
    }
    let end = chains.end(event);
    match (direction, chains.link(end)) {
        (Direction::Undo, Link::Done) | (Direction::Redo, Link::Undone) => Ok(end),
        (Direction::Undo, Link::Undone) => Err(refused("this operation is already undone")),
        (Direction::Redo, Link::Done) => Err(refused("this operation is not undone")),
        (_, Link::Unknown) => Err(Refusal::not_found("operation", "opId")),
    }
}

/// The top of the caller's undo or redo stack.
fn find_latest<'a>(
    chains: &Chains<'a>,
    direction: Direction,
    case: &Case<'a>,
) -> Option<&'a Arc<Event>> {
    let own = |event: &&Arc<Event>| event.user_id == *case.ctx.user_id;
    let latest = case.ctx.tail.iter().rev().filter(own);
    let open = |event: &&Arc<Event>| chains.reverter(event).is_none();
    match direction {
        Direction::Undo => latest
            .filter(open)
            .filter(|event| chains.link(event) == Link::Done)
            .find(|event| !event.inverse.is_empty()),
        // A new ordinary operation ends what could be redone.
        Direction::Redo => latest
            .take_while(|event| event.undoes.is_some())
            .filter(open)
            .find(|event| chains.link(event) == Link::Undone),
    }
}

fn refuse_overtaken<'a>(
    chains: &Chains<'a>,
    event: &'a Event,
    case: &Case<'a>,
) -> Result<(), Refusal> {
    let touched = Touched::by(&event.change);
    let later = case.ctx.tail.iter().rev().take_while(|later| later.seq > event.seq);
    let overtaking = later
        .filter(|later| later.user_id != event.user_id)
        .filter(|later| chains.counts_after(later, event.seq))
        .find(|later| touched.meets(&Touched::by(&later.change)));
    overtaking.map_or(Ok(()), |later| Err(overtaken(&later.user_id, later.seq)))
}

fn overtaken(user_id: &UserId, seq: u64) -> Refusal {
    Refusal::Overtaken {
        reason: format!("{user_id} has changed the same thing since"),
        user_id: Some(user_id.clone()),
        seq: Some(seq),
    }
}

fn refused(reason: &str) -> Refusal {
    Refusal::Overtaken { reason: reason.to_owned(), user_id: None, seq: None }
}
