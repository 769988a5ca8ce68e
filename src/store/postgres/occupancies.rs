//! Who has which trainer and studio when, as rooms ask before they decide. What they take is written
//! by the append functions, where the database itself keeps enforced intervals apart.

use diesel::data_types::PgTimestamp;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, Text, Timestamptz, Uuid as Id};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::call::Taken;
use super::rows::{Occupancy, stamp};
use crate::domain::{Interval, ResourceKey, RoomId, TenantId};
use crate::store::columns::{self, kind_text};
use crate::store::{OccupancyRow, StoreError};

/// Enforced and overridden intervals of other rooms that overlap a wanted one, at most 20.
pub(super) async fn taken(
    conn: &mut AsyncPgConnection,
    tenant: &TenantId,
    except: RoomId,
    wanted: &[(ResourceKey, Interval)],
) -> Result<Vec<OccupancyRow>, StoreError> {
    let mut query = Overlapping { tenant: tenant.as_str(), except: except.0, ..Default::default() };
    for (resource, during) in wanted.iter().filter(|(_, during)| during.start < during.end) {
        query.kinds.push(kind_text(resource.kind));
        query.resources.push(resource.id.as_str());
        query.starts.push(stamp(during.start)?);
        query.ends.push(stamp(during.end)?);
    }
    let found: Vec<Occupancy> = query.load(conn).await?;
    columns::records(found)
}

/// In the order of what is wanted, of those each named once; each of the two halves has an index. The
/// first begins with the number of the resource.
#[derive(Default)]
struct Overlapping<'a> {
    tenant: &'a str,
    except: Uuid,
    kinds: Vec<&'a str>,
    resources: Vec<&'a str>,
    starts: Vec<PgTimestamp>,
    ends: Vec<PgTimestamp>,
}

impl Query for Overlapping<'_> {
    type SqlType = Taken;
}

impl QueryId for Overlapping<'_> {
    type QueryId = Overlapping<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

const HALF: &str = "SELECT o.room_id, o.course_id, o.resource_kind, o.resource_id, o.during, \
    o.course_ends_at, o.hold FROM occupancies o WHERE o.tenant_id = arg.tenant \
    AND o.resource_kind = w.kind AND o.resource_id = w.resource \
    AND o.during && tstzrange(w.starts, w.ends) AND o.room_id <> arg.room AND o.hold = ";

const ENFORCED: &str = "'enforced' AND hashtextextended(o.resource_id, \
    hashtextextended(o.tenant_id, 0)) = hashtextextended(w.resource, hashtextextended(arg.tenant, 0)) \
    UNION ALL ";

impl QueryFragment<Pg> for Overlapping<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "SELECT f.room_id, f.course_id, f.resource_kind, f.resource_id, f.during, \
             f.course_ends_at, f.hold FROM (SELECT ",
        );
        out.push_bind_param::<Text, _>(self.tenant)?;
        out.push_sql(" AS tenant, ");
        out.push_bind_param::<Id, _>(&self.except)?;
        out.push_sql(" AS room) arg, unnest(");
        out.push_bind_param::<Array<Text>, _>(&self.kinds)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.resources)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Timestamptz>, _>(&self.starts)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Timestamptz>, _>(&self.ends)?;
        out.push_sql(") WITH ORDINALITY AS w (kind, resource, starts, ends, n), LATERAL (");
        out.push_sql(HALF);
        out.push_sql(ENFORCED);
        out.push_sql(HALF);
        out.push_sql(
            "'overridden') f GROUP BY 1, 2, 3, 4, 5, 6, 7 \
             ORDER BY min(w.n), f.hold, upper(f.during), f.room_id, f.course_id LIMIT 20",
        );
        Ok(())
    }
}
