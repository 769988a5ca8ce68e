//! Trainers and studios, and what may overlap on them.

use super::ResourceId;

/// Which name space a [`ResourceId`] belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResourceKind {
    /// A person who leads courses.
    Trainer,
    /// A place where courses are held.
    Studio,
}

/// What happens when two courses want the same resource at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlap {
    /// Refused, across all rooms of the tenant.
    Forbid,
    /// Committed and reported.
    Warn,
    /// Ignored.
    Allow,
}

/// A resource by kind and id: the two kinds never clash.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceKey {
    /// Trainer or studio.
    pub kind: ResourceKind,
    /// Its id.
    pub id: ResourceId,
}

/// What people may set on a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceFields {
    /// Trainer or studio.
    pub kind: ResourceKind,
    /// 1–200 characters.
    pub name: String,
    /// How many people fit, 1–100,000.
    pub capacity: Option<u32>,
    /// The overlap rule.
    pub overlap: Overlap,
    /// Least minutes between two courses, 0–240.
    pub buffer_minutes: u32,
}

/// A registered resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Unique in its room.
    pub id: ResourceId,
    /// 1 when created, plus 1 with each event that changes it.
    pub version: u32,
    /// What people set.
    pub fields: ResourceFields,
}
