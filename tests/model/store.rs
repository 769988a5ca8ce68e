//! The contract of `Store::append`: compare and append in one transaction, `Duplicate` before
//! `Stale`. The only step that makes anything durable.

use super::mutations::Mutation;
use super::setting::Setting;
use super::state::{Batch, Event, Outcome};

/// Runs one transaction to its end.
pub fn append(setting: &Setting, log: &mut Vec<Event>, batch: &Batch) -> Outcome {
    let outcome = compare(setting, log, batch);
    if outcome == Outcome::Committed {
        log.extend(&batch.events);
    }
    outcome
}

/// What would become of a batch now.
pub fn compare(setting: &Setting, log: &[Event], batch: &Batch) -> Outcome {
    if !setting.lacks(Mutation::OpIdUniqueness)
        && let Some(duplicate) = first_duplicate(log, batch)
    {
        return duplicate;
    }
    if !setting.lacks(Mutation::Compare) && batch.expected as usize != log.len() {
        return Outcome::Stale;
    }
    Outcome::Committed
}

fn first_duplicate(log: &[Event], batch: &Batch) -> Option<Outcome> {
    batch.events.iter().enumerate().find_map(|(index, wanted)| {
        let there = event_by_op(log, wanted.op)?;
        Some(Outcome::Duplicate { index, seq: there.seq })
    })
}

/// The event of an operation (`Store::event_by_op`).
pub fn event_by_op(log: &[Event], op: u8) -> Option<&Event> {
    log.iter().find(|event| event.op == op)
}
