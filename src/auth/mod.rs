//! Who is calling: tokens in, principals out.

use crate::domain::{Instant, TenantId, UserId};

/// The role a token carries, tenant-wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TenantRole {
    /// Owns every room of the tenant.
    Owner,
    /// Edits.
    Manager,
    /// Edits.
    Trainer,
    /// Watches.
    Member,
    /// A neighbour service: edits.
    Service,
}

/// A proven identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// Whose customer.
    pub tenant: TenantId,
    /// Who.
    pub user: UserId,
    /// For people to read; the user id when the token has none. At most 200 characters.
    pub name: String,
    /// Tenant-wide role.
    pub role: TenantRole,
    /// When the token ends.
    pub expires_at: Instant,
}
