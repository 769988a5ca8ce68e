//! A call of `append` as the arrays that the append functions take: one round trip and one prepared
//! statement for any number of rooms, events and changes.

use diesel::data_types::PgTimestamp;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{
    Array, BigInt, Binary, Bool, Integer, Nullable, Range, Text, Timestamptz, Uuid as Id,
};
use uuid::Uuid;

use super::bind::bind;
use super::rows::stamp;
use super::wave::Waves;
use crate::domain::OccupancyChange;
use crate::store::columns::{bound, hold_text, kind_text};
use crate::store::{NewEvent, RoomBatch, StoreError};

/// All arguments.
#[derive(Default)]
pub(super) struct Call<'a> {
    batches: Batches<'a>,
    events: Events<'a>,
    changes: Changes<'a>,
    locks: &'a [i64],
}

#[derive(Default)]
struct Batches<'a> {
    rooms: Vec<Uuid>,
    tenants: Vec<&'a str>,
    epochs: Vec<i64>,
    seqs: Vec<i64>,
    heads: Vec<i64>,
    policies: Vec<Option<&'a [u8]>>,
}

#[derive(Default)]
struct Events<'a> {
    batches: Vec<i32>,
    seqs: Vec<i64>,
    ops: Vec<Uuid>,
    actors: Vec<&'a str>,
    ats: Vec<PgTimestamp>,
    kinds: Vec<&'a str>,
    bodies: Vec<&'a [u8]>,
}

#[derive(Default)]
struct Changes<'a> {
    batches: Vec<i32>,
    events: Vec<i32>,
    waves: Vec<i32>,
    courses: Vec<&'a str>,
    kinds: Vec<Option<&'a str>>,
    resources: Vec<Option<&'a str>>,
    starts: Vec<Option<PgTimestamp>>,
    ends: Vec<Option<PgTimestamp>>,
    course_ends: Vec<Option<PgTimestamp>>,
    holds: Vec<Option<&'a str>>,
    kept: Vec<bool>,
}

impl<'a> Call<'a> {
    /// The arguments for these batches, whose slots are `locks`.
    pub(super) fn new(batches: &'a [RoomBatch], locks: &'a [i64]) -> Result<Self, StoreError> {
        let mut call = Self { locks, ..Self::default() };
        for (number, batch) in (1..).zip(batches) {
            call.batches.add(batch);
            let mut waves = Waves::default();
            for (index, event) in (0..).zip(&batch.events) {
                call.events.add(number, event)?;
                for change in &event.occupancy {
                    call.changes.add(number, index, waves.next(change), change)?;
                }
            }
        }
        Ok(call)
    }
}

impl<'a> Batches<'a> {
    fn add(&mut self, batch: &'a RoomBatch) {
        self.rooms.push(batch.room.0);
        self.tenants.push(batch.tenant.as_str());
        self.epochs.push(batch.expected.epoch);
        self.seqs.push(bound(batch.expected.seq));
        let head = batch.events.last().map_or(batch.expected.seq, |event| event.row.seq);
        self.heads.push(bound(head));
        self.policies.push(batch.policy.as_deref());
    }
}

impl<'a> Events<'a> {
    fn add(&mut self, batch: i32, event: &'a NewEvent) -> Result<(), StoreError> {
        self.batches.push(batch);
        self.seqs.push(bound(event.row.seq));
        self.ops.push(event.row.op_id.0);
        self.actors.push(event.row.actor.as_str());
        self.ats.push(stamp(event.row.at)?);
        self.kinds.push(&event.row.kind);
        self.bodies.push(&event.row.body);
        Ok(())
    }
}

impl<'a> Changes<'a> {
    fn add(
        &mut self,
        batch: i32,
        event: i32,
        wave: i32,
        change: &'a OccupancyChange,
    ) -> Result<(), StoreError> {
        self.batches.push(batch);
        self.events.push(event);
        self.waves.push(wave);
        match change {
            OccupancyChange::Clear { course_id, .. } => {
                self.courses.push(course_id.as_str());
                self.kinds.push(None);
                self.resources.push(None);
                self.starts.push(None);
                self.ends.push(None);
                self.course_ends.push(None);
                self.holds.push(None);
                self.kept.push(false);
            }
            OccupancyChange::Take { course_id, resource, during, course, hold, kept } => {
                self.courses.push(course_id.as_str());
                self.kinds.push(Some(kind_text(resource.kind)));
                self.resources.push(Some(resource.id.as_str()));
                self.starts.push(Some(stamp(during.start)?));
                self.ends.push(Some(stamp(during.end)?));
                self.course_ends.push(Some(stamp(course.end)?));
                self.holds.push(Some(hold_text(*hold)));
                self.kept.push(*kept);
            }
        }
        Ok(())
    }
}

