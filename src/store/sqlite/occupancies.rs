//! Who has which trainer and studio when, across all rooms of a tenant. The check and the write are
//! in the same transaction of the only writer, so no two enforced intervals of a resource overlap.

use diesel::connection::DefaultLoadingMode;
use diesel::prelude::*;

use super::rows::{Occupancy, key};
use super::schema::occupancies as table;
use crate::domain::{CourseId, Hold, Interval, OccupancyChange, ResourceKey, RoomId, TenantId};
use crate::store::columns::{hold_text, kind_text};
use crate::store::{OccupancyRow, RoomBatch, StoreError};

/// The most that a refusal names.
const MOST_NAMED: usize = 20;

/// Applies the changes of one event in order. What it returns is in the way (at most 20); the caller
/// then has to roll back.
pub(super) fn apply(
    conn: &mut SqliteConnection,
    batch: &RoomBatch,
    changes: &[OccupancyChange],
) -> Result<Vec<OccupancyRow>, StoreError> {
    let mut in_the_way = Vec::new();
    for change in changes {
        match change {
            OccupancyChange::Clear { course_id, .. } => clear(conn, batch.room, course_id)?,
            OccupancyChange::Take { course_id, resource, during, course, hold, kept } => {
                let row = OccupancyRow {
                    room: batch.room,
                    course_id: course_id.clone(),
                    resource: resource.clone(),
                    during: *during,
                    course: *course,
                    hold: *hold,
                };
                let clashes = if *kept { Vec::new() } else { clashes(conn, &batch.tenant, &row)? };
                if clashes.is_empty() {
                    take(conn, &batch.tenant, &row)?;
                }
                add_new(&mut in_the_way, clashes);
            }
        }
    }
    Ok(in_the_way)
}

/// Enforced and overridden intervals of other rooms that overlap a wanted one, at most 20.
pub(super) fn taken(
    conn: &mut SqliteConnection,
    tenant: &TenantId,
    except: RoomId,
    wanted: &[(ResourceKey, Interval)],
) -> Result<Vec<OccupancyRow>, StoreError> {
    conn.transaction(|conn| {
        let mut found = Vec::new();
        for (resource, during) in wanted {
            let others = |row: &OccupancyRow| row.room != except;
            add_new(&mut found, overlapping(conn, tenant, resource, *during, others)?);
        }
        Ok(found)
    })
}

/// A course is never in its own way, nor does another room's override exempt it. Overrides inside the
/// room were judged by the room.
fn clashes(
    conn: &mut SqliteConnection,
    tenant: &TenantId,
    wanted: &OccupancyRow,
) -> Result<Vec<OccupancyRow>, StoreError> {
    if wanted.hold != Hold::Enforced {
        return Ok(Vec::new());
    }
    let others = |row: &OccupancyRow| {
        row.room != wanted.room || row.hold == Hold::Enforced && row.course_id != wanted.course_id
    };
    overlapping(conn, tenant, &wanted.resource, wanted.during, others)
}

/// What stands there and must not be overlapped.
fn overlapping(
    conn: &mut SqliteConnection,
    tenant: &TenantId,
    resource: &ResourceKey,
    during: Interval,
    keep: impl Fn(&OccupancyRow) -> bool,
) -> Result<Vec<OccupancyRow>, StoreError> {
    let mut found = Vec::new();
    for hold in [Hold::Enforced, Hold::Overridden] {
        let ending_later = table::table
            .filter(table::tenant_id.eq(tenant.as_str()))
            .filter(table::resource_kind.eq(kind_text(resource.kind)))
            .filter(table::resource_id.eq(resource.id.as_str()))
            .filter(table::hold.eq(hold_text(hold)))
            .filter(table::ends_at.gt(during.start.0))
            .order(table::ends_at)
            .select(Occupancy::as_select())
            .load_iter::<Occupancy, DefaultLoadingMode>(conn)?;
        for row in ending_later {
            let row = OccupancyRow::try_from(row?)?;
            let late = row.during.start >= during.end;
            // Enforced intervals of one resource never overlap each other, so in the order of their
            // ends their starts ascend too: however full the calendar, reading ends here.
            if (late && hold == Hold::Enforced) || found.len() == MOST_NAMED {
                break;
            }
            if !late && keep(&row) {
                found.push(row);
            }
        }
    }
    Ok(found)
}

/// An interval may be in the way of several wanted ones; it is named once.
fn add_new(found: &mut Vec<OccupancyRow>, more: Vec<OccupancyRow>) {
    for row in more {
        if found.len() < MOST_NAMED && !found.contains(&row) {
            found.push(row);
        }
    }
}

fn clear(conn: &mut SqliteConnection, room: RoomId, course: &CourseId) -> Result<(), StoreError> {
    diesel::delete(
        table::table
            .filter(table::room_id.eq(key(&room)))
            .filter(table::course_id.eq(course.as_str())),
    )
    .execute(conn)?;
    Ok(())
}

fn take(
    conn: &mut SqliteConnection,
    tenant: &TenantId,
    row: &OccupancyRow,
) -> Result<(), StoreError> {
    diesel::replace_into(table::table)
        .values((
            table::room_id.eq(key(&row.room)),
            table::course_id.eq(row.course_id.as_str()),
            table::resource_kind.eq(kind_text(row.resource.kind)),
            table::resource_id.eq(row.resource.id.as_str()),
            table::tenant_id.eq(tenant.as_str()),
            table::starts_at.eq(row.during.start.0),
            table::ends_at.eq(row.during.end.0),
            table::course_ends_at.eq(row.course.end.0),
            table::hold.eq(hold_text(row.hold)),
        ))
        .execute(conn)?;
    Ok(())
}
