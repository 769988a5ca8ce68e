//! The most frequent call of `append` by far, one event of one room that changes the taken time of one
//! course at most, as the plain arguments of its own function. Anything else is a `call`.

use diesel::data_types::PgTimestamp;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Binary, Bool, Nullable, Text, Timestamptz, Uuid as Id};
use uuid::Uuid;

use super::bind::bind;
use super::rows::stamp;
use crate::domain::{CourseId, Hold, Instant, OccupancyChange, ResourceKey};
use crate::store::columns::{bound, hold_text, kind_text};
use crate::store::{RoomBatch, StoreError};

/// One event of one room.
pub(super) struct Lone<'a> {
    room: Uuid,
    tenant: &'a str,
    epoch: i64,
    seq: i64,
    policy: Option<&'a [u8]>,
    op: Uuid,
    actor: &'a str,
    at: PgTimestamp,
    kind: &'a str,
    body: &'a [u8],
    place: Place<'a>,
    locks: &'a [i64],
}

/// How the taken time of one course changes; empty when it does not.
#[derive(Default)]
struct Place<'a> {
    course: Option<&'a str>,
    clears: bool,
    start: Option<PgTimestamp>,
    course_end: Option<PgTimestamp>,
    kinds: Vec<&'a str>,
    resources: Vec<&'a str>,
    holds: Vec<&'static str>,
    ends: Vec<PgTimestamp>,
}

impl<'a> Lone<'a> {
    /// The arguments, if these batches, whose slots are `locks`, are such a call.
    pub(super) fn of(
        batches: &'a [RoomBatch],
        locks: &'a [i64],
    ) -> Result<Option<Self>, StoreError> {
        let [batch] = batches else { return Ok(None) };
        let [event] = batch.events.as_slice() else { return Ok(None) };
        let Some(place) = Place::of(&event.occupancy)? else { return Ok(None) };
        Ok(Some(Self {
            room: batch.room.0,
            tenant: batch.tenant.as_str(),
            epoch: batch.expected.epoch,
            seq: bound(batch.expected.seq),
            policy: batch.policy.as_deref(),
            op: event.row.op_id.0,
            actor: event.row.actor.as_str(),
            at: stamp(event.row.at)?,
            kind: &event.row.kind,
            body: &event.row.body,
            place,
            locks,
        }))
    }
}

impl<'a> Place<'a> {
    /// None when there is more than one course, one interval or one mention of a resource in it, or
    /// an override, which has to be looked at more closely anyway.
    fn of(changes: &'a [OccupancyChange]) -> Result<Option<Self>, StoreError> {
        let mut place = Self::default();
        let mut about: Option<&CourseId> = None;
        let mut taken: Vec<&ResourceKey> = Vec::new();
        let mut interval: Option<(Instant, Instant)> = None;
        for (index, change) in changes.iter().enumerate() {
            let course = course_of(change);
            if *about.get_or_insert(course) != course {
                return Ok(None);
            }
            match change {
                OccupancyChange::Clear { .. } if index == 0 => place.clears = true,
                OccupancyChange::Take { resource, during, course, hold, .. }
                    if *hold != Hold::Overridden
                        && !taken.contains(&resource)
                        && *interval.get_or_insert((during.start, course.end))
                            == (during.start, course.end) =>
                {
                    taken.push(resource);
                    place.kinds.push(kind_text(resource.kind));
                    place.resources.push(resource.id.as_str());
                    place.holds.push(hold_text(*hold));
                    place.ends.push(stamp(during.end)?);
                }
                OccupancyChange::Clear { .. } | OccupancyChange::Take { .. } => return Ok(None),
            }
        }
        if let Some((start, course_end)) = interval {
            (place.start, place.course_end) = (Some(stamp(start)?), Some(stamp(course_end)?));
        }
        place.course = about.map(CourseId::as_str);
        Ok(Some(place))
    }
}

fn course_of(change: &OccupancyChange) -> &CourseId {
    match change {
        OccupancyChange::Clear { course_id, .. } | OccupancyChange::Take { course_id, .. } => {
            course_id
        }
    }
}

/// Whether it was committed.
impl Query for Lone<'_> {
    type SqlType = Bool;
}

/// The text never changes, so each connection prepares it once.
impl QueryId for Lone<'_> {
    type QueryId = Lone<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl QueryFragment<Pg> for Lone<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT kyo_append_event_2(");
        bind!(out:
            self.room => Id,
            self.tenant => Text,
            self.epoch => BigInt,
            self.seq => BigInt,
            self.policy => Nullable<Binary>,
            self.op => Id,
            self.actor => Text,
            self.at => Timestamptz,
            self.kind => Text,
            self.body => Binary,
        );
        out.push_sql(", ");
        self.place.bind(out.reborrow())?;
        out.push_sql(", ");
        bind!(out: self.locks => Array<BigInt>);
        out.push_sql(")");
        Ok(())
    }
}

impl Place<'_> {
    fn bind<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        bind!(out:
            self.course => Nullable<Text>,
            self.clears => Bool,
            self.kinds => Array<Text>,
            self.resources => Array<Text>,
            self.holds => Array<Text>,
            self.start => Nullable<Timestamptz>,
            self.ends => Array<Timestamptz>,
            self.course_end => Nullable<Timestamptz>,
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{HOUR, Interval, ResourceId, ResourceKind};

    fn clear(course: &str) -> OccupancyChange {
        OccupancyChange::Clear { course_id: CourseId::parse(course).unwrap(), held: Vec::new() }
    }

    fn take(course: &str, trainer: &str, start: i64, hold: Hold) -> OccupancyChange {
        let during = Interval { start: Instant(start * HOUR), end: Instant((start + 1) * HOUR) };
        let id = ResourceId::parse(trainer).unwrap();
        OccupancyChange::Take {
            course_id: CourseId::parse(course).unwrap(),
            resource: ResourceKey { kind: ResourceKind::Trainer, id },
            during,
            course: during,
            hold,
            kept: false,
        }
    }

    /// Whose time changes, whether it is given up first and how much is taken; none is another call.
    fn place(changes: &[OccupancyChange]) -> Option<(Option<String>, bool, usize)> {
        let place = Place::of(changes).unwrap()?;
        Some((place.course.map(str::to_owned), place.clears, place.kinds.len()))
    }

    #[test]
    fn one_course_at_one_time_is_a_call_of_its_own() {
        let a = || Some("a".to_owned());
        let [anna, ben] = ["anna", "ben"].map(|name| take("a", name, 9, Hold::Enforced));
        assert_eq!(place(&[]), Some((None, false, 0)));
        assert_eq!(place(&[clear("a")]), Some((a(), true, 0)));
        assert_eq!(place(&[clear("a"), anna.clone(), ben.clone()]), Some((a(), true, 2)));
        assert_eq!(place(&[anna, take("a", "ben", 9, Hold::Free)]), Some((a(), false, 2)));
    }

    #[test]
    fn whatever_is_more_than_that_is_not() {
        let anna = || take("a", "anna", 9, Hold::Enforced);
        for changes in [
            [clear("a"), clear("b")],
            [clear("a"), take("b", "anna", 9, Hold::Enforced)],
            [anna(), clear("a")],
            [anna(), anna()],
            [anna(), take("a", "ben", 10, Hold::Enforced)],
            [clear("a"), take("a", "anna", 9, Hold::Overridden)],
        ] {
            assert_eq!(place(&changes), None, "{changes:?}");
        }
    }
}