/// The columns that both functions give: batch, outcome, epoch, sequence number and place.
type Judged = (Integer, Text, Nullable<BigInt>, Nullable<BigInt>, Nullable<Integer>);

/// All rooms at once.
pub(super) struct Together<'c, 'a>(pub(super) &'c Call<'a>);

impl Query for Together<'_, '_> {
    type SqlType = Judged;
}

/// Room by room, with what is in the way of the refused ones.
pub(super) struct InOrder<'c, 'a>(pub(super) &'c Call<'a>);

/// A row of `occupancies` without its tenant.
pub(super) type Taken = (Id, Text, Text, Text, Range<Timestamptz>, Timestamptz, Text);

impl Query for InOrder<'_, '_> {
    type SqlType = (
        Integer,
        Text,
        Nullable<BigInt>,
        Nullable<BigInt>,
        Nullable<Integer>,
        Nullable<Id>,
        Nullable<Text>,
        Nullable<Text>,
        Nullable<Text>,
        Nullable<Range<Timestamptz>>,
        Nullable<Timestamptz>,
        Nullable<Text>,
    );
}

/// The text never changes, so each connection prepares it once.
impl QueryId for Together<'_, '_> {
    type QueryId = Together<'static, 'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl QueryId for InOrder<'_, '_> {
    type QueryId = InOrder<'static, 'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl QueryFragment<Pg> for Together<'_, '_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT batch, outcome, at_epoch, at_seq, place FROM kyo_append_2(");
        self.0.bind(out.reborrow())?;
        out.push_sql(")");
        Ok(())
    }
}

impl QueryFragment<Pg> for InOrder<'_, '_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "SELECT batch, outcome, at_epoch, at_seq, place, room_id, course_id, resource_kind, \
             resource_id, during, course_ends_at, hold FROM kyo_append_in_order_3(",
        );
        self.0.bind(out.reborrow())?;
        out.push_sql(")");
        Ok(())
    }
}

impl Call<'_> {
    fn bind<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.batches.bind(out.reborrow())?;
        self.events.bind(out.reborrow())?;
        self.changes.bind(out.reborrow())?;
        out.push_sql(", ");
        bind!(out: self.locks => Array<BigInt>);
        Ok(())
    }
}

impl Batches<'_> {
    fn bind<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        bind!(out:
            self.rooms => Array<Id>,
            self.tenants => Array<Text>,
            self.epochs => Array<BigInt>,
            self.seqs => Array<BigInt>,
            self.heads => Array<BigInt>,
            self.policies => Array<Nullable<Binary>>,
        );
        out.push_sql(", ");
        Ok(())
    }
}

impl Events<'_> {
    fn bind<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        bind!(out:
            self.batches => Array<Integer>,
            self.seqs => Array<BigInt>,
            self.ops => Array<Id>,
            self.actors => Array<Text>,
            self.ats => Array<Timestamptz>,
            self.kinds => Array<Text>,
            self.bodies => Array<Binary>,
        );
        out.push_sql(", ");
        Ok(())
    }
}

impl Changes<'_> {
    fn bind<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        bind!(out:
            self.batches => Array<Integer>,
            self.events => Array<Integer>,
            self.waves => Array<Integer>,
            self.courses => Array<Text>,
            self.kinds => Array<Nullable<Text>>,
            self.resources => Array<Nullable<Text>>,
            self.starts => Array<Nullable<Timestamptz>>,
            self.ends => Array<Nullable<Timestamptz>>,
            self.course_ends => Array<Nullable<Timestamptz>>,
            self.holds => Array<Nullable<Text>>,
            self.kept => Array<Bool>,
        );
        Ok(())
    }
}
