//! Compare and append: the write path. One statement for all rooms of a call; the functions that it
//! calls are in `migrations/postgres`.

use std::ops::Bound;

use diesel::data_types::PgTimestamp;
use diesel::prelude::*;
use diesel::result::Error as DieselError;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::call::{Call, InOrder, Together};
use super::lone::Lone;
use super::retry::Attempts;
use super::rows::{Occupancy, only};
use super::slots;
use crate::store::columns::{corrupt, seq};
use crate::store::error::asks_for_a_closer_look;
use crate::store::{AppendOutcome, Head, OccupancyRow, RoomBatch, StoreError};

/// Appends each room's batch.
pub(super) async fn append(
    conn: &mut AsyncPgConnection,
    batches: &[RoomBatch],
) -> Result<Vec<AppendOutcome>, StoreError> {
    let locks = slots::of(batches);
    let (lone, call) = (Lone::of(batches, &locks)?, Call::new(batches, &locks)?);
    let mut attempts = Attempts::first();
    let rows = loop {
        match write(conn, lone.as_ref(), &call).await {
            Err(error) if attempts.again(&error).await => {}
            written => break written?,
        }
    };
    outcomes(batches.len(), rows)
}

/// Each statement is a transaction of its own: an error means that nothing was written, unless the
/// connection was lost.
async fn write(
    conn: &mut AsyncPgConnection,
    lone: Option<&Lone<'_>>,
    call: &Call<'_>,
) -> Result<Vec<Row>, DieselError> {
    match write_swiftly(conn, lone, call).await {
        Err(error) if asks_for_a_closer_look(&error) => {
            let rows: Vec<RowInOrder> = InOrder(call).load(conn).await?;
            Ok(rows.into_iter().map(Row::from).collect())
        }
        written => written,
    }
}

/// Says of a batch whatever can be said without a closer look.
async fn write_swiftly(
    conn: &mut AsyncPgConnection,
    lone: Option<&Lone<'_>>,
    call: &Call<'_>,
) -> Result<Vec<Row>, DieselError> {
    if let Some(lone) = lone
        && only(lone.load::<bool>(conn).await?)?
    {
        return Ok(vec![Judged::committed().into()]);
    }
    let judged = Together(call).load::<Judged>(conn).await?;
    Ok(judged.into_iter().map(Row::from).collect())
}

/// What the functions say of a batch.
#[derive(Queryable)]
struct Judged {
    batch: i32,
    outcome: String,
    epoch: Option<i64>,
    seq: Option<i64>,
    place: Option<i32>,
}

impl Judged {
    /// The only batch was committed.
    fn committed() -> Self {
        Self { batch: 1, outcome: "committed".to_owned(), epoch: None, seq: None, place: None }
    }
}

/// The same, with one thing that is in the way of a refused batch.
#[derive(Queryable)]
struct RowInOrder {
    batch: i32,
    outcome: String,
    epoch: Option<i64>,
    seq: Option<i64>,
    place: Option<i32>,
    room_id: Option<Uuid>,
    course_id: Option<String>,
    resource_kind: Option<String>,
    resource_id: Option<String>,
    during: Option<(Bound<PgTimestamp>, Bound<PgTimestamp>)>,
    course_ends_at: Option<PgTimestamp>,
    hold: Option<String>,
}

struct Row {
    judged: Judged,
    taken: Option<Occupancy>,
}

impl From<Judged> for Row {
    fn from(judged: Judged) -> Self {
        Self { judged, taken: None }
    }
}

impl From<RowInOrder> for Row {
    fn from(row: RowInOrder) -> Self {
        let RowInOrder { batch, outcome, epoch, seq, place, .. } = row;
        let taken = || {
            Some(Occupancy {
                room_id: row.room_id?,
                course_id: row.course_id?,
                resource_kind: row.resource_kind?,
                resource_id: row.resource_id?,
                during: row.during?,
                course_ends_at: row.course_ends_at?,
                hold: row.hold?,
            })
        };
        Self { taken: taken(), judged: Judged { batch, outcome, epoch, seq, place } }
    }
}

/// One outcome for each of `count` batches, in their order.
fn outcomes(count: usize, rows: Vec<Row>) -> Result<Vec<AppendOutcome>, StoreError> {
    let mut outcomes: Vec<Option<AppendOutcome>> = vec![None; count];
    for Row { judged, taken } in rows {
        let number = usize::try_from(judged.batch - 1).map_err(corrupt)?;
        let slot = outcomes.get_mut(number).ok_or_else(|| corrupt("outcome of no batch"))?;
        let taken = taken.map(OccupancyRow::try_from).transpose()?;
        match (slot.as_mut(), taken) {
            (Some(AppendOutcome::Refused { taken, .. }), Some(row)) => taken.push(row),
            (None, taken) => *slot = Some(outcome(&judged, taken)?),
            (Some(_), _) => return Err(corrupt("two outcomes of one batch")),
        }
    }
    let complete: Option<Vec<AppendOutcome>> = outcomes.into_iter().collect();
    complete.ok_or_else(|| corrupt("a batch without an outcome"))
}

fn outcome(judged: &Judged, taken: Option<OccupancyRow>) -> Result<AppendOutcome, StoreError> {
    let index = || {
        let place = judged.place.ok_or_else(|| corrupt("outcome without a place"))?;
        usize::try_from(place).map_err(corrupt)
    };
    let at = || seq(judged.seq.ok_or_else(|| corrupt("outcome without a sequence number"))?);
    Ok(match judged.outcome.as_str() {
        "committed" => AppendOutcome::Committed,
        "gone" => AppendOutcome::Gone,
        "duplicate" => AppendOutcome::Duplicate { index: index()?, seq: at()? },
        "stale" => {
            let epoch = judged.epoch.ok_or_else(|| corrupt("outcome without an epoch"))?;
            AppendOutcome::Stale(Head { epoch, seq: at()? })
        }
        "refused" => AppendOutcome::Refused { index: index()?, taken: taken.into_iter().collect() },
        other => return Err(corrupt(format!("outcome {other}"))),
    })
}
