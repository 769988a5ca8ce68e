//! The log of what operators did: written before it is done, read by operators of the same tenant.

use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;

use super::Operator;
use crate::auth::Principal;
use crate::http::error::ErrorBody;
use crate::http::query::Query;
use crate::http::{ApiError, State};
use crate::protocol::text::{Text, Time, UserRef};
use crate::store::{AuditEntry, AuditRow};

/// What is to be written down.
pub(super) struct Deed<'a> {
    pub(super) action: &'static str,
    pub(super) target: &'a str,
    pub(super) reason: &'a str,
    pub(super) granted: bool,
}

/// Writes it down. What can't be written down must not be done.
pub(super) async fn record(state: &State, who: &Principal, deed: Deed<'_>) -> Result<(), ApiError> {
    let outcome = if deed.granted { "done" } else { "refused" };
    let entry = AuditEntry {
        at: state.clock.now(),
        tenant: who.tenant.clone(),
        operator: who.user.clone(),
        action: deed.action.to_owned(),
        target: deed.target.to_owned(),
        reason: deed.reason.to_owned(),
        node: state.operators.node.clone(),
        outcome: outcome.to_owned(),
    };
    let id = state.store.add_audit(entry).await?;
    tracing::info!(
        audit.id = id,
        action = deed.action,
        target = deed.target,
        outcome,
        "operator action"
    );
    Ok(())
}

/// An entry of the audit log.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AuditEntry)]
pub struct EntryBody {
    id: u64,
    at: Time,
    operator: UserRef,
    /// `disconnect`, `follow`, `log_filter` or `drain`.
    action: String,
    target: String,
    reason: String,
    node: String,
    /// `done` or `refused`.
    outcome: String,
}

/// A part of the audit log.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditPage {
    /// The newest first.
    items: Vec<EntryBody>,
    /// `before` of the next part; null at the end.
    next_before: Option<u64>,
}

/// What operators of this tenant did, on all replicas, the newest first.
#[utoipa::path(get, path = "/api/collaboration/v1/operator/audit", tag = "operator",
    params(("before" = Option<u64>, Query), ("limit" = Option<usize>, Query, minimum = 1, maximum = 500)),
    responses((status = 200, body = AuditPage), (status = "4XX", body = ErrorBody)))]
pub async fn list(
    state: Data<State>,
    Operator(who): Operator,
    query: Query,
) -> Result<Json<AuditPage>, ApiError> {
    let limit = query.limit()?;
    let mut rows = state.store.audit(&who.tenant, query.seq("before")?, limit + 1).await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next_before = rows.last().filter(|_| more).map(|row| row.id);
    Ok(Json(AuditPage { items: rows.into_iter().map(entry).collect(), next_before }))
}

fn entry(AuditRow { id, entry }: AuditRow) -> EntryBody {
    EntryBody {
        id,
        at: Text(entry.at),
        operator: Text(entry.operator),
        action: entry.action,
        target: entry.target,
        reason: entry.reason,
        node: entry.node,
        outcome: entry.outcome,
    }
}
