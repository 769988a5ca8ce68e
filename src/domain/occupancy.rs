//! What a course takes of a trainer's and a studio's time, for the rule that holds across all rooms
//! of a tenant.

use super::{CourseId, Interval, ResourceKey};

/// A change to the tenant-wide table of occupied time, applied in order with its event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OccupancyChange {
    /// The course gives up everything it took in this room.
    Clear {
        /// Which.
        course_id: CourseId,
    },
    /// The course takes a resource; `during` already contains the resource's buffer at its end.
    Take {
        /// Which.
        course_id: CourseId,
        /// Trainer or studio.
        resource: ResourceKey,
        /// The course plus the buffer.
        during: Interval,
        /// Whether two such intervals of one tenant must not overlap (`forbid`, not overridden).
        enforced: bool,
    },
}
