//! The role a token carries, and what it makes of a person in a room.

use std::fmt;

use crate::domain::Role;

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
    /// Runs the service: watches, and may use the operator API.
    Operator,
}

impl TenantRole {
    /// Every role.
    pub const ALL: [Self; 6] =
        [Self::Owner, Self::Manager, Self::Trainer, Self::Member, Self::Service, Self::Operator];

    /// Its name in a token.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Manager => "manager",
            Self::Trainer => "trainer",
            Self::Member => "member",
            Self::Service => "service",
            Self::Operator => "operator",
        }
    }

    /// The role with that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

impl fmt::Display for TenantRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What somebody may do in a room: what its member list says, else what the tenant-wide role means.
/// An operator never edits, whatever a list says.
#[must_use]
pub fn room_role(role: TenantRole, member: Option<Role>) -> Role {
    match role {
        TenantRole::Operator => Role::Viewer,
        TenantRole::Owner => member.unwrap_or(Role::Owner),
        TenantRole::Manager | TenantRole::Trainer | TenantRole::Service => {
            member.unwrap_or(Role::Editor)
        }
        TenantRole::Member => member.unwrap_or(Role::Viewer),
    }
}
