//! What operators did: rows that are added and read, never changed.

use crate::domain::{Instant, TenantId, UserId};

/// Something an operator did, or was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// When.
    pub at: Instant,
    /// Whose operator.
    pub tenant: TenantId,
    /// Who.
    pub operator: UserId,
    /// What, from a small set of names.
    pub action: String,
    /// To what: a session, a room, a person, a filter.
    pub target: String,
    /// Why, in the operator's words.
    pub reason: String,
    /// On which replica.
    pub node: String,
    /// What became of it, from a small set of names.
    pub outcome: String,
}

/// An entry in its place. Numbers grow; over all tenants, so that there are gaps in each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// Its number.
    pub id: u64,
    /// What.
    pub entry: AuditEntry,
}
