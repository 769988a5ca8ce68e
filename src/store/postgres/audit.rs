//! The log of what operators did.

use diesel::data_types::PgTimestamp;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::rows::{instant, only, stamp};
use super::schema::operator_audit as table;
use crate::domain::{TenantId, UserId};
use crate::store::columns::{bound, corrupt, records, seq};
use crate::store::{AuditEntry, AuditRow, StoreError};

#[derive(Queryable, Selectable)]
#[diesel(table_name = table)]
#[diesel(check_for_backend(Pg))]
pub(super) struct Entry {
    id: i64,
    at: PgTimestamp,
    tenant_id: String,
    operator: String,
    action: String,
    target: String,
    reason: String,
    node: String,
    outcome: String,
}

impl TryFrom<Entry> for AuditRow {
    type Error = StoreError;

    fn try_from(row: Entry) -> Result<Self, StoreError> {
        let entry = AuditEntry {
            at: instant(row.at),
            tenant: TenantId::parse(&row.tenant_id).map_err(corrupt)?,
            operator: UserId::parse(&row.operator).map_err(corrupt)?,
            action: row.action,
            target: row.target,
            reason: row.reason,
            node: row.node,
            outcome: row.outcome,
        };
        Ok(Self { id: seq(row.id)?, entry })
    }
}

/// Adds one; its number.
pub(super) async fn add(
    conn: &mut AsyncPgConnection,
    entry: &AuditEntry,
) -> Result<u64, StoreError> {
    let ids: Vec<i64> = diesel::insert_into(table::table)
        .values((
            table::at.eq(stamp(entry.at)?),
            table::tenant_id.eq(entry.tenant.as_str()),
            table::operator.eq(entry.operator.as_str()),
            table::action.eq(&entry.action),
            table::target.eq(&entry.target),
            table::reason.eq(&entry.reason),
            table::node.eq(&entry.node),
            table::outcome.eq(&entry.outcome),
        ))
        .returning(table::id)
        .load(conn)
        .await?;
    seq(only(ids)?)
}

/// A tenant's, the newest first.
pub(super) async fn page(
    conn: &mut AsyncPgConnection,
    tenant: &TenantId,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<AuditRow>, StoreError> {
    let rows: Vec<Entry> = table::table
        .filter(table::tenant_id.eq(tenant.as_str()))
        .filter(table::id.lt(bound(before.unwrap_or(u64::MAX))))
        .order(table::id.desc())
        .limit(bound(limit))
        .select(Entry::as_select())
        .load(conn)
        .await?;
    records(rows)
}
