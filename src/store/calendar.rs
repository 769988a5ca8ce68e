//! Links by which a calendar program reads one room as one person, without a token.

use crate::domain::{Instant, RoomId, TenantId, UserId};

/// A link. One person has at most one to a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarLink {
    /// Whose room.
    pub tenant: TenantId,
    /// Which.
    pub room: RoomId,
    /// Who made it.
    pub user: UserId,
    /// The secret part of the link.
    pub key: String,
    /// When it was made.
    pub created_at: Instant,
}
