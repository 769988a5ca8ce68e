//! What a call of [`append`](super::Store::append) must be like, in every implementation.

use std::collections::HashSet;

use super::{RoomBatch, StoreError};
use crate::domain::OccupancyChange;

/// Refuses calls that break the rules of [`append`](super::Store::append); a bug of the
/// caller, found before anything is written.
pub(super) fn check(batches: &[RoomBatch]) -> Result<(), StoreError> {
    let mut seen = HashSet::with_capacity(batches.len());
    for batch in batches {
        if !seen.insert(batch.room) {
            return Err(misuse(batch, "room occurs twice"));
        }
        check_events(batch)?;
    }
    Ok(())
}

fn check_events(batch: &RoomBatch) -> Result<(), StoreError> {
    if batch.events.is_empty() {
        return Err(misuse(batch, "no events"));
    }
    let mut ops = HashSet::with_capacity(batch.events.len());
    let mut last = batch.expected.seq;
    for event in &batch.events {
        if event.row.seq != last.saturating_add(1) {
            return Err(misuse(batch, "sequence numbers have a gap"));
        }
        if !ops.insert(event.row.op_id) {
            return Err(misuse(batch, "operation occurs twice"));
        }
        if event.occupancy.iter().any(takes_no_time) {
            return Err(misuse(batch, "an interval that is none"));
        }
        last = event.row.seq;
    }
    Ok(())
}

/// What is taken begins before its course ends, and the buffer is not shorter than nothing. PostgreSQL
/// does not check it: its checks cost every write more than they tell (ADR 6).
fn takes_no_time(change: &OccupancyChange) -> bool {
    match change {
        OccupancyChange::Take { during, course, .. } => {
            during.start >= course.end || course.end > during.end
        }
        OccupancyChange::Clear { .. } => false,
    }
}

fn misuse(batch: &RoomBatch, rule: &str) -> StoreError {
    StoreError::Failed(format!("append to room {}: {rule}", batch.room))
}
