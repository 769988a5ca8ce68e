//! A proven identity.

use super::TenantRole;
use crate::domain::{Instant, TenantId, UserId};

/// The longest name that is kept, in characters; longer ones are cut.
pub const MAX_NAME_CHARS: usize = 200;

/// A proven identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// Whose customer.
    pub tenant: TenantId,
    /// Who.
    pub user: UserId,
    /// For people to read; the user id when the token has none. At most [`MAX_NAME_CHARS`].
    pub name: String,
    /// Tenant-wide role.
    pub role: TenantRole,
    /// When the token ends.
    pub expires_at: Instant,
}
